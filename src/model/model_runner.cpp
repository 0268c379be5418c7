#include "model/model_runner.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>

#include "model/guard.h"
#include "model/kernel_attention.h"
#include "model/loaded_model.h"
#include "model/row_trace.h"
#include "model/run_probe.h"
#include "model/weight_loader.h"
#include "model/worker_threads.h"

namespace headlight {
namespace {

constexpr int kMostTokens = 1 << 20;
constexpr int kMostTile = 64, kLeastTile = 16;  // keys per tile of a thumbnail

/// Keys per tile such that a row of `num_keys` has at most 64 of them, up to the kernel's largest tile.
int tile_width_for(int num_keys) {
    int width = kLeastTile;
    while (width < kMostTile && width * 64 < num_keys) width *= 2;
    return width;
}

Matrix to_matrix(const torch::Tensor& tensor) {  // [rows, cols]
    const torch::Tensor plain = tensor.contiguous();
    Matrix out;
    out.rows = plain.size(0);
    out.cols = plain.size(1);
    const float* data = plain.const_data_ptr<float>();
    out.values.assign(data, data + out.rows * out.cols);
    return out;
}

class TorchModelRunner final : public ModelRunner {
  public:
    TorchModelRunner(LoadedModel model, ThreadSetting threads)
        : model_(std::move(model)), threads_(std::move(threads)), cache_(model_.arch) {}

    const ModelSpec& spec() const override { return model_.spec; }

    Result<RunResult> run(const RunRequest& request, const JobContext& job) override {
        return guarded("running the model", [&]() -> Result<RunResult> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check(request));
            return run_checked(request, job);
        });
    }

    Result<HeadWeights> head_weights(int layer, int head) const override {
        return guarded("reading the weights of a head", [&]() -> Result<HeadWeights> {
            const c10::InferenceMode inference;
            return head_weights_of(model_, layer, head);
        });
    }

  private:
    /// What the last run left: tokens whose keys, values, rows and final hidden state are still good.
    struct Kept {
        std::vector<std::int32_t> ids;
        int regime = 0;
        std::shared_ptr<const RowLayout> layout;  // of the rows
        std::vector<RowBlockPtr> rows;            // may be fewer than ids
        torch::Tensor hidden;                     // [ids, D] after the final norm
    };

    Status check(const RunRequest& request) const;
    Result<RunResult> run_checked(const RunRequest& request, const JobContext& job);
    std::shared_ptr<const RowLayout> layout_for(const RunRequest& request) const;
    int reusable_tokens(const RunRequest& request, const RowLayout* layout) const;
    void keep_only(int num_tokens);
    Status extend(const RunRequest& request, std::shared_ptr<const RowLayout> layout, const JobContext& job,
                  int num_threads, RunResult& result);
    Status check_finite(const torch::Tensor& hidden);

    LoadedModel model_;
    ThreadSetting threads_;
    KvCache cache_;
    BlockPoolPtr pool_ = std::make_shared<BlockPool>();
    Kept kept_;
};

