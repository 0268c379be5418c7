#include "model/cause/circuits.h"

#include <cmath>

#include <algorithm>
#include <limits>

#include "model/cause/frozen_stream.h"
#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/request_check.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

torch::Tensor centred(const torch::Tensor& scores) {
    return scores - scores.mean(-1, /*keepdim=*/true);
}

ScoredTokens end_of(const torch::Tensor& scores, int count, bool is_top) {
    const auto [values, ids] = scores.topk(std::min<std::int64_t>(count, scores.size(0)), -1, is_top);
    ScoredTokens out;
    for (std::int64_t i = 0; i < ids.size(0); ++i) {
        const float score = values[i].item<float>();
        if (!std::isfinite(score)) break;  // no more ordinary tokens
        out.ids.push_back(static_cast<std::int32_t>(ids[i].item<std::int64_t>()));
        out.scores.push_back(score);
    }
    return out;
}

/// One layer of a request: what its heads need of the whole vocabulary.
struct LayerPart {
    std::vector<std::size_t> heads;        // of the request
    torch::Tensor queries;                 // [T, H * head_dim]
    torch::Tensor values;                  // [T, Hkv * head_dim]
    std::vector<torch::Tensor> looks_for;  // per head [T, vocab]
    torch::Tensor mean_normed;             // [D] mean over the vocabulary of what the projections read
};

/// Heads of one layer over the tokens of the request and all keys.
Status sweep_layer(const LoadedModel& model, Vocabulary& vocabulary, const CircuitRequest& request, int layer,
                   LayerPart& part, const JobContext& job) {
    const Architecture& arch = model.arch;
    const torch::Tensor tokens = vocabulary.states(to_indices(request.tokens), request.state);
    const torch::Tensor normed = attention_input(arch, model.weights, layer, tokens);
    part.queries = project_queries(arch, model.weights, layer, normed);
    part.values = project_values(arch, model.weights, layer, normed);
    for (std::size_t i = 0; i < part.heads.size(); ++i)
        part.looks_for.push_back(torch::empty({tokens.size(0), std::int64_t{arch.vocab_size}}));
    torch::Tensor sum = torch::zeros({std::int64_t{arch.hidden_size}}, torch::kFloat64);
    const std::int64_t width = arch.head_dim;
    HEADLIGHT_CHECK(
        vocabulary.for_each_block(request.state, job, [&](std::int64_t begin, const torch::Tensor& states) {
            const torch::Tensor read = attention_input(arch, model.weights, layer, states);
            sum.add_(read.sum(0, false, torch::kFloat64));
            const torch::Tensor keys = project_keys(arch, model.weights, layer, read);
            for (std::size_t i = 0; i < part.heads.size(); ++i) {
                const int head = request.heads[part.heads[i]].head;
                part.looks_for[i]
                    .narrow(1, begin, states.size(0))
                    .copy_(scores_at_distance_0(model, layer, part.queries.narrow(1, head * width, width),
                                                keys.narrow(1, head / arch.group_size() * width, width)));
            }
        }));
    part.mean_normed = (sum / static_cast<double>(arch.vocab_size)).to(torch::kFloat32);
    return {};
}

/// Centred OV scores of values [T, head_dim] of a head, [T, vocab].
torch::Tensor written_scores(const LoadedModel& model, HeadId head, const torch::Tensor& values) {
    const Architecture& arch = model.arch;
    const LayerWeights& weights = model.weights.layers[static_cast<std::size_t>(head.layer)];
    const std::int64_t width = arch.head_dim;
    torch::Tensor moved = values.mm(weights.output.columns(head.head * width, width).t());
    if (norms_output(arch)) moved = norm_of(arch, weights.attention_output_norm).scaled(moved);
    return centred(unit_scores(model, moved));
}

TokenRanking rank(const torch::Tensor& scores, const CircuitRequest& request) {
    TokenRanking out = ranking_of(scores, request.count, request.is_ordinary);
    if (request.wants_scores) out.scores = to_vector(scores);
    return out;
}

Status check(const Architecture& arch, const CircuitRequest& request) {
    if (arch.decoder != nullptr)
        return fail(ErrorKind::Unsupported, "circuits of an encoder-decoder's heads are not offered");
    if (request.heads.empty() || request.tokens.empty())
        return fail(ErrorKind::InvalidInput, "a circuit needs a head and a token");
    for (const HeadId head : request.heads)
        if (head.layer < 0 || head.layer >= arch.num_layers || head.head < 0 || head.head >= arch.num_heads)
            return fail(ErrorKind::InvalidInput, "there is no head {}: the model has {} layers of {} heads",
                        head.to_string(), arch.num_layers, arch.num_heads);
    for (std::size_t i = 0; i < request.tokens.size(); ++i)
        HEADLIGHT_CHECK(check_ids(arch, std::span(request.tokens).subspan(i, 1)));
    return {};
}

