// Effects, predictions and tokens of an ablation as JSON.
#include "report/ablation/ablation_json.h"

#include <cmath>

#include "report/ablation/effects.h"

namespace headlight {
namespace {

Json effect_json(const AblationEffect& effect) {
    Json heads = Json::array();
    for (const HeadId head : effect.heads)
        heads.push_back({{"layer", head.layer}, {"head", head.head}});
    const auto exponent = [](const std::optional<double>& loss) {
        return loss ? std::optional(std::exp(*loss)) : std::nullopt;
    };
    return {{"heads", std::move(heads)},
            {"mode", to_string(effect.mode)},
            {"base_loss", json_number(known(effect.base_loss))},
            {"loss", json_number(known(effect.loss))},
            {"base_perplexity", json_number(exponent(known(effect.base_loss)))},
            {"perplexity", json_number(exponent(known(effect.loss)))},
            {"delta", json_number(known(effect.delta))},
            {"low", json_number(effect.low)},
            {"high", json_number(effect.high)},
            {"worse_share", json_number(known(effect.worse_share))},
            {"kl", json_number(effect.mean_kl)},
            {"tvd", json_number(effect.mean_tvd)},
            {"tokens", effect.num_tokens}};
}

Json answers_json(const std::vector<AblatedPrediction>& list) {
    Json out = Json::array();
    for (const AblatedPrediction& one : list)
        out.push_back({{"id", one.id}, {"piece", one.piece}, {"probability", one.probability}});
    return out;
}

}  // namespace

Json ablation_json(const AblateResult& result) {
    Json effects = Json::array();
    for (const AblationEffect& effect : ranked_effects(result))
        effects.push_back(effect_json(effect));
    Json json = {{"model",
                  {{"name", result.spec.name},
                   {"family", result.spec.family},
                   {"layers", result.spec.num_layers},
                   {"heads", result.spec.num_heads}}},
                 {"text", result.text_name},
                 {"texts", result.texts.size()},
                 {"mode", to_string(result.mode)},
                 {"title", result.title},
                 {"interval_over", result.texts.size() > 1 ? "texts" : "tokens"},
                 {"effects", std::move(effects)}};
    if (result.is_sweep) {
        json["stopped"] = result.was_stopped;
        json["wanted"] = result.num_wanted;
        return json;
    }
    json["query"] = result.query ? Json(*result.query) : Json(nullptr);
    json["before"] = answers_json(result.before);
    json["after"] = answers_json(result.after);
    Json tokens = Json::array();
    for (const AblatedToken& token : result.tokens) {
        tokens.push_back({{"id", token.id},
                          {"piece", token.display},
                          {"base_loss", json_number(token.base_loss)},
                          {"loss", json_number(token.loss)},
                          {"kl", json_number(token.kl)}});
    }
    if (!tokens.empty()) json["tokens"] = std::move(tokens);
    return json;
}

}  // namespace headlight
