#include "publish/recipe/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "io/json_file.h"
#include "report/json_out.h"

namespace headlight {
namespace {

constexpr const char* kRecipeName = "headlight-recipe";
constexpr std::size_t kMostRecipeWords = std::size_t{4} << 20, kMostRecipeIds = 1 << 20;

Json words_json(const FieldWords& words) {
    Json out = Json::object();
    for (const auto& [name, value] : words)
        out[name] = utf8::replace_invalid(value);
    return out;
}

/// Reads members of an object of a stranger; the first failure stays.
class RecipeReader {
  public:
    RecipeReader(const nlohmann::ordered_json& json, const std::string& file) : json_(json), file_(file) {}

    std::string word(const nlohmann::ordered_json& at, const char* name, std::size_t most = 4096) {
        const auto found = at.find(name);
        if (found == at.end() || found->is_null()) return {};
        if (!found->is_string() || found->get_ref<const std::string&>().size() > most) {
            refuse("'{}' is no text of at most {} bytes", name, most);
            return {};
        }
        return found->get<std::string>();
    }

    FieldWords options(const nlohmann::ordered_json& at) {
        FieldWords out;
        const auto found = at.find("options");
        if (found == at.end()) return out;
        if (!found->is_object() || found->size() > figure_fields().size()) {
            refuse("'options' is no list of at most {} options", figure_fields().size());
            return out;
        }
        for (const auto& [name, value] : found->items()) {
            if (!value.is_string() || value.get_ref<const std::string&>().size() > kMostRecipeWords) {
                refuse("option '{}' is no text of at most {} bytes", name.substr(0, 60), kMostRecipeWords);
                return out;
            }
            out.emplace_back(name, value.get<std::string>());
        }
        return out;
    }

    std::vector<std::int32_t> ids(const char* name) {
        std::vector<std::int32_t> out;
        const auto found = json_.find(name);
        if (found == json_.end() || found->is_null()) return out;
        bool is_sound = found->is_array() && found->size() <= kMostRecipeIds;
        for (std::size_t i = 0; is_sound && i < found->size(); ++i) {
            const auto& id = (*found)[i];
            is_sound =
                id.is_number_integer() && id.get<std::int64_t>() >= 0 && id.get<std::int64_t>() <= INT32_MAX;
            if (is_sound) out.push_back(id.get<std::int32_t>());
        }
        if (!is_sound) refuse("'{}' is no list of at most {} token ids", name, kMostRecipeIds);
        return out;
    }

    std::vector<FigurePanel> panels() {
        std::vector<FigurePanel> out;
        const auto found = json_.find("panels");
        if (found == json_.end() || !found->is_array() || found->empty() || found->size() > kMostPanels) {
            refuse("'panels' is no list of 1 to {} figures", kMostPanels);
            return out;
        }
        for (const auto& panel : *found) {
            if (!panel.is_object()) {
                refuse("'{}' is no list of figures", "panels");
                return out;
            }
            out.push_back({word(panel, "kind", 64), options(panel)});
        }
        return out;
    }

    template <class... Args>
    void refuse(fmt::format_string<Args...> format, Args&&... args) {
        if (!error_)
            error_ = make_error(ErrorKind::Corrupt, "the recipe cannot be read: {}",
                                fmt::format(format, std::forward<Args>(args)...))
                         .in_file(file_);
    }
    std::optional<Error>& error() { return error_; }

