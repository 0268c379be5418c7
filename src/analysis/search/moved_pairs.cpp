#include "analysis/search/moved_pairs.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/statistics/split_mix.h"

namespace headlight {
namespace {

constexpr double kSimilar = 1.25;  // largest ratio of the numbers of keys of rows that change places

void add_cut(std::uint32_t begin, std::uint32_t end, std::vector<KeyRun>& out) {
    if (begin < end) out.push_back({begin, end});
}

/// Runs moved by `shift` around a text of `length` keys.
void move_runs(std::span<const KeyRun> runs, std::uint32_t shift, std::uint32_t length,
               std::vector<KeyRun>& out) {
    out.clear();
    for (const KeyRun run : runs) {
        const std::uint32_t begin = run.begin + shift, end = run.end + shift;
        add_cut(begin, std::min(end, length), out);
        add_cut(std::max(begin, length) - length, std::max(end, length) - length, out);
    }
    std::sort(out.begin(), out.end(), [](KeyRun a, KeyRun b) { return a.begin < b.begin; });
}

void clip_runs(KeyRun allowed, std::vector<KeyRun>& runs) {
    for (KeyRun& run : runs)
        run = {std::max(run.begin, allowed.begin), std::min(run.end, allowed.end)};
    std::erase_if(runs, [](KeyRun run) { return run.begin >= run.end; });
}

/// Rows with a similar number of keys; the groups' edges are drawn anew for each order.
std::map<int, std::vector<std::uint32_t>> similar_rows(std::span<const KeyRun> admissible, SplitMix& random) {
    const double edge = static_cast<double>(random.next() >> 11) * 0x1p-53;
    std::map<int, std::vector<std::uint32_t>> groups;
    for (std::uint32_t query = 0; query < admissible.size(); ++query) {
        const KeyRun keys = admissible[query];
        if (keys.begin >= keys.end) continue;
        const double size = std::log(static_cast<double>(keys.end - keys.begin)) / std::log(kSimilar);
        groups[static_cast<int>(std::floor(size + edge + 1e-9))].push_back(query);
    }
    return groups;
}

}  // namespace

void MovedPairs::add_row(std::uint32_t query, KeyRun admissible, std::vector<KeyRun>& runs) {
    clip_runs(admissible, runs);
    std::uint32_t num_pairs = 0;
    for (const KeyRun run : runs)
        num_pairs += run.end - run.begin;
    const std::uint32_t num_keys = admissible.end > admissible.begin ? admissible.end - admissible.begin : 0;
    if (num_pairs == 0 || num_pairs >= num_keys) return;
    const auto begin = static_cast<std::uint32_t>(runs_.size());
    runs_.insert(runs_.end(), runs.begin(), runs.end());
    const double m = num_pairs;
    rows_.push_back({query, begin, static_cast<std::uint32_t>(runs_.size()), static_cast<float>(m),
                     static_cast<float>(1 / std::sqrt(m * (1 - m / num_keys)))});
}

void MovedPairs::end_place(const MovedPairs* original) {
    const std::size_t begin = row_begin_.back();
    if (rows_.size() == begin) return;  // nothing of it is left inside the mask
    row_begin_.push_back(rows_.size());
    if (original == nullptr || is_changed_) return;
    const auto same = [&](const Row& a, const Row& b) {
        return a.query == b.query &&
               std::equal(runs_.begin() + a.run_begin, runs_.begin() + a.run_end,
                          original->runs_.begin() + b.run_begin, original->runs_.begin() + b.run_end);
    };
    const std::size_t end = original->row_begin_[1];
    is_changed_ =
        rows_.size() - begin != end || !std::equal(rows_.begin() + static_cast<std::ptrdiff_t>(begin),
                                                   rows_.end(), original->rows_.begin(), same);
}

MovedPairs MovedPairs::original_of(const MaskedTemplate& masked) {
    MovedPairs out;
    std::vector<KeyRun> runs;
    for (const TemplateRow& row : masked.rows) {
        runs.assign(masked.runs.begin() + row.run_begin, masked.runs.begin() + row.run_end);
        out.add_row(row.query, masked.admissible[row.query], runs);
    }
    out.end_place(nullptr);
    return out;
}

MovedPairs MovedPairs::along_diagonal(const MaskedTemplate& masked, const std::vector<std::uint32_t>& shifts,
                                      bool is_causal) {
    MovedPairs out = original_of(masked);
    if (out.row_begin_.size() < 2) return out;
    const MovedPairs original = out;
    const auto length = static_cast<std::uint32_t>(masked.admissible.size());
    std::vector<KeyRun> runs;
    for (const std::uint32_t shift : shifts) {
        for (const TemplateRow& row : masked.rows) {
            const std::uint32_t query = (row.query + shift) % length;
            move_runs({masked.runs.data() + row.run_begin, row.run_end - row.run_begin}, shift, length, runs);
            KeyRun allowed = masked.admissible[query];
            if (is_causal) allowed.end = std::min(allowed.end, query + 1);
            out.add_row(query, allowed, runs);
        }
        // Rows that went round the end come first again, so that places can be told apart.
        std::sort(out.rows_.begin() + static_cast<std::ptrdiff_t>(out.row_begin_.back()), out.rows_.end(),
                  [](const Row& a, const Row& b) { return a.query < b.query; });
        out.end_place(&original);
    }
    return out;
}

MovedPairs MovedPairs::among_rows(const MaskedTemplate& masked, int count, std::uint64_t seed) {
    MovedPairs out = original_of(masked);
    if (out.row_begin_.size() < 2) return out;
    const MovedPairs original = out;
    SplitMix random(seed);
    std::vector<const TemplateRow*> row_of(masked.admissible.size(), nullptr);
    for (const TemplateRow& row : masked.rows)
        row_of[row.query] = &row;
    std::vector<const TemplateRow*> given(row_of.size(), nullptr);
    std::vector<KeyRun> runs;
    for (int draw = 0; draw < count; ++draw) {
        for (const auto& [size, queries] : similar_rows(masked.admissible, random)) {
            std::vector<std::uint32_t> order = queries;
            random.shuffle(order);
            for (std::size_t i = 0; i < queries.size(); ++i)
                given[queries[i]] = row_of[order[i]];
        }
        for (std::uint32_t query = 0; query < given.size(); ++query) {
            const TemplateRow* row = given[query];
            if (row == nullptr) continue;
            runs.assign(masked.runs.begin() + row->run_begin, masked.runs.begin() + row->run_end);
            out.add_row(query, masked.admissible[query], runs);
        }
        out.end_place(&original);
    }
    return out;
}

MovedPairs::Fit MovedPairs::fit(const SearchRows& rows, std::size_t place) const {
    const std::size_t num_queries = rows.is_valid.size();
    const std::size_t num_keys = num_queries == 0 ? 0 : rows.weights.size() / num_queries;
    const bool has_sums = !rows.sums.empty();
    Fit out;
    for (std::size_t r = row_begin_[place]; r < row_begin_[place + 1]; ++r) {
        const Row& row = rows_[r];
        if (!rows.is_valid[row.query]) continue;
        const float* weights = rows.weights.data() + row.query * num_keys;
        const float* sums = has_sums ? rows.sums.data() + row.query * (num_keys + 1) : nullptr;
        float mass = 0;
        for (std::uint32_t i = row.run_begin; i < row.run_end; ++i) {
            const KeyRun run = runs_[i];
            if (run.end - run.begin == 1) {
                mass += weights[run.begin];
            } else if (has_sums) {
                mass += sums[run.end] - sums[run.begin];
            } else {
                for (std::uint32_t key = run.begin; key < run.end; ++key)
                    mass += weights[key];
            }
        }
        out.mass += mass;
        out.excess += (mass - row.num_pairs * rows.mean[row.query]) * rows.inverse_sd[row.query] * row.scale;
        ++out.num_rows;
    }
    if (out.num_rows == 0) return out;
    out.mass /= out.num_rows;
    out.excess /= out.num_rows;
    return out;
}

std::optional<double> MovedPairs::p_value(const SearchRows& rows) const {
    constexpr double kRounding = 1e-6;
    if (row_begin_.size() < 3) return std::nullopt;
    const Fit own = fit(rows, 0);
    if (own.num_rows == 0) return std::nullopt;
    int num_places = 0, num_at_least = 0;
    for (std::size_t place = 1; place + 1 < row_begin_.size(); ++place) {
        const Fit moved = fit(rows, place);
        if (moved.num_rows == 0) continue;
        ++num_places;
        if (moved.mass >= own.mass - kRounding || moved.excess >= own.excess - kRounding) ++num_at_least;
    }
    if (num_places == 0) return std::nullopt;
    return (1.0 + num_at_least) / (1.0 + num_places);
}

}  // namespace headlight
