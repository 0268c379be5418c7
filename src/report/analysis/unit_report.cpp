#include "report/analysis/unit_report.h"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"
#include "report/analysis/analysis_parts.h"

namespace headlight {
namespace {

std::vector<float> shown_units(const UnitAttention& units, const ReportScope& scope, int layer) {
    if (!scope.head) return units.mean_of_layer(layer);
    const std::span<const float> head = units.head({layer, *scope.head});
    return {head.begin(), head.end()};
}

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

/// H(W_a) / H(U_a); null where an even head has no spread.
Json normalized_entropies(std::span<const float> entropy, std::span<const float> uniform) {
    Json out = Json::array();
    for (std::size_t i = 0; i < entropy.size(); ++i)
        out.push_back(uniform[i] > 0 ? Json(entropy[i] / uniform[i]) : Json(nullptr));
    return out;
}

}  // namespace

std::string unit_layer_text(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    const UnitAttention& units = *run.units;
    const std::vector<float> weights = shown_units(units, scope, layer);
    const std::span<const float> even = units.uniform_of(layer);
    const std::size_t num_keys = units.keys.size();
    std::string out = fmt::format("Layer {}, {}s:\n", layer, to_string(units.unit));
    for (std::size_t a = 0; a < units.queries.size(); ++a) {
        out += fmt::format("  '{}' attends most to:\n", unit_text(run.queries().tokens, units.queries[a]));
        const std::span<const float> row(weights.data() + a * num_keys, num_keys);
        int rank = 0;
        std::vector<float> sizes;
        for (const float value : row)
            sizes.push_back(std::abs(value));
        for (const KeyWeight& key : top_keys(sizes, {0, static_cast<int>(num_keys)}, scope.top_k)) {
            const auto b = static_cast<std::size_t>(key.key);
            if (even[a * num_keys + b] <= 0) continue;  // the mask allows nothing of it
            // Of other weights than the plain ones an even head says nothing.
            const std::string lift =
                run.shown ? "" : fmt::format(", lift: {:.2f}", key.weight / even[a * num_keys + b]);
            out += fmt::format("    {}. '{}' ({}{})\n", ++rank, unit_text(run.keys().tokens, units.keys[b]),
                               shown_number(run, row[b]), lift);
        }
    }
    return out + "\n";
}

Json units_json(const AnalyzedRun& run, const ReportScope& scope) {
    const UnitAttention& units = *run.units;
    const std::size_t num_rows = units.queries.size(), num_keys = units.keys.size();
    Json out = {{"by", to_string(units.unit)},
                {"units", unit_list(run.queries(), units.queries)},
                {"key_units", unit_list(run.keys(), units.keys)},
                {"layers", Json::array()},
                {"heads", Json::array()}};
    for (const int layer : run.layers(scope)) {
        const auto even =
            std::span(units.uniform_entropy).subspan(static_cast<std::size_t>(layer) * num_rows, num_rows);
        out["layers"].push_back({{"layer", layer},
                                 {"uniform", rows_json(units.uniform_of(layer), num_keys)},
                                 {"uniform_entropy", std::vector<float>(even.begin(), even.end())}});
        for (const int head : run.heads(scope)) {
            const HeadId id{layer, head};
            const auto entropy = std::span(units.entropy).subspan(units.grid.index(id) * num_rows, num_rows);
            out["heads"].push_back(
                {{"layer", layer}, {"head", head}, {"weights", rows_json(units.head(id), num_keys)}});
            if (run.shown) continue;  // entropies are of shares
            out["heads"].back()["entropy"] = std::vector<float>(entropy.begin(), entropy.end());
            out["heads"].back()["entropy_normalized"] = normalized_entropies(entropy, even);
        }
    }
    return out;
}

}  // namespace headlight
