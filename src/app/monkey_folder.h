// What the monkey plays with: a folder of its own with one of every kind of thing that can be opened, and
// much that cannot.
#pragma once

#include <string>

#include "app/monkey_words.h"
#include "base/result.h"

namespace headlight {

/// A folder of its own below the system's folder for temporary files.
struct MonkeyFolder {
    std::string root;
    std::string home;  // for settings and caches
    MonkeyPaths paths;
    std::string demo;  // the bundled model; empty: there is none
    std::string log() const { return root + "/steps.log"; }
    std::string messages() const { return root + "/messages.log"; }
};

/// Makes the folder: an encoder, an encoder-decoder, attention dumps, an atlas of the demo, a training log,
/// broken folders and nonsense; beside them the bundled assets and everything in `fixtures` (if not empty).
/// Errors: those of the disk; Missing for `fixtures`.
Result<MonkeyFolder> make_monkey_folder(const std::string& fixtures);

/// Small models of random weights: a masked encoder, and an encoder-decoder, each with a tokenizer of words.
/// Errors: those of the disk.
Status write_random_encoder(const std::string& folder);
Status write_random_encoder_decoder(const std::string& folder);

}  // namespace headlight
