// Token lists in a file of attention: texts, ids, or both, under the names that programs use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/token.h"
#include "io/attention/dump_contents.h"

namespace headlight {

struct DumpTokens {
    std::vector<std::int64_t> ids;
    std::vector<std::string> pieces;
    std::vector<std::int64_t> segments;  // "token_type_ids"; empty: none
    std::string name;                    // under which they were found, for errors
    bool empty() const { return ids.empty() && pieces.empty(); }
    std::size_t size() const { return ids.empty() ? pieces.size() : ids.size(); }
};

/// The text over which attention goes: "tokens", "input_ids", "key_labels" ... Errors: Corrupt (two lists of
/// different length, ids of more than one text).
Result<DumpTokens> find_key_tokens(const DumpContents& contents);
/// The other list where queries have one of their own: "decoder_input_ids", "query_tokens" ...
Result<DumpTokens> find_query_tokens(const DumpContents& contents);

/// Marks the segments of a sentence pair, where there are some: B begins with the first token of segment 1.
/// Errors: Corrupt (another number of them than tokens, one that no model has).
Status mark_segments(const DumpTokens& tokens, TokenizedText& text, const std::string& path);

/// `count` tokens; what is missing is said by id or position. Errors: Corrupt (another number of tokens).
Result<TokenizedText> make_tokens(const DumpTokens& tokens, std::size_t count, const std::string& path);

}  // namespace headlight
