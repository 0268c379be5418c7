#include "report/cause/question_json.h"
#include "report/dilute/dilution_report.h"

namespace headlight {
namespace {

Json row_json(const DilutionExperiment& experiment, const DilutionLength& length, HeadId head,
              const DilutionPoint& point) {
    Json row = {{"experiment", to_string(experiment.place)},
                {"length", length.length},
                {"layer", head.layer},
                {"head", head.head}};
    for (const DilutionKindInfo& kind : kDilutionKinds) {
        const std::string id = kind.id;
        row[id] = json_number(point.mean[kind.kind]);
        row[id + "_null"] = json_number(point.null[kind.kind]);
        row[id + "_sd"] = json_number(point.deviation[kind.kind]);
    }
    return row;
}

Json held_json(const DilutionResult& result, const DilutionExperiment& experiment) {
    Json out = Json::array();
    for (const RankedHead& one : ranked_heads(result, experiment)) {
        out.push_back({{"experiment", to_string(experiment.place)},
                       {"layer", one.head.layer},
                       {"head", one.head.head},
                       {"verdict", to_string(one.change.hold())},
                       {"fact_short", one.change.mass_short},
                       {"fact_long", one.change.mass_long},
                       {"lift_short", json_number(one.change.lift_short())},
                       {"lift_long", json_number(one.change.lift_long())}});
    }
    return out;
}

}  // namespace

Json dilution_json(const DilutionResult& result) {
    Json rows = Json::array(), losses = Json::array(), heads = Json::array(), places = Json::array();
    for (const DilutionExperiment& experiment : result.experiments) {
        places.push_back({{"id", to_string(experiment.place)}, {"words", describe(experiment.place)}});
        for (const DilutionLength& length : experiment.lengths) {
            losses.push_back({{"experiment", to_string(experiment.place)},
                              {"length", length.length},
                              {"loss", json_number(length.loss)},
                              {"loss_sd", json_number(length.loss_deviation)},
                              {"beyond_trained", length.is_beyond}});
            for (std::size_t i = 0; i < length.heads.size(); ++i)
                rows.push_back(row_json(experiment, length, result.grid.at(i), length.heads[i]));
        }
        for (Json& head : held_json(result, experiment))
            heads.push_back(std::move(head));
    }
    return {{"model",
             {{"name", result.spec.name},
              {"family", result.spec.family},
              {"layers", result.spec.num_layers},
              {"heads", result.spec.num_heads}}},
            {"target", named_tokens_json(result.target)},
            {"fact", named_tokens_json(result.fact)},
            {"experiments", std::move(places)},
            {"fillers", result.num_slices},
            {"last_keys", result.last},
            {"trained_length", result.trained_length > 0 ? Json(result.trained_length) : Json(nullptr)},
            {"begin_token", result.has_begin},
            {"rule", fact_hold_rule()},
            {"notes", result.notes},
            {"losses", std::move(losses)},
            {"heads", std::move(heads)},
            {"rows", std::move(rows)}};
}

}  // namespace headlight
