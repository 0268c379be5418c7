// Patching for people, for programs, and as tensors.
#pragma once

#include "report/cause/tensor_file.h"
#include "report/json_out.h"
#include "run/cause/patch_prompts.h"

namespace headlight {

std::string patch_text(const PatchResult& result, int count);
Json patch_json(const PatchResult& result);
/// `patch.*` of the first pair: metrics with columns difference, probability, KL; `.effect`. Cells that were
/// not done are left out with their site.
void add_patching(const PatchResult& result, TensorFile& file);

std::string path_text(const PathResult& result, int count);
Json path_json(const PathResult& result);
/// `path.*` of the first pair: logit difference of each sender's path.
void add_paths(const PathResult& result, TensorFile& file);

/// "L23H3", "layer 4, ·Mary (1)", "L2H1 at 7": a cell in a list.
std::string cell_name(const PatchCell& cell, const TokenizedText& tokens);

}  // namespace headlight
