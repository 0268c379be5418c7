// The lines of the chosen heads.
#include "views/lines/lines_data.h"

#include <algorithm>
#include <cmath>

#include "views/lines/head_colors.h"

namespace headlight {

void LinesData::update(ViewContext& context) {
    const Snapshot& now = context.snapshot;
    const bool is_difference = now.shown() == Compare::Difference;
    if (shown_id_ != now.shown_id() || is_difference_ != is_difference) heads_.clear();
    shown_id_ = now.shown_id();
    is_difference_ = is_difference;
    std::vector<Entry> next;
    failure_.clear();
    is_pending_ = false;
    progress_ = -1;
    for (const HeadId head : colored_heads(now.selection)) {
        const Derived<HeadLines> derived = context.values.lines(head, now.settings.line_share);
        Entry entry{head, nullptr};
        for (const Entry& before : heads_)
            if (before.head == head) entry.lines = before.lines;
        if (derived.is_ready()) entry.lines = derived.value;
        if (derived.state == Derived<HeadLines>::State::Failed)
            failure_ = derived.error ? derived.error->message : "The lines could not be chosen.";
        if (derived.state == Derived<HeadLines>::State::Pending) {
            is_pending_ = true;
            progress_ = std::max(progress_, derived.progress);
        }
        next.push_back(std::move(entry));
    }
    const auto is_same_head = [](const Entry& a, const Entry& b) { return a.head == b.head; };
    if (!std::equal(next.begin(), next.end(), heads_.begin(), heads_.end(), is_same_head)) ++subject_;
    const bool is_same =
        std::equal(next.begin(), next.end(), heads_.begin(), heads_.end(),
                   [](const Entry& a, const Entry& b) { return a.head == b.head && a.lines == b.lines; });
    heads_ = std::move(next);
    if (is_same) return;
    ++generation_;
    const WeightsShown weights = now.picture.weights;
    largest_ = 0;
    for (const Entry& entry : heads_)
        if (entry.lines) largest_ = std::max(largest_, entry.lines->largest);
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    if ((is_share && !is_difference) || !(largest_ > 0)) largest_ = 1;
}

std::size_t LinesData::num_lines() const {
    std::size_t count = 0;
    for (const Entry& entry : heads_)
        if (entry.lines) count += entry.lines->levels.front().size() + entry.lines->num_left_out;
    return count;
}

std::vector<RowLine> lines_of_row(const HeadLines* lines, int query) {
    std::vector<RowLine> out;
    if (lines == nullptr || query < 0 || query >= lines->num_queries) return out;
    const LineLevel& level = lines->levels.front();
    const auto at = static_cast<std::size_t>(query);
    for (std::uint32_t i = level.row_begin[at]; i < level.row_begin[at + 1]; ++i)
        out.push_back({level.keys[i], level.values[i]});
    return out;
}

std::vector<RowLine> lines_to_key(const HeadLines* lines, int key) {
    std::vector<RowLine> out;
    if (lines == nullptr) return out;
    const LineLevel& level = lines->levels.front();
    for (int query = 0; query < lines->num_queries; ++query) {
        const auto at = static_cast<std::size_t>(query);
        for (std::uint32_t i = level.row_begin[at]; i < level.row_begin[at + 1]; ++i)
            if (level.keys[i] == key) out.push_back({query, level.values[i]});
    }
    return out;
}

}  // namespace headlight
