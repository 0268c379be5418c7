// What each token attends to, layer by layer, then the heads in one table.
#include "report/analysis/analysis_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/analysis/analysis_parts.h"
#include "report/analysis/sink_report.h"
#include "run/cause/shown_run.h"
#include "run/text_tokens.h"

namespace headlight {
namespace {

/// Which text the rows are of, and which the columns.
std::string kind_line(const AnalyzedRun& run) {
    if (!run.spec.has_decoder) return {};
    const auto size = [](const TokenizedText& text) { return text.tokens.size(); };
    return fmt::format("Attention: {} ({} queries of the {}, {} keys of the {})\n", kind_name(run.kind),
                       size(run.queries()), run.kind == AttentionKind::Encoder ? "text" : "decoder's text",
                       size(run.keys()), run.kind == AttentionKind::Decoder ? "decoder's text" : "text");
}

std::string header_text(const AnalyzedRun& run, const ReportScope& scope) {
    const ModelSpec& spec = run.spec;
    const TraceInfo& info = run.trace->info();
    std::string out = fmt::format("Model: {}{}, {} layers x {} heads", spec.name,
                                  spec.family_label.empty() ? "" : " (" + spec.family_label + ")",
                                  info.num_layers, info.num_heads);
    const bool is_grouped = spec.num_kv_heads > 0 && spec.num_kv_heads != spec.num_heads;
    if (is_grouped) out += fmt::format(" ({} kv)", spec.num_kv_heads);
    if (spec.num_parameters > 0) {
        out += fmt::format(", {} parameters, weights {}, computed in {}", spec.num_parameters, spec.dtype,
                           spec.compute_dtype);
        if (spec.device != kProcessor && !spec.device.empty()) out += " on " + spec.device;
    }
    out += "\n" + kind_line(run);
    out += fmt::format("Tokens: {}, ", run.tokens.tokens.size());
    if (const std::string beyond = beyond_words(spec, run.tokens.tokens.size()); !beyond.empty())
        out += beyond + "; ";
    out += run.run_ms > 0 ? fmt::format("run in {:.0f} ms; ", run.run_ms) : "measured before; ";
    out += info.has_sink ? "the rest of a row goes to a learned sink outside the text\n"
                         : fmt::format("rows sum to 1 within {:.0e}\n", run.analysis.max_row_sum_error);
    for (const int layer : info.absent_layers)
        out += fmt::format("Layer {} has no softmax attention.\n", layer);
    const std::string weights = scope.head
                                    ? fmt::format("head {}", *scope.head)
                                    : fmt::format("mean over the {} heads of the layer", info.num_heads);
    out += fmt::format("Weights below: {}\n", weights);
    if (run.units) {
        out += fmt::format(
            "Between {0}s ({1}): to a {0} the sum, from a {0} {2}{3}\n", to_string(run.unit()),
            run.queries().tokens.size(),
            run.units->from == FromGroup::Last ? "the row of its last token" : "the mean over its tokens",
            run.shown ? "" : "; lift over a head that spreads evenly over tokens");
    }
    if (run.shown) out += fmt::format("Shown: {}\n", shown_weights_words(run));
    out += "\n";
    return out;
}

std::string layer_text(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    const auto &queries = run.queries().tokens, &keys = run.keys().tokens;
    fmt::memory_buffer out;
    const auto to = std::back_inserter(out);
    const std::string resting = run.shown ? std::string() : resting_line(run, scope, layer);
    const bool has_lift = run.units && !run.shown;  // of other weights an even head says nothing
    std::vector<float> even(has_lift ? static_cast<std::size_t>(run.trace->num_keys()) : 0);
    fmt::format_to(to, "Layer {}{}:\n{}", layer, run.units ? fmt::format(", {}s", to_string(run.unit())) : "",
                   resting);
    for_each_row(run, report_heads(run, scope, layer), [&](int query, std::span<const float> row) {
        fmt::format_to(to, "  '{}' attends most to:\n", queries[static_cast<std::size_t>(query)].display);
        int rank = 0;
        const std::vector<KeyWeight> listed = report_keys(run, row, layer, query, scope.top_k);
        if (has_lift) run.trace->even_rows(layer, query, query + 1, even);
        for (const KeyWeight& key : listed) {
            const auto column = static_cast<std::size_t>(key.key);
            const std::string lift =
                has_lift ? fmt::format(", lift: {:.2f}", key.weight / even[column]) : std::string();
            fmt::format_to(to, "    {}. '{}' ({}{})\n", ++rank, keys[column].display,
                           shown_number(run, key.weight), lift);
        }
        if (listed.empty() && run.shown) fmt::format_to(to, "    nothing is left of this row: it rests\n");
        if (!resting.empty()) fmt::format_to(to, "{}", rest_of_row(run, scope, layer, query, row));
    });
    fmt::format_to(to, "\n");
    return fmt::to_string(out);
}

struct MetricColumn {
    const char* metric;
    const char* head;
    int decimals;
};
constexpr MetricColumn kMetricColumns[] = {
    {"entropy", "entropy", 2},         {"entropy_normalized", "/uniform", 2},
    {"effective_keys", "eff.keys", 1}, {"row_spread", "spread", 2},
    {"max_weight", "max", 2},          {"first_token_mass", "first", 2},
    {"previous_mass", "previous", 2},  {"self_mass", "self", 2},
    {"mean_distance", "distance", 1}};
constexpr MetricColumn kPairColumns[] = {
    {"a_to_a", "A→A", 2}, {"a_to_b", "A→B", 2}, {"b_to_a", "B→A", 2}, {"b_to_b", "B→B", 2}};

std::vector<MetricColumn> metric_columns(const AnalyzedRun& run) {
    std::vector<MetricColumn> out(std::begin(kMetricColumns), std::end(kMetricColumns));
    if (run.queries().is_pair()) out.insert(out.end(), std::begin(kPairColumns), std::end(kPairColumns));
    return out;
}

std::string metric_cells(const AnalyzedRun& run, const std::vector<MetricValue>& metrics) {
    std::string out;
    for (const MetricColumn& column : metric_columns(run)) {
        std::optional<double> value;
        for (const MetricValue& metric : metrics) {
            if (metric.metric->id == std::string_view(column.metric)) value = metric.value;
        }
        out += value ? fmt::format("{:>10.{}f}", *value, column.decimals) : fmt::format("{:>10}", "n/a");
    }
    return out;
}

/// Tags that the random-repeat probe found; content detectors mean more there than on one text.
std::string probe_summary(const AnalyzedRun& run, HeadId id) {
    if (run.probe.empty()) return {};
    std::string out;
    for (const ProbeScore& score : run.probe[run.head_index(id)]) {
        if (!score.is_tagged || score.detector->kind != DetectorKind::Content) continue;
        out +=
            fmt::format("{}{} {:.2f} (probe)", out.empty() ? "" : ", ", score.detector->label, score.score);
    }
    return out;
}

std::string head_table(const AnalyzedRun& run, const ReportScope& scope) {
    std::string out = fmt::format(
        "Heads: entropy in nats, /uniform = entropy over {}, distance in {}s; tags on this text\n",
        run.units ? "that of an even head" : "ln(keys)", to_string(run.unit()));
    const TokenizedText& queries = run.queries();
    if (queries.is_pair())
        out += fmt::format(
            "Sentence A: {0}s 0 to {1}, B: {2} to {3}; A→B: what A's {0}s give to B's, their mean\n",
            to_string(run.unit()), queries.second_token - 1, queries.second_token, queries.tokens.size() - 1);
    out += fmt::format("{:<9}", "head");
    for (const MetricColumn& column : metric_columns(run))
        out += fmt::format("{:>10}", column.head);
    out += "  tags (score)\n";
    for (const int layer : run.layers(scope)) {
        for (const int head : run.heads(scope)) {
            const HeadId id{layer, head};
            std::string tags = tag_summary(run, id);
            if (const std::string probe = probe_summary(run, id); !probe.empty())
                tags += (tags.empty() ? "" : ", ") + probe;
            out +=
                fmt::format("{:<9}{}{}{}\n", id.to_string(), metric_cells(run, run.analysis.head(id).metrics),
                            tags.empty() ? "" : "  ", tags);
        }
    }
    if (!scope.layer && !scope.head) {
        out += fmt::format("{:<9}{}\n", "all heads", metric_cells(run, run.analysis.model));
    }
    return out + "\n";
}

std::string flow_text(const AnalyzedRun& run, const ReportScope& scope) {
    if (run.kind == AttentionKind::Cross) return {};  // between two texts there is no self and no previous
    if (run.analysis.flow.empty() || !run.analysis.flow.front().is_valid)
        return in_units("Flow across layers: not defined for fewer than 3 tokens\n\n", run.unit());
    std::string out =
        in_units("Flow across layers (mean over heads and queries from token 2 on):\n", run.unit());
    out += fmt::format("{:<9}{:>10}{:>10}{:>10}{:>10}\n", "layer", "self", "previous", "first", "other");
    const auto line = [](const std::string& name, const FlowShares& s) {
        return fmt::format("{:<9}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}\n", name, s.self, s.previous, s.first,
                           s.other);
    };
    for (const int layer : run.layers(scope)) {
        out += line(std::to_string(layer), run.analysis.flow[static_cast<std::size_t>(layer)]);
    }
    if (run.analysis.uniform_flow.is_valid) out += line("uniform", run.analysis.uniform_flow);
    return out + "\n";
}

/// Rows of the logits by position: those that were asked for, or all in order.
std::int64_t logit_row(const RunResult& run, int position) {
    const bool has_list = run.logit_positions.size() == static_cast<std::size_t>(run.logits.rows);
    if (!has_list) return position < run.logits.rows ? position : -1;
    const auto found = std::find(run.logit_positions.begin(), run.logit_positions.end(), position);
    return found == run.logit_positions.end() ? -1 : found - run.logit_positions.begin();
}

std::string predictions_text(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer) {
    if (run.spec.prediction == Prediction::None)
        return "Predictions: none; there is no language-model head.\n";
    const bool is_masked = run.spec.prediction == Prediction::MaskedToken;
    const std::vector<int> positions = predicted_positions(run.spec, run.predicting(), tokenizer);
    if (is_masked && positions.empty()) {
        return "Predictions: this model predicts masked tokens, and the text masks none; write its mask "
               "token "
               "(such as [MASK]) where a token is to be predicted.\n";
    }
    std::string out;
    for (const int position : positions) {
        const std::int64_t row = logit_row(run.run, position);
        if (row < 0) continue;
        out += is_masked ? fmt::format("Masked token at position {}:\n", position)
                         : fmt::format("Next token after '{}':\n",
                                       run.predicting().tokens[static_cast<std::size_t>(position)].display);
        int rank = 0;
        for (const TokenPrediction& prediction : top_predictions(run.run.logits.row(row), scope.top_k)) {
            std::string name = fmt::format("#{}", prediction.id);
            if (tokenizer != nullptr) {
                if (const auto token = tokenizer->token(prediction.id)) name = token->display;
            }
            out += fmt::format("    {}. '{}' (probability: {:.3f})\n", ++rank, name, prediction.probability);
        }
    }
    return out;
}

}  // namespace

void analysis_text(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer,
                   const std::function<void(std::string_view)>& write) {
    write(header_text(run, scope));
    for (const int layer : run.layers(scope))
        write(layer_text(run, scope, layer));
    write(head_table(run, scope));
    write(flow_text(run, scope));
    write(predictions_text(run, scope, tokenizer));
}

}  // namespace headlight
