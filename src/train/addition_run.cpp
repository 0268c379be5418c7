#include "train/addition_run.h"

#include <ATen/core/grad_mode.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "model/forward/forward.h"
#include "train/checkpoint_folder.h"
#include "train/embedding_frequencies.h"
#include "train/initial_weights.h"

namespace headlight {
namespace {

constexpr int kRowsAtOnce = 4096;
constexpr std::size_t kMostObservedPairs = 4096;

/// All pairs, or evenly spaced ones where there are many.
ObservedSample sample_of_pairs(int modulus) {
    ObservedSample sample;
    const std::size_t count = static_cast<std::size_t>(modulus) * static_cast<std::size_t>(modulus);
    const std::size_t wanted = std::min(count, kMostObservedPairs);
    for (std::size_t i = 0; i < wanted; ++i) {
        const auto pair = static_cast<int>(count * i / wanted);
        sample.texts.push_back({pair / modulus, pair % modulus, equals_id(modulus)});
    }
    return sample;
}

/// Rows [begin, begin + count) of a batch.
Batch rows_of(const Batch& batch, int begin, int count) {
    const auto cut = [&](const std::vector<std::int64_t>& all) {
        const auto first = all.begin() + std::ptrdiff_t{begin} * batch.length;
        return std::vector<std::int64_t>(first, first + std::ptrdiff_t{count} * batch.length);
    };
    return {count, batch.length, cut(batch.inputs), cut(batch.targets)};
}

}  // namespace

void add_answer_rows(std::span<const TracePtr> texts, CheckpointMetrics& values) {
    const AttentionTrace& first = *texts.front();
    const int query = kAdditionTokens - 1;
    std::vector<RowStats> rows(kAdditionTokens);
    double entropy = 0;
    for (int layer = 0; layer < first.num_layers(); ++layer) {
        for (int head = 0; head < first.num_heads(); ++head) {
            double on_first = 0;
            for (const TracePtr& text : texts) {
                text->row_stats(layer, head, rows);
                entropy += rows[query].entropy;
                on_first += rows[query].first;
            }
            values[fmt::format("answer_on_first/{}/{}", layer, head)] =
                on_first / static_cast<double>(texts.size());
        }
    }
    const double count = static_cast<double>(texts.size()) * first.num_layers() * first.num_heads();
    values["answer_entropy"] = entropy / count / std::log(static_cast<double>(kAdditionTokens));
}

Architecture addition_architecture(const TrainRequest& request) {
    Architecture arch;
    arch.num_layers = request.num_layers;
    arch.num_heads = arch.num_kv_heads = request.num_heads;
    arch.head_dim = request.hidden_size / request.num_heads;
    arch.hidden_size = request.hidden_size;
    arch.intermediate_size = request.intermediate_size;
    arch.vocab_size = addition_vocab_size(request.modulus);
    arch.max_positions = kAdditionTokens;
    arch.norm = NormKind::None;
    arch.position = PositionKind::Learned;
    arch.activation = Activation::Relu;
    arch.is_gated = false;
    arch.has_mlp_bias = true;
    const float scale = 1.0F / std::sqrt(static_cast<float>(arch.head_dim));
    arch.attention_scale.assign(static_cast<std::size_t>(arch.num_layers), scale);
    return arch;
}

Result<AdditionScore> score_addition(const LanguageModel& model, const Batch& batch, const JobContext& job) {
    const at::NoGradGuard no_gradients;
    const Architecture& arch = model.architecture();
    double nats = 0, right = 0;
    for (int begin = 0; begin < batch.num_rows; begin += kRowsAtOnce) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "scoring the pairs was stopped");
        const Batch part = rows_of(batch, begin, std::min(kRowsAtOnce, batch.num_rows - begin));
        const torch::Tensor ids = torch::tensor(part.inputs, torch::kLong).view({part.num_rows, part.length});
        const torch::Tensor answers =
            torch::tensor(part.targets, torch::kLong).view({part.num_rows, part.length});
        const torch::Tensor last = forward_hidden(arch, model.weights(), ids).select(1, part.length - 1);
        const torch::Tensor logits = output_logits(arch, model.weights(), last);  // [rows, vocab]
        const torch::Tensor wanted = answers.select(1, part.length - 1).contiguous();
        nats += torch::cross_entropy_loss(logits, wanted).item<double>() * part.num_rows;
        right += static_cast<double>(logits.argmax(-1).eq(wanted).sum().item<std::int64_t>());
    }
    const double rows = std::max(1, batch.num_rows);
    return AdditionScore{nats / rows, right / rows};
}

Status AdditionRun::prepare(const TrainCallback& callback, const JobContext&) {
    const AdditionSplit split = split_pairs(request_);
    train_ = addition_batch(split.train, request_.modulus);
    test_ = addition_batch(split.test, request_.modulus);
    say(callback, fmt::format("{} pairs to train on, {} to test", split.train.size(), split.test.size()));
    const Architecture arch = addition_architecture(request_);
    parameters_ = make_addition_weights(request_, arch);
    HEADLIGHT_TRY(model_, make_language_model(arch, parameters_, own_name));
    state_.sampler = Random(~request_.seed).state();
    state_.corpus = "addition";
    if (request_.observe_every > 0) sample_ = sample_of_pairs(request_.modulus);
    return {};
}

AdamWSettings AdditionRun::optimizer() const {
    AdamWSettings settings;
    settings.beta2 = 0.98;
    settings.clip_norm = request_.clip_norm;
    return settings;
}

Result<Validation> AdditionRun::measure_validation(int, const JobContext& job) {
    HEADLIGHT_TRY(const AdditionScore score, score_addition(*model_, test_, job));
    Validation validation;
    validation.nats_per_token = score.loss;
    return validation;
}

Status AdditionRun::add_to_row(TrainingRow& row, const JobContext& job) {
    row.point = "POST_EPOCH";
    row.epoch = row.step;
    HEADLIGHT_TRY(const AdditionScore train, score_addition(*model_, train_, job));
    HEADLIGHT_TRY(const AdditionScore test, score_addition(*model_, test_, job));
    // The loss that an epoch shows is that of the weights before its update; the row is about the weights
    // after it.
    row.values["loss"] = train.loss;
    row.values["train_accuracy"] = train.accuracy;
    row.values["test_loss"] = test.loss;
    row.values["test_accuracy"] = test.accuracy;
    HEADLIGHT_TRY(const std::vector<TracePtr> texts, capture_patterns(*model_, sample_.texts, job));
    add_answer_rows(texts, row.values);
    row.values["embedding_top5_frequencies"] =
        top_frequency_share(model_->weights().token_embedding.tensor(), request_.modulus);
    return {};
}

std::vector<CodecFile> AdditionRun::checkpoint_files() const {
    return {addition_vocabulary(request_.modulus),
            {"config.json", make_own_config_json(model_->architecture(), request_.save_dtype)}};
}

}  // namespace headlight
