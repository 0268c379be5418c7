// An engine without a model: causal attention that spreads evenly, with a gate that tests open and close.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/dense_trace.h"
#include "core/engine.h"
#include "session/fake_cause.h"

namespace headlight::test {

/// Holds runs up until a test lets them go; a stop request ends the waiting too. Nothing here depends on
/// time.
class Gate {
  public:
    void close() { set(false); }
    void open() { set(true); }
    /// Called by the fake: counts, then waits. False when it was stopped.
    bool pass(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ++num_entered_;
        changed_.notify_all();
        return changed_.wait(lock, stop, [this] { return is_open_; }) && !stop.stop_requested();
    }
    /// Blocks the test until `count` calls have come to the gate since the start.
    void wait_for_entries(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return num_entered_ >= count; });
    }
    int num_entered() {
        const std::lock_guard lock(mutex_);
        return num_entered_;
    }

  private:
    void set(bool is_open) {
        const std::lock_guard lock(mutex_);
        is_open_ = is_open;
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool is_open_ = true;
    int num_entered_ = 0;
};

/// What tests set up and look at. Fields are read by workers: change them only while nothing runs.
struct FakeWorld {
    Gate run_gate, open_gate, weights_gate, ablation_gate, causal_gate, patch_gate;
    ModelSpec spec;                           // of every path that `models` does not name
    std::map<std::string, ModelSpec> models;  // by path
    std::set<std::string> broken;             // paths that cannot be opened
    std::string open_error;                   // not empty: opening a path fails with this
    std::string run_error;                    // not empty: every run fails with this
    bool throws = false;                      // runs throw instead
    std::mutex mutex;
    std::vector<RunRequest> requests;  // of runs that went through
    int num_opened = 0;
    bool has_trusted_code = false;                     // the last open was allowed to run the file's code
    int num_kept_runs = 0;                             // start_ablation calls
    int num_causal_runs = 0;                           // start_causal calls that went through
    std::string why_no_attribution;                    // not empty: attributions are not defined
    std::vector<std::vector<Intervention>> ablations;  // of apply calls that went through

    FakeWorld() {
        spec.name = "fake";
        spec.family = "fake";
        spec.num_layers = 2;
        spec.num_heads = spec.num_kv_heads = 3;
        spec.head_dim = 2;
        spec.hidden_size = 4;
        spec.vocab_size = 64;
        spec.max_positions = 16;
    }
    std::vector<RunRequest> taken_requests() {
        const std::lock_guard lock(mutex);
        return requests;
    }
};

/// Weights [layer, head, query, key]: each query spreads evenly over itself and what is before it.
inline TracePtr uniform_trace(int num_layers, int num_heads, int num_tokens,
                              AttentionKind kind = AttentionKind::Self, const std::string& source = "fake") {
    TraceInfo info;
    info.kind = kind;
    info.num_layers = num_layers;
    info.num_heads = num_heads;
    info.num_queries = info.num_keys = num_tokens;
    info.source = source;
    std::vector<float> weights;
    for (int matrix = 0; matrix < num_layers * num_heads; ++matrix) {
        for (int query = 0; query < num_tokens; ++query) {
            for (int key = 0; key < num_tokens; ++key) {
                weights.push_back(key <= query ? 1.0f / static_cast<float>(query + 1) : 0.0f);
            }
        }
    }
    return make_dense_trace(info, std::move(weights));
}

/// Queries of one text spread evenly over the keys of another.
inline TracePtr uniform_cross_trace(int num_layers, int num_heads, int num_queries, int num_keys,
                                    const std::string& source = "fake") {
    TraceInfo info;
    info.kind = AttentionKind::Cross;
    info.is_causal = false;
    info.num_layers = num_layers;
    info.num_heads = num_heads;
    info.num_queries = num_queries;
    info.num_keys = num_keys;
    info.source = source;
    const auto count = static_cast<std::size_t>(num_layers) * static_cast<std::size_t>(num_heads) *
                       static_cast<std::size_t>(num_queries) * static_cast<std::size_t>(num_keys);
    return make_dense_trace(info, std::vector<float>(count, 1.0f / static_cast<float>(num_keys)));
}

