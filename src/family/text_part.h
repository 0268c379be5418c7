// Models of several parts, of which one reads text: those that look at images, too.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace headlight {

/// The language model in the config of a model that sees as well.
struct TextPart {
    nlohmann::json config;  // as a config.json of its own: a type of a family, with the class's own defaults
    bool has_plain_head =
        false;  // logits are those of the table alone, whatever the language model's scale or cap
};

/// The part that reads text in a config of a known kind ("llava", "qwen2_vl", "mistral3" ...); its
/// `text_config`, or the config itself where the kind once kept its keys there. Without images such a model
/// is its language model: text counts its positions alike on all axes of a rotation by several (mrope).
/// Nothing for all other configs.
std::optional<TextPart> find_text_part(const nlohmann::json& config);

}  // namespace headlight
