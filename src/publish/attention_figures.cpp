#include "publish/attention_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "figure/contents.h"
#include "report/analysis/analysis_parts.h"
#include "run/cause/shown_run.h"

namespace headlight {
namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN(),
                kNotSeen = std::numeric_limits<float>::infinity();

/// Cells that the mask forbids, keys that are taken out and rows that rest.
void mark_cells(const WeightedTrace& trace, const std::vector<HeadId>& heads, const ShownPart& part,
                std::vector<float>& values) {
    for (const HeadId head : heads) {
        const auto rest = trace.rest(head.layer, head.head);
        for (int row = 0; row < part.num_queries; ++row) {
            const int query = part.first_query + row;
            const KeyRange range = trace.admissible(head.layer, query);
            const bool is_resting = rest[static_cast<std::size_t>(query)].state != RowRest::Shown;
            for (int column = 0; column < part.num_keys; ++column) {
                const int key = part.first_key + column;
                float& value =
                    values[static_cast<std::size_t>(row) * static_cast<std::size_t>(part.num_keys) +
                           static_cast<std::size_t>(column)];
                if (key < range.begin || key >= range.end)
                    value = kNotSeen;
                else if (trace.is_sink(key) || is_resting)
                    value = kNoValue;
            }
        }
    }
}

// Lengths and effects have no range of their own, and rows without the sink may rest: a map with its scale.
FigureContent shown_weights_figure(const AnalyzedRun& run, const std::vector<HeadId>& heads,
                                   const ShownPart& part, FigureCaption caption) {
    const WeightedTrace& trace = *run.shown;
    ValueMap map;
    for (int i = 0; i < part.num_queries; ++i) {
        const int query = part.first_query + i;
        map.row_labels.push_back(
            fmt::format("{} {}", run.queries().tokens[static_cast<std::size_t>(query)].display, query));
    }
    for (int i = 0; i < part.num_keys; ++i)
        map.column_labels.push_back(run.keys().tokens[static_cast<std::size_t>(part.first_key + i)].display);
    map.row_name = "query (from)";
    map.column_name = "key (to)";
    map.values = part_weights(run, part, heads);
    map.is_signed = trace.is_signed();
    map.unit = trace.is_signed() ? "logits" : trace.weights() == WeightsShown::NoSink ? "weight" : "length";
    if (trace.weights() == WeightsShown::NoSink) map.largest = 1;
    mark_cells(trace, heads, part, map.values);
    if (trace.weights() == WeightsShown::NoSink)
        map.caveat = "hatched: taken out, or rows of which less than 5 % is left";
    if (trace.is_signed()) map.caveat = "every row asks for the same tokens at its own place";
    return value_map_figure(std::move(map), name_of_heads(heads), std::move(caption));
}

std::string of_note(const std::string& note, const std::string& more) {
    return note + (note.empty() || more.empty() ? "" : "; ") + more;
}

}  // namespace

FigureContent heads_figure(const AnalyzedRun& run, const std::vector<HeadId>& heads, const ShownPart& part) {
    FigureCaption caption = caption_of_run(run);
    if (heads.size() == 1) caption.note = of_note(caption.note, tag_summary(run, heads.front()));
    if (run.shown) {
        caption.note = of_note(shown_weights_words(run), caption.note);
        return shown_weights_figure(run, heads, part, std::move(caption));
    }
    return heatmap_figure({part_weights(run, part, heads), part_axes(run, part, heads.front().layer),
                           name_of_heads(heads), std::move(caption)});
}

FigureContent layer_figure(const AnalyzedRun& run, const std::vector<HeadId>& heads, const ShownPart& part) {
    const int layer = heads.front().layer;
    const bool is_one_layer =
        std::all_of(heads.begin(), heads.end(), [&](HeadId head) { return head.layer == layer; });
    GridContent grid;
    for (const HeadId head : heads)
        grid.heads.push_back({is_one_layer ? fmt::format("Head {}", head.head) : head.to_string(),
                              part_weights(run, part, {head})});
    grid.axes = part_axes(run, part, layer);
    if (!is_one_layer) grid.axes.window = 0;  // of no layer alone
    grid.what = is_one_layer ? fmt::format("Layer {} · {} heads", layer, heads.size())
                             : fmt::format("{} heads", heads.size());
    grid.caption = caption_of_run(run);
    return grid_figure(std::move(grid));
}

FigureContent all_heads_figure(const AnalyzedRun& run, const ShownPart& part, int max_heads) {
    ThumbnailContent content;
    const int num_heads =
        max_heads > 0 ? std::min(max_heads, run.trace->num_heads()) : run.trace->num_heads();
    for (int head = 0; head < num_heads; ++head)
        content.column_labels.push_back(fmt::format("{}", head));
    for (int layer = 0; layer < run.trace->num_layers(); ++layer) {
        content.row_labels.push_back(fmt::format("{}", layer));
        for (int head = 0; head < num_heads; ++head) {
            const bool is_there = !run.trace->is_absent(layer);
            content.heads.push_back(is_there ? part_weights(run, part, {{layer, head}})
                                             : std::vector<float>());
        }
    }
    content.axes = part_axes(run, part, 0);
    content.what = fmt::format("{} layers · {} heads each", run.trace->num_layers(), num_heads);
    content.caption = caption_of_run(run);
    return thumbnails_figure(std::move(content));
}

FigureContent shares_figure(const AnalyzedRun& run) {
    return flow_figure({run.analysis.flow,
                        run.analysis.uniform_flow,
                        {run.spec.name, run.trace->info().dtype,
                         fmt::format("{} {}s", run.queries().tokens.size(), to_string(run.unit()))}});
}

FigureContent change_figure(const AnalyzedRun& before, const AnalyzedRun& after,
                            const std::vector<HeadId>& heads, const ShownPart& part,
                            const std::string& change) {
    ComparisonContent content;
    const FigureAxes axes = part_axes(before, part, heads.front().layer);
    content.a = {"unchanged", part_weights(before, part, heads), axes};
    content.b = {"changed", part_weights(after, part, heads), axes};
    for (std::size_t i = 0; i < content.a.weights.size(); ++i)
        content.difference.push_back(content.a.weights[i] - content.b.weights[i]);
    content.what = name_of_heads(heads);
    content.caption = caption_of_run(before);
    content.caption.note = of_note(content.caption.note, change);
    return comparison_figure(std::move(content));
}

}  // namespace headlight
