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
            {"mlp_layers", effect.mlp_layers},
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

Json answer_json(const AnswerMetrics& answer) {
    return {{"answer_logit", answer.answer_logit},
            {"rival_logit", answer.rival_logit},
            {"difference", answer.difference},
            {"probability", answer.probability},
            {"kl", answer.kl}};
}

/// One row a change: of a head, of all heads of a layer (no head), of a feed-forward part (part "mlp").
Json question_rows(const AblateResult& result) {
    Json rows = Json::array();
    for (const AblationEffect& effect : ranked_effects(result)) {
        if (!effect.answer) continue;
        const bool is_mlp = !effect.mlp_layers.empty();
        Json row = {{"layer", is_mlp ? effect.mlp_layers.front() : effect.heads.front().layer},
                    {"head", effect.heads.size() == 1 ? Json(effect.heads.front().head) : Json(nullptr)},
                    {"part", is_mlp                     ? "mlp"
                             : effect.heads.size() == 1 ? "head"
                                                        : "layer"}};
        row.update(answer_json(*effect.answer));
        rows.push_back(std::move(row));
    }
    return rows;
}

Json question_json(const AblateResult& result) {
    const Question& question = *result.question;
    Json out = {{"position", question.position},
                {"answer", question.answer},
                {"rival", question.rival ? Json(*question.rival) : Json(nullptr)},
                {"words", result.question_words}};
    if (!result.effects.empty() && result.effects.front().base_answer)
        out["unchanged"] = answer_json(*result.effects.front().base_answer);
    return out;
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
                 {"metric", to_string(result.metric)},
                 {"effects", std::move(effects)}};
    if (result.question) {
        json["question"] = question_json(result);
        json["rows"] = question_rows(result);
    }
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
