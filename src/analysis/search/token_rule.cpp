// The pairs of a rule: a row of bits for each query, one bit a key.
#include "analysis/search/token_rule.h"

#include <algorithm>
#include <bit>
#include <set>
#include <unordered_map>

#include "analysis/detector.h"
#include "analysis/words/code_points.h"
#include "analysis/words/token_text.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr double kRareShare = 0.1;  // of the ids of a text

class KeyBits {
  public:
    explicit KeyBits(std::size_t size) : size_(size), words_((size + 63) / 64, 0) {}
    void clear() { std::fill(words_.begin(), words_.end(), 0); }
    void fill() {
        clear();
        set_range(0, size_);
    }
    void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
    bool get(std::size_t i) const { return (words_[i / 64] >> (i % 64)) & 1; }
    void set_range(std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end;) {
            if (i % 64 == 0 && i + 64 <= end) {
                words_[i / 64] = ~std::uint64_t{0};
                i += 64;
            } else {
                set(i++);
            }
        }
    }
    void flip() {
        for (std::uint64_t& word : words_)
            word = ~word;
        if (size_ % 64 != 0) words_.back() &= (std::uint64_t{1} << (size_ % 64)) - 1;
    }
    void and_with(const KeyBits& other) {
        for (std::size_t i = 0; i < words_.size(); ++i)
            words_[i] &= other.words_[i];
    }
    void or_with(const KeyBits& other) {
        for (std::size_t i = 0; i < words_.size(); ++i)
            words_[i] |= other.words_[i];
    }
    void append_below(std::size_t end, std::vector<std::uint32_t>& out) const {
        for (std::size_t w = 0; w < words_.size() && w * 64 < end; ++w) {
            for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1) {
                const std::size_t i = w * 64 + static_cast<std::size_t>(std::countr_zero(rest));
                if (i >= end) return;
                out.push_back(static_cast<std::uint32_t>(i));
            }
        }
    }

  private:
    std::size_t size_;
    std::vector<std::uint64_t> words_;
};

/// What a pattern looks at: the token's text with its space; of special tokens the piece, of parts of a
/// character the form that is shown.
std::string pattern_text(const Token& token) {
    if (token.is_special) return token.piece;
    std::string text = token_text(token);
    return utf8::is_valid(text) ? text : token.display;
}

struct TokenLetters {
    bool is_capital = false;  // the first letter
    bool is_number = false;   // digits and no letters
};

TokenLetters letters_of(const Token& token) {
    TokenLetters out;
    const std::string text = token_text(token);
    bool has_digit = false, has_letter = false;
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded c = utf8::decode(text, byte);
        byte += c.size_bytes;
        if (code_points::is_digit(c.code_point)) {
            has_digit = true;
        } else if (code_points::is_word(c.code_point)) {
            if (!has_letter) out.is_capital = code_points::is_capital(c.code_point);
            has_letter = true;
        }
    }
    out.is_number = has_digit && !has_letter;
    return out;
}

