#include "model/model_runner.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/log.h"
#include "base/stopwatch.h"
#include "kernel/capture_rows.h"
#include "model/ablation_run.h"
#include "model/batch/batch_run.h"
#include "model/cause/causal_run.h"
#include "model/cause/circuits.h"
#include "model/cause/patching_run.h"
#include "model/cause/recording.h"
#include "model/cause/vocabulary.h"
#include "model/copying.h"
#include "model/device/device.h"
#include "model/device/pass_place.h"
#include "model/encoder_decoder.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/guard.h"
#include "model/forward/run_probe.h"
#include "model/forward/worker_threads.h"
#include "model/kept_text.h"
#include "model/picture/picture_rows.h"
#include "model/precision.h"
#include "model/request_check.h"
#include "model/row_trace.h"
#include "model/value_norms.h"
#include "model/weights/loaded_model.h"
#include "model/weights/parameter_health.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

class TorchModelRunner final : public ModelRunner {
  public:
    TorchModelRunner(LoadedModel model, PassPlace place, ThreadSetting threads)
        : model_(std::move(model)),
          place_(std::move(place)),
          threads_(std::move(threads)),
          store_(place_.make_store(model_.arch)) {
        model_.spec.device = place_.name();
        if (model_.arch.decoder == nullptr) return;
        encoder_decoder_.emplace(model_, place_, pool_);
        decoder_ = decoder_of(model_);
        encoder_ = encoder_of(model_);
    }

    const ModelSpec& spec() const override { return model_.spec; }

