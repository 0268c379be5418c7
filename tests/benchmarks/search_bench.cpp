// A search over all heads of a model the size of SmolLM2-135M at 512 tokens: milliseconds after a stroke, and
// until every null is there.
#include <fmt/format.h>

#include <cstdio>

#include "analysis/search/drawing.h"
#include "analysis/search/search.h"
#include "analysis/search/token_rule.h"
#include "base/stopwatch.h"
#include "core/dense_trace.h"

namespace {

using namespace headlight;

constexpr int kSearchLayers = 30, kSearchHeads = 9, kSearchTokens = 512;

TracePtr random_trace() {
    TraceInfo info;
    info.num_layers = kSearchLayers;
    info.num_heads = kSearchHeads;
    info.num_queries = info.num_keys = kSearchTokens;
    std::vector<float> weights;
    std::uint32_t state = 1;
    for (int row = 0; row < kSearchLayers * kSearchHeads * kSearchTokens; ++row) {
        const int query = row % kSearchTokens;
        const std::size_t begin = weights.size();
        float sum = 0;
        for (int key = 0; key < kSearchTokens; ++key) {
            state = state * 1664525u + 1013904223u;
            weights.push_back(key <= query ? static_cast<float>(state >> 8) : 0.0f);
            sum += weights.back();
        }
        for (std::size_t i = begin; i < weights.size(); ++i)
            weights[i] /= sum;
    }
    return make_dense_trace(info, std::move(weights));
}

PairTemplate drawn(std::initializer_list<std::string> words) {
    const std::vector<std::string> all(words);
    return draw_strokes(std::vector<Stroke>{*parse_stroke(all)}, kSearchTokens, kSearchTokens, true);
}

PairTemplate said(const char* text) {
    std::vector<Token> tokens(kSearchTokens);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i].id = static_cast<std::int32_t>(i * 7919 % 211);
        tokens[i].display = i % 3 == 0 ? "·The" : i % 7 == 0 ? "." : "ing";
    }
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    return template_of_pairs(*TokenRule::parse(text)->pairs({tokens, labels}, true), kSearchTokens);
}

}  // namespace

int main() {
    const TracePtr trace = random_trace();
    const std::pair<const char*, PairTemplate> all[] = {
        {"stripe 1", drawn({"stripe", "1"})},
        {"column 40", drawn({"column", "40"})},
        {"box 100-200 x 20-60", drawn({"box", "100", "200", "20", "60"})},
        {"after same token", said("after same token")},
        {"key: capital", said("key: capital")},
    };
    std::printf("%d heads, %d tokens, two threads\n", kSearchLayers * kSearchHeads, kSearchTokens);
    for (const auto& [name, pairs] : all) {
        for (const double lookups : {5e7, 2e9}) {
            SearchOptions options;
            options.num_threads = 2;
            options.most_lookups = lookups;
            const Stopwatch watch;
            const auto result = search_heads(*trace, pairs, options, {});
            std::printf("%-22s %7zu pairs  %6.0f ms  %3d shifts, %3d orders\n", name, pairs.size(),
                        watch.milliseconds(), result ? result->num_shifts : -1,
                        result ? result->num_row_orders : -1);
        }
    }
}
