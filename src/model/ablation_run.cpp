#include "model/ablation_run.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <optional>

#include "base/stopwatch.h"
#include "kernel/capture_rows.h"
#include "model/batch/changed_stack.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/changed_attention.h"
#include "model/forward/kernel_attention.h"
#include "model/forward/mlp_change.h"
#include "model/forward/run_probe.h"
#include "model/forward/worker_threads.h"
#include "model/intervention_check.h"
#include "model/request_check.h"
#include "model/row_trace.h"
#include "model/token_scores.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

constexpr std::size_t kMostKeptBytes = std::size_t{2} << 30;     // what enters each layer
constexpr std::size_t kMostPatternBytes = std::size_t{1} << 30;  // replaced patterns of one pass
constexpr std::size_t kDenseBudget = std::size_t{256} << 20;  // of captured weights; above q and k are kept

/// Takes the mean over the tokens of each head's output on its way.
class MeanTap final : public AttentionStep {
  public:
    MeanTap(const Architecture& arch, AttentionStep& inner)
        : arch_(arch),
          inner_(inner),
          means_(static_cast<std::int64_t>(HeadGrid{arch.num_layers, arch.num_heads}.size()), arch.head_dim) {
    }

    torch::Tensor attend(int layer, const AttentionInputs& inputs) override {
        torch::Tensor out = inner_.attend(layer, inputs);
        const torch::Tensor mean =
            out[0].mean(0, false, torch::kFloat64).to(torch::kFloat32);  // [H * head_dim]
        std::copy_n(mean.const_data_ptr<float>(), arch_.query_size(),
                    means_.values.begin() + std::int64_t{layer} * arch_.query_size());
        return out;
    }
    Matrix take() { return std::move(means_); }

  private:
    const Architecture& arch_;
    AttentionStep& inner_;
    Matrix means_;  // [L * H, head_dim]
};

bool same_sets(const std::vector<KeySet>& a, const std::vector<KeySet>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const KeySet& x, const KeySet& y) {
        return x.id == y.id && x.row_begin == y.row_begin && x.row_end == y.row_end && x.keys == y.keys;
    });
}

class TorchAblationRun final : public AblationRun {
  public:
    TorchAblationRun(LoadedModel& model, ThreadSetting threads, std::span<const std::int32_t> ids)
        : model_(model),
          threads_(std::move(threads)),
          ids_(ids.begin(), ids.end()),
          cache_(attention_shape_of(model.arch)) {}

    /// The unchanged pass.
    Status prepare(int num_threads, const JobContext& job);
    int use_wanted_threads() const {
        const int count = choose_threads(threads_->load());
        use_threads(count, num_tokens());
        return count;
    }
    const std::vector<float>& base_loss() const override { return base_loss_; }
    Matrix mean_outputs() const override { return means_; }
    Result<AblationOutcome> apply(std::span<const Intervention> interventions, const AblationWish& wish,
                                  const JobContext& job) override {
        return guarded_reading(model_, "running the changed model", [&]() -> Result<AblationOutcome> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check(interventions, wish));
            return apply_checked(interventions, wish, job);
        });
    }
    Status apply_each(std::span<const std::vector<Intervention>> changes, const AblationWish& wish,
                      const JobContext& job, const OnOutcome& on_outcome) override {
        if (wish.wants_trace) return AblationRun::apply_each(changes, wish, job, on_outcome);
        return guarded_reading(model_, "running the changed model", [&]() -> Status {
            const c10::InferenceMode inference;
            for (const std::vector<Intervention>& change : changes)
                HEADLIGHT_CHECK(check(change, wish));
            return apply_stacked(changes, wish, job, on_outcome);
        });
    }

  private:
    /// Changes that go through the model together.
    struct ChangedStack {
        std::size_t begin = 0, end = 0;
        int first_layer = 0;
    };
    /// A pass from one layer on, with what it left.
    struct Pass {
        torch::Tensor hidden;  // [N, D] after the final norm
        TracePtr trace;        // of the layers that were computed; null unless wanted
        std::map<HeadId, DenseRows> replaced;
    };

    Status check(std::span<const Intervention> interventions, const AblationWish& wish) const;
    Result<AblationOutcome> apply_checked(std::span<const Intervention> interventions,
                                          const AblationWish& wish, const JobContext& job);
    Result<Pass> pass_from(int first_layer, std::span<const Intervention> interventions,
                           const AblationWish& wish, const JobContext& job);
    Result<TracePtr> base_trace(const AblationWish& wish, const JobContext& job);
    Result<TracePtr> changed_trace(Pass pass, int first_layer, const AblationWish& wish,
                                   const JobContext& job);
    int num_tokens() const { return static_cast<int>(ids_.size()); }
    int first_layer_of(std::span<const Intervention> interventions) const;
    Status apply_stacked(std::span<const std::vector<Intervention>> changes, const AblationWish& wish,
                         const JobContext& job, const OnOutcome& on_outcome);
    std::vector<ChangedStack> cut_changes(std::span<const std::vector<Intervention>> changes) const;
    /// Of final hidden states [N, D] of passes that began at `first_layer`; without traces.
    Result<std::vector<AblationOutcome>> outcomes_of(std::span<const torch::Tensor> hidden, int first_layer,
                                                     const AblationWish& wish, int num_threads,
                                                     const JobContext& job);

    LoadedModel& model_;
    ThreadSetting threads_;
    std::vector<std::int32_t> ids_;
    KvCache cache_;
    BlockPoolPtr pool_ = std::make_shared<BlockPool>();
    std::vector<torch::Tensor> entering_;  // [L] of [N, D]: what enters each block of the unchanged model
    torch::Tensor base_hidden_;            // [N, D] after the final norm
    Matrix means_;                         // [L * H, head_dim]
    int base_threads_ = 0;                 // of the unchanged pass
    std::optional<TokenScorer> scorer_;
    std::vector<float> base_loss_;   // [N - 1]
    TracePtr base_trace_;            // once it was needed
    std::vector<KeySet> base_sets_;  // of base_trace_
};