/// Loss 1 everywhere; replacing heads adds a tenth of the sum over them of 1 + layer + head.
class FakeAblation : public AblationRun {
  public:
    FakeAblation(std::shared_ptr<FakeWorld> world, ModelSpec spec, int num_tokens)
        : world_(std::move(world)),
          spec_(std::move(spec)),
          num_tokens_(num_tokens),
          base_(static_cast<std::size_t>(num_tokens - 1), 1.0f) {}
    const std::vector<float>& base_loss() const override { return base_; }
    Matrix mean_outputs() const override {
        Matrix out(spec_.num_layers * spec_.num_heads, spec_.head_dim);
        for (std::int64_t row = 0; row < out.rows; ++row)
            out.at(row, 0) = static_cast<float>(row);
        return out;
    }
    Result<AblationOutcome> apply(std::span<const Intervention> interventions, const AblationWish& wish,
                                  const JobContext& job) override {
        if (!world_->ablation_gate.pass(job.stop_token())) return fail(ErrorKind::Cancelled, "stopped");
        const std::lock_guard lock(world_->mutex);
        world_->ablations.emplace_back(interventions.begin(), interventions.end());
        AblationOutcome out;
        float added = 0;
        for (const Intervention& change : interventions) {
            for (const HeadId head : change.heads)
                added += 0.1f * static_cast<float>(1 + head.layer + head.head);
        }
        out.token_loss.assign(base_.size(), 1.0f + added);
        if (wish.wants_distribution) {
            out.kl.assign(static_cast<std::size_t>(num_tokens_), 0.25f);
            out.tvd.assign(static_cast<std::size_t>(num_tokens_), 0.125f);
        }
        if (wish.wants_trace) out.trace = first_token_trace();
        out.logit_positions = wish.logit_positions;
        out.logits = Matrix(static_cast<std::int64_t>(wish.logit_positions.size()), spec_.vocab_size);
        for (std::size_t row = 0; row < wish.logit_positions.size(); ++row)
            out.logits.at(static_cast<std::int64_t>(row), 60) = 5.0f;
        return out;
    }

  private:
    /// Every head rests: all on token 0.
    TracePtr first_token_trace() const {
        TraceInfo info;
        info.num_layers = spec_.num_layers;
        info.num_heads = spec_.num_heads;
        info.num_queries = info.num_keys = num_tokens_;
        info.source = spec_.path;
        const auto matrix = static_cast<std::size_t>(num_tokens_) * static_cast<std::size_t>(num_tokens_);
        std::vector<float> weights(static_cast<std::size_t>(info.num_layers * info.num_heads) * matrix, 0.0f);
        for (std::size_t i = 0; i < weights.size(); i += static_cast<std::size_t>(num_tokens_))
            weights[i] = 1;
        return make_dense_trace(info, std::move(weights));
    }
    std::shared_ptr<FakeWorld> world_;
    ModelSpec spec_;
    int num_tokens_;
    std::vector<float> base_;
};

class FakeRunner : public ModelRunner {
  public:
    FakeRunner(std::shared_ptr<FakeWorld> world, ModelSpec spec)
        : world_(std::move(world)), spec_(std::move(spec)) {}
    const ModelSpec& spec() const override { return spec_; }

    Result<RunResult> run(const RunRequest& request, const JobContext& job) override {
        job.report({"forward", 0.5, "layer 1 of 2"});
        if (!world_->run_gate.pass(job.stop_token())) return fail(ErrorKind::Cancelled, "stopped at layer 1");
        if (world_->throws) throw std::runtime_error("a library gave up");
        if (!world_->run_error.empty()) return fail(ErrorKind::Internal, "{}", world_->run_error);
        const std::lock_guard lock(world_->mutex);
        world_->requests.push_back(request);
        RunResult result;
        result.trace = uniform_trace(spec().num_layers, spec().num_heads,
                                     static_cast<int>(request.ids.size()), AttentionKind::Self, spec().path);
        if (spec().has_decoder) {
            const int num_keys = static_cast<int>(request.ids.size()),
                      num_queries = static_cast<int>(request.decoder_ids.size());
            result.trace = uniform_trace(spec().num_layers, spec().num_heads, num_keys,
                                         AttentionKind::Encoder, spec().path);
            result.decoder_trace = uniform_trace(spec().num_decoder_layers, spec().num_decoder_heads,
                                                 num_queries, AttentionKind::Decoder, spec().path);
            result.cross_trace = uniform_cross_trace(spec().num_decoder_layers, spec().num_decoder_heads,
                                                     num_queries, num_keys, spec().path);
        }
        result.logit_positions = request.logit_positions;
        result.logits = Matrix(static_cast<std::int64_t>(request.logit_positions.size()), spec().vocab_size);
        // The token after query q is most likely q + 1, then the rest evenly.
        for (std::size_t row = 0; row < request.logit_positions.size(); ++row) {
            result.logits.at(static_cast<std::int64_t>(row), request.logit_positions[row] + 1) = 5.0f;
        }
        result.elapsed_ms = 1;
        return result;
    }

