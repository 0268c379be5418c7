// What a written token was made from: the attention of its step, pooled over parts of the text (causal.md k).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/token.h"

namespace headlight {

/// Tokens [begin, end) of the keys under one name: "system", "document".
struct TextPart {
    std::string name;
    int begin = 0, end = 0;
    bool operator==(const TextPart&) const = default;
};

/// Parts of a prompt of `num_prompt` tokens. Runs of special tokens that stand inside the text (chat
/// templates) end a part, and the words up to the first line break behind one name it, where it is one that
/// templates use
/// ("system", "user", "assistant" ..); where there are none, blank lines end a part: "part 1", "part 2".
/// Always at least one part; together they cover the prompt.
std::vector<TextPart> parts_of_prompt(const TokenizedText& text, int num_prompt);

/// `parts` with [begin, end) taken out of the others for one of that name. An empty stretch takes the name
/// away.
std::vector<TextPart> mark_part(std::vector<TextPart> parts, TextPart marked);

struct MadeFromRequest {
    std::vector<TextPart> parts;          // of the prompt, none over another
    int first_query = 0, last_query = 0;  // rows [first, last): that of step s is row P - 1 + s
    int num_prompt = 0;        // P; keys from there on are "written so far". Cross attention: all keys
    std::optional<int> layer;  // only its heads
    std::optional<int> head;   // with `layer`: only this one
    bool operator==(const MadeFromRequest&) const = default;
};

/// Shares of steps, one row a step.
struct MadeFrom {
    std::vector<std::string>
        names;  // [parts]: the request's, then "unmarked" (if any), "written so far" (if any)
    int first_query = 0, num_rows = 0;
    std::vector<float> shares;   // [rows, parts], mean over the rows of heads that have any mass; sums to 1
    std::vector<float> uniform;  // [rows, parts]: of a head that spreads evenly over what it may see
    std::vector<int> num_heads;  // [rows]: heads that counted; 0: the shares are 0

    float share(int row, int part) const { return shares[index(row, part)]; }
    float uniform_share(int row, int part) const { return uniform[index(row, part)]; }
    std::size_t index(int row, int part) const {
        return static_cast<std::size_t>(row) * names.size() + static_cast<std::size_t>(part);
    }
};

/// Mass of each head's row on each part, over the row's sum; then the mean over the heads. Rows without mass
/// (those that rest while the sink is left out) are left out of the mean. Errors: InvalidInput (rows or heads
/// that there are not, parts outside), Cancelled.
Result<MadeFrom> made_from(const AttentionTrace& trace, const MadeFromRequest& request,
                           const JobContext& job);

}  // namespace headlight
