// The lines of a head's two-column picture.
#include "analysis/lines/covering_lines.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr int kRowsOfLines = 32;  // that are read from the trace at once

/// Rows have a natural whole of which little may be left: plain weights and those without the sink.
bool may_rest(const AttentionTrace& shown, const LinesRequest& request) {
    const auto* weighted = dynamic_cast<const WeightedTrace*>(&shown);
    const bool is_share = !weighted || weighted->weights() == WeightsShown::NoSink;
    return is_share && request.before == nullptr;
}

/// Mass of a row of plain weights on keys that are taken out, and what is left of it.
struct SinkOfRow {
    double removed = 0, rest = 0;
    bool has_other_keys = false;
    RowRest state(bool rests) const {
        if (!has_other_keys) return RowRest::NoKeys;
        return rests && rest < kLeastRest ? RowRest::Resting : RowRest::Shown;
    }
};

SinkOfRow sink_of_row(std::span<const float> row, KeyRange range, const std::vector<bool>& is_sink) {
    SinkOfRow out;
    for (int key = range.begin; key < range.end; ++key) {
        const auto at = static_cast<std::size_t>(key);
        const bool is_out = !is_sink.empty() && is_sink[at];
        (is_out ? out.removed : out.rest) += row[at];
        out.has_other_keys |= !is_out;
    }
    return out;
}

void add_row(HeadLines& lines, std::span<const float> row, double share) {
    LineLevel& level = lines.levels.front();
    std::vector<std::int32_t> keys = covering_keys(row, share);
    if (keys.size() > static_cast<std::size_t>(lines.most_of_row)) {
        lines.num_left_out += keys.size() - static_cast<std::size_t>(lines.most_of_row);
        keys.resize(static_cast<std::size_t>(lines.most_of_row));
    }
    for (const std::int32_t key : keys) {
        const float value = row[static_cast<std::size_t>(key)];
        level.keys.push_back(key);
        level.values.push_back(value);
        lines.largest = std::max(lines.largest, std::abs(value));
    }
}

}  // namespace

std::vector<std::int32_t> covering_keys(std::span<const float> row, double share) {
    std::vector<std::int32_t> heap;
    double total = 0;
    for (std::size_t key = 0; key < row.size(); ++key) {
        const double size = std::abs(static_cast<double>(row[key]));
        if (!(size > 0) || !std::isfinite(size)) continue;
        total += size;
        heap.push_back(static_cast<std::int32_t>(key));
    }
    const auto size_of = [&](std::int32_t key) { return std::abs(row[static_cast<std::size_t>(key)]); };
    const auto is_less = [&](std::int32_t a, std::int32_t b) {
        return size_of(a) != size_of(b) ? size_of(a) < size_of(b) : a > b;
    };
    std::make_heap(heap.begin(), heap.end(), is_less);
    // A little less than the share, so that rounding of the sum asks for no further key.
    const double wanted = share * total * (1 - 1e-7);
    std::vector<std::int32_t> out;
    double covered = 0;
    while (!heap.empty() && (covered < wanted || out.empty())) {
        std::pop_heap(heap.begin(), heap.end(), is_less);
        out.push_back(heap.back());
        covered += size_of(heap.back());
        heap.pop_back();
    }
    return out;
}

