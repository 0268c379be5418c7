// Opening whatever a path is: the one way of the window, the command line and the tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/memory_file.h"
#include "base/progress.h"
#include "base/result.h"
#include "run/live_model.h"
#include "run/opened_files.h"
#include "run/saved/saved_session.h"
#include "run/stored_trace.h"

namespace headlight {

/// How to open what cannot be opened without the user's word.
struct OpenChoices {
    bool trusts_torchscript = false;  // the code in the file may be run
    std::string axes;                 // order of the axes of an attention dump's arrays; empty: find out
    std::string device;               // where a model is to run, in place of what is set; empty: as set
    AdapterChoice adapter;            // where the path is an adapter
    /// The path is that of this memory, a dump that another program sent: it cannot be opened again later, so
    /// it is called by its name and kept nowhere as a path. Null: an ordinary path.
    std::shared_ptr<const MemoryFile> sent;
};

/// An open that waits for the user's word.
struct OpenQuestion {
    enum class Kind { RunsCode, AxisOrder };
    Kind kind = Kind::RunsCode;
    std::string path;                  // to be opened again, with the answer
    std::string sentence;              // what is asked and why
    std::vector<std::string> answers;  // AxisOrder: for OpenChoices::axes
};

struct OpenRequest {
    std::string path;        // checkpoint, dump, atlas, training log, or a name in the Hugging Face cache
    std::string model_path;  // of a dump's model, empty if unknown
    bool is_dump = false;    // `path` is attention that was measured before, whatever it looks like
    std::uint64_t model_id = 0;
    std::uint64_t text_id =
        0;  // for the text of a dump, an atlas and a log; the ids after it are for a dump's kinds
    int num_threads = 1;
    std::string device = kProcessor;  // of a model that runs
    OpenChoices choices;
    SavedSessionPtr session;   // that waits for this model; null: none. Left alone where the model is another
    std::string notes_folder;  // of notes on models that no session was saved of; empty: none are kept
};

/// A saved session whose model could not be opened: all else that is in it.
struct LeftSession {
    SavedSessionPtr session;
    Error why;
};

using OpenedAtlasPtr = std::shared_ptr<const OpenedAtlas>;
using OpenedTrainingPtr = std::shared_ptr<const OpenedTraining>;

/// What was opened, or what has to be asked before.
using OpenedSource =
    std::variant<LiveModel, StoredTrace, OpenedAtlasPtr, OpenedTrainingPtr, OpenQuestion, LeftSession>;

struct Opened {
    std::string path;  // where it lies (IdentifiedPath::path)
    OpenedSource source;
    OpenedAtlasPtr atlas;        // `source` itself, or of the folder that the model lies in; null: none
    OpenedTrainingPtr training;  // the same
    std::string beside_warning;  // what lies with the model and could not be read; empty if nothing
    SavedSessionPtr session;     // of a session file, as far as the model has what is in it; null: none
    std::string session_path;    // of that file; empty: it is the one that waited
    std::vector<std::string> left_out;  // what of it the model does not have
    NotesPtr notes;                     // on the model, of OpenRequest::notes_folder; null: none
};

/// Where notes on a model are kept that no session was saved of.
std::string notes_path(const std::string& folder, const ModelSpec& spec);

/// Identifies and opens `request.path`; of a session file the model that it names. Runs on a worker. Errors:
/// those of identify_path, open_model and of the readers; Cancelled.
Result<Opened> open_source(const EngineProvider& engine, const OpenRequest& request, const JobContext& job);

}  // namespace headlight