Status TorchModelRunner::check(const RunRequest& request) const {
    const auto num_tokens = request.ids.size();
    const Architecture& arch = model_.arch;
    if (num_tokens == 0) return fail(ErrorKind::InvalidInput, "there are no tokens to run");
    // Rotary positions go on past the trained length; a table ends.
    const auto limit = static_cast<std::size_t>(arch.position == PositionKind::Learned ? arch.max_positions : kMostTokens);
    if (num_tokens > limit) {
        return fail(ErrorKind::InvalidInput, "the text has {} tokens, the model takes at most {}; shorten the text",
                    num_tokens, limit);
    }
    for (std::size_t i = 0; i < num_tokens; ++i) {
        if (request.ids[i] < 0 || request.ids[i] >= arch.vocab_size) {
            return fail(ErrorKind::InvalidInput,
                        "token {} has id {}, but the model's vocabulary has {} entries; does the tokenizer belong to "
                        "this model?", i, request.ids[i], arch.vocab_size);
        }
    }
    for (const int position : request.logit_positions) {
        if (position < 0 || static_cast<std::size_t>(position) >= num_tokens) {
            return fail(ErrorKind::InvalidInput, "logits of token {} were asked for, the text has {} tokens", position,
                        num_tokens);
        }
    }
    for (const KeySet& set : request.key_sets) {
        const bool is_sound = set.row_begin.size() == num_tokens + 1 && set.row_begin.back() <= set.keys.size() &&
                              std::is_sorted(set.row_begin.begin(), set.row_begin.end());
        if (!is_sound) return fail(ErrorKind::InvalidInput, "key set '{}' does not fit {} tokens", set.id, num_tokens);
        for (int layer = 0; layer < arch.num_layers; ++layer) {
            const KernelMask mask{static_cast<int>(num_tokens), arch.is_causal, arch.window_of(layer)};
            for (std::size_t i = 0; i < num_tokens; ++i) {
                const KeyRange range = mask.range(static_cast<int>(i));
                for (std::uint32_t k = set.row_begin[i]; k < set.row_begin[i + 1]; ++k) {
                    const auto key = static_cast<int>(set.keys[k]);
                    if (key < range.begin || key >= range.end) {
                        return fail(ErrorKind::InvalidInput, "key set '{}' names key {} of query {}, which the mask "
                                    "forbids", set.id, key, i);
                    }
                }
            }
            if (arch.window.empty()) break;
        }
    }
    return {};
}

std::shared_ptr<const RowLayout> TorchModelRunner::layout_for(const RunRequest& request) const {
    if (request.capture == CaptureMode::None) return nullptr;
    const Architecture& arch = model_.arch;
    RowLayout layout{arch.num_layers, arch.num_heads, arch.num_kv_heads, arch.head_dim};
    const double tokens = static_cast<double>(request.ids.size());
    const double dense = tokens * (arch.is_causal ? (tokens + 1) / 2 : tokens) * arch.num_layers * arch.num_heads * 4;
    layout.keeps_weights = request.capture == CaptureMode::Weights ||
                           (request.capture == CaptureMode::Auto &&
                            dense <= static_cast<double>(request.dense_budget_bytes));
    for (const KeySet& set : request.key_sets) layout.key_sets.push_back(set.id);
    if (kept_.layout && *kept_.layout == layout) return kept_.layout;
    return std::make_shared<const RowLayout>(std::move(layout));
}

int TorchModelRunner::reusable_tokens(const RunRequest& request, const RowLayout* layout) const {
    const int num_tokens = static_cast<int>(request.ids.size());
    if (!request.may_reuse_prefix || request.wants_hidden) return 0;
    if (kept_.regime != rope_regime(model_.arch, num_tokens)) return 0;
    const auto [mine, theirs] =
        std::mismatch(kept_.ids.begin(), kept_.ids.end(), request.ids.begin(), request.ids.end());
    int same = static_cast<int>(mine - kept_.ids.begin());
    (void)theirs;
    if (!model_.arch.is_causal && (same != num_tokens || kept_.ids.size() != request.ids.size())) return 0;
    if (layout != nullptr) {
        if (!kept_.layout || !(*kept_.layout == *layout)) return 0;
        same = std::min(same, static_cast<int>(kept_.rows.size()));
    }
    return same;
}

void TorchModelRunner::keep_only(int num_tokens) {
    const auto count = static_cast<std::size_t>(num_tokens);
    kept_.ids.resize(count);
    if (kept_.rows.size() > count) kept_.rows.resize(count);
    kept_.hidden = num_tokens > 0 ? kept_.hidden.slice(0, 0, num_tokens) : torch::Tensor();
}

Status TorchModelRunner::check_finite(const torch::Tensor& hidden) {
    if (torch::isfinite(hidden).all().item<bool>()) return {};
    std::string names;
    for (const std::string& name : non_finite_weights(*model_.family, model_.arch, model_.weights)) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (names.empty()) {
        return fail(ErrorKind::Internal, "the forward pass overflows: its result holds values that are not finite, though "
                                         "all weights are");
    }
    return fail(make_error(ErrorKind::Corrupt, "the checkpoint's weights hold NaN or infinity, so no attention can be "
                                               "shown: {}", names)
                    .in_file(model_.spec.path)
                    .at_tensor(names.substr(0, names.find(','))));
}