/// The rarest tenth of a text's ids, special ones left out; at least one.
std::set<std::int32_t> rare_ids(std::span<const TokenLabel> labels) {
    std::vector<std::pair<double, std::int32_t>> ids;
    for (const TokenLabel& label : labels) {
        if (!label.is_special) ids.emplace_back(-label.rarity, label.id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto count = static_cast<std::size_t>(std::max(1.0, kRareShare * static_cast<double>(ids.size())));
    std::set<std::int32_t> out;
    for (std::size_t i = 0; i < std::min(count, ids.size()); ++i)
        out.insert(ids[i].second);
    return out;
}

Result<KeyBits> members(const RuleNode& node, const RuleTokens& text) {
    KeyBits bits(text.tokens.size());
    const std::set<std::int32_t> rare =
        node.token_class == TokenClass::Rare ? rare_ids(text.labels) : std::set<std::int32_t>();
    std::unordered_map<std::string, bool> known;  // of a pattern
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const Token& token = text.tokens[i];
        const TokenLabel& label = text.labels[i];
        bool is_member = false;
        switch (node.token_class) {
            case TokenClass::Any:
                is_member = true;
                break;
            case TokenClass::Special:
                is_member = token.is_special;
                break;
            case TokenClass::Punctuation:
                is_member = label.is_punctuation;
                break;
            case TokenClass::Whitespace:
                is_member = label.is_whitespace;
                break;
            case TokenClass::Word:
                is_member = label.is_word;
                break;
            case TokenClass::WordStart:
                is_member = label.is_word_start;
                break;
            case TokenClass::Number:
                is_member = !token.is_special && letters_of(token).is_number;
                break;
            case TokenClass::Capital:
                is_member = !token.is_special && letters_of(token).is_capital;
                break;
            case TokenClass::Rare:
                is_member = !token.is_special && rare.contains(token.id);
                break;
            case TokenClass::Ids:
                is_member = std::binary_search(node.ids.begin(), node.ids.end(), token.id);
                break;
            case TokenClass::Places:
                is_member = static_cast<int>(i) >= node.first && static_cast<int>(i) <= node.last;
                break;
            case TokenClass::Pattern: {
                const auto [place, is_new] = known.try_emplace(pattern_text(token), false);
                if (is_new) {
                    HEADLIGHT_TRY(place->second, node.pattern(place->first));
                }
                is_member = place->second;
                break;
            }
        }
        if (is_member) bits.set(i);
    }
    return bits;
}

/// One relation over a text: for each query its keys.
class RelationRows {
  public:
    RelationRows(const RuleNode& node, const RuleTokens& text) : node_(node), text_(text) {
        switch (node.relation) {
            case TokenRelation::SameWord:
            case TokenRelation::EarlierInWord:
                groups_ = word_indices(text.labels);
                break;
            case TokenRelation::SameSentence:
                groups_ = sentence_indices(text.labels);
                break;
            case TokenRelation::MatchingBracket:
                brackets_ = find_detector("bracket")->key_set({text.labels});
                break;
            default:
                break;
        }
    }

    /// Queries come in order, from 0.
    void row(std::size_t query, KeyBits& bits) {
        bits.clear();
        switch (node_.relation) {
            case TokenRelation::Offset:
                return offsets(query, bits);
            case TokenRelation::SameToken:
            case TokenRelation::AfterSameToken:
                return copies(query, bits);
            case TokenRelation::SameWord:
            case TokenRelation::SameSentence:
            case TokenRelation::EarlierInWord:
                return group(query, bits);
            case TokenRelation::MatchingBracket:
                for (std::size_t i = brackets_.row_begin[query]; i < brackets_.row_begin[query + 1]; ++i)
                    bits.set(brackets_.keys[i]);
                return;
        }
    }

  private:
    void offsets(std::size_t query, KeyBits& bits) const {
        const auto i = static_cast<std::int64_t>(query),
                   count = static_cast<std::int64_t>(text_.tokens.size());
        const std::int64_t begin = std::clamp<std::int64_t>(i - node_.last, 0, count);
        const std::int64_t end = std::clamp<std::int64_t>(i - node_.first + 1, begin, count);
        bits.set_range(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    }
    void copies(std::size_t query, KeyBits& bits) {
        const std::size_t step = node_.relation == TokenRelation::AfterSameToken ? 1 : 0;
        const std::int32_t id = text_.tokens[query].id;
        std::vector<std::size_t>& seen = places_[id];
        std::size_t end = seen.size();
        while (end > 0 && seen[end - 1] + step >= query)
            --end;  // the query itself
        if (node_.first == 0) {
            for (std::size_t i = 0; i < end; ++i)
                bits.set(seen[i] + step);
        } else if (static_cast<std::size_t>(node_.first) <= end) {
            bits.set(seen[end - static_cast<std::size_t>(node_.first)] + step);
        }
        seen.push_back(query);
    }
    void group(std::size_t query, KeyBits& bits) const {
        if (groups_[query] < 0) return;
        const auto group = groups_[query];
        // A word's tokens stand together; what is in none is -1.
        std::size_t begin = query, end = query + 1;
        while (begin > 0 && groups_[begin - 1] == group)
            --begin;
        if (node_.relation == TokenRelation::EarlierInWord) {
            end = query;
        } else {
            while (end < groups_.size() && groups_[end] == group)
                ++end;
        }
        bits.set_range(begin, end);
    }

    const RuleNode& node_;
    const RuleTokens& text_;
    std::vector<int> groups_;
    KeySet brackets_;
    std::unordered_map<std::int32_t, std::vector<std::size_t>> places_;
};

/// All rows of a rule, node by node.
class RuleRows {
  public:
    RuleRows(const std::vector<RuleNode>& nodes, const RuleTokens& queries, const RuleTokens& keys)
        : nodes_(nodes), queries_(queries), keys_(keys) {}

    Status prepare() {
        for (const RuleNode& node : nodes_) {
            members_.emplace_back(0);
            relations_.emplace_back();
            rows_.emplace_back(keys_.tokens.size());
            if (node.kind == RuleNode::Kind::Query || node.kind == RuleNode::Kind::Key) {
                HEADLIGHT_TRY(members_.back(),
                              members(node, node.kind == RuleNode::Kind::Query ? queries_ : keys_));
            } else if (node.kind == RuleNode::Kind::Relation) {
                relations_.back() = std::make_unique<RelationRows>(node, keys_);
            }
        }
        return {};
    }

    const KeyBits& row(std::size_t query) {
        for (std::size_t n = 0; n < nodes_.size(); ++n) {
            const RuleNode& node = nodes_[n];
            KeyBits& bits = rows_[n];
            switch (node.kind) {
                case RuleNode::Kind::Query:
                    members_[n].get(query) ? bits.fill() : bits.clear();
                    break;
                case RuleNode::Kind::Key:
                    bits = members_[n];
                    break;
                case RuleNode::Kind::Relation:
                    relations_[n]->row(query, bits);
                    break;
                case RuleNode::Kind::Not:
                    bits = child(node, 0);
                    bits.flip();
                    break;
                default:
                    bits = child(node, 0);
                    for (std::size_t c = 1; c < node.children.size(); ++c) {
                        if (node.kind == RuleNode::Kind::And)
                            bits.and_with(child(node, c));
                        else
                            bits.or_with(child(node, c));
                    }
            }
        }
        return rows_.back();
    }

  private:
    const KeyBits& child(const RuleNode& node, std::size_t c) const {
        return rows_[static_cast<std::size_t>(node.children[c])];
    }

    const std::vector<RuleNode>& nodes_;
    const RuleTokens &queries_, &keys_;
    std::vector<KeyBits> members_, rows_;                   // [node]
    std::vector<std::unique_ptr<RelationRows>> relations_;  // [node]
};

Result<KeySet> pairs_of(const std::vector<RuleNode>& nodes, const RuleTokens& queries, const RuleTokens& keys,
                        bool is_causal) {
    RuleRows rows(nodes, queries, keys);
    HEADLIGHT_CHECK(rows.prepare());
    KeySet out;
    out.row_begin.push_back(0);
    for (std::size_t query = 0; query < queries.tokens.size(); ++query) {
        rows.row(query).append_below(is_causal ? query + 1 : keys.tokens.size(), out.keys);
        out.row_begin.push_back(static_cast<std::uint32_t>(out.keys.size()));
    }
    return out;
}

bool is_about_places(const RuleNode& node) {
    switch (node.kind) {
        case RuleNode::Kind::Query:
        case RuleNode::Kind::Key:
            return node.token_class == TokenClass::Any || node.token_class == TokenClass::Places;
        case RuleNode::Kind::Relation:
            return node.relation == TokenRelation::Offset;
        default:
            return true;
    }
}

}  // namespace

bool TokenRule::is_positional() const {
    return std::all_of(nodes_.begin(), nodes_.end(), is_about_places);
}

bool TokenRule::needs_one_text() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const RuleNode& node) { return node.kind == RuleNode::Kind::Relation; });
}

Result<KeySet> TokenRule::pairs(const RuleTokens& text, bool is_causal) const {
    return pairs_of(nodes_, text, text, is_causal);
}

Result<KeySet> TokenRule::pairs(const RuleTokens& queries, const RuleTokens& keys) const {
    if (needs_one_text())
        return fail(
            ErrorKind::InvalidInput,
            "the rule relates tokens of one text with each other, and here queries and keys are of two; use "
            "classes of queries and keys only");
    return pairs_of(nodes_, queries, keys, false);
}

}  // namespace headlight
