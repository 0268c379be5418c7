#include "tokenize/added_tokens.h"

#include <algorithm>

#include "base/utf8.h"
#include "tokenize/text/char_filter.h"

namespace headlight {
namespace {

std::size_t previous_begin(std::string_view text, std::size_t end) {
    do
        --end;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
    return end;
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
    const bool word_before =
        begin > 0 && is_word_character(utf8::decode(text, previous_begin(text, begin)).code_point);
    const bool word_after = end < text.size() && is_word_character(utf8::decode(text, end).code_point);
    return !word_before && !word_after;
}

std::size_t skip_spaces_left(std::string_view text, std::size_t begin, std::size_t least) {
    while (begin > least && is_white_space(utf8::decode(text, previous_begin(text, begin)).code_point)) {
        begin = previous_begin(text, begin);
    }
    return begin;
}

std::size_t skip_spaces_right(std::string_view text, std::size_t end) {
    while (end < text.size()) {
        const utf8::Decoded c = utf8::decode(text, end);
        if (!is_white_space(c.code_point)) break;
        end += c.size_bytes;
    }
    return end;
}

}  // namespace

void AddedTokens::add(AddedToken token, const std::string& matched) {
    if (token.content.empty() || by_content_.count(token.content) != 0) return;
    const std::size_t index = tokens_.size();
    by_content_.emplace(token.content, index);
    by_id_.emplace(token.id, index);
    Trie& trie = token.is_normalized ? normalized_ : raw_;
    if (!matched.empty()) {
        std::uint32_t node = 0;
        trie.starts[static_cast<unsigned char>(matched[0])] = true;
        for (const char c : matched) {
            const auto found = trie.nodes[node].next.find(c);
            if (found != trie.nodes[node].next.end()) {
                node = found->second;
            } else {
                const auto created = static_cast<std::uint32_t>(trie.nodes.size());
                trie.nodes[node].next.emplace(c, created);
                trie.nodes.emplace_back();
                node = created;
            }
        }
        if (trie.nodes[node].token < 0) trie.nodes[node].token = static_cast<std::int32_t>(index);
    }
    tokens_.push_back(std::move(token));
}

std::int32_t AddedTokens::longest_at(const Trie& trie, std::string_view text, std::size_t begin,
                                     std::size_t& end) {
    std::int32_t found = -1;
    std::uint32_t node = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const auto next = trie.nodes[node].next.find(text[i]);
        if (next == trie.nodes[node].next.end()) break;
        node = next->second;
        if (trie.nodes[node].token >= 0) {
            found = trie.nodes[node].token;
            end = i + 1;
        }
    }
    return found;
}

void AddedTokens::split(const TextSection& section, bool normalized, std::vector<TextSection>& out) const {
    const Trie& trie = normalized ? normalized_ : raw_;
    const std::string_view text = section.view();
    std::size_t done = 0;
    const auto push = [&](std::size_t begin, std::size_t end, std::int32_t id) {
        if (begin < end) out.push_back({section.text, section.begin + begin, section.begin + end, id});
    };
    for (std::size_t i = 0; i < text.size();) {
        if (!trie.starts[static_cast<unsigned char>(text[i])]) {
            ++i;
            continue;
        }
        std::size_t stop = i;
        const std::int32_t index = longest_at(trie, text, i, stop);
        if (index < 0) {
            ++i;
            continue;
        }
        const AddedToken& token = tokens_[static_cast<std::size_t>(index)];
        std::size_t start = i;
        i = stop;
        if (token.is_split || (token.is_single_word && !stands_alone(text, start, stop))) continue;
        if (token.strips_left) start = std::max(done, skip_spaces_left(text, start, 0));
        if (token.strips_right) stop = skip_spaces_right(text, stop);
        push(done, start, -1);
        push(start, stop, token.id);
        done = stop;
    }
    push(done, text.size(), -1);
}

const AddedToken* AddedTokens::find(std::int32_t id) const {
    const auto found = by_id_.find(id);
    return found != by_id_.end() ? &tokens_[found->second] : nullptr;
}

const AddedToken* AddedTokens::find(std::string_view content) const {
    const auto found = by_content_.find(std::string(content));
    return found != by_content_.end() ? &tokens_[found->second] : nullptr;
}

}  // namespace headlight
