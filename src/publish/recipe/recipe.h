// What a figure was made from, as JSON that its file carries: enough to make it again and to say what
// differs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "publish/figure_page.h"

namespace headlight {

inline constexpr int kRecipeVersion = 1;
inline constexpr std::size_t kMostRecipeBytes = std::size_t{8} << 20;

/// Which model: hashes are SHA-256; empty: there is no such file.
struct RecipeModel {
    std::string name, family, path;
    std::string config;     // of config.json
    std::string weights;    // names, types, shapes of the tensors and the first 4 KiB of each
    std::string tokenizer;  // of its file, or of its vocabulary
    bool operator==(const RecipeModel&) const = default;
};

struct FigureRecipe {
    std::string program;  // "0.1.0"
    std::string engine;   // "LibTorch 2.13.0+cpu, AVX2"
    RecipeModel model;
    FieldWords options;
    std::vector<FigurePanel> panels;
    std::vector<std::int32_t> ids, decoder_ids;  // of the text
};

/// One line of ASCII: everything else is written as \uXXXX.
std::string recipe_json(const FigureRecipe& recipe);

/// Errors: Corrupt (no recipe, or beyond its bounds), Unsupported (a newer version of recipes).
Result<FigureRecipe> parse_recipe(std::string_view json, const std::string& file);

/// As people read it.
std::string recipe_text(const FigureRecipe& recipe);

/// The page that the recipe describes. Errors: InvalidInput (a kind or option that this version does not
/// have).
Result<FigurePage> page_of(const FigureRecipe& recipe);

/// One sentence for each thing that differs between what made a figure and what makes it again; empty:
/// nothing does. Options are not compared.
std::vector<std::string> recipe_differences(const FigureRecipe& then, const FigureRecipe& now);

/// The recipe's JSON in a PNG (iTXt headlight-recipe), SVG (<metadata id="headlight-recipe">), PDF (Keywords)
/// or PGF (a comment). Errors: Missing (no recipe: made with --no-recipe, or not by this program), Corrupt,
/// Unsupported (another kind of file).
Result<std::string> find_recipe(std::string_view bytes, const std::string& file);
/// Reads the file and its recipe; a .json file is the recipe itself. Errors: those of reading, find_recipe,
/// parse_recipe.
Result<FigureRecipe> read_recipe(const std::string& path);

}  // namespace headlight
