// Writing on: tokens that a model puts behind a text, one after another.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "analysis/generation/sampling.h"
#include "core/matrix.h"
#include "run/text_tokens.h"

namespace headlight {

struct GenerateRequest {
    int max_new_tokens = 32;
    SamplingSettings sampling;
    bool is_greedy = true;      // else tokens are drawn
    std::uint64_t seed = 1;     // of the draws; reproduces within Headlight only
    bool stops_at_end = false;  // when the tokenizer's end token comes
};

/// One token that was written. The row of attention that gave it is that of the token before it.
struct WrittenToken {
    std::int32_t id = 0;
    double probability = 0;  // of the distribution that it was taken from
};

struct GeneratedText {
    std::vector<std::int32_t> ids;  // of prompt and written tokens
    std::vector<WrittenToken> written;
    std::vector<float> prompt_logits;  // [vocab] after the prompt
    bool was_stopped = false;
};

/// `on_token` is called as each comes. A stop keeps what was written. Errors: Unsupported (models that
/// predict no next token), InvalidInput (no tokens, more than the model has positions for), the runner's.
Result<GeneratedText> generate_text(const LiveModel& model, const TokenizedText& prompt,
                                    const GenerateRequest& request, const JobContext& job,
                                    const std::function<void(const WrittenToken&)>& on_token = {});

}  // namespace headlight
