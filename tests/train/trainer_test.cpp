// Whole runs on a tiny corpus: reproducible, resumable, readable by the checkpoint reader.
#include "train/trainer.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <stop_token>

#include "base/mapped_file.h"
#include "io/checkpoint/checkpoint.h"
#include "train/tiny_corpus.h"

using namespace headlight;

namespace {

std::string bytes_of(const std::string& path) {
    const auto text = read_text_file(path);
    REQUIRE(text);
    return *text;
}

std::string weights_of(const TrainRequest& request) {
    return bytes_of(request.output_dir + "/model.safetensors");
}

Result<TrainReport> train_until(const TrainRequest& request, int stop_at) {
    std::stop_source stop;
    const auto callback = [&](const TrainProgress& progress) {
        if (progress.step == stop_at) stop.request_stop();
    };
    return train_model(request, callback, JobContext(stop.get_token()));
}

}  // namespace

TEST_CASE("trainer: a fixed seed gives the same files, another seed others") {
    TrainRequest first = test::tiny_request(test::fresh_dir("train_seed_a"));
    TrainRequest second = test::tiny_request(test::fresh_dir("train_seed_b"));
    TrainRequest third = test::tiny_request(test::fresh_dir("train_seed_c"));
    third.seed = 2;
    for (const TrainRequest& request : {first, second, third})
        REQUIRE(train_model(request, {}, {}));
    CHECK(weights_of(first) == weights_of(second));
    CHECK(weights_of(first) != weights_of(third));
    for (const char* file :
         {"config.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"}) {
        CHECK(bytes_of(first.output_dir + "/" + file) == bytes_of(second.output_dir + "/" + file));
    }
}

TEST_CASE("trainer: stopping and resuming gives the weights of an uninterrupted run") {
    const TrainRequest whole = test::tiny_request(test::fresh_dir("train_whole"));
    const auto whole_report = train_model(whole, {}, {});
    REQUIRE(whole_report);
    TrainRequest parts = test::tiny_request(test::fresh_dir("train_parts"));
    // Stops in the short rows and in the long ones.
    for (const int stop_at : {3, 9}) {
        const auto report = train_until(parts, stop_at);
        REQUIRE(report);
        CHECK(report->was_stopped);
        CHECK(report->step == stop_at);
        CHECK_FALSE(report->validation_loss);
        parts.resume = true;
    }
    const auto last = train_model(parts, {}, {});
    REQUIRE(last);
    CHECK_FALSE(last->was_stopped);
    CHECK(last->step == 16);
    CHECK(weights_of(parts) == weights_of(whole));
    CHECK(last->loss == whole_report->loss);
    CHECK(last->validation_loss == whole_report->validation_loss);
}

TEST_CASE("trainer: the folder is a Llama checkpoint") {
    const TrainRequest request = test::tiny_request(test::fresh_dir("train_folder"));
    REQUIRE(train_model(request, {}, {}));
    const auto checkpoint = open_checkpoint(request.output_dir);
    REQUIRE(checkpoint);
    const auto& config = (*checkpoint)->config;
    CHECK(config.at("model_type") == "llama");
    CHECK(config.at("architectures").at(0) == "LlamaForCausalLM");
    CHECK(config.at("rope_theta") == 500.0);
    CHECK(config.at("rope_parameters").at("rope_theta") == 500.0);
    CHECK(config.at("tie_word_embeddings") == false);
    const std::int64_t vocab = config.at("vocab_size");
    CHECK(vocab <= request.vocab_size);
    CHECK((*checkpoint)->tensors.size() == 3 + 9 * 2);
    const auto has_shape = [&](const char* name, std::vector<std::int64_t> shape) {
        const TensorInfo* tensor = (*checkpoint)->find(name);
        REQUIRE_MESSAGE(tensor != nullptr, name);
        CHECK_MESSAGE(tensor->shape == shape, name);
        CHECK(tensor->dtype == DType::Float32);
    };
    has_shape("model.embed_tokens.weight", {vocab, 32});
    has_shape("lm_head.weight", {vocab, 32});
    has_shape("model.norm.weight", {32});
    has_shape("model.layers.1.self_attn.q_proj.weight", {32, 32});
    has_shape("model.layers.1.mlp.gate_proj.weight", {48, 32});
    has_shape("model.layers.0.mlp.down_proj.weight", {32, 48});
}

