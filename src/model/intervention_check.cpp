#include "model/intervention_check.h"

#include <cmath>

#include "kernel/attention_kernel.h"

namespace headlight {
namespace {

Status check_heads(const Architecture& arch, const Intervention& change) {
    for (const int layer : change.mlp_layers) {
        const bool is_known =
            change.mode == InterventionMode::ZeroOutput || change.mode == InterventionMode::Scale;
        if (is_known && arch.has_mlp && layer >= 0 && layer < arch.num_layers) continue;
        return fail(
            ErrorKind::InvalidInput,
            "the feed-forward part of layer {} cannot have '{}': it can be zero or scaled, in layers 0 "
            "to {} of a model that has such parts",
            layer, label_of(change.mode), arch.num_layers - 1);
    }
    if (change.heads.empty() && change.mlp_layers.empty()) {
        return fail(ErrorKind::InvalidInput, "an ablation ({}) names no head", label_of(change.mode));
    }
    for (const HeadId head : change.heads) {
        if (head.layer < 0 || head.layer >= arch.num_layers || head.head < 0 || head.head >= arch.num_heads) {
            return fail(ErrorKind::InvalidInput,
                        "there is no head {} to ablate (the model has {} layers of {} heads, counted from 0)",
                        head.to_string(), arch.num_layers, arch.num_heads);
        }
    }
    return {};
}

/// Which layers have no heads to change.
Status check_attention(const Architecture& arch, const Intervention& change) {
    for (const HeadId head : change.heads) {
        if (arch.has_attention(head.layer)) continue;
        return fail(ErrorKind::InvalidInput,
                    "layer {} has no attention but a convolution, so head {} cannot be changed", head.layer,
                    head.to_string());
    }
    return {};
}

Status check_edges(const Architecture& arch, const Intervention& change, int num_tokens) {
    if (change.edges.empty()) return fail(ErrorKind::InvalidInput, "no edge was given to cut");
    for (const Edge edge : change.edges) {
        if (edge.query < 0 || edge.query >= num_tokens) {
            return fail(ErrorKind::InvalidInput, "edge {} -> {} cannot be cut: the text has {} tokens",
                        edge.query, edge.key, num_tokens);
        }
        for (const HeadId head : change.heads) {
            const KeyRange keys =
                KernelMask{num_tokens, arch.is_causal, arch.window_of(head.layer)}.range(edge.query);
            if (edge.key >= keys.begin && edge.key < keys.end) continue;
            return fail(ErrorKind::InvalidInput,
                        "edge {} -> {} cannot be cut: query {} of layer {} sees the keys {} to {} only",
                        edge.query, edge.key, edge.query, head.layer, keys.begin, keys.end - 1);
        }
    }
    return {};
}

/// One matrix against one layer's mask: rows need some weight where the mask lets it be.
Status check_pattern(const Architecture& arch, const Matrix& pattern, int layer, int num_tokens) {
    if (pattern.rows != num_tokens || pattern.cols != num_tokens ||
        pattern.values.size() != static_cast<std::size_t>(pattern.rows * pattern.cols)) {
        return fail(ErrorKind::InvalidInput,
                    "a given pattern has {} rows and {} columns, the text has {} tokens", pattern.rows,
                    pattern.cols, num_tokens);
    }
    const KernelMask mask{num_tokens, arch.is_causal, arch.window_of(layer)};
    for (int query = 0; query < num_tokens; ++query) {
        const KeyRange keys = mask.range(query);
        double sum = 0;
        for (int key = keys.begin; key < keys.end; ++key) {
            const float weight = pattern.at(query, key);
            if (!std::isfinite(weight) || weight < 0) {
                return fail(ErrorKind::InvalidInput,
                            "the given pattern has {} at query {}, key {}; expected a weight of 0 or more",
                            weight, query, key);
            }
            sum += weight;
        }
        if (!(sum > 0)) {
            return fail(
                ErrorKind::InvalidInput,
                "row {} of the given pattern is 0 on all keys that layer {} lets it see ({} to {}); expected "
                "some weight there",
                query, layer, keys.begin, keys.end - 1);
        }
    }
    return {};
}

Status check_patterns(const Architecture& arch, const Intervention& change, int num_tokens) {
    const std::size_t count = change.patterns.size();
    if (count != 1 && count != change.heads.size()) {
        return fail(ErrorKind::InvalidInput,
                    "{} patterns were given for {} heads; expected one for all or one each", count,
                    change.heads.size());
    }
    int checked_layer = -1;
    for (std::size_t i = 0; i < change.heads.size(); ++i) {
        const int layer = change.heads[i].layer;
        if (count == 1 && checked_layer >= 0 && arch.window_of(layer) == arch.window_of(checked_layer))
            continue;
        HEADLIGHT_CHECK(check_pattern(arch, change.patterns[count == 1 ? 0 : i], layer, num_tokens));
        checked_layer = layer;
    }
    return {};
}

Status check_outputs(const Architecture& arch, const Intervention& change) {
    if (change.outputs.size() != change.heads.size()) {
        return fail(ErrorKind::InvalidInput, "{} mean outputs were given for {} heads; expected one each",
                    change.outputs.size(), change.heads.size());
    }
    for (const std::vector<float>& output : change.outputs) {
        if (output.size() != static_cast<std::size_t>(arch.head_dim)) {
            return fail(ErrorKind::InvalidInput, "a mean output has {} values, the model's heads are {} wide",
                        output.size(), arch.head_dim);
        }
        for (const float value : output) {
            if (!std::isfinite(value)) return fail(ErrorKind::InvalidInput, "a mean output holds {}", value);
        }
    }
    return {};
}

}  // namespace

Status check_interventions(const Architecture& arch, std::span<const Intervention> interventions,
                           int num_tokens) {
    for (const Intervention& change : interventions) {
        HEADLIGHT_CHECK(check_heads(arch, change));
        HEADLIGHT_CHECK(check_attention(arch, change));
        switch (change.mode) {
            case InterventionMode::Pattern:
                HEADLIGHT_CHECK(check_patterns(arch, change, num_tokens));
                break;
            case InterventionMode::KnockOut:
                HEADLIGHT_CHECK(check_edges(arch, change, num_tokens));
                break;
            case InterventionMode::MeanOutput:
                HEADLIGHT_CHECK(check_outputs(arch, change));
                break;
            case InterventionMode::LocalWindow:
                if (change.window >= 0) break;
                return fail(ErrorKind::InvalidInput,
                            "a local window of {} tokens makes no sense; expected 0 or more", change.window);
            case InterventionMode::Scale:
                if (std::isfinite(change.factor)) break;
                return fail(ErrorKind::InvalidInput, "a head's output cannot be scaled by {}", change.factor);
            default:
                break;
        }
    }
    return {};
}

}  // namespace headlight