    Result<RunResult> run(const RunRequest& request, const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<RunResult> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check(request));
            return run_checked(request, job);
        });
    }

    Result<std::vector<RunResult>> run_batch(std::span<const RunRequest> requests, int num_threads,
                                             const JobContext& job) override {
        const bool is_plain = place_.is_kernel() && !encoder_decoder_ &&
                              std::none_of(requests.begin(), requests.end(),
                                           [](const RunRequest& one) { return one.wants_value_norms; });
        if (!is_plain) return ModelRunner::run_batch(requests, num_threads, job);
        return guarded_reading(model_, "running the model", [&]() -> Result<std::vector<RunResult>> {
            const c10::InferenceMode inference;
            for (const RunRequest& request : requests)
                HEADLIGHT_CHECK(check(request));
            return run_stacked(model_, pool_, requests,
                               num_threads > 0 ? num_threads : choose_threads(threads_->load()), job);
        });
    }

    Result<HeadWeights> head_weights(int layer, int head) const override {
        return guarded_reading(model_, "reading the weights of a head", [&]() -> Result<HeadWeights> {
            const c10::InferenceMode inference;
            return head_weights_of(model_, layer, head);
        });
    }

    Result<std::unique_ptr<AblationRun>> start_ablation(std::span<const std::int32_t> ids,
                                                        const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<AblationRun>> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check_length(ids, {}));
            tell_place("ablations");
            return start_ablation_run(model_, threads_, ids, job);
        });
    }

    Result<std::unique_ptr<CausalRun>> start_causal(std::span<const std::int32_t> ids,
                                                    const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<CausalRun>> {
            const c10::InferenceMode inference;
            tell_place("passes that explain an answer");
            return start_causal_run(model_, vocabulary_, threads_, ids, job);
        });
    }

    Result<std::unique_ptr<CausalRun>> start_encoder_causal(std::span<const std::int32_t> ids,
                                                            const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<CausalRun>> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check_has_decoder());
            tell_place("passes that explain an answer");
            return start_causal_run(encoder_, encoder_vocabulary_, threads_, ids, job);
        });
    }

    Result<std::unique_ptr<CausalRun>> start_decoder_causal(std::span<const std::int32_t> encoder_ids,
                                                            std::span<const std::int32_t> ids,
                                                            const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<CausalRun>> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check_has_decoder());
            HEADLIGHT_TRY(const torch::Tensor hidden, encode(model_, encoder_ids));
            tell_place("passes that explain an answer");
            return start_causal_run(decoder_, decoder_vocabulary_, threads_, ids, job, encoder_ids, hidden);
        });
    }

    Result<std::unique_ptr<PatchingRun>> start_decoder_patching(
        std::span<const std::int32_t> clean_encoder, std::span<const std::int32_t> clean,
        std::span<const std::int32_t> corrupted_encoder, std::span<const std::int32_t> corrupted,
        const Question& question, const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<PatchingRun>> {
            const c10::InferenceMode inference;
            HEADLIGHT_CHECK(check_has_decoder());
            HEADLIGHT_TRY(const torch::Tensor kept, encode(model_, clean_encoder));
            HEADLIGHT_TRY(const torch::Tensor other, encode(model_, corrupted_encoder));
            tell_place("passes that explain an answer");
            return start_decoder_patching_run(decoder_, threads_, {clean_encoder, kept}, clean,
                                              {corrupted_encoder, other}, corrupted, question, job);
        });
    }

    Result<std::unique_ptr<PatchingRun>> start_patching(std::span<const std::int32_t> clean,
                                                        std::span<const std::int32_t> corrupted,
                                                        const Question& question,
                                                        const JobContext& job) override {
        return guarded_reading(model_, "running the model", [&]() -> Result<std::unique_ptr<PatchingRun>> {
            const c10::InferenceMode inference;
            tell_place("passes that explain an answer");
            return start_patching_run(model_, threads_, clean, corrupted, question, job);
        });
    }

    Result<Circuits> circuits(const CircuitRequest& request, const JobContext& job) override {
        return guarded_reading(model_, "reading the circuits of heads", [&]() -> Result<Circuits> {
            const c10::InferenceMode inference;
            use_threads(choose_threads(threads_->load()), model_.arch.vocab_size);
            return circuits_of(model_, vocabulary_, request, job);
        });
    }

    Result<Matrix> copy_ranks(std::span<const std::int32_t> ids, bool negates,
                              const JobContext& job) override {
        return guarded_reading(model_, "measuring copying", [&]() -> Result<Matrix> {
            const c10::InferenceMode inference;
            use_threads(choose_threads(threads_->load()), static_cast<int>(ids.size()));
            return copy_ranks_of(model_, ids, negates, job);
        });
    }

    Result<Matrix> token_embeddings(std::span<const std::int32_t> ids) const override {
        return guarded_reading(model_, "reading token embeddings", [&]() -> Result<Matrix> {
            const c10::InferenceMode inference;
            return token_embeddings_of(model_, ids);
        });
    }

    Result<PrecisionReport> measure_precision(std::span<const std::int32_t> ids, const std::string& dtype,
                                              const JobContext& job) const override {
        return guarded_reading(model_, "comparing number types", [&]() -> Result<PrecisionReport> {
            const c10::InferenceMode inference;
            use_threads(choose_threads(threads_->load()), static_cast<int>(ids.size()));
            return measure_precision_of(model_, ids, dtype, job);
        });
    }

    Result<std::vector<ParameterHealth>> attention_parameters(const JobContext& job) const override {
        return guarded_reading(model_, "reading the parameters",
                               [&]() -> Result<std::vector<ParameterHealth>> {
                                   const c10::InferenceMode inference;
                                   return attention_parameters_of(model_, job);
                               });
    }

    Result<PictureTokens> add_picture(const PixelValues& pixels) override {
        if (!takes_pictures()) return ModelRunner::add_picture(pixels);
        return guarded_reading(model_, "embedding the picture", [&]() -> Result<PictureTokens> {
            const c10::InferenceMode inference;
            return model_.weights.pictures->add(model_.arch, model_.weights, pixels);
        });
    }
    bool takes_pictures() const override { return model_.arch.takes_pictures(); }

    Status check_length(std::span<const std::int32_t> ids,
                        std::span<const std::int32_t> decoder_ids) const override {
        if (takes_pictures()) {
            const std::int32_t stranger = model_.weights.pictures->first_stranger(ids);
            if (stranger >= 0)
                return fail(ErrorKind::InvalidInput,
                            "{} reads pictures, and id {} is of none that it was given", model_.spec.name,
                            stranger);
        }
        HEADLIGHT_CHECK(check_text_length(text_needs(model_.arch, model_.spec.name), ids));
        if (model_.arch.decoder == nullptr) return {};
        TextNeeds needs = text_needs(*model_.arch.decoder, model_.spec.name);
        needs.text = "decoder text";
        return check_text_length(needs, decoder_ids);
    }

  private:
    Status check(const RunRequest& request) const;
    Status check_has_decoder() const {
        if (model_.arch.decoder != nullptr) return {};
        return fail(ErrorKind::Unsupported, "{} has no decoder with a text of its own", model_.spec.name);
    }
    /// Says once that work of this kind is done on the processor although texts run elsewhere.
    void tell_place(const char* work) {
        if (place_.is_kernel() || !told_.insert(work).second) return;
        log::info("{} run on the processor; texts run on {}", work, place_.name());
    }
    Result<RunResult> run_checked(const RunRequest& request, const JobContext& job);
    Result<RunResult> run_encoder_decoder(const RunRequest& request, const JobContext& job);
    Status extend(const RunRequest& request, std::shared_ptr<const RowLayout> layout, const JobContext& job,
                  int num_threads, RunResult& result);

    LoadedModel model_;
    PassPlace place_;
    ThreadSetting threads_;
    std::unique_ptr<KeyValueStore> store_;
    std::set<std::string> told_;
    BlockPoolPtr pool_ = std::make_shared<BlockPool>();
    KeptText kept_;
    ValueNorms value_norms_;
    Vocabulary vocabulary_{model_};
    LoadedModel decoder_;  // of an encoder-decoder, its weights shared
    Vocabulary decoder_vocabulary_{decoder_};
    LoadedModel encoder_;
    Vocabulary encoder_vocabulary_{encoder_};
    std::optional<EncoderDecoder> encoder_decoder_;
};

