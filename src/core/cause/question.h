// A question to a model: which answer, after which token, and against which rival.
#pragma once

#include <cstdint>
#include <optional>

namespace headlight {

struct Question {
    int position = -1;         // the row that predicts; a masked model's own masked position
    std::int32_t answer = -1;  // token id
    std::optional<std::int32_t>
        rival;  // token id; without one the answer's logit minus the mean of all logits
    bool operator==(const Question&) const = default;
};

/// What the user asked; a text may have no such place.
struct AskedQuestion {
    int at = -1;  // position; -1: the last
    std::int32_t answer = -1;
    std::optional<std::int32_t> rival;
    bool operator==(const AskedQuestion&) const = default;
};

/// How sure a model is of an answer, from the logits of one row.
struct AnswerMetrics {
    float answer_logit = 0, rival_logit = 0;  // as the model gives them (capped); rival_logit without a
                                              // rival: the mean over the vocabulary
    float difference = 0;                     // answer_logit - rival_logit
    float probability = 0;                    // of the answer, 0..1
    float kl = 0;                             // KL(reference || this) of the next-token distribution, nats
};

}  // namespace headlight
