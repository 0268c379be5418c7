#include "app/remote/remote_state.h"

#include <cmath>

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostCells = std::uint64_t{1} << 26;  // 8,192 tokens

json number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? json(*value) : json(nullptr);
}

json tokens_json(const TokenizedText& text) {
    json out = json::array();
    for (const Token& token : text.tokens)
        out.push_back({{"id", token.id}, {"piece", token.piece}, {"display", token.display}});
    return out;
}

json metrics_json(const std::vector<MetricValue>& metrics) {
    json out = json::object();
    for (const MetricValue& metric : metrics)
        out[metric.metric->id] = number(metric.value);
    return out;
}

json heads_json(const TextAnalysis& analysis) {
    json out = json::array();
    for (const HeadAnalysis& head : analysis.heads) {
        json tags = json::array();
        for (const Tag& tag : head.tags) {
            if (tag.score.is_tagged) tags.push_back(tag.detector->id);
        }
        out.push_back({{"layer", head.id.layer},
                       {"head", head.id.head},
                       {"metrics", metrics_json(head.metrics)},
                       {"tags", std::move(tags)}});
    }
    return out;
}

json model_json(const ModelInfo& model) {
    const ModelSpec& spec = model.spec;
    return {{"name", spec.name},       {"family", spec.family}, {"layers", spec.num_layers},
            {"heads", spec.num_heads}, {"dtype", spec.dtype},   {"path", spec.path},
            {"is_live", model.is_live}};
}

json selection_json(const Selection& selection) {
    return {{"layer", selection.head.layer},
            {"head", selection.head.head},
            {"query", selection.query},
            {"key", selection.key}};
}

json text_or_null(const std::string& text) {
    return text.empty() ? json(nullptr) : json(text);
}

/// What could not be done and still holds; null: nothing.
json problems_json(const Snapshot& now) {
    std::string open;
    if (const auto& error = now.open_error)
        open = error->text + (error->details.empty() ? "" : "\n") + error->details;
    return {{"open", text_or_null(open)},
            {"text", text_or_null(now.text_problem ? now.text_problem->reason : std::string())},
            {"ablation", text_or_null(now.ablation_error)},
            {"job", text_or_null(now.job.state == JobStatus::State::Failed ? now.job.title : std::string())}};
}

int asked_number(const json& header, const char* key) {
    const auto found = header.find(key);
    return found != header.end() && found->is_number_integer() ? found->get<int>() : -1;
}

Result<TracePtr> trace_of_kind(const Snapshot& now, const json& header) {
    if (!now.text || !now.text->trace) return fail(ErrorKind::Missing, "the window shows no attention");
    const std::string kind = text_of(header, "kind").value_or("");
    if (kind.empty()) return now.text->trace;
    for (const auto& text : now.kinds) {
        if (text->trace && kind == kind_name(text->kind())) return text->trace;
    }
    if (kind == kind_name(now.text->kind())) return now.text->trace;
    return fail(ErrorKind::Missing, "the shown run has no {} attention", kind.substr(0, 20));
}

}  // namespace

json remote_state(const Snapshot& now) {
    json out = {{"model", now.model ? model_json(*now.model) : json(nullptr)},
                {"problems", problems_json(now)}};
    if (!now.text || !now.text->trace) return out;
    const AnalyzedText& text = *now.text;
    json kinds = json::array();
    for (const auto& kind : now.kinds)
        kinds.push_back(kind_name(kind->kind()));
    if (kinds.empty()) kinds.push_back(kind_name(text.kind()));
    const bool is_cross = text.kind() == AttentionKind::Cross;
    out["text"] = text.tokens.text;
    if (text.tokens.is_pair()) {
        out["text_pair"] = text.tokens.second_text();
        out["second_token"] = text.tokens.second_token;
    }
    out["tokens"] = tokens_json(text.tokens);
    if (is_cross) out["key_tokens"] = tokens_json(text.keys());
    out["kind"] = kind_name(text.kind());
    out["kinds"] = std::move(kinds);
    out["layers"] = text.trace->num_layers();
    out["heads_per_layer"] = text.trace->num_heads();
    out["unit"] = now.unit() == TextUnit::Token ? "token" : "group";
    out["selection"] = selection_json(now.selection);
    out["metrics"] = metrics_json(text.analysis.model);
    out["heads"] = heads_json(text.analysis);
    out["max_row_sum_error"] = text.analysis.max_row_sum_error;
    return out;
}

Result<RemoteReply::Give> remote_attention(const Snapshot& now, const json& header) {
    HEADLIGHT_TRY(const TracePtr trace, trace_of_kind(now, header));
    const int layer = asked_number(header, "layer"), head = asked_number(header, "head");
    if (layer < 0 || layer >= trace->num_layers() || head < 0 || head >= trace->num_heads()) {
        return fail(ErrorKind::InvalidInput,
                    "there is no head {} in layer {}; the shown run has {} layers with {} heads", head, layer,
                    trace->num_layers(), trace->num_heads());
    }
    const int queries = trace->num_queries(), keys = trace->num_keys();
    const std::uint64_t cells = static_cast<std::uint64_t>(queries) * static_cast<std::uint64_t>(keys);
    if (cells > kMostCells)
        return fail(ErrorKind::InvalidInput, "one head has {} x {} weights; at most {} are sent", queries,
                    keys, kMostCells);
    return [=] {
        RemoteAnswer out;
        out.header = {{"ok", true}, {"dtype", "F32"}, {"shape", {queries, keys}}};
        std::vector<float> rows(cells);
        trace->rows(layer, head, 0, queries, rows);
        out.payload.assign(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(float));
        return out;
    };
}

}  // namespace headlight
