#include "report/cause/attribution_report.h"
#include "report/cause/question_json.h"

namespace headlight {
namespace {

Json mean_json(const PromptMean& value) {
    Json out{{"mean", value.mean}, {"low", nullptr}, {"high", nullptr}};
    if (value.interval) {
        out["low"] = value.interval->low;
        out["high"] = value.interval->high;
    }
    return out;
}

Json component_json(const AttributionResult& result, std::size_t index) {
    const ComponentEffect& part = result.components[index];
    const Component& component = part.component;
    const auto row = static_cast<std::int64_t>(index);
    const int position = result.prompts.front().question.position;
    Json out{
        {"id", to_string(component)},
        {"layer", component.layer < 0 ? Json(nullptr) : Json(component.layer)},
        {"head", component.head < 0 ? Json(nullptr) : Json(component.head)},
        {"effect", part.effect.mean},
        {"low", nullptr},
        {"high", nullptr},
        {"answer", result.first.answer.at(row, position)},
        {"rival", result.first.rival.empty() ? Json(nullptr) : Json(result.first.rival.at(row, position))},
        {"vocab_mean", result.first.vocab_mean.at(row, position)}};
    if (part.effect.interval) {
        out["low"] = part.effect.interval->low;
        out["high"] = part.effect.interval->high;
    }
    if (!result.first.answer_rank.empty()) out["answer_rank"] = result.first.answer_rank[index];
    if (component.kind == Component::Kind::Head)
        out["by_source"] = result.by_source({component.layer, component.head});
    return out;
}

}  // namespace

Json attribution_json(const AttributionResult& result) {
    const Prompt& first = result.prompts.front();
    Json components = Json::array(), prompts = Json::array();
    for (std::size_t i = 0; i < result.components.size(); ++i)
        components.push_back(component_json(result, i));
    for (std::size_t i = 0; i < result.prompts.size(); ++i) {
        const Prompt& prompt = result.prompts[i];
        prompts.push_back({{"question", question_json(prompt.question, *result.model, prompt.tokens)},
                           {"answer", answer_json(result.answers[i])}});
    }
    return {{"model", result.model->spec.name},
            {"family", result.model->spec.family},
            {"tokens", named_tokens_json(first.tokens)},
            {"question", question_json(first.question, *result.model, first.tokens)},
            {"answer", answer_json(result.answers.front())},
            {"num_prompts", result.prompts.size()},
            {"prompts", std::move(prompts)},
            {"total", mean_json(result.total)},
            {"largest_error", result.largest_error},
            {"all_norms_frozen", result.first.all_norms_frozen},
            {"cap_slope", result.first.cap_slope},
            {"components", std::move(components)}};
}

}  // namespace headlight
