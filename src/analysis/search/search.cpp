#include "analysis/search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <numeric>

#include "analysis/search/moved_pairs.h"
#include "analysis/statistics/split_mix.h"
#include "analysis/statistics/statistics.h"
#include "base/parallel.h"

namespace headlight {
namespace {

/// Layers with one mask, and the template under it.
struct MaskGroup {
    MaskedTemplate masked;
    std::optional<MovedPairs> shifted, exchanged;
    bool wants_sums = false;
};

/// Groups by the keys that each query may see; absent layers are in none.
struct MaskGroups {
    std::vector<MaskGroup> groups;
    std::vector<int> of_layer;  // index into groups; -1: no attention
};

/// Most pairs lie in runs that sums over keys shorten.
bool has_long_runs(const MaskedTemplate& masked) {
    const std::size_t num_runs = masked.runs.size();
    std::size_t num_pairs = 0;
    for (const KeyRun run : masked.runs)
        num_pairs += run.end - run.begin;
    return num_pairs > 3 * num_runs;
}

MaskGroups group_layers(const AttentionTrace& trace, const PairTemplate& pairs) {
    MaskGroups out;
    std::map<int, int> group_of_window;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        out.of_layer.push_back(-1);
        if (trace.is_absent(layer)) continue;
        const auto& windows = trace.info().window;
        const int window = windows.empty() ? 0 : windows[static_cast<std::size_t>(layer)];
        const auto [place, is_new] = group_of_window.try_emplace(window, static_cast<int>(out.groups.size()));
        if (is_new) {
            out.groups.push_back({mask_template(pairs, trace, layer), {}, {}, false});
            out.groups.back().wants_sums = has_long_runs(out.groups.back().masked);
        }
        out.of_layer.back() = place->second;
    }
    return out;
}

constexpr double kMostKeptRuns = 8e6;  // of all places of a null: some 200 MB at most

/// How many places fit into a budget, and into memory; 0 when there are no pairs.
int num_places(double lookups, std::size_t runs_of_a_place, std::size_t num_heads, int most) {
    if (runs_of_a_place == 0 || num_heads == 0) return 0;
    const double fit = std::min(lookups / static_cast<double>(num_heads), kMostKeptRuns) /
                       static_cast<double>(runs_of_a_place);
    return static_cast<int>(std::clamp(fit, 1.0, static_cast<double>(std::max(1, most))));
}

/// Shifts 1 .. length - 1 in an order that depends on the seed alone, so that fewer are a part of more.
std::vector<std::uint32_t> draw_shifts_of(int length, int count, std::uint64_t seed) {
    std::vector<std::uint32_t> shifts(static_cast<std::size_t>(std::max(0, length - 1)));
    std::iota(shifts.begin(), shifts.end(), 1u);
    SplitMix random(seed);
    random.shuffle(shifts);
    shifts.resize(std::min(shifts.size(), static_cast<std::size_t>(std::max(0, count))));
    return shifts;
}

class HeadSearch {
  public:
    HeadSearch(const AttentionTrace& trace, const PairTemplate& pairs, const SearchOptions& options)
        : trace_(trace), pairs_(pairs), options_(options), groups_(group_layers(trace, pairs)) {
        result_.grid = trace.grid();
        result_.heads.resize(result_.grid.size());
    }

    bool has_rows() const {
        return std::any_of(groups_.groups.begin(), groups_.groups.end(),
                           [](const MaskGroup& group) { return !group.masked.rows.empty(); });
    }

    Result<SearchResult> run(const JobContext& job) {
        add_shifts();
        add_orders();
        std::atomic<bool> is_stopped{false};
        std::atomic<std::size_t> num_done{0};
        parallel_for(result_.grid.size(), options_.num_threads, [&](std::size_t index) {
            if (job.should_stop()) is_stopped = true;
            if (is_stopped) return;
            fit(index);
            job.report({"fitting heads",
                        static_cast<double>(++num_done) / static_cast<double>(result_.grid.size()), ""});
        });
        if (is_stopped) return fail(ErrorKind::Cancelled, "the search was stopped");
        add_q(&HeadFit::p, &HeadFit::q);
        add_q(&HeadFit::p_rows, &HeadFit::q_rows);
        add_ranks();
        result_.is_final = !is_cut_;
        return std::move(result_);
    }

  private:
    void add_shifts() {
        const bool is_square =
            trace_.info().kind != AttentionKind::Cross && trace_.num_queries() == trace_.num_keys();
        if (!is_square) {
            result_.shift_note =
                "queries and keys are of two texts: there is no diagonal to move along, so no p from shifts";
            return;
        }
        for (MaskGroup& group : groups_.groups) {
            if (group.masked.is_positional || group.masked.rows.empty()) continue;
            const int count = num_places(options_.most_lookups / 2, group.masked.runs.size(),
                                         result_.grid.size(), trace_.num_queries() - 1);
            is_cut_ |= count < trace_.num_queries() - 1;
            group.shifted = MovedPairs::along_diagonal(
                group.masked, draw_shifts_of(trace_.num_queries(), count, options_.seed),
                trace_.info().is_causal);
            if (!group.shifted->is_changed()) group.shifted.reset();
            if (group.shifted) result_.num_shifts = std::max(result_.num_shifts, group.shifted->count());
        }
        result_.shift_note = result_.num_shifts == 0
                                 ? "moving it along the diagonal leaves it as it is: no p from shifts"
                                 : fmt::format("{} of {} shifts tried: no p below {:.2g}", result_.num_shifts,
                                               trace_.num_queries() - 1, 1.0 / (1 + result_.num_shifts));
    }

