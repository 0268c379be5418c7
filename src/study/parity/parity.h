// A model against a file of reference attention: how far each layer is from what another program measured.
#pragma once

#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"
#include "study/parity/parity_report.h"

namespace headlight {

/// Runs the model on the ids of a reference file (safetensors with the keys of an attention dump, each text's
/// behind a prefix `t{t}.` when there are several) and compares attention, hidden states and logits. Texts of
/// two sentences whose file has no token_type_ids are run in segment 0, and where that departs with what
/// follows the first separator in segment 1: the report says so if this agrees. Errors:
/// Missing (no ids, a layer that the model has and the file lacks), Corrupt (shapes that do not fit),
/// InvalidInput (no such text, an encoder-decoder's file for another model), those of ModelRunner::run,
/// Cancelled.
Result<ParityReport> measure_parity(ModelRunner& runner, const std::string& reference_file,
                                    const ParityOptions& options, const JobContext& job);

}  // namespace headlight
