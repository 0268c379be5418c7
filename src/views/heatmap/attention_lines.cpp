// Single rows and columns of the chosen heads' mean.
#include "views/heatmap/attention_lines.h"

#include <algorithm>

#include "analysis/patterns/tile_map.h"

namespace headlight {

namespace {
constexpr std::size_t kMostLines = 8;
}

std::vector<HeadId> selected_heads(const Selection& selection) {
    std::vector<HeadId> heads = {selection.head};
    for (const HeadId& head : selection.others) {
        if (std::find(heads.begin(), heads.end(), head) == heads.end()) heads.push_back(head);
    }
    return heads;
}

void mean_attention_row(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query,
                        std::vector<float>& out) {
    out.assign(static_cast<std::size_t>(trace.num_keys()), 0.0f);
    std::vector<float> room;
    mean_rows(trace, heads, query, query + 1, out, room);
}

KeyRange visible_keys(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query) {
    KeyRange out{trace.num_keys(), 0};
    for (const HeadId& head : heads) {
        const KeyRange range = trace.admissible(head.layer, query);
        out.begin = std::min(out.begin, range.begin);
        out.end = std::max(out.end, range.end);
    }
    if (out.begin > out.end) out = {0, 0};
    return out;
}

MaskReason mask_reason(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query, int key) {
    const bool has_none =
        std::all_of(heads.begin(), heads.end(), [&](HeadId head) { return trace.is_absent(head.layer); });
    if (has_none) return MaskReason::NoAttention;
    return trace.info().is_causal && key > query ? MaskReason::Later : MaskReason::Window;
}

double sink_share(const AttentionTrace& trace, std::span<const float> row) {
    if (!trace.info().has_sink || row.empty()) return 0;
    double sum = 0;
    for (const float weight : row)
        sum += weight;
    return std::max(0.0, 1 - sum);
}

AttentionLines::Line& AttentionLines::slot(std::uint64_t text_id, const std::vector<HeadId>& heads, int token,
                                           bool is_column, bool& is_new) {
    ++clock_;
    for (Line& line : lines_) {
        if (line.text_id != text_id || line.token != token || line.is_column != is_column ||
            line.heads != heads)
            continue;
        line.last_use = clock_;
        is_new = false;
        return line;
    }
    is_new = true;
    if (lines_.size() < kMostLines) lines_.emplace_back();
    auto oldest = std::min_element(lines_.begin(), lines_.end(),
                                   [](const Line& a, const Line& b) { return a.last_use < b.last_use; });
    *oldest = Line{text_id, clock_, heads, token, is_column, {}};
    return *oldest;
}

std::span<const float> AttentionLines::row(const Snapshot& snapshot, const std::vector<HeadId>& heads,
                                           int query) {
    if (!snapshot.text || !snapshot.text->trace || heads.empty()) return {};
    const AttentionTrace& trace = snapshot.shown_trace();
    if (query < 0 || query >= trace.num_queries()) return {};
    bool is_new = false;
    Line& line = slot(snapshot.shown_id(), heads, query, false, is_new);
    if (is_new) mean_attention_row(trace, heads, query, line.weights);
    return line.weights;
}

std::span<const float> AttentionLines::column(const Snapshot& snapshot, DerivedValues& values,
                                              const std::vector<HeadId>& heads, int key) {
    if (!snapshot.text || !snapshot.text->trace || heads.empty()) return {};
    if (key < 0 || key >= snapshot.text->trace->num_keys()) return {};
    bool is_new = false;
    Line& line = slot(snapshot.shown_id(), heads, key, true, is_new);
    if (!line.weights.empty()) return line.weights;
    const AttentionTrace& trace = snapshot.shown_trace();
    if (is_long_picture(trace.num_queries(), trace.num_keys())) {
        const auto map = values.tiles(heads, {0, trace.num_queries(), key, key + 1, 1});
        if (map.is_ready()) line.weights = map.value->values;
        return line.weights;
    }
    const Derived<TilePyramid> pyramid = values.pyramid(heads);
    if (!pyramid.is_ready() || pyramid.value->levels.empty() || pyramid.value->levels[0].cell != 1) return {};
    const TileLevel& level = pyramid.value->levels[0];
    if (key >= level.cols) return {};
    line.weights.resize(static_cast<std::size_t>(level.rows));
    for (int query = 0; query < level.rows; ++query) {
        line.weights[static_cast<std::size_t>(query)] =
            level.max[static_cast<std::size_t>(query) * static_cast<std::size_t>(level.cols) +
                      static_cast<std::size_t>(key)];
    }
    return line.weights;
}

}  // namespace headlight
