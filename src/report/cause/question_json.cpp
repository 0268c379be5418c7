#include "report/cause/question_json.h"

namespace headlight {

Json named_token_json(const ModelInfo& model, std::int32_t id) {
    return {{"id", id}, {"piece", shown_token(model, id)}};
}

Json question_json(const Question& question, const ModelInfo& model, const TokenizedText& tokens) {
    const auto row = static_cast<std::size_t>(question.position);
    return {{"position", question.position},
            {"token", row < tokens.tokens.size() ? Json(tokens.tokens[row].display) : Json(nullptr)},
            {"answer", named_token_json(model, question.answer)},
            {"rival", question.rival ? named_token_json(model, *question.rival) : Json(nullptr)}};
}

Json answer_json(const AnswerMetrics& metrics) {
    return {{"answer_logit", metrics.answer_logit},
            {"rival_logit", metrics.rival_logit},
            {"difference", metrics.difference},
            {"probability", metrics.probability},
            {"kl", metrics.kl}};
}

Json named_tokens_json(const TokenizedText& tokens) {
    Json out = Json::array();
    for (const Token& token : tokens.tokens)
        out.push_back({{"id", token.id}, {"piece", token.display}});
    return out;
}

}  // namespace headlight
