#include "analysis/words/text_units.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/words/code_points.h"
#include "analysis/words/code_text.h"
#include "analysis/words/text_breaks.h"
#include "analysis/words/token_text.h"
#include "base/utf8.h"

namespace headlight {
namespace {

/// The text that a run of tokens stands for, whether the tokenizer kept it or not, and where each of them
/// ends in it.
struct JoinedText {
    std::string text;
    std::vector<std::size_t> ends;  // [token of the run], bytes

    std::size_t begin_of(std::size_t token) const { return token == 0 ? 0 : ends[token - 1]; }
};

JoinedText join_text(std::span<const Token> tokens, std::size_t end_before) {
    JoinedText out;
    for (const Token& token : tokens) {
        if (has_space_before(token, end_before)) out.text += ' ';
        end_before = std::max(end_before, token.byte_end);
        out.text += token_text(token);
        out.ends.push_back(out.text.size());
    }
    return out;
}

bool holds_line_end(std::string_view text) {
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, byte);
        if (code_points::is_line_end(decoded.code_point)) return true;
        byte += decoded.size_bytes;
    }
    return false;
}

/// Byte of the first visible character from `begin` on; `end` where there is none before it.
std::size_t first_visible(std::string_view text, std::size_t begin, std::size_t end) {
    while (begin < end) {
        const utf8::Decoded decoded = utf8::decode(text, begin);
        if (!code_points::is_space(decoded.code_point)) return begin;
        begin += decoded.size_bytes;
    }
    return end;
}

/// Index of the segment that holds the byte.
std::size_t segment_at(const std::vector<TextSegment>& segments, std::size_t byte) {
    const auto after =
        std::upper_bound(segments.begin(), segments.end(), byte,
                         [](std::size_t value, const TextSegment& one) { return value < one.end; });
    return static_cast<std::size_t>(after - segments.begin());
}

/// For each token of a run but the first: does it go on with the unit of the one before it?
std::vector<bool> joins_of_words(const JoinedText& joined, bool is_code) {
    const std::vector<TextSegment> segments =
        is_code ? code_segments(joined.text) : word_segments(joined.text);
    std::vector<bool> out(joined.ends.size(), false);
    for (std::size_t token = 1; token < out.size(); ++token) {
        const std::size_t edge = joined.begin_of(token);
        const bool is_empty = joined.ends[token] == edge;  // a token that stands for no text
        const std::size_t at = segment_at(segments, edge);
        if (is_empty || at >= segments.size()) continue;
        out[token] = segments[at].begin < edge && !segments[at].is_space;
    }
    return out;
}

std::vector<bool> joins_of_sentences(const JoinedText& joined) {
    const std::vector<TextSegment> segments = sentence_segments(joined.text);
    std::vector<bool> out(joined.ends.size(), true);
    std::size_t before = 0;
    for (std::size_t token = 0; token < out.size(); ++token) {
        const std::size_t visible = first_visible(joined.text, joined.begin_of(token), joined.ends[token]);
        // Space and line ends go with what they follow.
        const bool is_visible = visible < joined.ends[token];
        const std::size_t at = is_visible ? segment_at(segments, visible) : before;
        out[token] = token > 0 && at == before;
        before = at;
    }
    return out;
}

std::vector<bool> joins_of_lines(const JoinedText& joined) {
    std::vector<bool> out(joined.ends.size(), true);
    for (std::size_t token = 1; token < out.size(); ++token) {
        const std::size_t begin = joined.begin_of(token - 1);
        out[token] =
            !holds_line_end(std::string_view(joined.text).substr(begin, joined.ends[token - 1] - begin));
    }
    return out;
}

std::vector<bool> joins_of_run(const JoinedText& joined, TextUnit unit, bool is_code) {
    switch (unit) {
        case TextUnit::Token:
            break;
        case TextUnit::Word:
            return joins_of_words(joined, is_code);
        case TextUnit::Sentence:
            return joins_of_sentences(joined);
        case TextUnit::Line:
            return joins_of_lines(joined);
    }
    return std::vector<bool>(joined.ends.size(), false);
}

/// Line ends and tabs as the signs that tokens show them by.
std::string with_signs(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "⏎";
        else if (c == '\t')
            out += "⇥";
        else
            out += c;
    }
    return out;
}

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    });
}

