#include "io/checkpoint/adapter/adapter_names.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace headlight {
namespace {

constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::pair<std::string_view, AdapterPart> kParts[] = {
    {"lora_A", AdapterPart::LoraA},
    {"lora_B", AdapterPart::LoraB},
    {"lora_embedding_A", AdapterPart::EmbeddingA},
    {"lora_embedding_B", AdapterPart::EmbeddingB},
    {"lora_magnitude_vector", AdapterPart::Magnitude},
    {"trainable_tokens_delta", AdapterPart::TokenRows},
    {"original_module", AdapterPart::Superseded},
    {"trainable_tokens_original", AdapterPart::Superseded}};

std::vector<std::string> pieces_of(std::string_view name) {
    std::vector<std::string> out;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        out.emplace_back(name.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

void add_piece(std::string& module, const std::string& piece) {
    module += (module.empty() ? "" : ".") + piece;
}

/// What stands behind "lora_A": an adapter's name, "weight" or "bias", or nothing.
void read_ending(std::vector<std::string> rest, AdapterName& out) {
    const bool is_bias = !rest.empty() && rest.back() == "bias";
    if (!rest.empty() && (is_bias || rest.back() == "weight")) rest.pop_back();
    if (is_bias) out.part = out.part == AdapterPart::LoraB ? AdapterPart::LoraBBias : AdapterPart::Unknown;
    if (rest.size() > 1) out.part = AdapterPart::Unknown;
    if (rest.size() == 1) out.adapter = rest.front();
}

}  // namespace

AdapterName read_adapter_name(const std::string& name) {
    std::string_view text = name;
    if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
    const std::vector<std::string> pieces = pieces_of(text);
    AdapterName out;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto part = std::find_if(std::begin(kParts), std::end(kParts),
                                       [&](const auto& known) { return known.first == pieces[i]; });
        if (part != std::end(kParts)) {
            out.part = part->second;
            if (out.part != AdapterPart::Superseded)
                read_ending({pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1, pieces.end()}, out);
            return out;
        }
        if (pieces[i].starts_with("lora_")) out.part = AdapterPart::Unknown;
        if (pieces[i] == "base_layer" || pieces[i] == "token_adapter") continue;
        if (pieces[i] == "modules_to_save") {
            // The adapter's name follows, before what the module itself holds.
            if (i + 2 < pieces.size()) out.adapter = pieces[++i];
            continue;
        }
        add_piece(out.module, pieces[i]);
    }
    return out;
}

}  // namespace headlight
