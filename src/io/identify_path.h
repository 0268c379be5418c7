// What a path is, decided in one place for the window and the command line.
#pragma once

#include <string>

#include "base/result.h"

namespace headlight {

/// Subfolders of a model's folder where `headlight train` and `headlight watch` leave their log.
inline constexpr const char* kLogFolders[] = {"training", "headlight"};

/// How a session file's name ends, and the key that it begins with.
inline constexpr const char* kSessionEnding = ".headlight";
inline constexpr const char* kSessionKey = "headlight_session";

enum class PathKind {
    Model,        // a checkpoint folder or file; also what nothing else claims: its reader says what is wrong
    TorchScript,  // a program: its weights cannot be had without running code in it
    AttentionDump,  // attention that was measured before
    Atlas,          // of a scan
    TrainingLog,    // of a training run, or of `watch`
    Session,        // a saved session: what was open and how it was looked at
};

struct IdentifiedPath {
    PathKind kind = PathKind::Model;
    std::string path;        // where it lies: a name in the Hugging Face cache, or a file that stands for its
                             // folder, resolved
    std::string atlas_path;  // an atlas that lies there, beside a model or alone; empty: none
    std::string log_path;    // the same of a training log
};

/// Looks at names, folders and the first bytes. Errors: InvalidInput (empty), Unsupported (a pipe, socket or
/// device; a picture). What is found nowhere is a Model by its name: its reader says where it looked.
Result<IdentifiedPath> identify_path(const std::string& path);

/// A saved session, by its name or its first bytes.
bool is_session_file(const std::string& path);

/// A folder with a model's description, or a file of weights by its name.
bool holds_model(const std::string& path);

}  // namespace headlight