std::string joined_displays(std::span<const Token> tokens) {
    std::string out;
    for (const Token& token : tokens)
        out += token.display;
    return out;
}

}  // namespace

std::vector<TokenRange> text_units(std::span<const Token> tokens, TextUnit unit) {
    const bool is_code = unit == TextUnit::Word && looks_like_code(join_text(tokens, 0).text);
    std::vector<TokenRange> out;
    std::size_t end_before = 0;
    for (std::size_t begin = 0; begin < tokens.size();) {
        std::size_t end = begin + 1;
        while (!tokens[begin].is_special && end < tokens.size() && !tokens[end].is_special)
            ++end;
        const auto run = tokens.subspan(begin, end - begin);
        const std::vector<bool> joins = joins_of_run(join_text(run, end_before), unit, is_code);
        for (std::size_t i = 0; i < run.size(); ++i) {
            const int token = static_cast<int>(begin + i);
            if (i == 0 || !joins[i]) out.push_back({token, token});
            out.back().end = token + 1;
            end_before = std::max(end_before, run[i].byte_end);
        }
        begin = end;
    }
    return out;
}

std::string unit_text(std::span<const Token> tokens, TokenRange range) {
    const auto own =
        tokens.subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.count()));
    if (own.size() == 1 && own[0].is_special) return own[0].display;
    const std::string joined = join_text(own, own.empty() ? 0 : own[0].byte_begin).text;
    std::string_view text = joined;
    while (text.ends_with(' '))
        text.remove_suffix(1);
    while (text.starts_with(' '))
        text.remove_prefix(1);
    if (text.empty() || !utf8::is_valid(text) || has_controls(text)) return joined_displays(own);
    return with_signs(text);
}

std::vector<Token> unit_tokens(std::span<const Token> tokens, std::span<const TokenRange> units) {
    struct Rank {
        std::int32_t rarest = -1;
        std::size_t first = 0;
    };
    std::map<std::string, Rank> known;  // by what they say, in any case
    std::vector<std::map<std::string, Rank>::iterator> entry_of;
    std::vector<Token> out;
    for (std::size_t u = 0; u < units.size(); ++u) {
        Token token;
        const auto own = tokens.subspan(static_cast<std::size_t>(units[u].begin),
                                        static_cast<std::size_t>(units[u].count()));
        token.display = unit_text(tokens, units[u]);
        token.piece = token.display;
        token.is_special = own.size() == 1 && own[0].is_special;
        std::int32_t rarest = -1;
        bool has_span = false;
        for (const Token& piece : own) {
            rarest = std::max(rarest, piece.id);
            if (piece.byte_end <= piece.byte_begin) continue;
            if (!has_span) token.byte_begin = piece.byte_begin;
            token.byte_end = std::max(token.byte_end, piece.byte_end);
            has_span = true;
        }
        const std::string words = token.is_special ? "\x01" + token.display : normalized_text(token.display);
        const auto entry = known.try_emplace(words, Rank{-1, u}).first;
        entry->second.rarest = std::max(entry->second.rarest, rarest);
        entry_of.push_back(entry);
        out.push_back(std::move(token));
    }
    std::vector<Rank*> ranks;
    for (auto& [words, rank] : known)
        ranks.push_back(&rank);
    std::sort(ranks.begin(), ranks.end(), [](const Rank* a, const Rank* b) {
        return std::tie(a->rarest, a->first) < std::tie(b->rarest, b->first);
    });
    for (std::size_t i = 0; i < ranks.size(); ++i)
        ranks[i]->rarest = static_cast<std::int32_t>(i);
    for (std::size_t u = 0; u < out.size(); ++u)
        out[u].id = entry_of[u]->second.rarest;
    return out;
}

std::shared_ptr<const TextGroups> text_groups(std::span<const Token> queries, std::span<const Token> keys,
                                              TextUnit unit, FromGroup from) {
    auto out = std::make_shared<TextGroups>();
    out->unit = unit;
    out->from = from;
    out->queries = text_units(queries, unit);
    out->keys = keys.data() == queries.data() ? out->queries : text_units(keys, unit);
    return out;
}

}  // namespace headlight
