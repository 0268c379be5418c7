// Writing on: tokens that a model puts behind a text, one after another.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "analysis/generation/sampling.h"
#include "analysis/patterns/top_k.h"
#include "core/matrix.h"
#include "run/text_tokens.h"

namespace headlight {

struct GenerateRequest {
    int max_new_tokens = 32;
    SamplingSettings sampling;
    bool is_greedy = true;      // else tokens are drawn
    std::uint64_t seed = 1;     // of the draws; reproduces within Headlight only
    bool stops_at_end = false;  // when one of `end_ids` comes
    std::vector<std::int32_t> end_ids;
    int num_alternatives = 0;  // WrittenToken::likeliest
};

/// What is written on.
struct WritingPrompt {
    std::vector<std::int32_t> ids;          // that come before; of an encoder-decoder its decoder's
    std::vector<std::int32_t> encoder_ids;  // of an encoder-decoder only
};

/// One token that was written. The row of attention that gave it is that of the token before it.
struct WrittenToken {
    std::int32_t id = 0;
    double probability = 0;                  // of the distribution that it was taken from
    std::optional<double> own_probability;   // that the model itself gives it, whatever the sampling
    std::vector<TokenPrediction> likeliest;  // of the model itself
    bool is_end = false;                     // one of the end ids
};

struct GeneratedText {
    std::vector<std::int32_t> ids;  // of prompt and written tokens
    std::vector<WrittenToken> written;
    std::vector<float> prompt_logits;  // [vocab] after the prompt
    bool was_stopped = false;
};

/// What the model writes on from: `tokens`, or the decoder's tokens behind an encoder that reads `tokens`.
WritingPrompt writing_prompt(const ModelSpec& spec, const TokenizedText& tokens,
                             const TokenizedText& decoder_tokens);

/// Errors: Unsupported (models that predict no next token), InvalidInput (no tokens, ids that the model does
/// not know, more than it has positions for), OutOfMemory.
Status check_writing(const LiveModel& model, const WritingPrompt& prompt, int max_new_tokens);

/// Logits [vocab] after the last of `prompt`. Keeps no attention; the work of tokens that did not change is
/// kept, so that one more costs one token's pass. Errors: the runner's.
Result<std::vector<float>> next_logits(const LiveModel& model, const WritingPrompt& prompt,
                                       const JobContext& job);

/// The token of step `step` behind `ids`, as the request says.
WrittenToken choose_token(std::span<const float> logits, std::span<const std::int32_t> ids,
                          const GenerateRequest& request, int step);

/// `on_token` is called as each comes. A stop keeps what was written. Errors: those of check_writing() and
/// next_logits().
Result<GeneratedText> generate_text(const LiveModel& model, const WritingPrompt& prompt,
                                    const GenerateRequest& request, const JobContext& job,
                                    const std::function<void(const WrittenToken&)>& on_token = {});

}  // namespace headlight
