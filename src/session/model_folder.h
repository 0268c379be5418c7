// What lies at a path beside a model, or in its place: an atlas, a training log. Runs on the model worker.
#pragma once

#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "session/live_model.h"

namespace headlight {

/// A folder with a model's description, or a file of weights. What else lies there lies beside the model.
bool holds_model(const std::string& path);

/// Reads atlas and training log of a folder into `out`; a log may lie in a model's subfolder. A
/// weights file stands for its folder. `asked` is the path as the user gave it. Errors: those of the readers.
Status open_beside(const OpenRequest& request, const std::string& asked, Opened& out, const JobContext& job);

}  // namespace headlight