    Result<HeadWeights> head_weights(int layer, int head) const override {
        std::stop_source never;
        if (!world_->weights_gate.pass(never.get_token())) return fail(ErrorKind::Cancelled, "stopped");
        HeadWeights weights;
        const std::int64_t hidden = spec().hidden_size, dim = spec().head_dim;
        weights.query = weights.key = weights.value = Matrix(hidden, dim);
        weights.output = Matrix(dim, hidden);
        for (std::int64_t i = 0; i < dim; ++i) {
            weights.query.at(i, i) = weights.key.at(i, i) = 1.0f;
            weights.value.at(i, i) = weights.output.at(i, i) = static_cast<float>(1 + layer + head);
        }
        return weights;
    }

    Result<std::unique_ptr<AblationRun>> start_ablation(std::span<const std::int32_t> ids,
                                                        const JobContext&) override {
        const std::lock_guard lock(world_->mutex);
        ++world_->num_kept_runs;
        return std::unique_ptr<AblationRun>(
            std::make_unique<FakeAblation>(world_, spec_, static_cast<int>(ids.size())));
    }

    Result<std::unique_ptr<CausalRun>> start_causal(std::span<const std::int32_t> ids,
                                                    const JobContext& job) override {
        if (!world_->causal_gate.pass(job.stop_token())) return fail(ErrorKind::Cancelled, "stopped");
        const std::lock_guard lock(world_->mutex);
        ++world_->num_causal_runs;
        return std::unique_ptr<CausalRun>(std::make_unique<FakeCausal>(
            spec_, std::vector<std::int32_t>(ids.begin(), ids.end()),
            uniform_trace(spec_.num_layers, spec_.num_heads, static_cast<int>(ids.size())),
            world_->why_no_attribution));
    }

    Result<std::unique_ptr<PatchingRun>> start_patching(std::span<const std::int32_t> clean,
                                                        std::span<const std::int32_t> corrupted,
                                                        const Question&, const JobContext&) override {
        const auto first = std::mismatch(clean.begin(), clean.end(), corrupted.begin()).first;
        return std::unique_ptr<PatchingRun>(std::make_unique<FakePatching<Gate>>(
            world_->patch_gate, static_cast<int>(first - clean.begin())));
    }

    Result<Circuits> circuits(const CircuitRequest& request, const JobContext&) override {
        Circuits out;
        for (std::size_t i = 0; i < request.heads.size(); ++i) {
            out.of.emplace_back();
            for (const std::int32_t token : request.tokens)
                out.of.back().push_back(fake_circuit(token, request.count));
        }
        return out;
    }

  private:
    std::shared_ptr<FakeWorld> world_;
    ModelSpec spec_;
};

class FakeEngine : public Engine {
  public:
    explicit FakeEngine(std::shared_ptr<FakeWorld> world) : world_(std::move(world)) {}
    std::string version() const override { return "fake"; }
    Result<std::unique_ptr<ModelRunner>> open_model(const OpenModelRequest& request,
                                                    const JobContext& job) override {
        if (!world_->open_gate.pass(job.stop_token()))
            return fail(ErrorKind::Cancelled, "stopped while opening");
        if (world_->broken.contains(request.path))
            return fail(make_error(ErrorKind::Corrupt, "the weights end early").in_file(request.path));
        if (!world_->open_error.empty()) {
            return fail(make_error(ErrorKind::Corrupt, "{}", world_->open_error).in_file(request.path));
        }
        world_->has_trusted_code = request.trusts_torchscript;
        ++world_->num_opened;
        const auto known = world_->models.find(request.path);
        ModelSpec spec = known == world_->models.end() ? world_->spec : known->second;
        spec.path = request.path;
        spec.adapter = request.adapter;
        spec.base_path = request.adapter.base;
        return std::unique_ptr<ModelRunner>(std::make_unique<FakeRunner>(world_, std::move(spec)));
    }
    Result<std::unique_ptr<ModelRunner>> random_model(const RandomModelRequest&) override {
        return fail(ErrorKind::Unsupported, "the fake has no random models");
    }
    Result<TrainReport> train(const TrainRequest&, const TrainCallback&, const JobContext&) override {
        return fail(ErrorKind::Unsupported, "the fake does not train");
    }
    void set_num_threads(int) override {}

  private:
    std::shared_ptr<FakeWorld> world_;
};

}  // namespace headlight::test
