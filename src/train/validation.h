// Loss on the held-out tenth of each corpus file.
#pragma once

#include <optional>
#include <vector>

#include "train/data/token_cache.h"
#include "train/language_model.h"

namespace headlight {

struct Validation {
    std::optional<double> nats_per_token;  // over all files, weighted by tokens; none if nothing was held out
    std::vector<HeldOutLoss> files;        // those with held-out text, in the order given
};

/// Evenly spaced windows of BOS and `length` predicted tokens, at most `max_windows` a file, no gradients.
/// Errors: Cancelled.
Result<Validation> validate(const LanguageModel& model, const TokenizedCorpus& corpus, std::int32_t bos_id,
                            int length, int max_windows, const JobContext& job);

}  // namespace headlight
