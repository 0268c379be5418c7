// A model whose file is cut off or overwritten while it is open: no number is computed from what is left.
#include <filesystem>

#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;
namespace fs = std::filesystem;

namespace {

/// A copy of the folder's config and weights, last written to an hour ago.
std::string old_copy(const std::string& folder) {
    const std::string copy = fresh_dir("changed_model");
    for (const char* name : {"config.json", "model.safetensors"})
        fs::copy_file(folder + "/" + name, copy + "/" + name);
    const std::string weights = copy + "/model.safetensors";
    fs::permissions(weights, fs::perms::owner_write, fs::perm_options::add);
    fs::last_write_time(weights, fs::file_time_type::clock::now() - std::chrono::hours(1));
    return copy;
}

RunRequest short_request() {
    RunRequest request;
    request.ids = some_ids(12, 64);
    request.capture = CaptureMode::Weights;
    request.logit_positions = {11};
    return request;
}

template <class T>
void check_refused(const Result<T>& result) {
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::Corrupt);
    CHECK_MESSAGE(result.error().message.find("while it was open") != std::string::npos,
                  result.error().to_string());
    CHECK(result.error().file.ends_with("model.safetensors"));
}

}  // namespace

TEST_CASE("changed model: cut off between two runs, everything that reads weights says so") {
    const std::string folder = old_copy(own_fixture("gpt2"));
    const auto runner = open(folder);
    const RunRequest request = short_request();
    const std::vector<float> before = run(*runner, request).trace->matrix(1, 0);
    auto ablation = runner->start_ablation(request.ids, {});
    REQUIRE(ablation);
    fs::resize_file(folder + "/model.safetensors", 100);
    RunRequest longer = request;
    longer.ids.push_back(3);
    check_refused(runner->run(longer, {}));
    check_refused(runner->run(request, {}));  // and nothing of the earlier run is used again
    check_refused(runner->head_weights(0, 0));
    check_refused(runner->token_embeddings(request.ids));
    check_refused(runner->start_ablation(request.ids, {}));
    check_refused(runner->attention_parameters({}));
    check_refused(runner->copy_ranks(request.ids, false, {}));
    check_refused(runner->measure_precision(request.ids, "bfloat16", {}));
    Intervention zero;
    zero.heads = {{0, 0}};
    const std::vector<Intervention> changes = {zero};
    check_refused((*ablation)->apply(changes, {}, {}));
    const auto again = open_model_runner({folder, {}}, {}, threads());
    REQUIRE(!again);
    CHECK(again.error().kind == ErrorKind::Corrupt);
}

TEST_CASE("changed model: cut off in the middle of a run, on two threads") {
    const std::string folder = old_copy(own_fixture("gpt2"));
    const auto runner = open(folder, {}, 2);
    int layers_seen = 0;
    const JobContext job({}, [&](const ProgressUpdate&) {
        if (++layers_seen == 1) fs::resize_file(folder + "/model.safetensors", 100);
    });
    check_refused(runner->run(short_request(), job));
    CHECK(layers_seen >= 1);
}

TEST_CASE("changed model: weights written over in place by as many bytes are noticed") {
    const std::string folder = old_copy(own_fixture("gpt2"));
    const auto runner = open(folder);
    run(*runner, short_request());
    fs::copy_file(own_fixture("gpt2/model.safetensors"), folder + "/model.safetensors",
                  fs::copy_options::overwrite_existing);
    check_refused(runner->run(short_request(), {}));
}

TEST_CASE("changed model: weights lie in their file, half-precision ones too") {
    const std::string folder = old_copy(source_dir() + "/assets/demo");
    const auto runner = open(folder);
    run(*runner, short_request());
    fs::resize_file(folder + "/model.safetensors", 0);
    RunRequest request = short_request();
    request.may_reuse_prefix = false;
    check_refused(runner->run(request, {}));
}
