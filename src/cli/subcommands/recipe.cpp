#include <CLI/CLI.hpp>

#include "cli/cause_options.h"
#include "cli/subcommand.h"
#include "publish/recipe/recipe.h"

namespace headlight {
namespace {

struct RecipeCommand {
    std::string figure;
    bool wants_json = false;
};

Status show_recipe(const RecipeCommand& options) {
    HEADLIGHT_TRY(const FigureRecipe recipe, read_recipe(options.figure));
    print(options.wants_json ? recipe_json(recipe) + "\n" : recipe_text(recipe));
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<RecipeCommand>();
    app.add_option("FIGURE", options->figure, "PNG, SVG, PDF or PGF that Headlight made")->required();
    app.add_flag("--json", options->wants_json, "As JSON, which render takes");
    return [options]() -> Status { return show_recipe(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_recipe = {
    "recipe", "What made a figure: version, model and its hashes, text, options",
    "  headlight recipe head.pdf\n"
    "  headlight recipe head.pdf --json > recipe.json",
    add};

}  // namespace headlight