Status TorchModelRunner::extend(const RunRequest& request, std::shared_ptr<const RowLayout> layout,
                                const JobContext& job, int num_threads, RunResult& result) {
    const int begin = static_cast<int>(kept_.ids.size()), end = static_cast<int>(request.ids.size());
    CapturePlan plan{begin, end, num_threads, {}, request.key_sets};
    std::vector<std::shared_ptr<RowBlock>> new_rows;
    for (int i = begin; layout && i < end; ++i) {
        const int num_keys = model_.arch.is_causal ? i + 1 : end;
        new_rows.push_back(std::make_shared<RowBlock>(pool_, layout, num_keys, tile_width_for(end)));
        plan.rows.push_back(new_rows.back().get());
    }
    cache_.reserve(end, begin);
    KernelAttention attention(model_.arch, cache_, std::move(plan));
    RunProbe probe(job, request.wants_hidden);
    const std::vector<std::int64_t> wide(request.ids.begin() + begin, request.ids.end());
    const torch::Tensor ids = torch::tensor(wide, torch::kInt64).unsqueeze(0);
    const torch::Tensor hidden = forward_slice(model_.arch, model_.weights, ids, {begin, end}, attention, &probe);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(hidden));
    const torch::Tensor flat = hidden.squeeze(0);
    kept_.hidden = begin > 0 ? torch::cat({kept_.hidden, flat}) : flat;
    kept_.ids = request.ids;
    kept_.regime = rope_regime(model_.arch, end);
    kept_.layout = layout;
    kept_.rows.insert(kept_.rows.end(), new_rows.begin(), new_rows.end());
    for (const torch::Tensor& state : probe.hidden()) result.hidden.push_back(to_matrix(state));
    return {};
}

Result<RunResult> TorchModelRunner::run_checked(const RunRequest& request, const JobContext& job) {
    const auto start = std::chrono::steady_clock::now();
    const int num_tokens = static_cast<int>(request.ids.size());
    const std::shared_ptr<const RowLayout> layout = layout_for(request);
    RunResult result;
    result.num_reused = reusable_tokens(request, layout.get());
    result.num_threads = choose_threads(threads_->load(), num_tokens - result.num_reused);
    use_threads(result.num_threads);
    // From here on the cache no longer holds the old tail, whether this run ends well or not.
    if (!layout || result.num_reused == 0) kept_.rows.clear();
    keep_only(result.num_reused);
    if (result.num_reused < num_tokens) {
        HEADLIGHT_CHECK(extend(request, layout, job, result.num_threads, result));
    }
    if (layout) result.trace = make_row_trace(model_.arch, kept_.rows, num_tokens);
    result.logit_positions = request.logit_positions;
    if (request.wants_all_logits) {
        result.logit_positions.resize(request.ids.size());
        for (int i = 0; i < num_tokens; ++i) result.logit_positions[static_cast<std::size_t>(i)] = i;
    }
    if (!result.logit_positions.empty()) {
        const std::vector<std::int64_t> wide(result.logit_positions.begin(), result.logit_positions.end());
        const torch::Tensor rows = kept_.hidden.index_select(0, torch::tensor(wide, torch::kInt64));
        result.logits = to_matrix(output_logits(model_.arch, model_.weights, rows));
    }
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    result.elapsed_ms = elapsed.count();
    return result;
}

Result<std::unique_ptr<ModelRunner>> make_runner(Result<LoadedModel> model, ThreadSetting threads) {
    if (!model) return fail(std::move(model).error());
    return std::make_unique<TorchModelRunner>(std::move(*model), std::move(threads));
}

}  // namespace

Result<std::unique_ptr<ModelRunner>> open_model_runner(const OpenModelRequest& request, const JobContext& job,
                                                       ThreadSetting threads) {
    return guarded("opening the model", [&]() -> Result<std::unique_ptr<ModelRunner>> {
        const c10::InferenceMode inference;
        return make_runner(load_model(request, job), threads);
    });
}

Result<std::unique_ptr<ModelRunner>> random_model_runner(const RandomModelRequest& request, ThreadSetting threads) {
    return guarded("making a random model", [&]() -> Result<std::unique_ptr<ModelRunner>> {
        const c10::InferenceMode inference;
        return make_runner(make_random_model(request), threads);
    });
}

}  // namespace headlight
