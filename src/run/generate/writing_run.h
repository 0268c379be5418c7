// A stretch of writing that may be interrupted between two tokens and go on.
#pragma once

#include <functional>
#include <string>

#include "run/generate/writing_tree.h"

namespace headlight {

struct WritingRun {
    WritingPrompt prompt;     // grows
    GenerateRequest request;  // its end ids are those of the model
    int first_step = 0;       // of the text's draws
    int num_done = 0;
    bool is_checked = false;
};

/// A token with the words by which it and the likeliest ones are shown.
WrittenStep written_step(const ModelInfo& model, WrittenToken token);

/// Writes what is left of the stretch; every token is handed to `post` as it comes. Returns how many there
/// are. Errors: those of check_writing() and next_logits(); after Cancelled it can be called again.
Result<int> write_on(WritingRun& run, const LiveModel& live, const JobContext& job,
                     const std::function<void(WrittenStep)>& post);

}  // namespace headlight
