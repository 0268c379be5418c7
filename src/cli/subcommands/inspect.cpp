#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/inspect_report.h"
#include "cli/json_out.h"
#include "cli/subcommand.h"
#include "io/attention_dump.h"

namespace headlight {
namespace {

struct InspectOptions {
    std::string path, config_path, tokenizer_path;
    bool is_json = false;
};

Status inspect_dump(const InspectOptions& options) {
    HEADLIGHT_TRY(const AttentionDump dump, read_attention_dump(options.path));
    const TraceInfo& info = dump.trace->info();
    const Json facts = {{"path", options.path},
                        {"format", "attention_dump"},
                        {"model", dump.spec.name},
                        {"family", dump.spec.family},
                        {"layers", info.num_layers},
                        {"heads", info.num_heads},
                        {"tokens", info.num_queries},
                        {"is_causal", info.is_causal},
                        {"has_logits", !dump.logits.empty()},
                        {"hidden_states", dump.hidden.size()},
                        {"text", dump.tokens.text}};
    if (options.is_json) return write_json("-", facts);
    std::printf(
        "%s\n  attention of one text: %d layers x %d heads, %d tokens, %s\n  model        %s (%s)\n"
        "  logits       %s\n  hidden       %zu states\n",
        options.path.c_str(), info.num_layers, info.num_heads, info.num_queries,
        info.is_causal ? "causal" : "in both directions", dump.spec.name.c_str(), dump.spec.family.c_str(),
        dump.logits.empty() ? "no" : "yes", dump.hidden.size());
    return {};
}

Status inspect(const InspectOptions& options) {
    if (looks_like_attention_dump(options.path)) return inspect_dump(options);
    HEADLIGHT_TRY(const CheckpointPtr checkpoint, open_checkpoint(options.path, options.config_path));
    const std::string& tokenizer = options.tokenizer_path.empty() ? options.path : options.tokenizer_path;
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
    app.add_flag("--json", options->is_json, "Write everything as JSON, each tensor with shape and type");
    return [options] { return inspect(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_inspect;
const SubcommandDescriptor k_subcommand_inspect = {
    "inspect", "What is in a checkpoint and what would be loaded, without loading it",
    "  headlight inspect SmolLM2-135M\n"
    "  headlight inspect model.safetensors --json\n"
    "  headlight inspect attention.safetensors",
    add};

}  // namespace headlight
