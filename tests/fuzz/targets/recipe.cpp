// The recipe in a figure of a stranger, up to the page that it describes.
#include "publish/recipe/recipe.h"

#include "fuzz/fuzz_target.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    HEADLIGHT_TRY(const FigureRecipe recipe, read_recipe(path));
    recipe_text(recipe);
    HEADLIGHT_TRY(const FigureRecipe again, parse_recipe(recipe_json(recipe), path));
    recipe_differences(recipe, again);
    // Options and kinds that this version does not have are refused without a file.
    if (const auto page = page_of(recipe); page && !page->panels.empty()) (void)page->request_of(0);
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_recipe = {"recipe", "figure", read};

}  // namespace headlight::fuzz
