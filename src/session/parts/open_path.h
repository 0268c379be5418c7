// From a path to a model, a trace or what lies beside them. Runs on the model worker.
#pragma once

#include "session/live_model.h"
#include "session/session.h"

namespace headlight {

/// `is_stored`: the path is a trace and nothing else. `engine` is started when it is null and a model needs
/// it. Errors: Unsupported (no engine), and those of whatever opens the path.
Result<Opened> open_path(Engine*& engine, const SessionOptions& options, const OpenRequest& asked,
                         bool is_stored, const JobContext& job);

}  // namespace headlight
