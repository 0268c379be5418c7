#include "run/intervention_set.h"

#include <algorithm>
#include <utility>

namespace headlight {
namespace {

void sort_unique(std::vector<HeadId>& heads) {
    std::sort(heads.begin(), heads.end());
    heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
}

void sort_unique(std::vector<Edge>& edges) {
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
}

bool is_same(const Matrix& a, const Matrix& b) {
    return a.rows == b.rows && a.cols == b.cols && a.values == b.values;
}

// Apart from the heads.
bool has_same_settings(const Intervention& a, const Intervention& b) {
    return a.mode == b.mode && a.mlp_layers == b.mlp_layers && a.window == b.window && a.factor == b.factor &&
           a.edges == b.edges && a.outputs == b.outputs &&
           std::equal(a.patterns.begin(), a.patterns.end(), b.patterns.begin(), b.patterns.end(),
                      [](const Matrix& x, const Matrix& y) { return is_same(x, y); });
}

// Patterns and outputs are given per head: such an intervention stays whole.
bool can_join(const Intervention& a, const Intervention& b) {
    return a.outputs.empty() && a.patterns.empty() && has_same_settings(a, b);
}

void join(Interventions& list, Intervention change) {
    for (Intervention& known : list) {
        if (!can_join(known, change)) continue;
        known.heads.insert(known.heads.end(), change.heads.begin(), change.heads.end());
        sort_unique(known.heads);
        return;
    }
    sort_unique(change.heads);
    list.push_back(std::move(change));
}

}  // namespace

const Intervention* find_intervention(const Interventions& now, HeadId head) {
    for (const Intervention& known : now) {
        if (std::find(known.heads.begin(), known.heads.end(), head) != known.heads.end()) return &known;
    }
    return nullptr;
}

Interventions without_heads(const Interventions& now, std::span<const HeadId> heads) {
    Interventions out;
    for (Intervention known : now) {
        for (std::size_t i = known.heads.size(); i-- > 0;) {
            if (std::find(heads.begin(), heads.end(), known.heads[i]) == heads.end()) continue;
            const auto at = static_cast<std::ptrdiff_t>(i);
            if (known.outputs.size() == known.heads.size()) known.outputs.erase(known.outputs.begin() + at);
            if (known.patterns.size() == known.heads.size() && known.patterns.size() > 1)
                known.patterns.erase(known.patterns.begin() + at);
            known.heads.erase(known.heads.begin() + at);
        }
        if (!known.heads.empty()) out.push_back(std::move(known));
    }
    return out;
}

Interventions with_intervention(const Interventions& now, Intervention change) {
    Interventions out = without_heads(now, change.heads);
    if (change.mode != InterventionMode::KnockOut) {
        join(out, std::move(change));
        return out;
    }
    for (const HeadId head : change.heads) {
        Intervention cut;
        cut.mode = InterventionMode::KnockOut;
        cut.heads = {head};
        cut.edges = change.edges;
        const Intervention* before = find_intervention(now, head);
        if (before != nullptr && before->mode == InterventionMode::KnockOut)
            cut.edges.insert(cut.edges.end(), before->edges.begin(), before->edges.end());
        sort_unique(cut.edges);
        join(out, std::move(cut));
    }
    return out;
}

bool are_same(const Interventions& a, const Interventions& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Intervention& x, const Intervention& y) {
                          return x.heads == y.heads && has_same_settings(x, y);
                      });
}

}  // namespace headlight
