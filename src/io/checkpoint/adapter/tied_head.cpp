#include "io/checkpoint/adapter/tied_head.h"

#include <algorithm>
#include <map>

namespace headlight {
namespace {

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

std::string class_of_config(const nlohmann::json& config) {
    const auto names = config.is_object() ? config.find("architectures") : config.end();
    const bool is_named = config.is_object() && names != config.end() && names->is_array() &&
                          !names->empty() && names->front().is_string();
    return is_named ? names->front().get<std::string>() : std::string();
}

std::string masked_head(const nlohmann::json& config) {
    static const std::map<std::string, std::string> names = {{"bert", "cls.predictions.decoder.weight"},
                                                             {"distilbert", "vocab_projector.weight"},
                                                             {"roberta", "lm_head.decoder.weight"},
                                                             {"camembert", "lm_head.decoder.weight"},
                                                             {"xlm-roberta", "lm_head.decoder.weight"}};
    const auto type = config.find("model_type");
    const auto found =
        type != config.end() && type->is_string() ? names.find(type->get<std::string>()) : names.end();
    return found == names.end() ? std::string() : found->second;
}

}  // namespace

std::string name_of_tied_head(const Checkpoint& base, const std::string& table) {
    if (!ends_with_any(table,
                       {"embed_tokens.weight", "wte.weight", "word_embeddings.weight", "embed_in.weight"}))
        return {};
    const bool has_head = std::any_of(base.tensors.begin(), base.tensors.end(), [](const TensorInfo& tensor) {
        return ends_with_any(tensor.name, {"lm_head.weight", "embed_out.weight", "output.weight",
                                           "decoder.weight", "vocab_projector.weight"});
    });
    const std::string name = class_of_config(base.config);
    if (has_head || name.empty()) return {};
    if (name.find("MaskedLM") != std::string::npos) return masked_head(base.config);
    const bool is_decoder =
        name.find("ForCausalLM") != std::string::npos || name.find("LMHead") != std::string::npos;
    return is_decoder ? "lm_head.weight" : std::string();
}

}  // namespace headlight
