// A template as a tree.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenize/jinja/value.h"

namespace headlight::jinja {

enum class NodeKind {
    // Expressions
    Constant,     // value
    Name,         // word
    ListOf,       // parts
    TupleOf,      // parts
    DictOf,       // parts: key, value, key, value ...
    Attribute,    // parts[0].word
    Item,         // parts[0][parts[1]]
    Slice,        // parts[0][parts[1]:parts[2]:parts[3]], which may be null
    Call,         // parts[0](parts[1] ..., named)
    Filter,       // parts[0] | word(parts[1] ..., named); no parts[0] in a block
    Test,         // parts[0] is word(parts[1] ...)
    Unary,        // word parts[0]
    Binary,       // parts[0] word parts[1]
    Compare,      // parts[0] words[0] parts[1] words[1] parts[2] ...
    Conditional,  // parts[0] if parts[1] else parts[2], which may be null
    // Statements
    Text,         // word
    Output,       // parts[0]
    Block,        // parts
    For,          // for words in parts[0] if parts[1]: parts[2] else parts[3]; [1] and [3] may be null
    If,           // parts: condition, block, condition, block ..., block of else
    Set,          // words = parts[0]; a word "a.b" is an attribute
    SetBlock,     // words[0] = what parts[0] writes, through parts[1], a filter that may be null
    Macro,        // word(words..., defaults: parts[1] ... for the last words): parts[0]
    CallBlock,    // parts[0], a call, with parts[1], a macro, as `caller`
    FilterBlock,  // what parts[0] writes, through the filter parts[1]
    With,         // words = parts[1] ...: parts[0]
    Break,
    Continue,
};

struct Node;
using NodePtr = std::unique_ptr<Node>;

struct Node {
    NodeKind kind = NodeKind::Block;
    int line = 0;
    int depth = 1;
    std::string word;
    Value value;
    std::vector<std::string> words;
    std::vector<NodePtr> parts;
    std::vector<std::pair<std::string, NodePtr>> named;
    bool unpacks = false;  // of For and Set: several words, or one with a comma
};

/// Faults: what is no template, or what of the language is not read here; with the line.
NodePtr parse(std::string_view source);

}  // namespace headlight::jinja
