// A template as a list of what stands in it: text between tags, and the words of tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headlight::jinja {

enum class LexemeKind {
    Text,
    BlockBegin,
    BlockEnd,
    OutputBegin,
    OutputEnd,
    Name,
    String,
    Integer,
    Float,
    Sign,
    End
};

struct Lexeme {
    LexemeKind kind = LexemeKind::End;
    std::string text;  // of a String: what it stands for
    int line = 1;
};

/// With trim_blocks and lstrip_blocks, as chat templates are read: the line feed behind a block goes, and so
/// do the spaces before one that begins its line; "-" takes all white space, "+" none. Faults: what is no
/// template.
std::vector<Lexeme> lex(std::string_view source);

}  // namespace headlight::jinja
