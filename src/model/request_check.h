// What a run is asked for, checked against the model before anything is computed.
#pragma once

#include <span>

#include "base/result.h"
#include "core/attention_trace.h"
#include "core/model_runner.h"
#include "core/text_length.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// Tokens of the longest text that the model has positions for; 0 where positions do not end: rotary ones go
/// on past the trained length, a table does not.
int most_tokens(const Architecture& arch);

/// What a run with capture keeps for each token (queries, keys and values of all layers) and builds for each
/// pair (score biases that are not made row by row).
TextNeeds text_needs(const Architecture& arch, const std::string& model);

/// Ids of one text: not empty, in the vocabulary, no more than the model has positions. Errors: InvalidInput.
Status check_ids(const Architecture& arch, std::span<const std::int32_t> ids);

/// Queries whose logits are wanted. Errors: InvalidInput.
Status check_decoder_ids(const Architecture& arch, std::span<const std::int32_t> ids);

/// Every layer attends, and reads and writes the stream itself. Errors: Unsupported, with `what` is then not
/// defined ("copying").
Status check_has_attention(const Architecture& arch, const char* what);

Status check_positions(std::span<const int> positions, std::size_t num_tokens);

/// Key sets of a text of `num_tokens`: their shape, and that no key is forbidden. Errors: InvalidInput.
Status check_key_sets(const Architecture& arch, std::span<const KeySet> sets, std::size_t num_tokens);

/// Hidden states without NaN and infinity; else an error that names the weights that hold them.
Status check_finite(LoadedModel& model, const torch::Tensor& hidden);

}  // namespace headlight
