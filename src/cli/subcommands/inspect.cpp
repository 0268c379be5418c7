#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/inspect_report.h"
#include "cli/json_out.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "family/proposal/propose_model.h"
#include "io/attention/attention_dump.h"
#include "io/checkpoint/model_path.h"

namespace headlight {
namespace {

struct InspectOptions {
    std::string path, config_path, tokenizer_path, propose_path;
    bool is_json = false;
};

/// Sizes of the attention that a stored file holds; `trace` may be null.
Json trace_facts(const TracePtr& trace) {
    if (!trace) return nullptr;
    const TraceInfo& info = trace->info();
    return {{"layers", info.num_layers}, {"heads", info.num_heads},     {"queries", info.num_queries},
            {"keys", info.num_keys},     {"is_causal", info.is_causal}, {"dtype", info.dtype}};
}

void print_trace(const char* name, const TracePtr& trace) {
    if (!trace) return;
    const TraceInfo& info = trace->info();
    std::printf("  %-12s %d layers x %d heads, %d queries x %d keys, %s, %s\n", name, info.num_layers,
                info.num_heads, info.num_queries, info.num_keys, info.is_causal ? "causal" : "not causal",
                info.dtype.c_str());
}

Status inspect_dump(const InspectOptions& options) {
    HEADLIGHT_TRY(const AttentionDump dump, read_attention_dump(options.path));
    const TracePtr& first = dump.trace         ? dump.trace
                            : dump.cross_trace ? dump.cross_trace
                                               : dump.decoder_trace;
    const TraceInfo& info = first->info();
    if (!options.is_json) {
        std::printf("%s\n  attention of one text\n", options.path.c_str());
        print_trace(dump.decoder_trace || dump.cross_trace ? "encoder" : "attention", dump.trace);
        print_trace("decoder", dump.decoder_trace);
        print_trace("cross", dump.cross_trace);
        std::printf("  model        %s (%s)\n  logits       %s\n  hidden       %zu states\n",
                    dump.spec.name.empty() ? "not said" : dump.spec.name.c_str(),
                    dump.spec.family.empty() ? "-" : dump.spec.family.c_str(),
                    dump.logits.empty() ? "no" : "yes", dump.hidden.size());
        for (const std::string& note : dump.notes)
            std::printf("  note         %s\n", note.c_str());
        return {};
    }
    Json facts = {{"path", options.path},
                  {"format", "attention_dump"},
                  {"model", dump.spec.name},
                  {"family", dump.spec.family},
                  {"layers", info.num_layers},
                  {"heads", info.num_heads},
                  {"tokens", info.num_queries},
                  {"is_causal", info.is_causal},
                  {"has_logits", !dump.logits.empty()},
                  {"hidden_states", dump.hidden.size()},
                  {"text", dump.tokens.text},
                  {"attention", trace_facts(dump.trace)},
                  {"decoder_attention", trace_facts(dump.decoder_trace)},
                  {"cross_attention", trace_facts(dump.cross_trace)},
                  {"notes", dump.notes}};
    return write_json("-", facts);
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

Status inspect(const InspectOptions& options) {
    if (looks_like_attention_dump(options.path)) return inspect_dump(options);
    HEADLIGHT_TRY(const std::string path, resolve_model_path(options.path));
    HEADLIGHT_TRY(const CheckpointPtr checkpoint, open_checkpoint(path, options.config_path));
    if (!options.propose_path.empty()) return write_proposal(*checkpoint, options.propose_path);
    const std::string& tokenizer = options.tokenizer_path.empty() ? path : options.tokenizer_path;
    const Json facts = inspect_checkpoint(*checkpoint, tokenizer);
    if (options.is_json) return write_json("-", facts);
    const std::string text = inspection_text(facts);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<InspectOptions>();
    app.add_option("PATH", options->path, "Checkpoint folder or file, or an attention dump")->required();
    app.add_option("--config", options->config_path, "config.json to use in place of the checkpoint's own");
    app.add_option("--tokenizer", options->tokenizer_path,
                   "Tokenizer folder or file, if not the checkpoint's own");
    app.add_option("--propose", options->propose_path,
                   "Write a headlight.json for a home-made model to this file (- for standard output)");
    app.add_flag("--json", options->is_json, "Write everything as JSON, each tensor with shape and type");
    return [options] { return inspect(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_inspect;
const SubcommandDescriptor k_subcommand_inspect = {
    "inspect", "What is in a checkpoint and what would be loaded, without loading it",
    "  headlight inspect SmolLM2-135M\n"
    "  headlight inspect model.safetensors --json\n"
    "  headlight inspect attention.safetensors\n"
    "  headlight inspect my_gpt.pt --propose headlight.json",
    add};

}  // namespace headlight
