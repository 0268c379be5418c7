#include "run/cause/read_circuits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "run/ablate/ablate_text.h"
#include "run/cause/causal_text.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTokens = 64;
constexpr int kMostPartners = 5;

/// The distinct tokens of a text, in their order.
std::vector<std::int32_t> distinct_tokens(const TokenizedText& text) {
    std::vector<std::int32_t> out;
    for (const Token& token : text.tokens)
        if (std::find(out.begin(), out.end(), token.id) == out.end() && out.size() < kMostTokens)
            out.push_back(token.id);
    return out;
}

Status read_context(const LiveModel& model, const CircuitOptions& options, const JobContext& job,
                    CircuitResult& out) {
    HEADLIGHT_TRY(out.row, position_of(options.at, out.text.tokens.size()));
    HEADLIGHT_TRY(const std::unique_ptr<CausalRun> run, model.runner->start_causal(out.text.ids(), job));
    std::vector<float> row(out.text.tokens.size());
    for (const HeadId head : out.heads) {
        HeadInContext in;
        run->trace()->rows(head.layer, head.head, out.row, out.row + 1, row);
        in.key = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
        if (options.key) {
            HEADLIGHT_TRY(in.key, position_of(*options.key, out.text.tokens.size()));
        }
        in.weight = row[static_cast<std::size_t>(in.key)];
        HEADLIGHT_TRY(std::vector<float> asked, run->head_looks_for(head, out.row, job));
        in.looks_for = rank_tokens(asked, options.count);
        if (out.why_no_writes.empty()) {
            HEADLIGHT_TRY(std::vector<float> written, run->head_writes(head, out.row, in.key));
            in.writes = rank_tokens(written, options.count);
            in.writes.scores = std::move(written);
        }
        out.context.push_back(std::move(in));
    }
    return {};
}

}  // namespace

Result<std::vector<bool>> ordinary_tokens(const LiveModel& model, const JobContext& job) {
    constexpr int kBlock = 4096;
    const int count = model.spec().vocab_size;
    std::vector<double> mean, distance(static_cast<std::size_t>(count));
    for (const bool is_second : {false, true}) {
        for (int begin = 0; begin < count; begin += kBlock) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
            std::vector<std::int32_t> ids(static_cast<std::size_t>(std::min(kBlock, count - begin)));
            std::iota(ids.begin(), ids.end(), begin);
            HEADLIGHT_TRY(const Matrix rows, model.runner->token_embeddings(ids));
            mean.resize(static_cast<std::size_t>(rows.cols));
            for (std::int64_t r = 0; r < rows.rows; ++r) {
                double sum = 0;
                for (std::int64_t c = 0; c < rows.cols; ++c) {
                    double& at = mean[static_cast<std::size_t>(c)];
                    if (is_second)
                        sum += (rows.at(r, c) - at) * (rows.at(r, c) - at);
                    else
                        at += rows.at(r, c) / static_cast<double>(count);
                }
                distance[static_cast<std::size_t>(begin + r)] = sum;
            }
        }
    }
    std::vector<double> sorted = distance;
    std::sort(sorted.begin(), sorted.end());
    const auto edge = static_cast<std::size_t>(count / 100);
    std::vector<bool> out(static_cast<std::size_t>(count));
    for (int id = 0; id < count; ++id) {
        const auto at = static_cast<std::size_t>(id);
        const bool is_middle =
            distance[at] >= sorted[edge] && distance[at] <= sorted[sorted.size() - 1 - edge];
        if (!model.tokenizer()) {
            out[at] = is_middle;
            continue;
        }
        const auto token = id < model.tokenizer()->vocab_size()
                               ? model.tokenizer()->token(id)
                               : Result<Token>(fail(ErrorKind::Missing, "none"));
        out[at] = is_middle && token && !token->is_special;
    }
    return out;
}

Result<CircuitResult> read_circuits(const LiveModel& model, const CircuitOptions& options,
                                    const JobContext& job) {
    CircuitResult out;
    out.model = model.info;
    HEADLIGHT_TRY(out.heads, parse_heads(options.heads, model.spec()));
    if (out.heads.empty())
        return fail(ErrorKind::InvalidInput, "--heads names the heads to read: 5.1,6.9 (layer.head)");
    if (options.text.is_given()) {
        HEADLIGHT_TRY(out.text, read_tokens(options.text, model));
        HEADLIGHT_CHECK(check_tokens(*model.info, out.text));
    }
    out.tokens = options.tokens.empty() ? distinct_tokens(out.text) : options.tokens;
    if (out.tokens.empty())
        return fail(ErrorKind::InvalidInput,
                    "--tokens names the tokens that the heads look at (ids), or give a --text");
    CircuitRequest request{.heads = out.heads,
                           .tokens = out.tokens,
                           .count = options.count,
                           .wants_scores = true,
                           .is_ordinary = {}};
    if (options.only_ordinary) {
        HEADLIGHT_TRY(request.is_ordinary, ordinary_tokens(model, job));
    }
    request.state = TokenState::Embedding;
    HEADLIGHT_TRY(out.embedding, model.runner->circuits(request, job));
    request.state = TokenState::FirstBlock;
    HEADLIGHT_TRY(out.first_block, model.runner->circuits(request, job));
    if (!out.embedding.has_writes)
        out.why_no_writes =
            fmt::format("what a head of {} writes does not reach the vocabulary by a linear way",
                        model.spec().family_label);
    if (!out.text.tokens.empty()) HEADLIGHT_CHECK(read_context(model, options, job, out));
    if (!options.has_partners) return out;
    const HeadGrid grid = model.spec().grid();
    for (const HeadId head : out.heads) {
        HEADLIGHT_TRY(CompositionPartners partners,
                      composition_partners(
                          grid.num_layers, grid.num_heads, head,
                          [&](int layer, int other) { return model.runner->head_weights(layer, other); },
                          kMostPartners, job));
        out.partners.push_back(std::move(partners));
    }
    return out;
}

}  // namespace headlight
