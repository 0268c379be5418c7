#include <CLI/CLI.hpp>

#include "base/text_file.h"
#include "cli/figure_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"

namespace headlight {
namespace {

struct FigureCommand {
    std::string kinds;
    FieldWords words;
    std::vector<std::string> panels;
    FigureRunOptions run;
};

Status figure(const FigureCommand& options) {
    HEADLIGHT_TRY(FigurePage page, make_page(options.kinds, options.words, options.panels));
    HEADLIGHT_CHECK(complete_request(options.run, page.shared));
    HEADLIGHT_CHECK(check_output(page.shared, options.run.output));
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("figure");
    FigureSource source(engine_with_threads(page.shared.model.num_threads),
                        [&](const std::string& line) { bar.note(line); });
    HEADLIGHT_TRY(const MadeFigure made, make_figure(page, source, JobContext(stop, bar.callback())));
    bar.finish();
    HEADLIGHT_CHECK(write_figure_file(made, page.shared, options.run.output));
    say("Figure: " + options.run.output.path);
    return {};
}

std::string kinds_help() {
    std::string out = "What is drawn, several joined by +:";
    for (const FigureKindDescriptor* const kind : figure_kinds())
        out += std::string(" ") + kind->id;
    return out;
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<FigureCommand>();
    app.add_option("KIND", options->kinds, kinds_help())->required();
    add_figure_fields(app, options->words);
    app.add_option("--panel", options->panels, "A further panel: \"lines --head 3\"")
        ->allow_extra_args(false)
        ->take_all();
    add_figure_run_options(app, options->run);
    return [options]() -> Status { return figure(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_figure = {
    "figure", "A figure for print of any view, with the recipe that makes it again",
    "  headlight figure heatmap --text \"The cat sat on the mat\" --layer 1 --head 5 --column 1 --output "
    "head.pdf\n"
    "  headlight figure grid --model gpt2 --text-file story.txt --layer 5 --column 2 --output layer5.svg\n"
    "  headlight figure heatmap+lines+layers --model gpt2 --text \"When Mary and John went\" --layer 5 "
    "--head 1 "
    "--column 2 --output panels.pdf --tex\n"
    "  headlight figure heatmap --model gpt2 --text \"When Mary and John went\" --head 1 --panel \"lines "
    "--head 3\" "
    "--output two.pdf\n"
    "  headlight figure heatmap --model gpt2 --text \"When Mary and John went\" --change \"zero 5.1\" --show "
    "difference --layer 6 --head 0 --output change.pgf\n"
    "  headlight figure attribution --model gpt2 --text \"The capital of France is\" --answer \" Paris\" "
    "--no-recipe "
    "--output a.pdf\n"
    "  headlight figure training --model run --metrics loss,attn_entropy --output curves.pdf",
    add};

}  // namespace headlight