Status TorchModelRunner::check(const RunRequest& request) const {
    HEADLIGHT_CHECK(check_length(request.ids, request.decoder_ids));
    HEADLIGHT_CHECK(check_ids(model_.arch, request.ids));
    HEADLIGHT_CHECK(check_decoder_ids(model_.arch, request.decoder_ids));
    const std::size_t num_rows = model_.arch.decoder == nullptr
                                     ? request.ids.size()
                                     : std::max<std::size_t>(1, request.decoder_ids.size());
    HEADLIGHT_CHECK(check_positions(request.logit_positions, num_rows));
    return check_key_sets(model_.arch, request.key_sets, request.ids.size());
}

Status TorchModelRunner::extend(const RunRequest& request, std::shared_ptr<const RowLayout> layout,
                                const JobContext& job, int num_threads, RunResult& result) {
    const int begin = static_cast<int>(kept_.ids.size()), end = static_cast<int>(request.ids.size());
    const std::vector<std::shared_ptr<RowBlock>> new_rows =
        make_rows(attention_shape_of(model_.arch), pool_, layout, begin, end);
    const std::vector<std::shared_ptr<RowTiles>> new_tiles =
        make_row_tiles(attention_shape_of(model_.arch), pool_, layout, begin, end);
    CapturePlan plan{begin, end, num_threads, plain_pointers(new_rows), request.key_sets};
    plan.tiles = plain_pointers(new_tiles);
    if (!kept_.tiles.empty()) plan.tiles_before = kept_.tiles.back();
    store_->reserve(end, begin);
    const auto attention = store_->attention(std::move(plan));
    RunProbe probe(job, request.wants_hidden, last_state_of(model_.arch));
    const auto new_ids = std::span(request.ids).subspan(static_cast<std::size_t>(begin));
    const torch::Tensor ids = to_indices(new_ids).unsqueeze(0);
    PassContext context = make_context(model_.arch, model_.weights, *attention, end - begin, {begin, end});
    const torch::Tensor states =
        place_.run_to_rows(context, embed_tokens(model_.arch, model_.weights, ids, begin), &probe);
    if (!states.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    result.parts = attention->times();
    HEADLIGHT_CHECK(check_finite(model_, states));
    // Nobody reads the last feed-forward part of other rows than those whose logits are wanted.
    if (request.wants_hidden) place_.finish(model_.arch, model_.weights, states.clone(), &probe);
    kept_.states = append_rows(kept_.states_room, begin, states.squeeze(0));
    kept_.ids = request.ids;
    kept_.regime = rope_regime(model_.arch, end);
    if (layout) kept_.layout = layout;
    kept_.rows.insert(kept_.rows.end(), new_rows.begin(), new_rows.end());
    kept_.tiles.insert(kept_.tiles.end(), new_tiles.begin(), new_tiles.end());
    keep_tiles(kept_.tiles, static_cast<int>(kept_.rows.size()));
    for (const torch::Tensor& state : probe.hidden())
        result.hidden.push_back(to_matrix(state));
    return {};
}

Result<RunResult> TorchModelRunner::run_encoder_decoder(const RunRequest& request, const JobContext& job) {
    const Stopwatch stopwatch;
    const std::size_t num_tokens = std::max(request.ids.size(), request.decoder_ids.size());
    const int num_threads = choose_threads(threads_->load());
    use_threads(num_threads, static_cast<int>(num_tokens));
    HEADLIGHT_TRY(RunResult result, encoder_decoder_->run(request, job, num_threads));
    result.num_threads = num_threads;
    result.elapsed_ms = stopwatch.milliseconds();
    return result;
}

Result<RunResult> TorchModelRunner::run_checked(const RunRequest& request, const JobContext& job) {
    const Stopwatch stopwatch;
    const int num_tokens = static_cast<int>(request.ids.size());
    if (encoder_decoder_) return run_encoder_decoder(request, job);
    const std::shared_ptr<const RowLayout> layout = kept_.layout_for(model_.arch, request);
    RunResult result;
    result.num_reused = kept_.reusable_tokens(model_.arch, request, layout.get());
    result.num_threads = choose_threads(threads_->load());
    use_threads(result.num_threads, num_tokens - result.num_reused);
    // From here on the cache no longer holds the old tail, whether this run ends well or not.
    if (result.num_reused == 0) {
        kept_.rows.clear();
        kept_.tiles.clear();
    }
    kept_.keep_only(result.num_reused);
    if (result.num_reused < num_tokens) {
        HEADLIGHT_CHECK(extend(request, layout, job, result.num_threads, result));
    }
    if (layout)
        result.trace = make_row_trace(make_trace_facts(model_.arch, model_.weights, num_tokens), kept_.rows,
                                      kept_.tiles);
    result.logit_positions = request.logit_positions;
    if (request.wants_all_logits) {
        result.logit_positions.resize(request.ids.size());
        for (int i = 0; i < num_tokens; ++i)
            result.logit_positions[static_cast<std::size_t>(i)] = i;
    }
    if (!model_.arch.has_head) result.logit_positions.clear();
    if (!result.logit_positions.empty()) {
        const torch::Tensor hidden =
            place_.finish(model_.arch, model_.weights,
                          kept_.states.index_select(0, to_indices(result.logit_positions)), nullptr);
        HEADLIGHT_CHECK(check_finite(model_, hidden));
        result.logits = to_matrix(place_.logits(model_.arch, model_.weights, hidden));
    }
    if (request.wants_value_norms) {
        result.value_norms = value_norms_.compute(model_.arch, model_.weights, *store_, num_tokens);
    }
    result.elapsed_ms = stopwatch.milliseconds();
    return result;
}

/// A runner on the device over what `load` gives; a device that is not there is said before anything is read.
template <class Load>
Result<std::unique_ptr<ModelRunner>> make_runner(const std::string& device, const JobContext& job,
                                                 ThreadSetting threads, const Load& load) {
    HEADLIGHT_TRY(const std::optional<torch::Device> found, find_device(device));
    HEADLIGHT_TRY(LoadedModel model, load());
    PassPlace place;
    if (found) {
        HEADLIGHT_TRY(place, PassPlace::on(model, *found, job));
    }
    return std::make_unique<TorchModelRunner>(std::move(model), std::move(place), std::move(threads));
}

}  // namespace

Result<std::unique_ptr<ModelRunner>> random_copy_runner(const OpenModelRequest& request, std::uint64_t seed,
                                                        ThreadSetting threads) {
    return guarded("drawing random weights", [&]() -> Result<std::unique_ptr<ModelRunner>> {
        const c10::InferenceMode inference;
        return make_runner(request.device, {}, threads, [&] { return make_random_copy(request, seed); });
    });
}

Result<std::unique_ptr<ModelRunner>> open_model_runner(const OpenModelRequest& request, const JobContext& job,
                                                       ThreadSetting threads) {
    return guarded("opening the model", [&]() -> Result<std::unique_ptr<ModelRunner>> {
        const c10::InferenceMode inference;
        return make_runner(request.device, job, threads, [&] { return load_model(request, job); });
    });
}

Result<std::unique_ptr<ModelRunner>> random_model_runner(const RandomModelRequest& request,
                                                         ThreadSetting threads) {
    return guarded("making a random model", [&]() -> Result<std::unique_ptr<ModelRunner>> {
        const c10::InferenceMode inference;
        return make_runner(request.device, {}, threads, [&] { return make_random_model(request); });
    });
}

}  // namespace headlight
