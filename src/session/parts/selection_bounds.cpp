// A selection inside the sizes of what is shown.
#include "session/parts/selection_bounds.h"

#include <algorithm>

namespace headlight {
namespace {

struct Sizes {
    int layers = 0, heads = 0;  // 0: unknown, nothing is clamped
    int queries = 0, keys = 0;
    int first_query = -1;  // that is chosen until the user chooses one; -1: the last
};

// What a masked model is asked: its first masked token.
int masked_query(const Snapshot& snapshot) {
    const ModelInfo* model = snapshot.model.get();
    if (!model || !model->tokenizer || model->spec.prediction != Prediction::MaskedToken) return -1;
    const std::int32_t mask = model->tokenizer->mask_id();
    const std::vector<Token>& tokens = snapshot.shown_tokens()->tokens.tokens;
    for (std::size_t i = 0; mask >= 0 && i < tokens.size(); ++i) {
        if (tokens[i].id == mask) return static_cast<int>(i);
    }
    return -1;
}

Sizes sizes_of(const Snapshot& snapshot) {
    if (snapshot.text && snapshot.text->trace) {
        const TraceInfo& info = snapshot.shown_tokens()->trace->info();
        return {info.num_layers, info.num_heads, info.num_queries, info.num_keys, masked_query(snapshot)};
    }
    if (snapshot.model) return {snapshot.model->spec.num_layers, snapshot.model->spec.num_heads, 0, 0, -1};
    return {};
}

int clamp_index(int index, int count) {
    return count > 0 ? std::clamp(index, 0, count - 1) : std::max(0, index);
}

HeadId clamp_inside(HeadId id, const Sizes& sizes) {
    return {clamp_index(id.layer, sizes.layers), clamp_index(id.head, sizes.heads)};
}

}  // namespace

HeadId clamp_head(HeadId id, const Snapshot& snapshot) {
    return clamp_inside(id, sizes_of(snapshot));
}

Selection clamp_selection(const Selection& wanted, const Snapshot& snapshot) {
    const Sizes sizes = sizes_of(snapshot);
    Selection out;
    out.head = clamp_inside(wanted.head, sizes);
    for (const HeadId id : wanted.others) {
        const bool is_known = std::find(out.others.begin(), out.others.end(), id) != out.others.end();
        if (id == clamp_inside(id, sizes) && id != out.head && !is_known) out.others.push_back(id);
    }
    if (sizes.queries > 0) {
        const int last = sizes.queries - 1;
        const int first = sizes.first_query < 0 ? last : sizes.first_query;
        out.query = wanted.query < 0 ? first : std::min(wanted.query, last);
    }
    for (const int query : wanted.queries) {
        const bool is_known = std::find(out.queries.begin(), out.queries.end(), query) != out.queries.end();
        if (query >= 0 && query < sizes.queries && query != out.query && !is_known)
            out.queries.push_back(query);
    }
    out.key = wanted.key >= 0 && wanted.key < sizes.keys ? wanted.key : -1;
    return out;
}

Selection selection_in_units(const Selection& tokens, const Snapshot& snapshot) {
    if (!snapshot.text || !snapshot.text->groups) return tokens;
    const TextGroups& groups = *snapshot.text->groups;
    Selection out = tokens;
    out.query = unit_of(groups.queries, tokens.query);
    out.key = unit_of(groups.keys, tokens.key);
    out.queries.clear();
    for (const int token : tokens.queries) {
        const int query = unit_of(groups.queries, token);
        const bool is_known = std::find(out.queries.begin(), out.queries.end(), query) != out.queries.end();
        if (query >= 0 && query != out.query && !is_known) out.queries.push_back(query);
    }
    return out;
}

int token_of(const Snapshot& snapshot, TokenAxis axis, int index) {
    if (!snapshot.text || !snapshot.text->groups || index < 0) return index;
    const TextGroups& groups = *snapshot.text->groups;
    const std::vector<TokenRange>& units = axis == TokenAxis::Query ? groups.queries : groups.keys;
    if (index >= static_cast<int>(units.size())) return units.empty() ? -1 : units.back().last();
    return units[static_cast<std::size_t>(index)].last();
}

void toggle_head(Selection& selection, HeadId id) {
    auto& others = selection.others;
    const auto known = std::find(others.begin(), others.end(), id);
    if (known != others.end()) {
        others.erase(known);
    } else if (id != selection.head) {
        others.push_back(id);
    } else if (!others.empty()) {
        selection.head = others.front();
        others.erase(others.begin());
    }
}

}  // namespace headlight
