#include "tokenize/words/token_trie.h"

#include "base/utf8.h"

namespace headlight {

void TokenTrie::add(std::string_view token) {
    if (token.empty()) return;
    std::size_t node = 0;
    for (std::size_t i = 0; i < token.size();) {
        const utf8::Decoded c = utf8::decode(token, i);
        i += c.size_bytes;
        const auto [entry, is_new] = nodes_[node].next.emplace(c.code_point, nodes_.size());
        node = entry->second;
        if (is_new) nodes_.emplace_back();
    }
    nodes_[node].is_end = true;
}

const std::size_t* TokenTrie::step(std::size_t node, const std::vector<char32_t>& text,
                                   std::size_t at) const {
    if (at >= text.size()) return nullptr;
    const auto found = nodes_[node].next.find(text[at]);
    return found != nodes_[node].next.end() ? &found->second : nullptr;
}

// A token ended at `current`. One that began earlier, or that goes on, is taken instead of it.
std::pair<std::size_t, std::size_t> TokenTrie::longest(const std::vector<State>& states, std::size_t start,
                                                       std::size_t current, const std::vector<char32_t>& text,
                                                       std::size_t& skip) const {
    std::size_t end = current;
    for (const auto& [look_start, look_node] : states) {
        if (look_start > start) break;
        std::size_t at = end = look_start < start ? current + 1 : current;
        std::size_t node = look_node;
        const auto note = [&, look_start = look_start] {
            if (!nodes_[node].is_end) return;
            start = look_start;
            end = skip = at;
        };
        note();
        while (const std::size_t* next = step(node, text, at)) {
            node = *next;
            ++at;
            note();
        }
    }
    return {start, end};
}

std::vector<std::pair<std::size_t, std::size_t>> TokenTrie::split(std::string_view given) const {
    std::vector<char32_t> text;
    std::vector<std::size_t> bytes;
    for (std::size_t i = 0; i < given.size();) {
        const utf8::Decoded c = utf8::decode(given, i);
        text.push_back(c.code_point);
        bytes.push_back(i);
        i += c.size_bytes;
    }
    bytes.push_back(given.size());
    std::vector<std::size_t> cuts = {0};
    std::vector<State> states;
    std::size_t skip = 0;
    for (std::size_t current = 0; current < text.size(); ++current) {
        if (skip != 0 && current < skip) continue;
        std::vector<bool> is_over(states.size(), false);
        bool is_found = false;
        // In place and with the lost ones kept until the end of the loop, as the reference has it: both show
        // where tokens overlap.
        for (std::size_t i = 0; i < states.size() && !is_found; ++i) {
            if (nodes_[states[i].second].is_end) {
                const auto [start, end] = longest(states, states[i].first, current, text, skip);
                cuts.push_back(start);
                cuts.push_back(end);
                is_found = true;
            } else if (const std::size_t* next = step(states[i].second, text, current)) {
                states[i].second = *next;
            } else {
                is_over[i] = true;
            }
        }
        std::vector<State> going;
        for (std::size_t i = 0; i < states.size() && !is_found; ++i)
            if (!is_over[i]) going.push_back(states[i]);
        states = std::move(going);
        if (current < skip) continue;
        if (const std::size_t* next = step(0, text, current)) states.emplace_back(current, *next);
    }
    for (const auto& [start, node] : states) {
        if (!nodes_[node].is_end) continue;
        cuts.push_back(start);
        cuts.push_back(text.size());
        break;
    }
    cuts.push_back(text.size());
    std::vector<std::pair<std::size_t, std::size_t>> parts;
    std::size_t start = 0;
    for (const std::size_t end : cuts) {
        if (start >= end) continue;
        parts.emplace_back(bytes[start], bytes[end]);
        start = end;
    }
    return parts;
}

}  // namespace headlight
