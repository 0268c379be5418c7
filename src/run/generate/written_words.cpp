#include "run/generate/written_words.h"

#include <utility>

#include "base/utf8.h"

namespace headlight {
namespace {

/// Bytes at the end that may become a character when more come.
std::size_t num_incomplete(std::string_view bytes) {
    for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
        const auto lead = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if ((lead & 0xC0U) == 0x80U) continue;
        const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
        return size > back ? back : 0;
    }
    return 0;
}

}  // namespace

WrittenWords::WrittenWords(const ModelInfo& model, TokenizedText prompt)
    : model_(model), text_(std::move(prompt)) {
    for (const Token& token : text_.tokens)
        if (!token.is_special) before_ = token.id;
}

std::string WrittenWords::bytes_of(std::int32_t id) const {
    if (!model_.tokenizer) return (text_.text.empty() ? "" : " ") + std::to_string(id);
    // Behind another token: the first of a text may lose its space.
    const std::int32_t both[] = {before_, id};
    const std::span ids(both);
    const auto whole = model_.tokenizer->from_ids(before_ < 0 ? ids.subspan(1) : ids);
    if (!whole) return {};
    if (before_ < 0) return whole->text;
    const auto first = model_.tokenizer->from_ids(ids.first(1));
    return first && whole->text.starts_with(first->text) ? whole->text.substr(first->text.size())
                                                         : std::string();
}

std::string WrittenWords::add(std::int32_t id) {
    Token token;
    token.piece = token.display = std::to_string(id);
    if (model_.tokenizer) {
        if (auto known = model_.tokenizer->token(id)) token = std::move(*known);
    }
    token.id = id;
    token.byte_begin = token.byte_end = text_.text.size();
    text_.tokens.push_back(std::move(token));
    if (text_.tokens.back().is_special) return {};
    if (waiting_.empty()) first_waiting_ = text_.tokens.size() - 1;
    waiting_ += bytes_of(id);
    before_ = id;
    const std::size_t rest = num_incomplete(waiting_);
    std::string done = utf8::replace_invalid(std::string_view(waiting_).substr(0, waiting_.size() - rest));
    if (done.empty()) return done;
    waiting_.erase(0, waiting_.size() - rest);
    const std::size_t begin = text_.text.size();
    text_.text += done;
    // Every token of a character stands for the whole of it.
    for (std::size_t i = first_waiting_; i < text_.tokens.size(); ++i) {
        text_.tokens[i].byte_begin = begin;
        text_.tokens[i].byte_end = text_.text.size();
    }
    first_waiting_ = text_.tokens.size() - 1;
    return done;
}

std::string WrittenWords::finish() {
    std::string rest = utf8::replace_invalid(std::exchange(waiting_, {}));
    text_.text += rest;
    return rest;
}

}  // namespace headlight
