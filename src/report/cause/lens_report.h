// The logit lens for people, for programs, and as tensors.
#pragma once

#include "core/cause/lens.h"
#include "report/cause/tensor_file.h"
#include "report/json_out.h"
#include "run/cause/question_options.h"

namespace headlight {

struct LensResult {
    std::shared_ptr<const ModelInfo> model;
    TokenizedText tokens;
    std::optional<Question> question;
    int position = 0;  // whose column the text lists
    Lens lens;
};

/// The column of one position: top token, probability, entropy, KL and the answer's rank at every state; then
/// the first tokens of all positions.
std::string lens_text(const LensResult& result);
/// {"states": [{"state", "positions": [{"top", "entropy", "kl", "rank_final", "rank_answer", ...}]}]}.
Json lens_json(const LensResult& result);
/// `lens.*`.
void add_lens(const Lens& lens, TensorFile& file);

/// The first state from which on the token is first at every later state; num_states: at none.
int settles_at(const Matrix& rank, int position);

}  // namespace headlight
