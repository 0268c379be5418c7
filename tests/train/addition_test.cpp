// Modular addition: its data, its model, and whole short runs.
#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <stop_token>

#include <ATen/ops/zeros.h>

#include "base/mapped_file.h"
#include "io/checkpoint/checkpoint.h"
#include "io/training/training_log.h"
#include "model/forward/forward.h"
#include "train/addition_run.h"
#include "train/embedding_frequencies.h"
#include "train/initial_weights.h"
#include "train/tiny_corpus.h"
#include "train/trainer.h"

using namespace headlight;

namespace {

TrainRequest tiny_addition(const std::string& folder) {
    TrainRequest request;
    request.task = "addition";
    request.output_dir = folder;
    request.modulus = 13;
    request.train_fraction = 0.5;
    request.hidden_size = 16;
    request.num_layers = 1;
    request.num_heads = 2;
    request.intermediate_size = 32;
    request.num_steps = 60;
    request.learning_rate = 1e-2;
    request.weight_decay = 0.1;
    request.warmup_steps = 10;
    request.clip_norm = 1e6;
    request.checkpoint_every = 20;
    request.validate_every = 30;
    request.observe_every = 10;
    request.num_threads = 1;
    request.save_dtype = "float32";
    return request;
}

std::string bytes_of(const std::string& path) {
    const auto text = read_text_file(path);
    REQUIRE(text);
    return *text;
}

}  // namespace

TEST_CASE("addition: every pair is in exactly one half, the same for a seed") {
    TrainRequest request;
    request.modulus = 59;
    const AdditionSplit split = split_pairs(request);
    CHECK(split.train.size() == 1392);  // floor(0.4 * 3481)
    CHECK(split.test.size() == 3481 - 1392);
    std::set<AdditionPair> all(split.train.begin(), split.train.end());
    all.insert(split.test.begin(), split.test.end());
    CHECK(all.size() == 3481);
    CHECK(split_pairs(request).train == split.train);
    request.seed = 5;
    CHECK(split_pairs(request).train != split.train);
}

TEST_CASE("addition: rows are a b =, and only the answer is a target") {
    const Batch batch = addition_batch({{3, 5}, {58, 2}}, 59);
    CHECK(batch.num_rows == 2);
    const std::vector<std::int64_t> inputs = {3, 5, 59, 58, 2, 59};
    const std::vector<std::int64_t> targets = {kMaskedTarget, kMaskedTarget, 8,
                                               kMaskedTarget, kMaskedTarget, 1};
    CHECK(batch.inputs == inputs);
    CHECK(batch.targets == targets);
}

TEST_CASE("addition: each number is a character of its own") {
    CHECK(addition_character(3) == "3");
    CHECK(addition_character(10) == "A");
    CHECK(addition_character(36) == "a");
    CHECK(addition_character(61) == "z");
    CHECK(addition_character(62) == "\xC4\x80");  // U+0100
    std::set<std::string> characters;
    for (int number = 0; number < kLargestModulus; ++number)
        characters.insert(addition_character(number));
    CHECK(characters.size() == kLargestModulus);
    CHECK(addition_vocabulary(3).bytes ==
          "{\"type\":\"characters\",\"vocab\":[\"0\",\"1\",\"2\",\"=\",\"<unk>\"],\"unk\":\"<unk>\"}\n");
}

TEST_CASE("addition: weights start as the recipe says, and all of them decay") {
    TrainRequest request = tiny_addition("unused");
    request.hidden_size = 128;
    request.intermediate_size = 512;
    request.modulus = 59;
    request.weight_decay = 1.0;
    const auto parameters = make_addition_weights(request, addition_architecture(request));
    CHECK(parameters.size() == 2 + 4 + 4 + 1);  // tables, attention, MLP with biases, output; no norm
    for (const Parameter& p : parameters) {
        CHECK(p.weight_decay == 1.0);
        CHECK(p.rate_factor == 1.0);
        if (p.weight.dim() == 1) {
            CHECK(p.weight.eq(0).all().item<bool>());
        } else if (p.weight.numel() > 1000) {  // the three rows of positions say little about a deviation
            const double expected = 1.0 / std::sqrt(static_cast<double>(p.weight.size(1)));
            CHECK(p.weight.detach().std().item<double>() == doctest::Approx(expected).epsilon(0.03));
        }
    }
}

TEST_CASE("addition: the score of a model that knows nothing, and of one that knows the answer") {
    const TrainRequest request = tiny_addition("unused");
    const Architecture arch = addition_architecture(request);
    auto parameters = make_addition_weights(request, arch);
    for (Parameter& p : parameters)
        p.weight.detach().zero_();
    const auto model = make_language_model(arch, parameters, own_name);
    REQUIRE(model);
    const Batch batch = addition_batch(split_pairs(request).test, 13);
    const auto blind = score_addition(**model, batch, {});
    REQUIRE(blind);
    CHECK(blind->loss == doctest::Approx(std::log(15.0)));  // thirteen numbers, "=" and unknown
    // An output bias does not exist; a final state that is the same everywhere answers 0 throughout.
    for (Parameter& p : parameters) {
        if (p.name == "layers.0.down_bias") p.weight.detach().select(0, 0).fill_(100.0);
        if (p.name == "head") p.weight.detach().select(0, 0).select(0, 0).fill_(1.0);
    }
    const auto zero = score_addition(**model, addition_batch({{0, 0}, {3, 10}, {12, 1}, {1, 1}}, 13), {});
    REQUIRE(zero);
    CHECK(zero->accuracy == 0.75);
    CHECK(zero->loss == doctest::Approx(25.0));  // 100 nats on one of four
}

