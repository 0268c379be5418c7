// Gathering rows of tokens into rows of units.
#include "core/units/grouped_trace.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/row_overview.h"

namespace headlight {
namespace {

/// Ranges that follow each other from 0 to `count`, none empty.
bool covers(const std::vector<TokenRange>& units, int count) {
    int end = 0;
    for (const TokenRange& unit : units) {
        if (unit.begin != end || unit.end <= unit.begin) return false;
        end = unit.end;
    }
    return end == count;
}

constexpr int kTokenRowsAtOnce = 64;  // that are read from the trace below

}  // namespace

GroupedTrace::GroupedTrace(TracePtr tokens, std::shared_ptr<const TextGroups> groups, bool skips_empty_rows,
                           std::vector<KeySet> key_sets)
    : tokens_(std::move(tokens)),
      groups_(std::move(groups)),
      info_(tokens_->info()),
      skips_empty_rows_(skips_empty_rows),
      key_sets_(std::move(key_sets)) {
    if (!groups_ || !covers(groups_->queries, info_.num_queries) || !covers(groups_->keys, info_.num_keys))
        throw std::invalid_argument("attention between units: the units are of another text");
    info_.num_queries = static_cast<int>(groups_->queries.size());
    info_.num_keys = static_cast<int>(groups_->keys.size());
    info_.unit = groups_->unit;
    info_.window.clear();
    for (const KeySet& set : key_sets_) {
        const bool is_inside = std::all_of(set.keys.begin(), set.keys.end(), [&](std::uint32_t key) {
            return key < static_cast<std::uint32_t>(info_.num_keys);
        });
        if (!set.is_sound(groups_->queries.size()) || !is_inside)
            throw std::invalid_argument("attention between units: the key set is of another text");
    }
    const std::size_t cells = groups_->queries.size() * groups_->keys.size();
    keeps_rows_ = cells * info_.grid().size() <= kMostKeptBytes / sizeof(float);
    heads_.resize(info_.grid().size());
    find_masks();
}

TokenRange GroupedTrace::rows_of(int query) const {
    const TokenRange unit = groups_->queries[static_cast<std::size_t>(query)];
    return groups_->from == FromGroup::Last ? TokenRange{unit.last(), unit.end} : unit;
}

void GroupedTrace::find_masks() {
    masks_.resize(static_cast<std::size_t>(info_.num_layers));
    for (int layer = 0; layer < info_.num_layers; ++layer) {
        mask_of_.push_back(tokens_->mask_of(layer));
        if (mask_of_.back() != layer) continue;
        for (int query = 0; query < info_.num_queries; ++query) {
            int begin = std::numeric_limits<int>::max(), end = 0;  // of tokens
            const TokenRange from = rows_of(query);
            for (int row = from.begin; row < from.end; ++row) {
                const KeyRange allowed = tokens_->admissible(layer, row);
                if (allowed.count() <= 0) continue;
                begin = std::min(begin, allowed.begin);
                end = std::max(end, allowed.end);
            }
            KeyRange units;
            if (begin < end) units = {unit_of(groups_->keys, begin), unit_of(groups_->keys, end - 1) + 1};
            masks_[static_cast<std::size_t>(layer)].push_back(units);
        }
    }
}

KeyRange GroupedTrace::admissible(int layer, int query) const {
    const auto mask = static_cast<std::size_t>(mask_of(layer));
    return masks_[mask][static_cast<std::size_t>(query)];
}

template <class Read>
void GroupedTrace::add_up(int layer, int query_begin, int query_end, std::span<float> out,
                          const Read& read) const {
    const auto num_tokens = static_cast<std::size_t>(tokens_->num_keys());
    const auto num_units = static_cast<std::size_t>(info_.num_keys);
    std::vector<float> block;
    std::vector<double> sums(num_units);
    int block_begin = 0, block_end = 0;  // of tokens' rows
    const int last_row = query_end > query_begin ? rows_of(query_end - 1).end : 0;
    for (int query = query_begin; query < query_end; ++query) {
        std::fill(sums.begin(), sums.end(), 0.0);
        const TokenRange from = rows_of(query);
        const KeyRange units = admissible(layer, query);
        int num_rows = 0;
        for (int row = from.begin; row < from.end; ++row) {
            const KeyRange allowed = tokens_->admissible(layer, row);
            if (allowed.count() <= 0) continue;
            if (row >= block_end) {
                block_begin = row;
                block_end = std::min(row + kTokenRowsAtOnce, last_row);
                block.resize(static_cast<std::size_t>(block_end - block_begin) * num_tokens);
                read(block_begin, block_end, std::span(block));
            }
            const float* weights = block.data() + static_cast<std::size_t>(row - block_begin) * num_tokens;
            bool is_empty = true;
            for (int unit = units.begin; unit < units.end; ++unit) {
                const TokenRange keys = groups_->keys[static_cast<std::size_t>(unit)];
                double sum = 0;
                const int end = std::min(keys.end, allowed.end);
                for (int key = std::max(keys.begin, allowed.begin); key < end; ++key) {
                    sum += weights[key];
                    is_empty = is_empty && weights[key] == 0;
                }
                sums[static_cast<std::size_t>(unit)] += sum;
            }
            num_rows += is_empty && skips_empty_rows_ ? 0 : 1;
        }
        float* to = out.data() + static_cast<std::size_t>(query - query_begin) * num_units;
        for (std::size_t unit = 0; unit < num_units; ++unit)
            to[unit] = num_rows == 0 ? 0.0f : static_cast<float>(sums[unit] / num_rows);
    }
}

// One pass over the head, few rows at a time: of a long text nothing as large as its matrix is held.
GroupedTrace::Head GroupedTrace::make_head(int layer, int head) const {
    Head out;
    out.mass.resize(key_sets_.size());
    const auto num_units = static_cast<std::size_t>(info_.num_keys);
    const auto keep = [&](int query, std::span<const float> row) {
        const bool is_empty = skips_empty_rows_ &&
                              std::all_of(row.begin(), row.end(), [](float weight) { return weight == 0; });
        const int own = info_.kind == AttentionKind::Cross ? -1 : query;
        out.stats.push_back(is_empty ? RowStats{} : compute_row_stats(row, own, admissible(layer, query)));
        if (keeps_rows_) out.matrix.insert(out.matrix.end(), row.begin(), row.end());
        for (std::size_t s = 0; s < key_sets_.size(); ++s) {
            double mass = 0;
            for (const std::uint32_t key : key_sets_[s].row(static_cast<std::size_t>(query)))
                mass += row[key];
            out.mass[s].push_back(static_cast<float>(mass));
        }
    };
    out.overview = overview_of_rows(*this, layer, [&](int begin, int end, std::span<float> block) {
        add_up(layer, begin, end, block, [&](int row_begin, int row_end, std::span<float> rows) {
            tokens_->rows(layer, head, row_begin, row_end, rows);
        });
        for (int query = begin; query < end; ++query)
            keep(query, block.subspan(static_cast<std::size_t>(query - begin) * num_units, num_units));
    });
    return out;
}

// Two that ask for one head at once both gather it; the first result is kept.
std::shared_ptr<const GroupedTrace::Head> GroupedTrace::gather(int layer, int head) const {
    const std::size_t index = info_.grid().index({layer, head});
    {
        const std::lock_guard lock(mutex_);
        if (heads_[index]) return heads_[index];
    }
    auto made = std::make_shared<const Head>(make_head(layer, head));
    const std::lock_guard lock(mutex_);
    if (!heads_[index]) heads_[index] = std::move(made);
    return heads_[index];
}

bool GroupedTrace::is_gathered(int layer, int head) const {
    const std::lock_guard lock(mutex_);
    return heads_[info_.grid().index({layer, head})] != nullptr;
}

void GroupedTrace::rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const {
    if (!keeps_rows_) {
        add_up(layer, query_begin, query_end, out, [&](int begin, int end, std::span<float> rows) {
            tokens_->rows(layer, head, begin, end, rows);
        });
        return;
    }
    const auto kept = gather(layer, head);
    const auto first = kept->matrix.begin() + static_cast<std::ptrdiff_t>(query_begin) * info_.num_keys;
    std::copy(first, first + static_cast<std::ptrdiff_t>(query_end - query_begin) * info_.num_keys,
              out.begin());
}

void GroupedTrace::row_stats(int layer, int head, std::span<RowStats> out) const {
    const auto kept = gather(layer, head);
    std::copy(kept->stats.begin(), kept->stats.end(), out.begin());
}

bool GroupedTrace::key_set_mass(const std::string& id, int layer, int head, std::span<float> out) const {
    const auto set =
        std::find_if(key_sets_.begin(), key_sets_.end(), [&](const KeySet& one) { return one.id == id; });
    if (set == key_sets_.end()) return false;
    const auto kept = gather(layer, head);
    const std::vector<float>& mass = kept->mass[static_cast<std::size_t>(set - key_sets_.begin())];
    std::copy(mass.begin(), mass.end(), out.begin());
    return true;
}

Overview GroupedTrace::overview(int layer, int head) const {
    return gather(layer, head)->overview;
}

void GroupedTrace::even_rows(int layer, int query_begin, int query_end, std::span<float> out) const {
    add_up(layer, query_begin, query_end, out,
           [&](int begin, int end, std::span<float> rows) { tokens_->even_rows(layer, begin, end, rows); });
}

std::size_t GroupedTrace::size_bytes() const {
    std::size_t bytes = tokens_->size_bytes();
    const std::lock_guard lock(mutex_);
    for (const auto& head : heads_) {
        if (!head) continue;
        bytes +=
            head->stats.size() * sizeof(RowStats) +
            (head->matrix.size() + head->overview.max.size() + head->overview.mean.size()) * sizeof(float);
    }
    return bytes;
}

}  // namespace headlight
