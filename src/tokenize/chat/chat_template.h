// The template that lies with a tokenizer, and what it makes of a conversation.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/token.h"
#include "tokenize/tokenizer.h"

namespace headlight {

struct ChatOptions {
    bool adds_reply = false;  // add_generation_prompt: ends where the model would answer
    std::string name;         // of the template where there are several; empty: "default"
};

/// The templates that lie with the tokenizer's file, by name; "default" where there is one alone. As the
/// reference takes them: chat_template.jinja and additional_chat_templates/*.jinja, else `chat_template` of
/// tokenizer_config.json (a text, or a list of named ones), else that of chat_template.json; of a GGUF file
/// `tokenizer.chat_template` and those behind it. Errors: Missing (there is none), Corrupt, naming the file.
struct NamedTemplate {
    std::string name, source, file;
};
Result<std::vector<NamedTemplate>> read_chat_templates(const Tokenizer& tokenizer);

/// Does a template lie with the tokenizer? Cheap, never fails.
bool has_chat_template(const Tokenizer& tokenizer);

/// What the template makes of `turns` (read_chat_turns), and its tokens: what is special in it is found in
/// the text, so nothing is put around it. Errors: those of both and of try_encode(); InvalidInput, with file
/// and line: what the template refuses, does not take, or what of its language is not read.
Result<TokenizedText> encode_chat(const Tokenizer& tokenizer, const std::string& turns,
                                  const ChatOptions& options);

}  // namespace headlight
