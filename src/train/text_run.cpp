#include "train/text_run.h"

#include <algorithm>

#include "analysis/probes/probe.h"
#include "train/checkpoint_folder.h"
#include "train/initial_weights.h"

namespace headlight {
namespace {

constexpr std::size_t kObservedWindows = 4;  // of each file
constexpr std::size_t kObservedFiles = 4;
constexpr int kObservedLength = 256;
constexpr int kObservedRepeats = 4;
constexpr int kObservedValidation = 4;  // windows of each file

/// BOS and up to length - 1 ids from `begin`.
std::vector<std::int32_t> window(std::span<const std::int32_t> ids, std::size_t begin, std::size_t length,
                                 std::int32_t bos_id) {
    std::vector<std::int32_t> out = {bos_id};
    const auto part = ids.subspan(begin, length - 1);
    out.insert(out.end(), part.begin(), part.end());
    return out;
}

void add_windows(ObservedSample& sample, std::span<const std::int32_t> ids, std::size_t length,
                 std::int32_t bos_id) {
    if (ids.size() < length) return;
    const std::size_t room = ids.size() - length;
    for (std::size_t i = 0; i < kObservedWindows; ++i)
        sample.texts.push_back(window(ids, room * i / (kObservedWindows - 1), length, bos_id));
}

}  // namespace

ObservedSample sample_of_corpus(const TokenizedCorpus& corpus, const TextCodec& codec, int context_length) {
    ObservedSample sample;
    const auto length = static_cast<std::size_t>(std::min(context_length, kObservedLength));
    for (std::size_t i = 0; i < std::min(kObservedFiles, corpus.held_out.size()); ++i)
        add_windows(sample, corpus.held_out[i].ids, length, codec.bos_id());
    if (sample.texts.empty()) add_windows(sample, corpus.train, length, codec.bos_id());
    ProbeSettings settings;
    settings.num_sequences = kObservedRepeats;
    settings.block_length = std::min(settings.block_length, (context_length - 1) / 2);
    std::vector<bool> excluded(static_cast<std::size_t>(codec.vocab_size()));
    for (std::int32_t id = 0; id < codec.vocab_size(); ++id)
        excluded[static_cast<std::size_t>(id)] = !codec.is_text_piece(id);
    sample.repeats = random_repeat_sequences(codec.vocab_size(), codec.bos_id(), excluded, settings);
    if (!sample.repeats.empty()) sample.block = static_cast<int>(sample.repeats.front().size() / 2);
    return sample;
}

Status TextRun::prepare_text(const TrainCallback& callback, const JobContext& job) {
    say(callback, "reading the corpus");
    HEADLIGHT_TRY(const std::vector<CorpusText> texts,
                  read_corpus(request_.corpus_files, line_breaks_for(request_)));
    if (request_.resume) {
        HEADLIGHT_TRY(codec_, open_codec(request_, request_.output_dir));
    } else {
        say(callback, "learning the vocabulary");
        HEADLIGHT_TRY(codec_, train_codec(request_, texts, job));
    }
    say(callback, fmt::format("vocabulary of {} pieces; encoding the corpus", codec_->vocab_size()));
    HEADLIGHT_TRY(corpus_, tokenize_corpus(texts, *codec_, training_dir(request_) + "/tokens.safetensors",
                                           BatchSampler::min_tokens(request_.context_length), job));
    say(callback, fmt::format("{} tokens to train on", corpus_.train.size()));
    return {};
}

Status TextRun::prepare(const TrainCallback& callback, const JobContext& job) {
    HEADLIGHT_CHECK(prepare_text(callback, job));
    parameters_ = make_initial_weights(request_, codec_->vocab_size(), codec_->bos_id());
    HEADLIGHT_TRY(model_,
                  make_language_model(make_architecture(request_, codec_->vocab_size()), parameters_));
    // Weights and rows are drawn from different streams of the one seed.
    state_.sampler = Random(~request_.seed).state();
    state_.corpus = corpus_.fingerprint;
    sampler_.emplace(corpus_, codec_->bos_id(), Random(state_.sampler));
    if (request_.observe_every > 0) sample_ = sample_of_corpus(corpus_, *codec_, request_.context_length);
    return {};
}

void TextRun::resume() {
    sampler_.emplace(corpus_, codec_->bos_id(), Random(state_.sampler));
}

StepPlan TextRun::plan() const {
    return plan_step(request_, state_.step, static_cast<int>(corpus_.by_frequency.size()));
}

Batch TextRun::next_batch() {
    Batch batch = sampler_->draw(plan());
    state_.sampler = sampler_->random().state();
    return batch;
}

AdamWSettings TextRun::optimizer() const {
    AdamWSettings settings;
    settings.clip_norm = request_.clip_norm;
    return settings;
}

Result<Validation> TextRun::measure_validation(int max_windows, const JobContext& job) {
    return validate(*model_, corpus_, codec_->bos_id(), request_.context_length, max_windows, job);
}

Status TextRun::add_to_row(TrainingRow& row, const JobContext& job) {
    row.point = "SNAPSHOT";
    HEADLIGHT_TRY(const Validation validation, measure_validation(kObservedValidation, job));
    row.values["validation_loss"] = validation.nats_per_token;
    return {};
}

std::vector<CodecFile> TextRun::checkpoint_files() const {
    std::vector<CodecFile> files = codec_->files(request_.context_length);
    files.push_back({"config.json", make_config_json(request_, *codec_)});
    return files;
}

}  // namespace headlight
