// The matrices between units, with those of an even head.
#include "report/analysis/unit_report.h"

#include "analysis/words/text_units.h"
#include "base/utf8.h"

namespace headlight {
namespace {

Json unit_list(const TokenizedText& text, const std::vector<TokenRange>& units) {
    Json out = Json::array();
    for (const TokenRange& unit : units) {
        out.push_back({{"begin", unit.begin},
                       {"end", unit.end},
                       {"text", utf8::replace_invalid(unit_text(text.tokens, unit))}});
    }
    return out;
}

Json rows_json(std::span<const float> values, std::size_t num_keys) {
    Json rows = Json::array();
    for (std::size_t begin = 0; begin < values.size(); begin += num_keys)
        rows.push_back(std::vector<float>(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                          values.begin() + static_cast<std::ptrdiff_t>(begin + num_keys)));
    return rows;
}

std::vector<float> even_matrix(const AttentionTrace& trace, int layer) {
    std::vector<float> out(static_cast<std::size_t>(trace.num_queries()) *
                           static_cast<std::size_t>(trace.num_keys()));
    trace.even_rows(layer, 0, trace.num_queries(), out);
    return out;
}

/// Entropy of each row, nats.
std::vector<float> entropies(const AttentionTrace& trace, int layer, std::span<const float> matrix) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> out;
    for (int query = 0; query < trace.num_queries(); ++query) {
        const auto row = matrix.subspan(static_cast<std::size_t>(query) * num_keys, num_keys);
        out.push_back(compute_row_stats(row, -1, trace.admissible(layer, query)).entropy);
    }
    return out;
}

/// H(W_a) / H(U_a); null where an even head has no spread.
Json normalized_entropies(std::span<const float> entropy, std::span<const float> uniform) {
    Json out = Json::array();
    for (std::size_t i = 0; i < entropy.size(); ++i)
        out.push_back(uniform[i] > 0 ? Json(entropy[i] / uniform[i]) : Json(nullptr));
    return out;
}

void append(std::vector<float>& to, const std::vector<float>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Json units_json(const AnalyzedRun& run, const ReportScope& scope) {
    const AttentionTrace& trace = run.shown_trace();
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    Json out = {{"by", to_string(run.unit())},
                {"from", to_string(run.units->from)},
                {"units", unit_list(run.token_queries(), run.units->queries)},
                {"key_units", unit_list(run.token_keys(), run.units->keys)},
                {"layers", Json::array()},
                {"heads", Json::array()}};
    for (const int layer : run.layers(scope)) {
        const std::vector<float> even = even_matrix(trace, layer);
        const std::vector<float> even_entropy = entropies(trace, layer, even);
        out["layers"].push_back(
            {{"layer", layer}, {"uniform", rows_json(even, num_keys)}, {"uniform_entropy", even_entropy}});
        for (const int head : run.heads(scope)) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            out["heads"].push_back(
                {{"layer", layer}, {"head", head}, {"weights", rows_json(matrix, num_keys)}});
            if (run.shown) continue;  // entropies are of shares
            const std::vector<float> entropy = entropies(trace, layer, matrix);
            out["heads"].back()["entropy"] = entropy;
            out["heads"].back()["entropy_normalized"] = normalized_entropies(entropy, even_entropy);
        }
    }
    return out;
}

Status check_unit_arrays(const AnalyzedRun& run) {
    constexpr double kMostBytes = 2e9;
    if (!run.units) return {};
    const TraceInfo& info = run.trace->info();
    const double bytes = 4.0 * static_cast<double>(info.grid().size()) * info.num_queries * info.num_keys;
    if (bytes <= kMostBytes) return {};
    return fail(ErrorKind::OutOfMemory,
                "attention between {}s: {} x {} of them in {} heads are {:.1f} GB, the most is {:.0f}; take "
                "larger units or a shorter text",
                to_string(run.unit()), info.num_queries, info.num_keys, info.grid().size(), bytes * 1e-9,
                kMostBytes * 1e-9);
}

std::vector<DumpedArray> unit_arrays(const AnalyzedRun& run) {
    if (!run.units) return {};
    const AttentionTrace& trace = run.shown_trace();
    std::vector<float> weights, uniform, entropy;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        append(uniform, even_matrix(trace, layer));
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            append(weights, matrix);
            append(entropy, entropies(trace, layer, matrix));
        }
    }
    const std::int64_t layers = trace.num_layers(), heads = trace.num_heads(), rows = trace.num_queries(),
                       columns = trace.num_keys();
    const std::string prefix = to_string(run.unit()) + std::string("s.");
    return {{prefix + "raw", {layers, heads, rows, columns}, std::move(weights)},
            {prefix + "uniform", {layers, rows, columns}, std::move(uniform)},
            {prefix + "entropy", {layers, heads, rows}, std::move(entropy)}};
}

}  // namespace headlight