Status TorchAblationRun::prepare(int num_threads, const JobContext& job) {
    const Architecture& arch = model_.arch;
    const std::size_t needed = ids_.size() * static_cast<std::size_t>(arch.hidden_size) * sizeof(float) *
                               (static_cast<std::size_t>(arch.num_layers) + 1);
    if (needed > kMostKeptBytes) {
        return fail(ErrorKind::OutOfMemory,
                    "ablating a text of {} tokens would keep {} MB of hidden states, the limit is {} MB; "
                    "shorten the text",
                    ids_.size(), needed >> 20, kMostKeptBytes >> 20);
    }
    cache_.reserve(num_tokens(), 0);
    KernelAttention kernel(arch, cache_, {0, num_tokens(), num_threads});
    MeanTap tap(arch, kernel);
    RunProbe probe(job, /*wants_hidden=*/true);
    const torch::Tensor hidden =
        forward_slice(arch, model_.weights, to_indices(ids_).unsqueeze(0), {0, num_tokens()}, tap, &probe);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(model_, hidden));
    entering_.assign(probe.hidden().begin(), probe.hidden().end() - 1);
    base_hidden_ = hidden[0];
    means_ = tap.take();
    scorer_.emplace(arch, model_.weights, ids_, base_hidden_);
    HEADLIGHT_TRY(TokenScores scores, scorer_->score(base_hidden_, false, num_threads, job));
    base_loss_ = std::move(scores.loss);
    base_threads_ = num_threads;
    return {};
}

Status TorchAblationRun::check(std::span<const Intervention> interventions, const AblationWish& wish) const {
    HEADLIGHT_CHECK(check_interventions(model_.arch, interventions, num_tokens()));
    HEADLIGHT_CHECK(check_positions(wish.logit_positions, ids_.size()));
    if (wish.wants_trace) HEADLIGHT_CHECK(check_key_sets(model_.arch, wish.key_sets, ids_.size()));
    // Patterns of their own: those given, and one for every head that loses edges.
    std::size_t num_patterns = 1;
    for (const Intervention& change : interventions) {
        num_patterns +=
            change.mode == InterventionMode::KnockOut ? change.heads.size() : change.patterns.size();
    }
    const std::size_t needed = num_patterns * ids_.size() * ids_.size() * sizeof(float);
    if (needed > kMostPatternBytes) {
        return fail(ErrorKind::OutOfMemory,
                    "{} replaced patterns of {} tokens take {} MB, the limit is {} MB; take fewer heads or a "
                    "shorter text",
                    num_patterns, ids_.size(), needed >> 20, kMostPatternBytes >> 20);
    }
    return {};
}