TEST_CASE("trainer: weights are stored in the type that was asked for") {
    TrainRequest request = test::tiny_request(test::fresh_dir("train_types"));
    request.num_steps = 1;
    const std::pair<const char*, DType> types[] = {
        {"float32", DType::Float32}, {"float16", DType::Float16}, {"bfloat16", DType::BFloat16}};
    for (const auto& [name, type] : types) {
        request.save_dtype = name;
        REQUIRE(train_model(request, {}, {}));
        const auto checkpoint = open_checkpoint(request.output_dir);
        REQUIRE(checkpoint);
        CHECK((*checkpoint)->config.at("dtype") == name);
        for (const TensorInfo& tensor : (*checkpoint)->tensors)
            CHECK(tensor.dtype == type);
    }
}

TEST_CASE("trainer: the loss falls on text, progress and report say so") {
    TrainRequest request = test::tiny_request(test::fresh_dir("train_learns"));
    request.num_steps = 80;
    request.repeat_share = 0;
    request.learning_rate = 1e-2;
    request.validate_every = 40;
    request.checkpoint_every = 40;
    request.save_dtype = "float16";
    std::vector<TrainProgress> all;
    const auto report = train_model(request, [&](const TrainProgress& p) { all.push_back(p); }, {});
    REQUIRE(report);
    double first = 0, middle = 0;
    bool has_saved = false;
    for (const TrainProgress& p : all) {
        if (p.step == 1) first = p.loss;
        if (p.step == 40 && p.validation_loss) middle = *p.validation_loss;
        has_saved = has_saved || p.note == "checkpoint saved";
    }
    CHECK(first > 5.0);  // near ln(vocabulary)
    CHECK(report->loss < first - 1.0);
    REQUIRE(report->validation_loss);
    CHECK(*report->validation_loss < middle);
    CHECK(has_saved);
    REQUIRE(report->held_out.size() == 1);
    CHECK(report->held_out[0].name == "tiny");
    CHECK(report->held_out[0].nats_per_token == doctest::Approx(*report->validation_loss));
    CHECK(report->held_out[0].bits_per_character > 0);
    const auto checkpoint = open_checkpoint(request.output_dir);
    REQUIRE(checkpoint);
    CHECK((*checkpoint)->find("lm_head.weight")->dtype == DType::Float16);
}

TEST_CASE("trainer: an unfinished run is not overwritten, nothing is resumed from nothing") {
    TrainRequest request = test::tiny_request(test::fresh_dir("train_refuses"));
    request.resume = true;
    const auto nothing = train_model(request, {}, {});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind == ErrorKind::Missing);
    request.resume = false;
    REQUIRE(train_until(request, 2));
    const auto overwrite = train_model(request, {}, {});
    REQUIRE_FALSE(overwrite);
    CHECK(overwrite.error().kind == ErrorKind::InvalidInput);
    CHECK(overwrite.error().message.find("step 2") != std::string::npos);
    request.resume = true;
    request.learning_rate = 1e-3;
    const auto other = train_model(request, {}, {});
    REQUIRE_FALSE(other);
    CHECK(other.error().message.find("learning_rate") != std::string::npos);
    std::ofstream(request.corpus_files[0], std::ios::app) << "One more sentence about the lamp.\n";
    request.learning_rate = 2e-3;
    const auto changed = train_model(request, {}, {});
    REQUIRE_FALSE(changed);
    CHECK(changed.error().message.find("corpus") != std::string::npos);
}

TEST_CASE("trainer: a stop before the first step leaves no checkpoint") {
    const TrainRequest request = test::tiny_request(test::fresh_dir("train_early_stop"));
    std::stop_source stop;
    stop.request_stop();
    const auto report = train_model(request, {}, JobContext(stop.get_token()));
    REQUIRE_FALSE(report);
    CHECK(report.error().kind == ErrorKind::Cancelled);
    CHECK_FALSE(std::filesystem::exists(request.output_dir + "/model.safetensors"));
}

TEST_CASE("trainer: a vocabulary too small for the text, and too little text, are refused") {
    TrainRequest request = test::tiny_request(test::fresh_dir("train_small"));
    request.vocab_size = 270;
    const auto few_pieces = train_model(request, {}, {});
    REQUIRE_FALSE(few_pieces);
    CHECK(few_pieces.error().message.find("too small") != std::string::npos);
    request.vocab_size = 340;
    std::ofstream(request.corpus_files[0]) << "A lamp. A head. A light.\n";
    const auto short_text = train_model(request, {}, {});
    REQUIRE_FALSE(short_text);
    CHECK(short_text.error().kind == ErrorKind::InvalidInput);
}
