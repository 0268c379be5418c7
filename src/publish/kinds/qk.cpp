// A query times its keys: products by dimension, sum, score, weight.
#include <algorithm>
#include <numeric>

#include "analysis/scores/dimension_shares.h"
#include "analysis/scores/score_rows.h"
#include "figure/token_contents.h"
#include "publish/figure_kind.h"
#include "publish/run_text.h"
#include "publish/shown_part.h"
#include "run/cause/causal_text.h"

namespace headlight {
namespace {

constexpr std::size_t kMostKeys = 24, kMostDimensions = 48;
constexpr std::size_t kMostScoreBytes = std::size_t{512} << 20;

Result<std::shared_ptr<const ScoreParts>> parts_of(const AnalyzedRun& run, FigureSource& source, HeadId head,
                                                   const JobContext& job) {
    if (run.token_trace->has_score_parts()) {
        if (auto parts = run.token_trace->score_parts(head.layer, head.head)) return parts;
    }
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    const auto cells = static_cast<std::size_t>(run.token_trace->num_queries()) *
                       static_cast<std::size_t>(run.token_trace->num_keys());
    if (cells * sizeof(float) > kMostScoreBytes)
        return fail(ErrorKind::InvalidInput, "the scores of {} × {} tokens are too many to be taken apart",
                    run.token_trace->num_queries(), run.token_trace->num_keys());
    LiveCausal live;
    const AnalyzedText text = text_of_run(run);
    HEADLIGHT_TRY(CausalRun* const causal, causal_run(*model, live, text, job));
    HEADLIGHT_TRY(ScoreParts parts, causal->score_parts(run.kind, head));
    return std::make_shared<const ScoreParts>(std::move(parts));
}

/// Those that carry most, in their order.
std::vector<int> shown_dimensions(const ScoreParts& parts, const DimensionShares& shares) {
    std::vector<int> order(static_cast<std::size_t>(parts.depth));
    std::iota(order.begin(), order.end(), 0);
    if (order.size() <= kMostDimensions) return order;
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return shares.of[static_cast<std::size_t>(a)] > shares.of[static_cast<std::size_t>(b)];
    });
    order.resize(kMostDimensions);
    std::sort(order.begin(), order.end());
    return order;
}

std::string score_words(const ScoreParts& parts) {
    std::string out = fmt::format("score = q·k × {:.4g}", parts.scale);
    if (parts.has_bias()) out += " + " + parts.bias_name;
    if (parts.softcap > 0) out += fmt::format(", capped at {:g}", parts.softcap);
    return out;
}

ScoresContent content_of(const AnalyzedRun& run, const ScoreParts& parts, const ScoreRow& row,
                         const DimensionShares& shares) {
    ScoresContent content;
    content.dimensions = shown_dimensions(parts, shares);
    std::vector<const KeyScore*> keys;
    for (const KeyScore& key : row.keys)
        if (!key.is_masked) keys.push_back(&key);
    const std::size_t num_seen = keys.size();
    if (keys.size() > kMostKeys) {
        std::stable_sort(keys.begin(), keys.end(),
                         [](const KeyScore* a, const KeyScore* b) { return a->weight > b->weight; });
        keys.resize(kMostKeys);
        std::sort(keys.begin(), keys.end(),
                  [](const KeyScore* a, const KeyScore* b) { return a->key < b->key; });
        content.caveat = fmt::format("The {} keys with most weight of {}. ", kMostKeys, num_seen);
    }
    for (const KeyScore* key : keys) {
        const std::vector<float> all = products(parts, row.query, key->key);
        ScoresContent::Row out;
        out.key = fmt::format("{} {}", run.token_keys().tokens[static_cast<std::size_t>(key->key)].display,
                              key->key);
        for (const int dimension : content.dimensions)
            out.products.push_back(all[static_cast<std::size_t>(dimension)]);
        out.product = key->product;
        out.score = key->score;
        out.weight = key->weight;
        content.rows.push_back(std::move(out));
    }
    if (content.dimensions.size() < static_cast<std::size_t>(parts.depth))
        content.caveat +=
            fmt::format("The {} of {} dimensions with the largest shares of the scores' variance. ",
                        content.dimensions.size(), parts.depth);
    if (parts.sink) content.caveat += fmt::format("A learned sink takes {:.0f} %. ", 100 * row.sink_weight);
    content.score_name = score_words(parts);
    return content;
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    if (request.by != "token")
        return fail(ErrorKind::InvalidInput, "--by {}: q·k is between tokens", request.by);
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_TRY(const HeadId head, chosen_head(request, *run));
    HEADLIGHT_TRY(const int query, chosen_query(request, *run));
    HEADLIGHT_TRY(const auto parts, parts_of(*run, source, head, job));
    const auto admissible = [&](int row) { return run->trace->admissible(head.layer, row); };
    HEADLIGHT_TRY(const DimensionShares shares, dimension_shares(*parts, admissible, job));
    const ScoreRow row = score_row(*parts, query, admissible(query));
    ScoresContent content = content_of(*run, *parts, row, shares);
    const std::string token = run->token_queries().tokens[static_cast<std::size_t>(query)].display;
    content.what = fmt::format("{} · query {} {}", name_of_heads({head}), token, query);
    content.caption = caption_of_run(*run);
    return KindFigures{
        {scores_figure(std::move(content)),
         fmt::format(
             "How {} of {} weighs its keys: products of query and key by dimension of the head, their sum, "
             "the score and the weight after the softmax. {}",
             token, name_of_heads({head}), source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_qk = {
    "qk",
    "Queries times keys",
    "A query's scores taken apart: products by dimension, their sum, scale, bias and weight.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Row, FieldGroup::Unit},
    "heatmap",
    make};

}  // namespace headlight
