#include <CLI/CLI.hpp>

#include "cli/figure_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"

namespace headlight {
namespace {

struct RenderCommand {
    std::string figure;
    FieldWords changes;
    FigureRunOptions run;
};

/// A text in another form takes the recipe's away.
void drop_replaced(const FieldWords& changes, FigureRecipe& recipe) {
    const auto drop = [&](const std::string& name) {
        std::erase_if(recipe.options, [&](const auto& option) { return option.first == name; });
    };
    for (const auto& change : changes) {
        const std::string& name = change.first;
        if (name == "text") drop("ids");
        if (name == "ids") drop("text");
        if (name == "decoder-text") drop("decoder-ids");
        if (name == "decoder-ids") drop("decoder-text");
        // What a panel says of itself gives way too.
        for (FigurePanel& panel : recipe.panels)
            std::erase_if(panel.options, [&](const auto& option) { return option.first == name; });
    }
}

Status render(const RenderCommand& options) {
    HEADLIGHT_TRY(FigureRecipe recipe, read_recipe(options.figure));
    const FigureRecipe then = recipe;
    drop_replaced(options.changes, recipe);
    if (!options.run.text_file.empty()) drop_replaced({{"text", ""}}, recipe);
    HEADLIGHT_TRY(FigurePage page, page_of(recipe));
    HEADLIGHT_CHECK(set_words(page.shared, options.changes));
    HEADLIGHT_CHECK(complete_request(options.run, page.shared));
    HEADLIGHT_CHECK(check_output(page.shared, options.run.output));
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("render");
    FigureSource source(engine_with_threads(page.shared.model.num_threads),
                        [&](const std::string& line) { bar.note(line); });
    auto result = make_figure(page, source, JobContext(stop, bar.callback()));
    bar.finish();
    if (!result && result.error().kind == ErrorKind::Missing)
        result.error().message += "; if the model lies elsewhere, name it with --model";
    HEADLIGHT_TRY(const MadeFigure made, std::move(result));
    const std::vector<std::string> differences = recipe_differences(then, made.recipe);
    if (!differences.empty()) say("This is not what made the figure:");
    for (const std::string& line : differences)
        say("  " + line);
    HEADLIGHT_CHECK(write_figure_file(made, page.shared, options.run.output));
    say("Figure: " + options.run.output.path);
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<RenderCommand>();
    app.add_option("FIGURE", options->figure, "PNG, SVG, PDF or PGF with a recipe, or a recipe as JSON")
        ->required();
    add_figure_fields(app, options->changes);
    add_figure_run_options(app, options->run);
    return [options]() -> Status { return render(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_render = {
    "render", "Makes a figure again from its recipe, with changes or another model; says what differs",
    "  headlight render head.pdf --output again.pdf\n"
    "  headlight render head.pdf --column 2 --font serif --output wide.pdf\n"
    "  headlight render head.pdf --model run/step_2000 --output later.pdf\n"
    "  headlight render recipe.json --no-recipe --output for_reviewers.pdf",
    add};

}  // namespace headlight