void fill_head(const LoadedModel& model, const CircuitRequest& request, const LayerPart& part, std::size_t i,
               bool has_writes, std::vector<CircuitOfToken>& out) {
    const Architecture& arch = model.arch;
    const HeadId head = request.heads[part.heads[i]];
    const std::int64_t width = arch.head_dim, first = head.head / arch.group_size() * width;
    const torch::Tensor looks_for = centred(part.looks_for[i]);
    torch::Tensor writes, mean;
    if (has_writes) {
        writes = written_scores(model, head, part.values.narrow(1, first, width));
        // Affine in what is read, so the mean over the vocabulary goes through; not where values are clipped
        // or normed on their way.
        if (arch.clip_qkv <= 0 && !arch.is_latent())
            mean =
                written_scores(model, head,
                               project_values(arch, model.weights, head.layer, part.mean_normed.unsqueeze(0))
                                   .narrow(1, first, width));
    }
    for (std::int64_t t = 0; t < looks_for.size(0); ++t) {
        CircuitOfToken of;
        of.looks_for = rank(looks_for[t], request);
        if (has_writes) of.writes = rank(writes[t], request);
        if (mean.defined()) of.writes_specific = rank(writes[t] - mean[0], request);
        out.push_back(std::move(of));
    }
}

}  // namespace

TokenRanking ranking_of(const torch::Tensor& scores, int count, const std::vector<bool>& is_ordinary) {
    torch::Tensor high = scores, low = scores;
    if (!is_ordinary.empty()) {
        constexpr float kOut = std::numeric_limits<float>::infinity();
        const std::int64_t size = scores.size(0);
        torch::Tensor out = torch::empty({size}, torch::kBool);
        for (std::int64_t i = 0; i < size; ++i) {
            const auto at = static_cast<std::size_t>(i);
            out.mutable_data_ptr<bool>()[i] = at >= is_ordinary.size() || !is_ordinary[at];
        }
        high = scores.masked_fill(out, -kOut);
        low = scores.masked_fill(out, kOut);
    }
    return {end_of(high, count, true), end_of(low, count, false), {}};
}

Result<torch::Tensor> asked_for(const LoadedModel& model, Vocabulary& vocabulary, HeadId head,
                                const torch::Tensor& query, const JobContext& job) {
    const Architecture& arch = model.arch;
    const std::int64_t width = arch.head_dim, first = head.head / arch.group_size() * width;
    torch::Tensor scores = torch::empty({std::int64_t{arch.vocab_size}});
    HEADLIGHT_CHECK(vocabulary.for_each_block(
        TokenState::FirstBlock, job, [&](std::int64_t begin, const torch::Tensor& states) {
            const torch::Tensor keys = project_keys(arch, model.weights, head.layer,
                                                    attention_input(arch, model.weights, head.layer, states));
            scores.narrow(0, begin, states.size(0))
                .copy_(scores_at_distance_0(model, head.layer, query, keys.narrow(1, first, width))[0]);
        }));
    return centred(scores);
}

Result<Circuits> circuits_of(const LoadedModel& model, Vocabulary& vocabulary, const CircuitRequest& request,
                             const JobContext& job) {
    HEADLIGHT_CHECK(check_has_attention(model.arch, "the circuit of a head"));
    HEADLIGHT_CHECK(check(model.arch, request));
    Circuits out;
    out.has_writes = why_no_attribution(model).empty() && model.arch.norm_place != NormPlace::AfterSum;
    out.of.resize(request.heads.size());
    for (int layer = 0; layer < model.arch.num_layers; ++layer) {
        LayerPart part;
        for (std::size_t i = 0; i < request.heads.size(); ++i)
            if (request.heads[i].layer == layer) part.heads.push_back(i);
        if (part.heads.empty()) continue;
        HEADLIGHT_CHECK(sweep_layer(model, vocabulary, request, layer, part, job));
        for (std::size_t i = 0; i < part.heads.size(); ++i)
            fill_head(model, request, part, i, out.has_writes, out.of[part.heads[i]]);
    }
    return out;
}

}  // namespace headlight
