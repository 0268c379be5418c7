// Passes on a device whose memory cannot be read, in blocks of few rows: nothing of a pass takes a tensor of
// the device for one of the processor, and blocks of any height give the same trace.
#include <c10/core/InferenceMode.h>

#include "kernel/capture_rows.h"
#include "model/device/pass_place.h"
#include "model/device_support.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/run_probe.h"
#include "model/other_device.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

using namespace headlight;
using namespace headlight::test;

namespace {

LoadedModel loaded(const std::string& folder) {
    OpenModelRequest request;
    request.path = folder;
    auto model = load_model(request, {});
    REQUIRE_MESSAGE(model.has_value(), (model ? "" : model.error().to_string()));
    return std::move(*model);
}

/// A pass of the text in two parts, the second over what the first left.
RunResult pass(const LoadedModel& model, const PassPlace& place, const RunRequest& request,
               std::int64_t block_floats) {
    const Architecture& arch = model.arch;
    const AttentionShape shape = attention_shape_of(arch);
    const auto pool = std::make_shared<BlockPool>();
    const auto store = place.make_store(arch, block_floats);
    const int end = static_cast<int>(request.ids.size());
    const auto layout = make_row_layout(shape, request.capture, request.ids.size(), 0, request.key_sets);
    std::vector<RowBlockPtr> rows;
    std::vector<RowTilesPtr> tiles;
    RunResult result;
    torch::Tensor hidden;
    for (const int stop : {arch.is_causal ? end - 3 : end, end}) {
        const int begin = static_cast<int>(rows.size());
        if (begin == stop) continue;
        const auto new_rows = make_rows(shape, pool, layout, begin, stop);
        const auto new_tiles = make_row_tiles(shape, pool, layout, begin, stop);
        CapturePlan plan{begin, stop, 1, plain_pointers(new_rows), request.key_sets};
        plan.tiles = plain_pointers(new_tiles);
        if (!tiles.empty()) plan.tiles_before = tiles.back();
        store->reserve(stop, begin);
        const auto attention = store->attention(std::move(plan));
        PassContext context = make_context(arch, model.weights, *attention, stop - begin, {begin, stop});
        const std::vector<std::int32_t> ids(request.ids.begin() + begin, request.ids.begin() + stop);
        const JobContext job;
        RunProbe probe(job, true);
        const torch::Tensor start = embed_tokens(arch, model.weights, to_indices(ids).unsqueeze(0), begin);
        hidden = place.finish(arch, model.weights, place.run_to_rows(context, start, &probe), &probe);
        rows.insert(rows.end(), new_rows.begin(), new_rows.end());
        tiles.insert(tiles.end(), new_tiles.begin(), new_tiles.end());
        keep_tiles(tiles, stop);
        result.hidden.push_back(to_matrix(hidden[0]));
        for (const torch::Tensor& state : probe.hidden())
            result.hidden.push_back(to_matrix(state));
    }
    result.trace = make_row_trace(make_trace_facts(arch, model.weights, end), rows, tiles);
    if (arch.has_head) result.logits = to_matrix(place.logits(arch, model.weights, hidden[0]));
    result.value_norms = to_matrix(store->values(arch.num_layers - 1, 0, end));
    return result;
}

}  // namespace

TEST_CASE("other device: every family runs where no memory can be read, in blocks of few rows") {
    const c10::InferenceMode inference;
    for (const std::string& folder : model_fixtures()) {
        CAPTURE(folder);
        const LoadedModel model = loaded(folder);
        // Convolutions are not taught to the made-up device.
        if (model.arch.decoder != nullptr || model.arch.has_convolution() || !model.arch.is_convolved.empty())
            continue;
        auto place = PassPlace::on(model, other_device(), {});
        REQUIRE_MESSAGE(place.has_value(), (place ? "" : place.error().to_string()));
        for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey}) {
            const RunRequest request = some_text(model.spec, 45, mode);
            const RunResult kernel = pass(model, PassPlace(), request, 0);
            // Blocks of 7 rows, which bands of tiles and panels of keys do not divide.
            const std::int64_t row =
                std::int64_t{model.arch.num_heads} * static_cast<std::int64_t>(request.ids.size());
            check_runs(kernel, pass(model, *place, request, 7 * row));
        }
    }
}

TEST_CASE("other device: blocks of any height give the same tiles of a long text") {
    const c10::InferenceMode inference;
    RandomModelRequest sizes;
    sizes.hidden_size = 32;
    sizes.num_layers = 2;
    sizes.num_kv_heads = 2;
    sizes.vocab_size = 64;
    auto model = make_random_model(sizes);
    REQUIRE(model.has_value());
    auto place = PassPlace::on(*model, torch::Device(torch::kCPU), {});
    REQUIRE(place.has_value());
    const RunRequest request = some_text(model->spec, 700, CaptureMode::QueryKey);
    const RunResult kernel = pass(*model, PassPlace(), request, 0);
    for (const std::int64_t rows : {1, 13, 64, 700})
        check_runs(kernel, pass(*model, *place, request, rows * 4 * 700));
}
