// Opening: from a path to a model that runs, or to a stored trace. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "core/engine.h"
#include "session/snapshot.h"

namespace headlight {

/// A model that runs. Owned by the worker; `runner` is shared with weight analysis, which may go on beside
/// run().
struct LiveModel {
    std::shared_ptr<const ModelInfo> info;
    std::shared_ptr<ModelRunner> runner;
};

/// What opening hands to the session.
struct Opened {
    std::shared_ptr<const ModelInfo> info;
    std::shared_ptr<ModelRunner> runner;  // null: a stored trace
    TextKinds text;                       // stored traces only; else empty
    std::string model_path;  // where the model of a stored trace lies; empty: it cannot be loaded
    std::shared_ptr<const OpenedAtlas> atlas;        // alone, or of the folder that the model lies in
    std::shared_ptr<const OpenedTraining> training;  // the same
    std::optional<OpenQuestion> question;            // set: nothing was opened, the user has to say how
    std::string warning;         // something the user should know, e.g. no tokenizer; empty if nothing
    std::string beside_warning;  // what lies with the model and could not be read; empty if nothing
};

struct OpenRequest {
    std::string path;        // checkpoint or dump
    std::string model_path;  // of a dump's model, empty if unknown
    std::uint64_t model_id = 0;
    std::uint64_t text_id = 0;  // for the text of a dump; the ids after it are for its other kinds
    int num_threads = 1;
    OpenChoices choices;
};

/// Loads a checkpoint folder or file with its tokenizer. A missing tokenizer is no error: texts are given as
/// ids then. Errors: those of Engine::open_model.
Result<Opened> open_live_model(Engine& engine, const OpenRequest& request, const JobContext& job);

/// Reads an attention dump and analyses it. The tokenizer comes from `model_path` if there is one.
/// Errors: those of the dump's reader, Cancelled.
Result<Opened> open_stored_trace(const OpenRequest& request, const JobContext& job);

/// Folder of the checkpoint: `path` itself, or the folder that holds the file.
std::string checkpoint_folder(const std::string& path);

/// "SmolLM2" from "/models/SmolLM2/" or ".../SmolLM2/model.safetensors": what the user knows the model by.
std::string name_of_path(const std::string& path);

}  // namespace headlight