  private:
    const nlohmann::ordered_json& json_;
    const std::string& file_;
    std::optional<Error> error_;
};

void compare_words(const char* what, const std::string& then, const std::string& now,
                   std::vector<std::string>& out) {
    if (then != now && !then.empty())
        out.push_back(fmt::format("{}: {} then, {} now", what, then, now.empty() ? "none" : now));
}

void compare_hashes(const char* what, const std::string& then, const std::string& now,
                    std::vector<std::string>& out) {
    if (then != now && !then.empty())
        out.push_back(fmt::format("{}: SHA-256 {}… then, {} now", what, then.substr(0, 12),
                                  now.empty() ? std::string("none") : now.substr(0, 12) + "…"));
}

void compare_ids(const char* what, const std::vector<std::int32_t>& then,
                 const std::vector<std::int32_t>& now, std::vector<std::string>& out) {
    if (then == now) return;
    if (then.size() != now.size()) {
        out.push_back(fmt::format("{}: {} tokens then, {} now", what, then.size(), now.size()));
        return;
    }
    std::size_t first = 0;
    while (then[first] == now[first])
        ++first;
    out.push_back(fmt::format("{}: token {} has id {} then, {} now", what, first, then[first], now[first]));
}

}  // namespace

std::string recipe_json(const FigureRecipe& recipe) {
    const RecipeModel& model = recipe.model;
    Json panels = Json::array();
    for (const FigurePanel& panel : recipe.panels)
        panels.push_back({{"kind", panel.kind}, {"options", words_json(panel.options)}});
    Json out = {{"recipe", kRecipeVersion},
                {"headlight", recipe.program},
                {"engine", recipe.engine},
                {"model",
                 {{"name", utf8::replace_invalid(model.name)},
                  {"family", model.family},
                  {"path", utf8::replace_invalid(model.path)},
                  {"config_sha256", model.config},
                  {"weights_sha256", model.weights},
                  {"tokenizer_sha256", model.tokenizer}}},
                {"panels", std::move(panels)},
                {"options", words_json(recipe.options)},
                {"ids", recipe.ids}};
    if (!recipe.decoder_ids.empty()) out["decoder_ids"] = recipe.decoder_ids;
    return out.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

Result<FigureRecipe> parse_recipe(std::string_view text, const std::string& file) {
    if (text.size() > kMostRecipeBytes)
        return fail(make_error(ErrorKind::Corrupt, "the recipe has {} bytes, the most is {}", text.size(),
                               kMostRecipeBytes)
                        .in_file(file));
    // Checked for depth first; then read with its options in their order.
    HEADLIGHT_TRY(const nlohmann::json checked, parse_json(text, file, true));
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object() || !json.contains("recipe") ||
        !json["recipe"].is_number_integer())
        return fail(make_error(ErrorKind::Corrupt, "this JSON is no recipe: it has no number 'recipe'")
                        .in_file(file));
    if (const auto version = json["recipe"].get<std::int64_t>(); version != kRecipeVersion)
        return fail(make_error(ErrorKind::Unsupported, "recipe version {}; this program reads version {}",
                               version, kRecipeVersion)
                        .in_file(file));
    RecipeReader reader(json, file);
    FigureRecipe out;
    out.program = reader.word(json, "headlight");
    out.engine = reader.word(json, "engine");
    if (const auto model = json.find("model"); model != json.end() && model->is_object()) {
        out.model = {reader.word(*model, "name"),           reader.word(*model, "family"),
                     reader.word(*model, "path"),           reader.word(*model, "config_sha256"),
                     reader.word(*model, "weights_sha256"), reader.word(*model, "tokenizer_sha256")};
    }
    out.options = reader.options(json);
    out.panels = reader.panels();
    out.ids = reader.ids("ids");
    out.decoder_ids = reader.ids("decoder_ids");
    if (reader.error()) return fail(*std::move(reader.error()));
    return out;
}

std::string recipe_text(const FigureRecipe& recipe) {
    const RecipeModel& model = recipe.model;
    std::string out = fmt::format("Made by    Headlight {}, {}\n", recipe.program, recipe.engine);
    out +=
        fmt::format("Model      {}{}\n", model.name, model.family.empty() ? "" : " (" + model.family + ")");
    if (!model.path.empty()) out += fmt::format("           {}\n", model.path);
    for (const auto& [name, hash] : {std::pair("Config", &model.config), std::pair("Weights", &model.weights),
                                     std::pair("Tokenizer", &model.tokenizer)})
        if (!hash->empty()) out += fmt::format("{:<10} SHA-256 {}\n", name, *hash);
    for (const FigurePanel& panel : recipe.panels)
        out += fmt::format("Figure     {}{}{}\n", panel.kind, panel.options.empty() ? "" : " ",
                           option_line(panel.options));
    for (const auto& [name, value] : recipe.options)
        out += fmt::format("           --{} {}\n", name, shell_word(value));
    if (!recipe.ids.empty()) out += fmt::format("Tokens     {}\n", fmt::join(recipe.ids, " "));
    if (!recipe.decoder_ids.empty())
        out += fmt::format("Decoder    {}\n", fmt::join(recipe.decoder_ids, " "));
    return out;
}

Result<FigurePage> page_of(const FigureRecipe& recipe) {
    FigurePage page;
    HEADLIGHT_CHECK(set_words(page.shared, recipe.options));
    page.panels = recipe.panels;
    return page;
}

std::vector<std::string> recipe_differences(const FigureRecipe& then, const FigureRecipe& now) {
    std::vector<std::string> out;
    compare_words("version", then.program, now.program, out);
    compare_words("engine", then.engine, now.engine, out);
    compare_words("model", then.model.name, now.model.name, out);
    compare_words("family", then.model.family, now.model.family, out);
    compare_hashes("config", then.model.config, now.model.config, out);
    compare_hashes("weights", then.model.weights, now.model.weights, out);
    compare_hashes("tokenizer", then.model.tokenizer, now.model.tokenizer, out);
    compare_ids("text", then.ids, now.ids, out);
    compare_ids("decoder's text", then.decoder_ids, now.decoder_ids, out);
    return out;
}

}  // namespace headlight
