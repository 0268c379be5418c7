// Small attentions of every shape that a page may have, for its tests in C++ and in a browser.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "core/dense_trace.h"
#include "publish/page/page_content.h"

namespace headlight::test {

/// What a page must show as text and nothing else.
inline std::vector<std::string> hostile_tokens() {
    return {"</script><img src=x onerror=\"window.taken=1\">",
            "<!--<script>window.taken=1</script>",
            "&lt;b&gt;",
            std::string("a\0b", 3),
            "\u202Eevil\u202C",
            "\u05E9\u05DC\u05D5\u05DD",
            "\U0001F9D1\u200D\U0001F680",
            "\"'`${window.taken=1}",
            "\xFF\xFE",
            std::string(300, 'w')};
}

inline TokenizedText tokens_of(const std::vector<std::string>& words) {
    TokenizedText out;
    for (const std::string& word : words)
        out.tokens.push_back({static_cast<std::int32_t>(out.tokens.size()), word, word, 0, 0, false});
    return out;
}
inline TokenizedText numbered_tokens(int count) {
    std::vector<std::string> words;
    for (int i = 0; i < count; ++i)
        words.push_back("·w" + std::to_string(i % 7));
    return tokens_of(words);
}

/// Rows that look like attention: a peak that moves, a share for the first key, a tail; `row_sum` in all.
inline TracePtr sample_trace(TraceInfo info, double row_sum = 1) {
    const auto mask = make_dense_trace(
        info, std::vector<float>(info.grid().size() * static_cast<std::size_t>(info.num_queries) *
                                 static_cast<std::size_t>(info.num_keys)));
    std::vector<float> weights;
    for (int layer = 0; layer < info.num_layers; ++layer) {
        for (int head = 0; head < info.num_heads; ++head) {
            for (int query = 0; query < info.num_queries; ++query) {
                const KeyRange range = mask->admissible(layer, query);
                std::vector<double> row(static_cast<std::size_t>(info.num_keys));
                double sum = 0;
                for (int key = range.begin; key < range.end; ++key) {
                    const double wave =
                        std::sin(1.7 * key + 0.9 * query + layer) + std::cos(0.3 * key * (head + 1));
                    const double place = key == 0 ? 1.5 * head : -0.4 * std::abs(query - head - key);
                    sum += row[static_cast<std::size_t>(key)] = std::exp(wave + std::max(place, -6.0));
                }
                for (const double value : row)
                    weights.push_back(sum > 0 ? static_cast<float>(row_sum * value / sum) : 0.0f);
            }
        }
    }
    return make_dense_trace(info, std::move(weights));
}

inline TraceInfo sample_info(int layers, int heads, int queries, int keys, bool is_causal) {
    TraceInfo info;
    info.num_layers = layers;
    info.num_heads = heads;
    info.num_queries = queries;
    info.num_keys = keys;
    info.is_causal = is_causal;
    info.source = "measured";
    return info;
}

inline PageContent sample_content(TracePtr trace, TokenizedText queries, const std::string& name) {
    auto text = std::make_shared<AnalyzedText>();
    text->tokens = std::move(queries);
    if (trace->info().kind == AttentionKind::Cross)
        text->key_tokens = std::make_shared<const TokenizedText>(numbered_tokens(trace->num_keys()));
    text->trace = trace;
    text->analysis = *analyze_text(*trace, text->tokens.tokens, text->key_sets, {});
    PageContent out;
    out.spec.name = name;
    out.spec.num_layers = trace->num_layers();
    out.spec.num_heads = trace->num_heads();
    out.spec.has_decoder = trace->info().kind == AttentionKind::Cross;
    out.text = std::move(text);
    return out;
}

struct SamplePage {
    std::string name;
    PageContent content;
};

inline WeightedPtr sample_effects(const TracePtr& trace) {
    auto factors = std::make_shared<CellFactors>();
    const auto heads = static_cast<std::int64_t>(trace->grid().size());
    factors->key = Matrix(heads, trace->num_keys());
    for (std::size_t i = 0; i < factors->key.values.size(); ++i)
        factors->key.values[i] = static_cast<float>(3 * std::sin(0.7 * static_cast<double>(i)));
    factors->unit = "logits";
    return WeightedTrace::with_factors(trace, WeightsShown::Effect, factors);
}

inline std::vector<SamplePage> sample_pages() {
    std::vector<SamplePage> out;
    const auto add = [&](const std::string& name, TracePtr trace, TokenizedText queries) -> PageContent& {
        out.push_back({name, sample_content(std::move(trace), std::move(queries), name)});
        return out.back().content;
    };
    PageContent& hostile =
        add("hostile", sample_trace(sample_info(2, 3, 10, 10, true)), tokens_of(hostile_tokens()));
    hostile.spec.name = hostile.spec.family = hostile_tokens()[0];
    hostile.notes = hostile_tokens();
    hostile.predictions = {{9, {{1, 0.75}, {2, 0.125}}, {hostile_tokens()[0], hostile_tokens()[4]}}};
    TraceInfo cross = sample_info(2, 4, 5, 9, false);
    cross.kind = AttentionKind::Cross;
    add("cross", sample_trace(cross), numbered_tokens(5));
    TraceInfo windows = sample_info(3, 2, 14, 14, false);
    windows.window = {0, 3, 0};
    windows.absent_layers = {2};
    add("windows", sample_trace(windows), numbered_tokens(14));
    add("one", sample_trace(sample_info(1, 1, 1, 1, true)), numbered_tokens(1));
    TraceInfo learned = sample_info(1, 2, 8, 8, true);
    learned.has_sink = true;
    learned.window = {4};
    add("learned_sink", sample_trace(learned, 0.6), numbered_tokens(8));
    PageContent& rest = add("no_sink", sample_trace(sample_info(2, 4, 12, 12, true)), numbered_tokens(12));
    std::vector<bool> is_sink(12);
    is_sink[0] = true;
    rest.shown = WeightedTrace::without_sink(rest.text->trace, is_sink);
    PageContent& effects = add("effects", sample_trace(sample_info(2, 2, 12, 12, true)), numbered_tokens(12));
    effects.shown = sample_effects(effects.text->trace);
    effects.shown_question = "·Mary − ·John";
    // Long enough for one code a cell.
    add("long", sample_trace(sample_info(2, 7, 480, 480, true)), numbered_tokens(480));
    TraceInfo long_sink = sample_info(2, 7, 480, 480, true);
    long_sink.has_sink = true;
    add("long_learned_sink", sample_trace(long_sink, 0.8), numbered_tokens(480));
    PageContent& long_effects =
        add("long_effects", out[out.size() - 2].content.text->trace, numbered_tokens(480));
    long_effects.shown = sample_effects(long_effects.text->trace);
    return out;
}

}  // namespace headlight::test
