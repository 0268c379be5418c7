// What changes from step to step: learning rate, row length, and which rows are drawn. Pure functions of the
// request. The numbers are those of the recipe that was tried for the bundled demo; they scale with the
// number of steps.
#pragma once

#include <string>

#include "base/result.h"
#include "core/train_request.h"

namespace headlight {

inline constexpr double kEmbeddingRateFactor = 2.0;  // embedding and output learn at twice the rate
inline constexpr int kFirstAlphabet = 48;            // ids that random blocks are drawn from at the start

struct StepPlan {
    int length = 0;  // tokens a row
    int num_rows = 0;
    int alphabet = 0;  // random blocks use this many of the most frequent pieces
    int longest_block = 0;
    double random_share = 0;  // of rows that repeat a random block
    double text_repeat_share = 0;
    double learning_rate = 0;  // of the blocks; embedding and output take kEmbeddingRateFactor times this
};

/// Plan of a step in [0, num_steps). `num_pieces` is the number of ordinary pieces of the vocabulary.
StepPlan plan_step(const TrainRequest& request, int step, int num_pieces);

inline constexpr int kLargestModulus = 256;

/// The task is modular addition, not text.
bool is_addition(const TrainRequest& request);

/// Linear warm-up, then a cosine down to a tenth; for addition constant.
double learning_rate_at(const TrainRequest& request, int step);

/// Errors: InvalidInput naming the option, what it is and what it may be.
Status check_request(const TrainRequest& request);

/// Every option that the result depends on, in a fixed order: two runs with equal text here are the same run.
std::string describe_run(const TrainRequest& request);

}  // namespace headlight