Result<TorchAblationRun::Pass> TorchAblationRun::pass_from(int first_layer,
                                                           std::span<const Intervention> interventions,
                                                           const AblationWish& wish, const JobContext& job) {
    const Architecture& arch = model_.arch;
    const auto mode = wish.wants_trace ? CaptureMode::Auto : CaptureMode::None;
    const auto layout =
        make_row_layout(attention_shape_of(arch), mode, ids_.size(), kDenseBudget, wish.key_sets);
    const std::vector<std::shared_ptr<RowBlock>> rows =
        make_rows(attention_shape_of(arch), pool_, layout, 0, num_tokens());
    const auto tiles = make_row_tiles(attention_shape_of(arch), pool_, layout, 0, num_tokens());
    KernelAttention kernel(arch, cache_,
                           {0, num_tokens(), use_wanted_threads(), plain_pointers(rows), wish.key_sets, false,
                            plain_pointers(tiles)});
    ChangedAttention attention(arch, model_.weights, kernel, interventions);
    MlpChange probe(job, interventions);
    const torch::Tensor entering = entering_[static_cast<std::size_t>(first_layer)].unsqueeze(0).clone();
    PassContext context = make_context(arch, model_.weights, attention, num_tokens(), {0, num_tokens()});
    const torch::Tensor hidden = forward_from(context, entering, first_layer, &probe);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    Pass pass{hidden[0], nullptr, attention.replaced()};
    if (layout) {
        pass.trace = make_row_trace(make_trace_facts(arch, model_.weights, num_tokens()),
                                    {rows.begin(), rows.end()}, {tiles.begin(), tiles.end()});
    }
    return pass;
}

Result<TracePtr> TorchAblationRun::base_trace(const AblationWish& wish, const JobContext& job) {
    if (base_trace_ == nullptr || !same_sets(base_sets_, wish.key_sets)) {
        HEADLIGHT_TRY(Pass pass, pass_from(0, {}, wish, job));
        base_trace_ = std::move(pass.trace);
        base_sets_ = wish.key_sets;
    }
    return base_trace_;
}

Result<TracePtr> TorchAblationRun::changed_trace(Pass pass, int first_layer, const AblationWish& wish,
                                                 const JobContext& job) {
    OverlayParts parts;
    if (first_layer > 0) {
        HEADLIGHT_TRY(parts.below, base_trace(wish, job));
    }
    parts.above = std::move(pass.trace);
    parts.first_layer = first_layer;
    parts.replaced = std::move(pass.replaced);
    parts.key_sets = wish.key_sets;
    return make_overlay_trace(std::move(parts));
}

Result<AblationOutcome> TorchAblationRun::apply_checked(std::span<const Intervention> interventions,
                                                        const AblationWish& wish, const JobContext& job) {
    const Stopwatch stopwatch;
    const int num_threads = use_wanted_threads(), first_layer = first_layer_of(interventions);
    TracePtr trace;
    torch::Tensor hidden = base_hidden_;
    if (first_layer < model_.arch.num_layers) {
        HEADLIGHT_TRY(Pass pass, pass_from(first_layer, interventions, wish, job));
        hidden = pass.hidden;
        if (wish.wants_trace) {
            HEADLIGHT_TRY(trace, changed_trace(std::move(pass), first_layer, wish, job));
        }
    } else if (wish.wants_trace) {
        HEADLIGHT_TRY(trace, base_trace(wish, job));
    }
    HEADLIGHT_TRY(std::vector<AblationOutcome> outcomes,
                  outcomes_of({&hidden, 1}, first_layer, wish, num_threads, job));
    AblationOutcome outcome = std::move(outcomes.front());
    outcome.trace = std::move(trace);
    outcome.elapsed_ms = stopwatch.milliseconds();
    return outcome;
}

int TorchAblationRun::first_layer_of(std::span<const Intervention> interventions) const {
    int first = model_.arch.num_layers;
    for (const Intervention& change : interventions) {
        for (const HeadId head : change.heads)
            first = std::min(first, head.layer);
        for (const int layer : change.mlp_layers)
            first = std::min(first, layer);
    }
    return first;
}

Result<std::vector<AblationOutcome>> TorchAblationRun::outcomes_of(std::span<const torch::Tensor> hidden,
                                                                   int first_layer, const AblationWish& wish,
                                                                   int num_threads, const JobContext& job) {
    for (const torch::Tensor& rows : hidden)
        HEADLIGHT_CHECK(check_finite(model_, rows));
    HEADLIGHT_TRY(std::vector<TokenScores> scores,
                  scorer_->score_each(hidden, wish.wants_distribution, num_threads, job));
    std::vector<AblationOutcome> outcomes(hidden.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        AblationOutcome& outcome = outcomes[i];
        outcome.first_layer = first_layer;
        outcome.token_loss = std::move(scores[i].loss);
        outcome.kl = std::move(scores[i].kl);
        outcome.tvd = std::move(scores[i].tvd);
        outcome.logit_positions = wish.logit_positions;
        if (wish.logit_positions.empty()) continue;
        const torch::Tensor rows = hidden[i].index_select(0, to_indices(wish.logit_positions));
        outcome.logits = to_matrix(output_logits(model_.arch, model_.weights, rows));
    }
    return outcomes;
}

