#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "family/names/weight_names.h"
#include "family/proposal/propose_model.h"
#include "io/attention/attention_dump.h"
#include "io/identify_path.h"
#include "report/inspection/dump_report.h"
#include "report/inspection/inspection_text.h"
#include "report/inspection/session_report.h"
#include "run/inspect_facts.h"
#include "run/saved/session_file.h"

namespace headlight {
namespace {

struct InspectOptions {
    std::string path, config_path, tokenizer_path, propose_path;
    AdapterChoice adapter;
    bool is_json = false;
};

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Status inspect_dump(const InspectOptions& options) {
    HEADLIGHT_TRY(const AttentionDump dump, read_attention_dump(options.path));
    if (options.is_json) return write_json("-", dump_json(dump, options.path));
    print(dump_text(dump, options.path));
    return {};
}

Status inspect_session(const InspectOptions& options, const std::string& path) {
    HEADLIGHT_TRY(const SavedSession session, read_session(path));
    if (options.is_json) {
        HEADLIGHT_TRY(const std::string json, session_to_json(session, path));
        print(json);
    } else {
        print(session_text(session, path));
    }
    return {};
}

/// Writes the proposal alone, ready to be filled in. Errors: Unsupported (the tensors are no transformer that
/// is recognised).
Status write_proposal(const Checkpoint& checkpoint, const std::string& path) {
    const auto proposal = propose_custom_model(checkpoint);
    if (!proposal) {
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "no transformer is recognised by the names of these tensors: there must be layers with "
                "queries, keys and values, and a token table")
                .in_file(checkpoint.path));
    }
    for (const std::string& note : proposal->notes)
        say(note);
    return write_json(path, proposal->description);
}

/// What would be left out, or why it would not load.
void tell_notes(const CheckpointPtr& checkpoint) {
    const auto named = name_weights(checkpoint);
    for (const std::string& note : (named ? *named : checkpoint)->notes)
        say("note: " + note);
    if (!named) say("warning: " + named.error().to_string());
}

Status inspect(const InspectOptions& options) {
    HEADLIGHT_TRY(const IdentifiedPath found, identify_path(options.path));
    if (found.kind == PathKind::AttentionDump) return inspect_dump(options);
    if (found.kind == PathKind::Session) return inspect_session(options, found.path);
    HEADLIGHT_TRY(const CheckpointPtr checkpoint,
                  open_checkpoint(found.path, options.config_path, options.adapter));
    tell_notes(checkpoint);
    if (!options.propose_path.empty()) return write_proposal(*checkpoint, options.propose_path);
    const std::string tokenizer = options.tokenizer_path.empty()
                                      ? tokenizer_place(found.path, options.adapter)
                                      : options.tokenizer_path;
    const Json facts = inspect_checkpoint(*checkpoint, tokenizer);
    if (options.is_json) return write_json("-", facts);
    print(inspection_text(facts, known_families()));
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<InspectOptions>();
    app.add_option("PATH", options->path, "Checkpoint folder or file, an attention dump, or a session")
        ->required();
    app.add_option("--config", options->config_path, "config.json to use in place of the checkpoint's own");
    add_base_option(app, options->adapter.base);
    app.add_option("--tokenizer", options->tokenizer_path,
                   "Tokenizer folder or file, if not the checkpoint's own");
    app.add_option("--propose", options->propose_path,
                   "Write a headlight.json for a home-made model to this file (- for standard output)");
    app.add_flag("--json", options->is_json, "Write everything as JSON, each tensor with shape and type");
    return [options] { return inspect(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_inspect = {
    "inspect", "What is in a checkpoint and what would be loaded, without loading it",
    "  headlight inspect SmolLM2-135M\n"
    "  headlight inspect model.safetensors --json\n"
    "  headlight inspect attention.safetensors\n"
    "  headlight inspect my_gpt.pt --propose headlight.json",
    add};

}  // namespace headlight
