#include "tokenize/files/python_tokenizer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/utf8.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/text/white_space.h"

namespace headlight {

/// A stretch of the text between added tokens, or one of them. Spaces may have fallen away inside.
struct PythonTokenizer::Part {
    std::string text;
    std::vector<std::size_t> places;  // in the whole text, of each byte
    std::int32_t added = -1;

    void keep(std::size_t begin, std::size_t end) {
        text = text.substr(begin, end - begin);
        places = {places.begin() + static_cast<std::ptrdiff_t>(begin),
                  places.begin() + static_cast<std::ptrdiff_t>(end)};
    }
    void append(const Part& other) {
        text += other.text;
        places.insert(places.end(), other.places.begin(), other.places.end());
    }
    /// From a span of `text` to one of the whole text.
    void place(Token& token) const {
        const std::size_t begin = token.byte_begin, end = token.byte_end;
        token.byte_begin = begin < places.size() ? places[begin] : places.back() + 1;
        token.byte_end = end > begin ? places[end - 1] + 1 : token.byte_begin;
    }
};

namespace {

constexpr std::int64_t kMaxAddedId = 1 << 26;

}  // namespace

std::int32_t PythonTokenizer::eos_id() const {
    const std::int32_t end = id_of_role("eos_token");
    return end >= 0 ? end : id_of_role("sep_token");
}

Result<Token> PythonTokenizer::token(std::int32_t id) const {
    if (id >= 0 && id < vocab_size()) return dressed(id);
    return fail(ErrorKind::InvalidInput, "token id {} is out of range: the vocabulary has ids 0 to {}", id,
                vocab_size() - 1);
}

TokenizedText PythonTokenizer::encode(std::string_view text, bool add_special) const {
    const CleanText clean(text);
    TokenizedText out;
    out.text = text;
    for (const Part& part : parts_of(clean.text())) {
        const std::size_t first = out.tokens.size();
        if (part.added >= 0) {
            out.tokens.push_back(dressed(part.added));
            out.tokens.back().byte_end = part.text.size();
        } else {
            cut(part.text, out.tokens);
        }
        for (std::size_t i = first; i < out.tokens.size(); ++i)
            part.place(out.tokens[i]);
    }
    for (Token& token : out.tokens) {
        token.byte_begin = clean.given_offset(token.byte_begin);
        token.byte_end = clean.given_offset(token.byte_end);
    }
    if (add_special) put_around(out.tokens);
    return out;
}

Result<TokenizedText> PythonTokenizer::from_ids(std::span<const std::int32_t> given) const {
    TokenizedText out;
    for (const std::int32_t id : given) {
        HEADLIGHT_TRY(Token token, this->token(id));
        token.byte_begin = out.text.size();
        if (!token.is_special) {
            std::string bytes = bytes_of(id);
            if (out.text.empty() && drops_first_space() && bytes.starts_with(' ')) bytes.erase(0, 1);
            out.text += bytes;
        }
        token.byte_end = out.text.size();
        out.tokens.push_back(std::move(token));
    }
    return out;
}

Status PythonTokenizer::take_tokens(ClassBuild& build,
                                    const std::vector<std::pair<std::int32_t, const char*>>& own,
                                    std::size_t num_pieces) {
    for (const auto& [id, role] : own)
        if (const auto token = token_spec(build.settings()[role])) put(id, *token);
    for (const auto& [id, token] : build.merged().added) {
        if (id < 0 || id > kMaxAddedId)
            return fail(ErrorKind::Corrupt, "the id {} of '{}' is out of range", id,
                        token.content.substr(0, 60));
        put(static_cast<std::int32_t>(id), token);
    }
    HEADLIGHT_CHECK(build.add_tokens());
    roles_ = build.roles();
    std::vector<std::string> texts;
    for (const ClassBuild::Role& role : build.role_list())
        if (role.second) texts.push_back(role.second->content);
    for (const TokenSpec& token : build.extra())
        texts.push_back(token.content);
    // The vocabulary as the reference counts it: its pieces, and the added ones that are none of them.
    auto next = static_cast<std::int32_t>(num_pieces);
    for (const auto& [content, id] : added_)
        next += piece_id(content) < 0 ? 1 : 0;
    for (const std::string& text : texts) {
        if (text.empty()) continue;
        if (const auto found = added_.find(text); found != added_.end()) {
            specs_[found->second].is_special = true;
            continue;
        }
        TokenSpec token;
        token.content = text;
        token.is_special = true;
        const std::int32_t known = piece_id(text);
        put(known >= 0 ? known : next++, token);
    }
    // One whose id another took since is not found any more, and none is where special tokens are to be
    // split.
    splits_special_ = build.flag("split_special_tokens", false);
    if (!splits_special_) {
        for (const auto& [id, token] : specs_)
            trie_.add(token.content);
    }
    return {};
}

void PythonTokenizer::put_roles_around(std::vector<Token>& tokens, const char* first,
                                       const char* last) const {
    if (const std::int32_t begin = id_of_role(first); begin >= 0)
        tokens.insert(tokens.begin(), dressed(begin));
    if (const std::int32_t end = id_of_role(last); end >= 0) tokens.push_back(dressed(end));
}

std::int32_t PythonTokenizer::id_of_role(const char* role) const {
    const auto name = roles_.find(role);
    return name != roles_.end() ? added_id(name->get<std::string>()) : -1;
}

std::int32_t PythonTokenizer::added_id(const std::string& content) const {
    const auto found = added_.find(content);
    return found != added_.end() ? found->second : -1;
}

std::string PythonTokenizer::display_of(std::int32_t id) const {
    return display_form(bytes_of(id));
}

void PythonTokenizer::cut_also_at(std::string_view piece) {
    if (!splits_special_ && !piece.empty()) trie_.add(piece);
}

std::string PythonTokenizer::bytes_of(std::int32_t id) const {
    const auto found = specs_.find(id);
    return found != specs_.end() ? found->second.content : bytes_of_piece(id);
}

Token PythonTokenizer::dressed(std::int32_t id) const {
    const auto found = specs_.find(id);
    const bool is_special =
        found != specs_.end() && found->second.is_special && id != id_of_role("unk_token");
    return {id,        found != specs_.end() ? found->second.content : piece_of(id), display_of(id), 0, 0,
            is_special};
}

void PythonTokenizer::put(std::int32_t id, const TokenSpec& token) {
    specs_[id] = token;
    added_[token.content] = id;
    note_size(id + 1);
}

// Spaces that a token strips fall away. One that must stand alone and does not is text of the part beside it.
void PythonTokenizer::apply_flags(std::vector<Part>& parts) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        // What is left of a part after its neighbours took spaces decides whether it is a token.
        parts[i].added = added_id(parts[i].text);
        if (parts[i].added < 0) continue;
        const TokenSpec& token = specs_.at(parts[i].added);
        Part* left = i > 0 && !parts[i - 1].text.empty() ? &parts[i - 1] : nullptr;
        Part* right = i + 1 < parts.size() && !parts[i + 1].text.empty() ? &parts[i + 1] : nullptr;
        const bool joins_left = token.is_single_word && left != nullptr && left->text.back() != ' ';
        const bool joins_right = token.is_single_word && right != nullptr && right->text.front() != ' ';
        if (token.strips_right && right != nullptr)
            right->keep(past_white_space(right->text), right->text.size());
        if (token.strips_left && left != nullptr) left->keep(0, before_white_space(left->text));
        if (joins_left) {
            left->append(std::exchange(parts[i], {}));
        } else if (joins_right) {
            parts[i].append(*right);
            *right = std::exchange(parts[i], {});
        }
    }
    for (Part& part : parts)
        part.added = added_id(part.text);
}

std::vector<PythonTokenizer::Part> PythonTokenizer::parts_of(std::string_view text) const {
    std::vector<Part> parts;
    const auto spans = trie_.empty() ? std::vector<std::pair<std::size_t, std::size_t>>{{0, text.size()}}
                                     : trie_.split(text);
    for (const auto& [begin, end] : spans) {
        Part& part = parts.emplace_back();
        part.text = text.substr(begin, end - begin);
        part.places.resize(end - begin);
        std::iota(part.places.begin(), part.places.end(), begin);
    }
    if (!trie_.empty()) apply_flags(parts);
    std::erase_if(parts, [](const Part& part) { return part.text.empty(); });
    return parts;
}

}  // namespace headlight
