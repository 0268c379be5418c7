#include "model/batch/batch_run.h"

#include <algorithm>
#include <numeric>

#include "base/stopwatch.h"
#include "kernel/capture_rows.h"
#include "model/batch/stack.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/kernel_attention.h"
#include "model/forward/run_probe.h"
#include "model/forward/worker_threads.h"
#include "model/request_check.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

/// One text of a stack while it runs.
struct CapturedText {
    CapturedText(const LoadedModel& model, const BlockPoolPtr& pool, const RunRequest& wanted, KvCache& cache,
                 int num_threads, const JobContext& job)
        : request(wanted),
          layout(make_row_layout(attention_shape_of(model.arch), wanted.capture, wanted.ids.size(),
                                 wanted.dense_budget_bytes, wanted.key_sets)),
          rows(make_rows(attention_shape_of(model.arch), pool, layout, 0, num_tokens())),
          tiles(make_row_tiles(attention_shape_of(model.arch), pool, layout, 0, num_tokens())),
          attention(model.arch, cache,
                    {0, num_tokens(), num_threads, plain_pointers(rows), wanted.key_sets, false,
                     plain_pointers(tiles)}),
          probe(job, wanted.wants_hidden, last_state_of(model.arch)) {}

    int num_tokens() const { return static_cast<int>(request.ids.size()); }

    const RunRequest& request;
    std::shared_ptr<const RowLayout> layout;
    std::vector<std::shared_ptr<RowBlock>> rows;
    std::vector<std::shared_ptr<RowTiles>> tiles;
    KernelAttention attention;
    RunProbe probe;
};

class BatchRun {
  public:
    BatchRun(LoadedModel& model, const BlockPoolPtr& pool, std::span<const RunRequest> requests,
             int num_threads, const JobContext& job)
        : model_(model), pool_(pool), requests_(requests), num_threads_(num_threads), job_(job) {}

    Result<std::vector<RunResult>> run() {
        const Stopwatch stopwatch;
        std::vector<int> lengths;
        for (const RunRequest& request : requests_)
            lengths.push_back(static_cast<int>(request.ids.size()));
        // Our products share the threads, LibTorch's operations take one: no number depends on how many there
        // are.
        use_threads(num_threads_, 1);
        const auto stacks = cut_stacks(model_.arch, lengths);
        BatchProgress progress(job_, model_.arch.num_layers * static_cast<int>(stacks.size()));
        // One for all texts: each is attended to as soon as its keys are there.
        KvCache cache(attention_shape_of(model_.arch));
        results_.resize(requests_.size());
        states_.resize(requests_.size());
        for (const auto& [begin, end] : stacks)
            HEADLIGHT_CHECK(
                run_stack(begin, std::span(lengths).subspan(begin, end - begin), cache, progress));
        for (const torch::Tensor& states : states_)
            HEADLIGHT_CHECK(check_finite(model_, states));
        for (RunResult& result : results_)
            result.elapsed_ms = stopwatch.milliseconds();
        return std::move(results_);
    }

  private:
    Status run_stack(std::size_t begin, std::span<const int> lengths, KvCache& cache,
                     BatchProgress& progress) {
        const Stack stack(model_.arch, model_.weights, lengths);
        cache.reserve(stack.longest(), 0);
        std::vector<std::unique_ptr<CapturedText>> texts;
        std::vector<AttentionStep*> steps;
        std::vector<Probe*> probes;
        std::vector<torch::Tensor> entering;
        bool wants_hidden = false;
        for (const RunRequest& request : requests_.subspan(begin, lengths.size())) {
            texts.push_back(
                std::make_unique<CapturedText>(model_, pool_, request, cache, num_threads_, job_));
            steps.push_back(&texts.back()->attention);
            probes.push_back(&texts.back()->probe);
            entering.push_back(
                embed_tokens(model_.arch, model_.weights, to_indices(request.ids).unsqueeze(0), 0));
            wants_hidden = wants_hidden || request.wants_hidden;
        }
        StackedAttention attention(stack, std::move(steps));
        StackedProbe probe(stack, std::move(probes), progress);
        PassContext context = stack.context(attention);
        const torch::Tensor states = forward_to_rows(context, stack.join(std::move(entering)), 0, &probe);
        if (!states.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
        // Nobody reads the last feed-forward part of other rows than those whose logits are wanted.
        if (wants_hidden) finish_rows(model_.arch, model_.weights, states.clone(), &probe);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            states_[begin + i] = stack.part(states, i);
            results_[begin + i] = result_of(*texts[i], states_[begin + i][0]);
        }
        return {};
    }

    /// `states` [N, D] of forward_to_rows().
    RunResult result_of(const CapturedText& text, const torch::Tensor& states) const {
        const RunRequest& request = text.request;
        RunResult result;
        if (text.layout) {
            result.trace =
                make_row_trace(make_trace_facts(model_.arch, model_.weights, text.num_tokens()),
                               {text.rows.begin(), text.rows.end()}, {text.tiles.begin(), text.tiles.end()});
        }
        for (const torch::Tensor& state : text.probe.hidden())
            result.hidden.push_back(to_matrix(state));
        if (!model_.arch.has_head) return result;
        result.logit_positions = request.logit_positions;
        if (request.wants_all_logits) {
            result.logit_positions.resize(request.ids.size());
            std::iota(result.logit_positions.begin(), result.logit_positions.end(), 0);
        }
        if (!result.logit_positions.empty()) {
            const torch::Tensor rows =
                finish_rows(model_.arch, model_.weights,
                            states.index_select(0, to_indices(result.logit_positions)), nullptr);
            result.logits = to_matrix(output_logits(model_.arch, model_.weights, rows));
        }
        return result;
    }

    LoadedModel& model_;
    const BlockPoolPtr& pool_;
    std::span<const RunRequest> requests_;
    int num_threads_;
    const JobContext& job_;
    std::vector<RunResult> results_;
    std::vector<torch::Tensor> states_;  // [1, N, D] by text, of forward_to_rows()
};

}  // namespace

Result<std::vector<RunResult>> run_stacked(LoadedModel& model, const BlockPoolPtr& pool,
                                           std::span<const RunRequest> requests, int num_threads,
                                           const JobContext& job) {
    return BatchRun(model, pool, requests, num_threads, job).run();
}

}  // namespace headlight