TEST_CASE("addition: a cosine over the numbers is one frequency") {
    const at::Tensor table = at::zeros({15, 2});
    for (int n = 0; n < 13; ++n) {
        table[n][0] = std::cos(2 * M_PI * 2 * n / 13);
        table[n][1] = 5.0;  // constant: no frequency
    }
    REQUIRE(top_frequency_share(table, 13));
    CHECK(*top_frequency_share(table, 13) == doctest::Approx(1.0));
    CHECK_FALSE(top_frequency_share(at::zeros({15, 2}), 13));
    CHECK_FALSE(top_frequency_share(table, 11));  // it has five in all
    // Equal power in all 15 frequencies of a single peak among 31 numbers: five of them have a third.
    const at::Tensor peak = at::zeros({31, 1});
    peak[4][0] = 1.0;
    CHECK(*top_frequency_share(peak, 31) == doctest::Approx(1.0 / 3));
}

TEST_CASE("addition: a run learns, logs each epoch's row, keeps checkpoints of our own family") {
    const TrainRequest request = [] {
        TrainRequest r = tiny_addition(test::fresh_dir("train_addition"));
        r.keeps_checkpoints = true;
        return r;
    }();
    std::vector<TrainProgress> all;
    const auto report = train_model(request, [&](const TrainProgress& p) { all.push_back(p); }, {});
    REQUIRE(report);
    CHECK(report->step == 60);
    REQUIRE(report->validation_loss);
    const auto log = read_training_log(request.output_dir + "/training");
    REQUIRE(log);
    REQUIRE(log->rows.size() == 7);  // 0, 10 ... 60
    CHECK(log->rows[3].step == 30);
    CHECK(log->rows[3].epoch == 30);
    CHECK(log->rows[3].point == "POST_EPOCH");
    for (const char* name : {"sv_concentration", "effective_rank", "top5_explained_var", "attn_entropy",
                             "attn_entropy/0", "attn_variance", "attn_variance/0", "loss", "train_accuracy",
                             "test_loss", "test_accuracy", "weight_norm", "sink_share", "answer_entropy",
                             "answer_on_first/0/1", "embedding_top5_frequencies"}) {
        for (const TrainingRow& row : log->rows) {
            REQUIRE_MESSAGE(row.values.count(name) == 1, name);
            CHECK_MESSAGE(row.values.at(name).has_value(), name);
        }
    }
    CHECK(log->rows.front().values.at("loss") > 1.0);
    CHECK(*log->rows.back().values.at("loss") < 0.3 * *log->rows.front().values.at("loss"));
    CHECK(*log->rows.back().values.at("test_loss") == doctest::Approx(*report->validation_loss));
    for (const int step : {0, 20, 40, 60}) {
        const auto kept = open_checkpoint(request.output_dir + "/checkpoints/step_" + std::to_string(step));
        REQUIRE(kept);
        CHECK((*kept)->config.at("model_type") == "headlight");
        CHECK((*kept)->find("layers.0.up_bias") != nullptr);
    }
    CHECK(bytes_of(request.output_dir + "/model.safetensors") ==
          bytes_of(request.output_dir + "/checkpoints/step_60/model.safetensors"));
    const bool has_observed = std::any_of(
        all.begin(), all.end(), [](const TrainProgress& p) { return p.step == 10 && !p.observed.empty(); });
    CHECK(has_observed);
}

TEST_CASE("addition: stopping and resuming gives the weights and the log of an uninterrupted run") {
    const TrainRequest whole = tiny_addition(test::fresh_dir("addition_whole"));
    REQUIRE(train_model(whole, {}, {}));
    TrainRequest parts = tiny_addition(test::fresh_dir("addition_parts"));
    std::stop_source stop;
    const auto callback = [&](const TrainProgress& p) {
        if (p.step == 33) stop.request_stop();
    };
    REQUIRE(train_model(parts, callback, JobContext(stop.get_token())));
    parts.resume = true;
    REQUIRE(train_model(parts, {}, {}));
    CHECK(bytes_of(parts.output_dir + "/model.safetensors") ==
          bytes_of(whole.output_dir + "/model.safetensors"));
    CHECK(bytes_of(parts.output_dir + "/training/metrics.jsonl") ==
          bytes_of(whole.output_dir + "/training/metrics.jsonl"));
    CHECK(bytes_of(parts.output_dir + "/training/metrics.csv") ==
          bytes_of(whole.output_dir + "/training/metrics.csv"));
    parts.modulus = 17;
    const auto other = train_model(parts, {}, {});
    REQUIRE_FALSE(other);
    CHECK(other.error().message.find("modulus") != std::string::npos);
}
