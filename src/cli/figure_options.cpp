#include "cli/figure_options.h"

#include <CLI/CLI.hpp>

#include "base/text_file.h"
#include "cli/model_options.h"

namespace headlight {
namespace {

std::string option_help(const FigureField& field) {
    std::string out = field.help;
    if (*field.choices != 0) out += fmt::format(" ({})", field.choices);
    static const FigureRequest fallback;
    const std::string usual = field.words(fallback);
    if (!field.is_switch() && !usual.empty()) out += fmt::format(" [{}]", usual);
    return out;
}

}  // namespace

void add_figure_fields(CLI::App& app, FieldWords& words) {
    for (const FigureField& field : figure_fields()) {
        const std::string name = std::string("--") + field.name;
        if (field.is_switch()) {
            app.add_flag_function(
                   name,
                   [&words, &field](std::int64_t count) {
                       words.emplace_back(field.name, count > 0 ? "on" : "off");
                   },
                   option_help(field))
                ->group(heading(field.group));
            continue;
        }
        const std::string all = name == "--model" ? "--model,--checkpoint" : name;
        app.add_option_function<std::string>(
               all, [&words, &field](const std::string& value) { words.emplace_back(field.name, value); },
               option_help(field))
            ->type_name(field.value)
            ->group(heading(field.group));
    }
}

void add_figure_run_options(CLI::App& app, FigureRunOptions& options) {
    app.add_option("--output", options.output.path,
                   "The file; its ending is the format: .png, .svg, .pdf, .pgf")
        ->required();
    app.add_flag_callback(
        "--no-recipe", [&options] { options.output.has_recipe = false; },
        "Leave out of the file what made it: text, model, options");
    app.add_flag("--tex", options.output.has_tex,
                 "Also a .tex beside it: the line that includes it, and a draft of a caption");
    app.add_option("--text-file", options.text_file,
                   "Read the text from a file or pipe (- for standard input)")
        ->group(heading(FieldGroup::Text));
    app.add_option("--threads", options.num_threads, "Threads (0: as many as pay off)")
        ->check(CLI::Range(0, 1024))
        ->group(heading(FieldGroup::Model));
    add_device_option(app, options.device)->group(heading(FieldGroup::Model));
    app.add_flag("--trust-torchscript", options.trusts_torchscript,
                 "Open a TorchScript file although that runs the code in it")
        ->group(heading(FieldGroup::Model));
}

Status complete_request(const FigureRunOptions& options, FigureRequest& request) {
    request.model.num_threads = options.num_threads;
    request.model.device = options.device;
    request.model.trusts_torchscript = options.trusts_torchscript;
    if (options.text_file.empty()) return {};
    if (request.text.is_given())
        return fail(ErrorKind::InvalidInput, "--text-file goes with neither --text nor --ids");
    request.text = {};
    HEADLIGHT_TRY(request.text.text, read_text(options.text_file));
    request.text.has_text = true;
    return {};
}

}  // namespace headlight
