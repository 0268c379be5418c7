// A saved session: what is open, and how it is looked at. Plain values that any client can bring back;
// session_file.h reads and writes them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/generation/made_from.h"
#include "analysis/search/drawing.h"
#include "core/cause/patching.h"
#include "core/notes.h"
#include "core/open_request.h"
#include "core/selection.h"
#include "core/settings.h"
#include "run/ablation_result.h"
#include "run/generate/writing_settings.h"
#include "run/generate/writing_tree.h"

namespace headlight {

/// What stands beside the shown run: "off", "text", "model", "change", "head", "stored".
struct SavedComparison {
    std::string with = "off";
    std::string other;      // the text; path of a model or of stored attention
    HeadId head_a, head_b;  // "head": these two
    bool operator==(const SavedComparison&) const = default;
};

/// Branches that the model wrote behind a prompt. Without a tree nothing was written.
struct SavedBranches {
    std::shared_ptr<const WritingTree> tree;
    std::shared_ptr<const TokenizedText> prompt;  // of an encoder-decoder its decoder's
    std::vector<std::int32_t> encoder_ids;
    int node = WritingTree::kPrompt;  // end of the branch that is shown
    std::vector<TextPart> parts;      // of the prompt
};

/// What is looked for by drawing or by rule.
struct SavedSearch {
    bool is_rule = false;
    std::vector<Stroke> strokes;
    std::string rule;
};

struct SavedSession {
    std::string program;  // version of the program that wrote the file

    // What is open. Paths are absolute, or a name in the cache of models; empty: nothing.
    std::string path;                     // of the model or the stored attention
    std::string model_name, config_hash;  // of the model, as model_config_hash() gives it
    std::string tokenizer;                // file that was chosen in place of the model's own
    AdapterChoice adapter;                // where `path` is an adapter
    std::string atlas, training;

    // Texts
    std::string text, decoder_text;
    WrittenTextPtr written;  // ids of what a model wrote, without model and tokenizer; null: it was typed
    WritingSettings writing;
    MadeFromScope scope = MadeFromScope::AllHeads;
    SavedBranches branches;

    // What was chosen, in tokens
    std::optional<AttentionKind> kind;  // of an encoder-decoder
    Selection selection;

    // What was asked and changed
    InterventionsPtr interventions;  // null: none
    std::string compare = "after";   // before, after, difference
    std::optional<AskedQuestion> question;
    std::string corrupted_text;
    PatchSite patch_site = PatchSite::Head;
    PatchDirection patch_direction = PatchDirection::Denoise;
    SavedComparison comparison;
    SavedSearch search;

    Settings settings;  // those of the picture; all others as they are by default
    NotesPtr notes;     // null: none

    // Of files that were saved by themselves
    std::string saved_as;     // the session file that the user saves to; empty: none yet
    bool is_changed = false;  // since it was saved there
};

using SavedSessionPtr = std::shared_ptr<const SavedSession>;

/// The settings that belong to the picture; window, theme, recent paths and the like as by default.
Settings picture_settings(const Settings& settings);
/// The user's own settings with those of a saved picture.
Settings with_picture_settings(const Settings& own, const Settings& picture);

/// Equal in all that a session file holds but who wrote it and where it is saved. Branches are compared by
/// identity.
bool are_same(const SavedSession& a, const SavedSession& b);

/// What a model is known by beside its name: a hash of family, sizes and vocabulary (FNV-1a, 64 bits, as 16
/// hexadecimal digits); the type of its weights leaves it as it is.
std::string model_config_hash(const ModelSpec& spec);

/// Takes out what the model cannot have (heads, tokens, ids that it does not know) and fills in how written
/// tokens are shown. Returns a sentence for each thing that was taken out. Runs on a worker.
std::vector<std::string> fit_to_model(SavedSession& session, const ModelInfo& model);

}  // namespace headlight