std::vector<TorchAblationRun::ChangedStack> TorchAblationRun::cut_changes(
    std::span<const std::vector<Intervention>> changes) const {
    std::vector<ChangedStack> stacks;
    for (std::size_t begin = 0; begin < changes.size();) {
        const int layer = first_layer_of(changes[begin]);
        std::size_t end = begin + 1;
        while (end < changes.size() && first_layer_of(changes[end]) == layer)
            ++end;
        const std::vector<int> lengths(end - begin, num_tokens());
        for (const auto& [from, to] : cut_stacks(model_.arch, lengths))
            stacks.push_back({begin + from, begin + to, layer});
        begin = end;
    }
    return stacks;
}

Status TorchAblationRun::apply_stacked(std::span<const std::vector<Intervention>> changes,
                                       const AblationWish& wish, const JobContext& job,
                                       const OnOutcome& on_outcome) {
    use_threads(1, num_tokens());
    if (base_threads_ != 1) HEADLIGHT_CHECK(prepare(1, job));
    const Architecture& arch = model_.arch;
    const int num_threads = choose_threads(threads_->load());
    const std::vector<ChangedStack> stacks = cut_changes(changes);
    int num_layers = 0;
    for (const ChangedStack& stack : stacks)
        num_layers += arch.num_layers - stack.first_layer;
    BatchProgress progress(job, std::max(1, num_layers));
    std::vector<KvCache> caches;
    for (int worker = 0; worker < num_threads; ++worker)
        caches.emplace_back(attention_shape_of(arch));
    std::vector<std::vector<AblationOutcome>> outcomes(stacks.size());
    const auto run = [&](int index, int worker) -> Status {
        const ChangedStack& stack = stacks[static_cast<std::size_t>(index)];
        const Stopwatch stopwatch;
        const auto own = changes.subspan(stack.begin, stack.end - stack.begin);
        std::vector<torch::Tensor> hidden(own.size(), base_hidden_);
        if (stack.first_layer < arch.num_layers) {
            hidden = run_changed_stack(
                arch, model_.weights, entering_[static_cast<std::size_t>(stack.first_layer)],
                stack.first_layer, own, caches[static_cast<std::size_t>(worker)], job, progress);
        }
        if (hidden.empty()) return fail(ErrorKind::Cancelled, "the run was stopped");
        HEADLIGHT_TRY(outcomes[static_cast<std::size_t>(index)],
                      outcomes_of(hidden, stack.first_layer, wish, 1, job));
        for (AblationOutcome& outcome : outcomes[static_cast<std::size_t>(index)])
            outcome.elapsed_ms = stopwatch.milliseconds() / static_cast<double>(own.size());
        return {};
    };
    return run_side_by_side(static_cast<int>(stacks.size()), num_threads, run, [&](int index) {
        const auto at = static_cast<std::size_t>(index);
        for (std::size_t i = 0; i < outcomes[at].size(); ++i)
            on_outcome(stacks[at].begin + i, std::move(outcomes[at][i]));
        outcomes[at].clear();
    });
}

}  // namespace

Result<std::unique_ptr<AblationRun>> start_ablation_run(LoadedModel& model, ThreadSetting threads,
                                                        std::span<const std::int32_t> ids,
                                                        const JobContext& job) {
    if (model.arch.decoder != nullptr) {
        return fail(ErrorKind::Unsupported, "attention of an encoder-decoder cannot be replaced yet");
    }
    if (!model.arch.has_head) {
        return fail(ErrorKind::Unsupported,
                    "{} predicts nothing, so there is no loss that replaced attention could change",
                    model.spec.name);
    }
    HEADLIGHT_CHECK(check_ids(model.arch, ids));
    auto run = std::make_unique<TorchAblationRun>(model, std::move(threads), ids);
    HEADLIGHT_CHECK(run->prepare(run->use_wanted_threads(), job));
    return run;
}

}  // namespace headlight
