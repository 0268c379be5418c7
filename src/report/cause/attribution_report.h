// Direct attribution for people, for programs, and as tensors.
#pragma once

#include "report/cause/tensor_file.h"
#include "report/json_out.h"
#include "run/cause/attribute_prompts.h"

namespace headlight {

/// `count`: parts to list.
std::string attribution_text(const AttributionResult& result, int count);

/// {"model", "family", "question", "prompts", "answer", "total", "error", "all_norms_frozen", "components":
/// [{"id", "layer", "head", "effect", "low", "high", "answer", "rival", "by_source"}]}.
Json attribution_json(const AttributionResult& result);

/// `dla.*` and, where `question` has no null, what the cells of this run do: `cell.*`, `logits_at`. Those
/// that are not defined for the model are left out. Errors: those of the run.
Status add_attribution(const Attribution& attribution, TensorFile& file);
Status add_cells(CausalRun& run, const TokenizedText& tokens, const Tokenizer* tokenizer,
                 const Question& question, TensorFile& file);

}  // namespace headlight
