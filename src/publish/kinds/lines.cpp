// Heads as lines between two columns of tokens: the fewest keys that hold a share of each row.
#include <algorithm>

#include "analysis/lines/covering_lines.h"
#include "figure/look.h"
#include "figure/token_contents.h"
#include "publish/figure_kind.h"
#include "publish/run_text.h"
#include "publish/shown_part.h"
#include "run/cause/causal_text.h"
#include "run/cause/shown_run.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_TRY(const ShownPart part, shown_part(request, *run));
    HEADLIGHT_TRY(const std::vector<HeadId> heads, chosen_heads(request, *run));
    if (heads.size() > static_cast<std::size_t>(kNumCurveColours))
        return fail(ErrorKind::InvalidInput, "--heads: lines of at most {} heads can be told apart, not {}",
                    kNumCurveColours, heads.size());
    std::optional<int> only;
    if (request.query) {
        HEADLIGHT_TRY(only, chosen_query(request, *run));
    }
    const bool is_share = !run->shown || run->shown->weights() == WeightsShown::NoSink;
    LinesContent content;
    LinesRequest wanted;
    wanted.share = request.share / 100.0;
    AnalyzedText text;
    text.tokens = run->queries();
    text.key_tokens = std::make_shared<const TokenizedText>(run->keys());
    text.groups = run->units;
    text.of_tokens = std::make_shared<const AnalyzedText>(text_of_run(*run));
    const auto model = source.model();
    wanted.is_sink = sink_keys(text, model ? (*model)->tokenizer().get() : nullptr);
    double sink = 0;
    for (const HeadId head : heads) {
        HEADLIGHT_TRY(const HeadLines lines,
                      covering_lines(run->shown_trace(), *run->trace, head, wanted, job));
        LinesContent::Head drawn{head.to_string(), {}};
        const LineLevel& level = lines.levels.front();
        for (int query = part.first_query; query < part.first_query + part.num_queries; ++query) {
            if (only && query != *only) continue;
            const auto row = static_cast<std::size_t>(query);
            for (std::uint32_t i = level.row_begin[row]; i < level.row_begin[row + 1]; ++i) {
                const int key = level.keys[i] - part.first_key;
                if (key >= 0 && key < part.num_keys)
                    drawn.lines.push_back({query - part.first_query, key, level.values[i]});
            }
        }
        content.heads.push_back(std::move(drawn));
        content.largest =
            is_share ? 1 : std::max(content.heads.size() == 1 ? 0.0f : content.largest, lines.largest);
        sink += lines.mean_sink / static_cast<double>(heads.size());
    }
    if (!(content.largest > 0)) content.largest = 1;
    content.axes = part_axes(*run, part, heads.front().layer);
    content.what = heads.size() == 1 ? name_of_heads(heads) : fmt::format("{} heads", heads.size());
    content.caption = caption_of_run(*run);
    if (run->shown)
        content.caption.note =
            shown_weights_words(*run) + (content.caption.note.empty() ? "" : "; " + content.caption.note);
    content.rule = fmt::format("fewest keys with {} % of each row, without the sink ({:.0f} % on average)",
                               request.share, 100 * sink);
    std::string names;
    for (const HeadId head : heads)
        names += (names.empty() ? "" : ", ") + head.to_string();
    return KindFigures{
        {lines_figure(std::move(content)),
         fmt::format(
             "Attention of {} as lines from queries (left) to keys (right): the fewest keys that hold {} % "
             "of "
             "each row once the sink (first and special tokens, {:.0f} % on average) is left out; thicker is "
             "more. {}",
             names, request.share, 100 * sink, source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_lines = {
    "lines",
    "Lines",
    "Heads as lines from queries to keys: the fewest keys that hold a share of each row, without the sink.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Row, FieldGroup::Unit, FieldGroup::Weights, FieldGroup::Question,
     FieldGroup::Lines, FieldGroup::Change},
    "heatmap",
    make};

}  // namespace headlight