    void add_orders() {
        for (MaskGroup& group : groups_.groups) {
            const int count = num_places(options_.most_lookups / 2, group.masked.runs.size(),
                                         result_.grid.size(), options_.num_row_orders);
            if (options_.num_row_orders <= 0) break;
            if (group.masked.rows.empty()) continue;
            is_cut_ |= count < options_.num_row_orders;
            group.exchanged = MovedPairs::among_rows(group.masked, count, options_.seed);
            if (!group.exchanged->is_changed()) group.exchanged.reset();
            if (group.exchanged)
                result_.num_row_orders = std::max(result_.num_row_orders, group.exchanged->count());
        }
        result_.rows_note =
            result_.num_row_orders == 0
                ? "similar rows have the same keys: exchanging them changes nothing, so no p from rows"
                : fmt::format("{} orders of similar rows tried: no p below {:.2g}", result_.num_row_orders,
                              1.0 / (1 + result_.num_row_orders));
    }

    void fit(std::size_t index) {
        HeadFit& out = result_.heads[index];
        out.head = result_.grid.at(index);
        const int group_index = groups_.of_layer[static_cast<std::size_t>(out.head.layer)];
        if (group_index < 0) return;
        const MaskGroup& group = groups_.groups[static_cast<std::size_t>(group_index)];
        if (group.masked.rows.empty()) return;
        thread_local SearchRows rows;  // megabytes that would be mapped and unmapped for every head
        read_search_rows(trace_, out.head, group.masked.admissible, group.wants_sums, rows);
        out = fit_head(out.head, pairs_, group.masked, rows);
        if (group.shifted) out.p = group.shifted->p_value(rows);
        if (group.exchanged) out.p_rows = group.exchanged->p_value(rows);
    }

    /// Over the heads that have a p.
    void add_q(std::optional<double> HeadFit::*p, std::optional<double> HeadFit::*q) {
        std::vector<double> values;
        for (const HeadFit& head : result_.heads) {
            if (head.*p) values.push_back(*(head.*p));
        }
        const std::vector<double> corrected = benjamini_hochberg(values);
        std::size_t next = 0;
        for (HeadFit& head : result_.heads) {
            if (head.*p) head.*q = corrected[next++];
        }
    }

    void add_ranks() {
        std::vector<double> all;
        for (const HeadFit& head : result_.heads) {
            if (head.mass) all.push_back(*head.mass);
        }
        std::sort(all.begin(), all.end());
        for (HeadFit& head : result_.heads) {
            if (!head.mass || all.size() < 2) continue;
            // The head itself is among those that are at least as high: it stands for the 1.
            const auto at_least = all.end() - std::lower_bound(all.begin(), all.end(), *head.mass);
            head.p_heads = static_cast<double>(at_least) / static_cast<double>(all.size());
        }
    }

    const AttentionTrace& trace_;
    const PairTemplate& pairs_;
    const SearchOptions& options_;
    MaskGroups groups_;
    SearchResult result_;
    bool is_cut_ = false;  // fewer places than there are
};

constexpr std::pair<FitMeasure, const char*> kMeasures[] = {{FitMeasure::Mass, "mass"},
                                                            {FitMeasure::Kappa, "kappa"},
                                                            {FitMeasure::Cosine, "cosine"},
                                                            {FitMeasure::Pearson, "pearson"}};

}  // namespace

Result<SearchResult> search_heads(const AttentionTrace& trace, const PairTemplate& pairs,
                                  const SearchOptions& options, const JobContext& job) {
    if (pairs.num_queries != trace.num_queries() || pairs.num_keys != trace.num_keys())
        return fail(ErrorKind::InvalidInput,
                    "what is looked for is {} × {} (queries × keys), the text {} × {}", pairs.num_queries,
                    pairs.num_keys, trace.num_queries(), trace.num_keys());
    if (std::max(pairs.num_queries, pairs.num_keys) > kMostSearchTokens)
        return fail(ErrorKind::InvalidInput, "texts of up to {} tokens are searched; this one has {}",
                    kMostSearchTokens, std::max(pairs.num_queries, pairs.num_keys));
    HeadSearch search(trace, pairs, options);
    if (!search.has_rows())
        return fail(ErrorKind::InvalidInput,
                    "no pair lies where the mask allows attention: nothing to look for");
    return search.run(job);
}

const char* to_string(FitMeasure measure) {
    for (const auto& [value, name] : kMeasures) {
        if (value == measure) return name;
    }
    return "";
}

std::optional<FitMeasure> fit_measure(std::string_view name) {
    for (const auto& [value, known] : kMeasures) {
        if (name == known) return value;
    }
    return std::nullopt;
}

std::optional<double> fit_value(const HeadFit& fit, FitMeasure measure) {
    switch (measure) {
        case FitMeasure::Mass:
            return fit.mass;
        case FitMeasure::Kappa:
            return fit.kappa;
        case FitMeasure::Cosine:
            return fit.cosine;
        case FitMeasure::Pearson:
            return fit.pearson;
    }
    return std::nullopt;
}

std::vector<std::size_t> best_first(const SearchResult& result, FitMeasure measure) {
    std::vector<std::size_t> order(result.heads.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    constexpr double kNone = -1e300;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return fit_value(result.heads[a], measure).value_or(kNone) >
               fit_value(result.heads[b], measure).value_or(kNone);
    });
    return order;
}

}  // namespace headlight
