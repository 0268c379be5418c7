// Spans of tokens in the unit that was asked for.
#include "report/tokens/token_report.h"

#include <fmt/format.h>

#include "report/token_offsets.h"

namespace headlight {
namespace {

std::pair<std::size_t, std::size_t> span_of(const Token& token, const CodePointOffsets& offsets,
                                            bool counts_bytes) {
    if (counts_bytes) return {token.byte_begin, token.byte_end};
    return offsets.of(token);
}

}  // namespace

std::string token_table(const TokenizedText& text, bool counts_bytes) {
    const CodePointOffsets offsets(text.text);
    std::string out = fmt::format("{:>5} {:>7}  {:<11} {}\n", "index", "id",
                                  counts_bytes ? "bytes" : "characters", "token");
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const Token& token = text.tokens[i];
        const auto [begin, end] = span_of(token, offsets, counts_bytes);
        out += fmt::format("{:>5} {:>7}  {:<11} {}{}\n", i, token.id, fmt::format("{}-{}", begin, end),
                           token.display, token.is_special ? "  (special)" : "");
        if (text.is_pair()) {
            out.pop_back();
            out += fmt::format("  {} (segment {})\n", text.sentence_of(static_cast<int>(i)) == 0 ? 'A' : 'B',
                               token.segment);
        }
    }
    return out;
}

Json token_ids_json(const TokenizedText& text, bool counts_bytes) {
    const CodePointOffsets offsets(text.text);
    Json out = {{"ids", Json::array()}, {"tokens", Json::array()}, {"offsets", Json::array()}};
    for (const Token& token : text.tokens) {
        const auto [begin, end] = span_of(token, offsets, counts_bytes);
        out["ids"].push_back(token.id);
        out["tokens"].push_back(token.piece);
        out["offsets"].push_back({begin, end});
        if (text.is_pair()) out["token_type_ids"].push_back(token.segment);
    }
    if (text.is_pair()) out["second_token"] = text.second_token;
    return out;
}

}  // namespace headlight
