#include "cli/cause_options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/question_options.h"
#include "cli/terminal.h"

namespace headlight {
namespace {

void add_corrupted_text(CLI::App& app, TextOptions& options) {
    CLI::Option* text = app.add_option("--corrupt-text", options.text,
                                       "The corrupted text: as many tokens, and in it the answer is another");
    text->each([&options](const std::string&) { options.has_text = true; });
    app.add_option("--corrupt-ids", options.ids, "The corrupted text as token ids")
        ->delimiter(',')
        ->excludes(text);
}

}  // namespace

void add_cause_options(CLI::App& app, CauseOptions& options, bool has_pair, bool has_figures) {
    add_model_options(app, options.model, false);
    add_text_options(app, options.text);
    add_decoder_options(app, options.decoder);
    if (has_pair) add_corrupted_text(app, options.corrupted);
    add_question_options(app, options.question);
    app.add_option(
        "--prompts", options.prompts_path,
        has_pair ? "Many prompts: lines {\"text\", \"corrupt_text\", \"answer\", \"rival\", \"at\"}"
                 : "Many prompts: lines {\"text\", \"answer\", \"rival\", \"at\"}; means with intervals");
    app.add_option("--json", options.json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--dump", options.dump_path, "Write the values as safetensors");
    if (!has_figures) return;
    app.add_option("--output-dir", options.output_dir, "Draw figures into this folder");
    app.add_option("--format", options.format, "Format of figures")
        ->check(CLI::IsMember({"png", "svg", "pdf"}))
        ->capture_default_str();
}

Status write_cause_figures(const std::vector<NamedFigure>& figures, const std::string& folder,
                           const FigureStyle& style) {
    if (folder.empty()) return {};
    HEADLIGHT_TRY(const std::vector<std::string> paths, write_figures(figures, {folder, style}));
    for (const std::string& path : paths)
        say("Figure: " + path);
    return {};
}

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace headlight
