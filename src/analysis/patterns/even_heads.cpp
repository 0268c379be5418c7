// The even head between units, once for each mask.
#include "analysis/patterns/even_heads.h"

namespace headlight {
namespace {

/// Sum of the keys of each row's set over an even row.
void add_masses(EvenHead& head, const DetectorText& text, int query, std::span<const float> row) {
    for (std::size_t d = 0; d < head.mass.size(); ++d) {
        const KeySet* set = text.key_set(d);
        if (set == nullptr) continue;
        double mass = 0;
        for (const std::uint32_t key : set->row(static_cast<std::size_t>(query)))
            mass += row[key];
        head.mass[d].push_back(static_cast<float>(mass));
    }
}

EvenHead even_head(const AttentionTrace& trace, const DetectorText& text, int layer) {
    EvenHead out;
    out.mass.resize(text.registry().size());
    const bool has_one_text = trace.info().kind != AttentionKind::Cross;
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    for (int query = 0; query < trace.num_queries(); ++query) {
        trace.even_rows(layer, query, query + 1, row);
        out.keys.push_back(trace.admissible(layer, query));
        out.rows.push_back(out.keys.back().count() > 0
                               ? compute_row_stats(row, has_one_text ? query : -1, out.keys.back())
                               : RowStats{});
        if (has_one_text) add_masses(out, text, query, row);
        if (text.is_row_pass()) out.matrix.insert(out.matrix.end(), row.begin(), row.end());
    }
    return out;
}

}  // namespace

EvenHeads::EvenHeads(const AttentionTrace& trace, const DetectorText& text) {
    if (!trace.has_units()) return;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        masks_.push_back(trace.mask_of(layer));
        if (!heads_.contains(masks_.back()))
            heads_.emplace(masks_.back(), even_head(trace, text, masks_.back()));
    }
}

const EvenHead* EvenHeads::of(int layer) const {
    return masks_.empty() ? nullptr : &heads_.at(masks_[static_cast<std::size_t>(layer)]);
}

}  // namespace headlight
