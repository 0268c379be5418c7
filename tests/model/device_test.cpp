// Runs on a device, by LibTorch's operations, against those of the capture kernel; here on the processor.
#include "model/device/device.h"
#include "model/device_support.h"
#include "model/reference_compare.h"

using namespace headlight;
using namespace headlight::test;

namespace {

RandomModelRequest small_llama(const std::string& device) {
    RandomModelRequest request;
    request.hidden_size = 48;
    request.num_heads = 4;
    request.num_kv_heads = 2;
    request.num_layers = 3;
    request.vocab_size = 97;
    request.seed = 5;
    request.device = device;
    return request;
}

}  // namespace

TEST_CASE("device: the names that are known, and what is said of the others") {
    CHECK(device_label(find_device("cpu").value()) == "cpu");
    CHECK(device_label(find_device("cpu-torch").value()) == "cpu-torch");
    const auto any = find_device("auto");
    REQUIRE(any.has_value());
    for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda:123", "cpu:0"}) {
        const auto found = find_device(name);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().kind == ErrorKind::InvalidInput);
    }
    if (*any) return;  // a GPU is there
    const auto cuda = find_device("cuda:1");
    REQUIRE_FALSE(cuda.has_value());
    CHECK(cuda.error().kind == ErrorKind::Missing);
    CHECK(cuda.error().message.find("TORCH_ROOT") != std::string::npos);
    CHECK(cuda.error().message.find("--device cpu") != std::string::npos);
}

TEST_CASE("device: every family's fixture gives what the capture kernel gives") {
    const std::vector<std::string> folders = model_fixtures();
    REQUIRE(folders.size() > 10);
    double worst = 0;
    for (const std::string& folder : folders) {
        CAPTURE(folder);
        const auto kernel = open(folder), device = open(folder, {}, 0, "cpu-torch");
        CHECK(kernel->spec().device == "cpu");
        CHECK(device->spec().device == "cpu-torch");
        for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey}) {
            RunRequest request = some_text(kernel->spec(), 70, mode);
            request.wants_value_norms = mode == CaptureMode::Weights;
            worst = std::max(worst, check_runs(run(*kernel, request), run(*device, request)));
        }
    }
    MESSAGE("largest difference of a weight: " << worst << ", " << folders.size() << " models");
}

TEST_CASE("device: fixtures of decoders give what the reference library gives") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    for (const char* name : {"gpt2", "llama", "gemma2", "gemma3_text", "gpt_oss", "bloom", "mistral"}) {
        const std::string folder = shared_fixture(fmt::format("models/{}", name));
        if (!std::filesystem::exists(folder)) continue;
        compare_folder(folder, {}, folder + "/reference.safetensors", "cpu-torch");
    }
    const std::string half = shared_fixture("formats/llama_bf16");
    compare_folder(half, {}, half + "/reference.safetensors", "cpu-torch");
}

TEST_CASE("device: an edited text keeps what did not change and equals the whole run") {
    for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey, CaptureMode::None}) {
        const auto kernel = random_runner(small_llama("cpu")),
                   device = random_runner(small_llama("cpu-torch"));
        RunRequest request;
        request.capture = mode;
        request.ids = some_ids(150, 29);
        const auto step = [&](int expected_reuse) {
            request.key_sets = some_key_sets(request.ids, true);
            request.logit_positions = {static_cast<int>(request.ids.size()) - 1};
            request.may_reuse_prefix = true;
            const RunResult edited = run(*device, request);
            CHECK(edited.num_reused == expected_reuse);
            request.may_reuse_prefix = false;
            check_runs(run(*kernel, request), edited);
        };
        step(0);
        request.ids.push_back(3);
        step(150);
        request.ids.insert(request.ids.end(), {1, 2, 3, 4, 5});
        step(151);
        request.ids[140] = (request.ids[140] + 1) % 29;
        step(140);
        request.ids.resize(120);
        step(120);
        request.ids.insert(request.ids.end(), 300, 7);  // the store grows
        step(120);
    }
}

TEST_CASE("device: an encoder-decoder keeps its encoder and the beginning of its decoder's text") {
    HEADLIGHT_NEEDS(shared_fixture("models/t5"));
    const std::string folder = shared_fixture("models/t5");
    const auto kernel = open(folder), device = open(folder, {}, 0, "cpu-torch");
    RunRequest request = some_text(kernel->spec(), 40, CaptureMode::Weights);
    request.wants_hidden = false;
    run(*device, request);
    request.decoder_ids.push_back(4);
    request.may_reuse_prefix = true;
    const RunResult longer = run(*device, request);
    CHECK(longer.num_reused == 40);
    request.may_reuse_prefix = false;
    check_runs(run(*kernel, request), longer);
}

TEST_CASE("device: what is not run there is run on the processor, with the same numbers") {
    const auto kernel = random_runner(small_llama("cpu")), device = random_runner(small_llama("cpu-torch"));
    const std::vector<std::int32_t> ids = some_ids(40, 97);
    const auto a = kernel->start_ablation(ids, {}), b = device->start_ablation(ids, {});
    REQUIRE(a.has_value());
    REQUIRE(b.has_value());
    CHECK((*a)->base_loss() == (*b)->base_loss());
    CHECK(kernel->start_causal(ids, {}).has_value() == device->start_causal(ids, {}).has_value());
}
