// Names and shape are fixed, scripts outside read them.
#include "report/analysis/analysis_json.h"

#include "base/utf8.h"
#include "report/analysis/analysis_parts.h"
#include "report/analysis/sink_report.h"
#include "report/analysis/unit_report.h"
#include "report/token_offsets.h"
#include "run/text_tokens.h"

namespace headlight {
namespace {

const char* prediction_name(Prediction prediction) {
    if (prediction == Prediction::None) return "none";
    return prediction == Prediction::MaskedToken ? "masked_token" : "next_token";
}

Json model_json(const ModelSpec& spec) {
    Json out = {{"name", spec.name},
                {"family", spec.family},
                {"layers", spec.num_layers},
                {"heads", spec.num_heads},
                {"kv_heads", spec.num_kv_heads},
                {"head_dim", spec.head_dim},
                {"hidden_size", spec.hidden_size},
                {"vocab_size", spec.vocab_size},
                {"parameters", spec.num_parameters},
                {"dtype", spec.dtype},
                {"compute_dtype", spec.compute_dtype},
                {"device", spec.device},
                {"random_weights", spec.has_random_weights},
                {"prediction", prediction_name(spec.prediction)}};
    if (spec.has_decoder) {
        out["decoder_layers"] = spec.num_decoder_layers;
        out["decoder_heads"] = spec.num_decoder_heads;
    }
    return out;
}

Json tokens_json(const TokenizedText& text) {
    const CodePointOffsets offsets(text.text);
    Json out = Json::array();
    for (const Token& token : text.tokens) {
        const auto [begin, end] = offsets.of(token);
        out.push_back({{"id", token.id},
                       {"piece", token.piece},
                       {"display", token.display},
                       {"begin", begin},
                       {"end", end},
                       {"special", token.is_special}});
        if (text.is_pair()) out.back()["segment"] = token.segment;
    }
    return out;
}

/// Top keys of every query, of the mean of heads of one layer.
Json top_keys_json(const AnalyzedRun& run, const std::vector<HeadId>& heads, int k) {
    Json rows = Json::array();
    const int layer = heads.front().layer;
    for_each_row(run, heads, [&](int query, std::span<const float> weights) {
        Json row = Json::array();
        for (const KeyWeight& key : report_keys(run, weights, layer, query, k)) {
            row.push_back({{"key", key.key}, {"weight", key.weight}});
        }
        rows.push_back(std::move(row));
    });
    return rows;
}

Json tags_json(const std::vector<Tag>& tags) {
    Json out = Json::array();
    for (const Tag& tag : tags) {
        const DetectorScore& s = tag.score;
        out.push_back({{"id", tag.detector->id},
                       {"score", json_number(s.score)},
                       {"null", json_number(s.null)},
                       {"lift", json_number(s.lift)},
                       {"kappa", json_number(s.kappa)},
                       {"argmax_rate", json_number(s.argmax_rate)},
                       {"tagged", s.is_tagged},
                       {"rows", s.num_rows},
                       {"p", json_number(s.p)},
                       {"q", json_number(s.q)},
                       {"reason", s.reason}});
    }
    return out;
}

Json probe_json(const std::vector<ProbeScore>& scores) {
    Json out = Json::array();
    for (const ProbeScore& s : scores) {
        out.push_back({{"id", s.detector->id},
                       {"score", s.score},
                       {"null", s.null},
                       {"lift", s.lift},
                       {"kappa", s.kappa},
                       {"argmax_rate", s.argmax_rate},
                       {"p_value", s.p_value},
                       {"consistency", s.consistency},
                       {"sequences", s.num_sequences},
                       {"tagged", s.is_tagged}});
    }
    return out;
}

Json head_json(const AnalyzedRun& run, const ReportScope& scope, HeadId id) {
    Json metrics = Json::object();
    const HeadAnalysis& head = run.analysis.head(id);
    for (const MetricValue& metric : head.metrics)
        metrics[metric.metric->id] = json_number(metric.value);
    if (!run.weights.empty()) {
        for (const MetricValue& metric : run.weights[run.head_index(id)])
            metrics[metric.metric->id] = json_number(metric.value);
    }
    Json out = {{"layer", id.layer},
                {"head", id.head},
                {"metrics", std::move(metrics)},
                {"tags", tags_json(head.tags)}};
    if (!run.probe.empty()) out["probe"] = probe_json(run.probe[run.head_index(id)]);
    out["top_keys"] = top_keys_json(run, {id}, scope.top_k);
    return out;
}

Json flow_json(const FlowShares& shares) {
    if (!shares.is_valid)
        return {{"self", nullptr}, {"previous", nullptr}, {"first", nullptr}, {"other", nullptr}};
    return {{"self", shares.self},
            {"previous", shares.previous},
            {"first", shares.first},
            {"other", shares.other}};
}

Json predictions_json(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer) {
    Json out = Json::array();
    for (std::int64_t r = 0; r < run.run.logits.rows; ++r) {
        // Without a list of positions the rows are all queries in order.
        const bool has_list = run.run.logit_positions.size() == static_cast<std::size_t>(run.run.logits.rows);
        const auto query =
            has_list ? run.run.logit_positions[static_cast<std::size_t>(r)] : static_cast<int>(r);
        Json top = Json::array();
        for (const TokenPrediction& p : top_predictions(run.run.logits.row(r), scope.top_k)) {
            Json piece = nullptr;
            if (tokenizer != nullptr) {
                if (const auto token = tokenizer->token(p.id)) piece = token->piece;
            }
            top.push_back({{"id", p.id}, {"piece", std::move(piece)}, {"probability", p.probability}});
        }
        out.push_back({{"query", query}, {"top", std::move(top)}});
    }
    return out;
}

}  // namespace

Json analysis_json(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer) {
    Json out;
    out["model"] = model_json(run.spec);
    out["text"] = utf8::replace_invalid(run.tokens.text);
    if (run.spec.has_decoder) out["decoder_text"] = utf8::replace_invalid(run.decoder_tokens.text);
    if (run.tokens.is_pair()) {  // `text` holds both, a line feed between them, as offsets count
        out["text_pair"] = utf8::replace_invalid(run.tokens.second_text());
        out["second_token"] = run.tokens.second_token;
    }
    out["attention"] = kind_name(run.kind);
    out["weights"] = to_string(run.shown ? run.shown->weights() : WeightsShown::Raw);
    // Rows of the weights are these, columns too unless there are key_tokens. With "units" rows and columns
    // are those, and metrics, tags and keys are of them.
    if (!beyond_words(run.spec, run.tokens.tokens.size()).empty()) out["beyond_trained"] = true;
    out["tokens"] = tokens_json(run.token_queries());
    if (run.kind == AttentionKind::Cross) out["key_tokens"] = tokens_json(run.token_keys());
    Json metrics = Json::object();
    for (const auto& [name, value] :
         document_metrics(run.analysis, run.weights, run.trace->num_layers(), run.trace->num_heads())) {
        metrics[name] = json_number(value);
    }
    out["metrics"] = std::move(metrics);
    Json heads = Json::array(), layers = Json::array(), flow = Json::array();
    for (const int layer : run.layers(scope)) {
        for (const int head : run.heads(scope))
            heads.push_back(head_json(run, scope, {layer, head}));
        layers.push_back({{"layer", layer},
                          {"resting_heads", num_resting_heads(run, {}, layer)},
                          {"top_keys", top_keys_json(run, report_heads(run, scope, layer), scope.top_k)}});
    }
    for (std::size_t layer = 0; layer < run.analysis.flow.size(); ++layer) {
        Json shares = {{"layer", layer}};
        shares.update(flow_json(run.analysis.flow[layer]));
        flow.push_back(std::move(shares));
    }
    out["layers"] = std::move(layers);
    out["heads"] = std::move(heads);
    out["flow"] = std::move(flow);
    out["uniform_flow"] = flow_json(run.analysis.uniform_flow);
    if (run.units) out["units"] = units_json(run, scope);
    out["predictions"] = predictions_json(run, scope, tokenizer);
    out["has_sink"] = run.trace->info().has_sink;
    out["absent_layers"] = run.trace->info().absent_layers;
    out["row_sum_error"] = run.analysis.max_row_sum_error;
    out["invalid_rows"] = run.analysis.num_invalid_rows;
    return out;
}

}  // namespace headlight
