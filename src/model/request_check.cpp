#include "model/request_check.h"

#include <algorithm>

#include "core/token.h"
#include "kernel/attention_kernel.h"
#include "model/weights/weight_loader.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTokens = std::size_t{1} << 20;

/// Keys are checked against causality alone: what lies outside a layer's window counts for nothing in that
/// layer.
Status check_keys(const Architecture& arch, const KeySet& set, std::size_t num_tokens) {
    const KernelMask mask{static_cast<int>(num_tokens), arch.is_causal};
    for (std::size_t i = 0; i < num_tokens; ++i) {
        const KeyRange range = mask.range(static_cast<int>(i));
        const std::span<const std::uint32_t> keys = set.row(i);
        if (keys.empty()) continue;
        const auto first = static_cast<std::int64_t>(keys.front()),
                   last = static_cast<std::int64_t>(keys.back());
        if (first >= range.begin && last < range.end) continue;
        return fail(ErrorKind::InvalidInput, "key set '{}' names key {} of query {}, which the mask forbids",
                    set.id, first < range.begin ? first : last, i);
    }
    return {};
}

}  // namespace

int most_tokens(const Architecture& arch) {
    const bool has_table = arch.position == PositionKind::Learned ||
                           arch.position == PositionKind::Sinusoidal ||
                           arch.stored_rotation == StoredRotation::Table;
    const int most = has_table ? std::max(0, arch.max_positions) : 0;
    if (arch.full_attention_tokens == 0) return most;
    return most > 0 ? std::min(most, arch.full_attention_tokens) : arch.full_attention_tokens;
}

TextNeeds text_needs(const Architecture& arch, const std::string& model) {
    TextNeeds needs;
    needs.model = model;
    needs.most_tokens = most_tokens(arch);
    // Queries, keys and values of all layers; hidden states and the inside of one feed-forward part.
    const double kept =
        static_cast<double>(arch.num_layers) * arch.head_dim * (arch.num_heads + 2 * arch.num_kv_heads);
    const double passing = 4.0 * arch.hidden_size + 3.0 * arch.intermediate_size;
    needs.token_bytes = static_cast<double>(sizeof(float)) * (kept + passing);
    // Row numbers, what is gathered, the sum and its copy for every head; the last is kept for each layer.
    if (arch.has_layer_bias())
        needs.pair_bytes = 16.0 + static_cast<double>(sizeof(float)) * arch.num_heads * (3 + arch.num_layers);
    return needs;
}

Status check_ids(const Architecture& arch, std::span<const std::int32_t> ids) {
    if (ids.empty()) return fail(ErrorKind::InvalidInput, "there are no tokens to run");
    const int most = most_tokens(arch);
    const std::size_t limit = most > 0 ? static_cast<std::size_t>(most) : kMostTokens;
    if (ids.size() > limit) {
        return fail(ErrorKind::InvalidInput,
                    "the text has {} tokens, the model takes at most {}; shorten the text", ids.size(),
                    limit);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::int32_t id = id_of_read(ids[i]);
        if (id < 0 || id >= arch.vocab_size) {
            return fail(
                ErrorKind::InvalidInput,
                "token {} has id {}, but the model's vocabulary has {} entries; does the tokenizer belong to "
                "this model?",
                i, id, arch.vocab_size);
        }
        // Models that tell no segments apart are not told them by the reference either.
        const int segment = segment_of_read(ids[i]);
        if (arch.num_token_types > 1 && segment >= arch.num_token_types) {
            return fail(ErrorKind::InvalidInput,
                        "token {} is of segment {} (token_type_ids), but the model has {} (type_vocab_size); "
                        "does the tokenizer belong to this model?",
                        i, segment, arch.num_token_types);
        }
    }
    return {};
}

Status check_decoder_ids(const Architecture& arch, std::span<const std::int32_t> ids) {
    if (arch.decoder == nullptr) {
        if (ids.empty()) return {};
        return fail(ErrorKind::InvalidInput,
                    "a decoder text was given, but this model has no decoder of its own");
    }
    if (!ids.empty()) return check_ids(*arch.decoder, ids);
    if (arch.decoder_start_id >= 0) return {};
    return fail(ErrorKind::InvalidInput,
                "the config names no decoder_start_token_id; give the ids that the decoder reads");
}

Status check_has_attention(const Architecture& arch, const char* what) {
    if (arch.bottleneck_size > 0)
        return fail(ErrorKind::Unsupported,
                    "{} is not defined for a model whose blocks read and write narrower copies of the stream",
                    what);
    const std::vector<int> absent = arch.absent_layers();
    if (absent.empty()) return {};
    return fail(ErrorKind::Unsupported,
                "{} is not defined for a model of which some layers have no attention (layer {} and {} more)",
                what, absent.front(), absent.size() - 1);
}

Status check_positions(std::span<const int> positions, std::size_t num_tokens) {
    for (const int position : positions) {
        if (position < 0 || static_cast<std::size_t>(position) >= num_tokens) {
            return fail(ErrorKind::InvalidInput, "logits of token {} were asked for, the text has {} tokens",
                        position, num_tokens);
        }
    }
    return {};
}

Status check_key_sets(const Architecture& arch, std::span<const KeySet> sets, std::size_t num_tokens) {
    for (const KeySet& set : sets) {
        if (!set.is_sound(num_tokens))
            return fail(ErrorKind::InvalidInput, "key set '{}' does not fit {} tokens", set.id, num_tokens);
        HEADLIGHT_CHECK(check_keys(arch, set, num_tokens));
    }
    return {};
}

Status check_finite(LoadedModel& model, const torch::Tensor& hidden) {
    if (torch::isfinite(hidden).all().item<bool>()) return {};
    std::string names;
    for (const std::string& name : non_finite_weights(*model.family, model.arch, model.weights)) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (names.empty()) {
        return fail(ErrorKind::Internal,
                    "the forward pass overflows: its result holds values that are not finite, though "
                    "all weights are");
    }
    return fail(make_error(ErrorKind::Corrupt,
                           "the checkpoint's weights hold NaN or infinity, so no attention can be "
                           "shown: {}",
                           names)
                    .in_file(model.spec.path)
                    .at_tensor(names.substr(0, names.find(','))));
}

}  // namespace headlight