LineLevel grouped_lines(const LineLevel& level, int num_queries) {
    LineLevel out;
    out.cell = level.cell * 2;
    out.num_rows = (level.num_rows + 1) / 2;
    out.row_begin.push_back(0);
    std::vector<std::pair<std::int32_t, double>> row;  // group of keys, sum over the queries
    for (int group = 0; group < out.num_rows; ++group) {
        row.clear();
        for (int half = 2 * group; half < std::min(2 * group + 2, level.num_rows); ++half) {
            const int count = std::min(level.cell, num_queries - half * level.cell);
            const auto at = static_cast<std::size_t>(half);
            for (std::uint32_t i = level.row_begin[at]; i < level.row_begin[at + 1]; ++i)
                row.emplace_back(level.keys[i] / 2, static_cast<double>(level.values[i]) * count);
        }
        std::stable_sort(row.begin(), row.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        const int num_of_group = std::min(out.cell, num_queries - group * out.cell);
        for (std::size_t i = 0; i < row.size();) {
            double sum = 0;
            const std::int32_t key = row[i].first;
            for (; i < row.size() && row[i].first == key; ++i)
                sum += row[i].second;
            out.keys.push_back(key);
            out.values.push_back(static_cast<float>(sum / num_of_group));
        }
        out.row_begin.push_back(static_cast<std::uint32_t>(out.keys.size()));
    }
    return out;
}

Result<HeadLines> covering_lines(const AttentionTrace& shown, const AttentionTrace& plain, HeadId head,
                                 const LinesRequest& request, const JobContext& job) {
    HeadLines out;
    out.head = head;
    out.num_queries = shown.num_queries();
    out.num_keys = shown.num_keys();
    out.most_of_row = std::max(kLeastOfRow, kMostKeptLines / std::max(1, out.num_queries));
    out.levels.emplace_back();
    out.levels.front().num_rows = out.num_queries;
    out.levels.front().row_begin.push_back(0);
    const auto num_keys = static_cast<std::size_t>(out.num_keys);
    std::vector<float> values(kRowsOfLines * num_keys), weights(values.size()), before(values.size());
    const bool rests = may_rest(shown, request);
    int num_with_keys = 0;
    for (int begin = 0; begin < out.num_queries; begin += kRowsOfLines) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "nobody asks for these lines any more");
        const int end = std::min(begin + kRowsOfLines, out.num_queries);
        const auto size = static_cast<std::size_t>(end - begin) * num_keys;
        shown.rows(head.layer, head.head, begin, end, std::span(values).first(size));
        if (&plain == &shown)
            std::copy_n(values.begin(), size, weights.begin());
        else
            plain.rows(head.layer, head.head, begin, end, std::span(weights).first(size));
        if (request.before != nullptr)
            request.before->rows(head.layer, head.head, begin, end, std::span(before).first(size));
        for (int query = begin; query < end; ++query) {
            const auto offset = static_cast<std::size_t>(query - begin) * num_keys;
            const std::span<float> row = std::span(values).subspan(offset, num_keys);
            const SinkOfRow sink = sink_of_row(std::span<const float>(weights).subspan(offset, num_keys),
                                               shown.admissible(head.layer, query), request.is_sink);
            out.sink.push_back(static_cast<float>(sink.removed));
            out.state.push_back(sink.state(rests));
            if (sink.has_other_keys) {
                out.mean_sink += sink.removed;
                ++num_with_keys;
            }
            if (request.before != nullptr)
                for (std::size_t key = 0; key < num_keys; ++key)
                    row[key] -= before[offset + key];
            for (std::size_t key = 0; key < request.is_sink.size(); ++key)
                if (request.is_sink[key]) row[key] = 0;
            if (out.state.back() == RowRest::Shown) add_row(out, row, request.share);
            out.levels.front().row_begin.push_back(static_cast<std::uint32_t>(out.levels.front().size()));
        }
        job.report({"choosing lines", static_cast<double>(end) / out.num_queries, {}});
    }
    if (num_with_keys > 0) out.mean_sink /= num_with_keys;
    while (std::max(out.num_queries, out.num_keys) > kFewestGroups * out.levels.back().cell)
        out.levels.push_back(grouped_lines(out.levels.back(), out.num_queries));
    return out;
}

std::size_t HeadLines::size_bytes() const {
    std::size_t bytes = sizeof(HeadLines) + state.size() * sizeof(RowRest) + sink.size() * sizeof(float);
    for (const LineLevel& level : levels)
        bytes += sizeof(level) + level.row_begin.size() * sizeof(std::uint32_t) +
                 level.size() * (sizeof(std::int32_t) + sizeof(float));
    return bytes;
}

}  // namespace headlight
