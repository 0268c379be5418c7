// A model with its tokenizer as the commands have it, and prompts of the reference values.
#pragma once

#include "model/causal_reference.h"
#include "run/cause/prompts.h"

namespace headlight::test {

inline LiveModel live_model(const std::string& path) {
    LiveModel model;
    model.runner = open(path);
    auto info = std::make_shared<ModelInfo>();
    info->spec = model.runner->spec();
    add_tokenizer(*info, path);
    model.info = std::move(info);
    return model;
}

/// The clean prompt of a reference and its question, the corrupted text beside it.
inline PromptOptions reference_prompt(const CausalReference& reference) {
    PromptOptions options;
    options.text.ids = reference.ids("clean_ids");
    options.corrupted.ids = reference.ids("corrupt_ids");
    options.question.at = reference.json().at("position");
    options.question.answer_id = reference.json().at("answer").get<std::int32_t>();
    options.question.rival_id = reference.json().at("foil").get<std::int32_t>();
    return options;
}

/// "0.1,2.3" of [[0, 1], [2, 3]].
inline std::string head_list(const nlohmann::json& heads) {
    std::string out;
    for (const auto& head : heads)
        out += fmt::format("{}{}.{}", out.empty() ? "" : ",", head[0].get<int>(), head[1].get<int>());
    return out;
}

}  // namespace headlight::test
