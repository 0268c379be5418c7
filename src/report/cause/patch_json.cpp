#include "report/cause/patch_report.h"
#include "report/cause/question_json.h"

namespace headlight {
namespace {

Json pairs_json(const ModelInfo& model, const std::vector<Prompt>& prompts,
                const std::vector<PatchPair>& pairs) {
    Json out = Json::array();
    for (std::size_t i = 0; i < pairs.size(); ++i)
        out.push_back({{"question", question_json(prompts[i].question, model, prompts[i].tokens)},
                       {"clean_tokens", named_tokens_json(prompts[i].tokens)},
                       {"corrupted_tokens", named_tokens_json(prompts[i].corrupted)},
                       {"clean", answer_json(pairs[i].clean)},
                       {"corrupted", answer_json(pairs[i].corrupted)}});
    return out;
}

/// Adds what a cell or a path gave under `key`.
void add_values(Json& row, const char* key, const std::optional<AnswerMetrics>& metrics,
                const std::optional<PromptMean>& value) {
    row["difference"] = metrics ? Json(metrics->difference) : Json(nullptr);
    row["probability"] = metrics ? Json(metrics->probability) : Json(nullptr);
    row["kl"] = metrics ? Json(metrics->kl) : Json(nullptr);
    row[key] = value ? Json(value->mean) : Json(nullptr);
    row["low"] = value && value->interval ? Json(value->interval->low) : Json(nullptr);
    row["high"] = value && value->interval ? Json(value->interval->high) : Json(nullptr);
}

Json number_or_null(int value) {
    return value < 0 ? Json(nullptr) : Json(value);
}

}  // namespace

Json patch_json(const PatchResult& result) {
    Json sites = Json::array();
    for (const PatchSiteResult& site : result.sites) {
        Json rows = Json::array();
        for (std::size_t i = 0; i < site.cells.size(); ++i) {
            const PatchCell& cell = site.cells[i];
            Json row{{"layer", cell.layer},
                     {"head", number_or_null(cell.head)},
                     {"position", number_or_null(cell.position)}};
            add_values(row, "effect", site.metrics[i], site.effects[i]);
            rows.push_back(std::move(row));
        }
        sites.push_back({{"site", to_string(site.site)},
                         {"direction", to_string(site.direction)},
                         {"chance", {{"median", site.chance.median}, {"p95", site.chance.high}}},
                         {"cells", std::move(rows)}});
    }
    return {{"model", result.model->spec.name},
            {"family", result.model->spec.family},
            {"stopped", result.was_stopped},
            {"pairs", pairs_json(*result.model, result.prompts, result.pairs)},
            {"sites", std::move(sites)}};
}

Json path_json(const PathResult& result) {
    const HeadGrid grid = explained_heads(result.model->spec);
    Json maps = Json::array();
    for (const PathMap& map : result.maps) {
        Json rows = Json::array();
        for (std::size_t i = 0; i < map.metrics.size(); ++i) {
            Json row{{"layer", grid.at(i).layer}, {"head", grid.at(i).head}};
            add_values(row, "destroyed", map.metrics[i], map.destroyed[i]);
            rows.push_back(std::move(row));
        }
        Json receiver;
        if (map.path.receiver)
            receiver = {{"layer", map.path.receiver->layer},
                        {"head", map.path.receiver->head},
                        {"input", to_string(map.path.input)}};
        maps.push_back({{"receiver", std::move(receiver)},
                        {"mlp", map.path.freezes_mlps ? "frozen" : "recompute"},
                        {"senders", std::move(rows)}});
    }
    return {{"model", result.model->spec.name},
            {"family", result.model->spec.family},
            {"stopped", result.was_stopped},
            {"pairs", pairs_json(*result.model, result.prompts, result.pairs)},
            {"paths", std::move(maps)}};
}

}  // namespace headlight
