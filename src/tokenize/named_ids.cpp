#include "tokenize/named_ids.h"

#include <nlohmann/json.hpp>

namespace headlight {

using nlohmann::json;

std::int32_t token_id(const TokenizerParts& parts, const std::string& content) {
    if (content.empty()) return -1;
    const AddedToken* added = parts.added.find(std::string_view(content));
    return added != nullptr ? added->id : parts.model->id_of(content);
}

Status look_up_ids(json& processor, const TokenizerParts& parts) {
    if (!processor.is_object()) return {};
    const auto missing = [](const std::string& text) {
        return fail(ErrorKind::Corrupt, "'{}', which is put around texts, is no token of the vocabulary",
                    text.substr(0, 60));
    };
    if (const auto named = processor.find("special_tokens"); named != processor.end() && named->is_object()) {
        for (auto& [name, token] : named->items()) {
            if (!token.is_object() || token.contains("ids")) continue;
            std::int32_t id = -1;
            for (const json& text : token.value("tokens", json::array()))
                if (id < 0) id = token_id(parts, text.get<std::string>());
            if (id < 0) return missing(name);
            token["ids"] = json::array({id});
        }
    }
    for (const char* key : {"sep", "cls"}) {
        const auto pair = processor.find(key);
        if (pair == processor.end() || !pair->is_array() || pair->size() != 2 || !(*pair)[1].is_null())
            continue;
        const std::string text = (*pair)[0].get<std::string>();
        const std::int32_t id = token_id(parts, text);
        if (id < 0) return missing(text);
        (*pair)[1] = id;
    }
    return {};
}

}  // namespace headlight
