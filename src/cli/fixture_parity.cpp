// Fixture models against the attention that the reference library gave.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/self_checks.h"
#include "io/checkpoint.h"
#include "io/tensor_values.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::int32_t>> reference_ids(const Checkpoint& reference, int text) {
    const TensorInfo* tensor = reference.find(fmt::format("t{}.input_ids", text));
    if (tensor == nullptr)
        return fail(ErrorKind::Missing, "the reference has no input_ids for text {}", text);
    HEADLIGHT_TRY(const auto wide, tensor_as_integers(reference, *tensor));
    return std::vector<std::int32_t>(wide.begin(), wide.end());
}

/// Largest difference of all heads of one layer to the reference [H, N, N].
Result<double> layer_difference(const AttentionTrace& trace, const Checkpoint& reference, int text,
                                int layer) {
    const std::string name = fmt::format("t{}.attn.{}", text, layer);
    const TensorInfo* tensor = reference.find(name);
    if (tensor == nullptr)
        return fail(make_error(ErrorKind::Missing, "the reference lacks a layer").at_tensor(name));
    HEADLIGHT_TRY(const std::vector<float> expected, tensor_as_floats(reference, *tensor));
    const auto size =
        static_cast<std::size_t>(trace.num_queries()) * static_cast<std::size_t>(trace.num_keys());
    if (expected.size() != size * static_cast<std::size_t>(trace.num_heads())) {
        return fail(make_error(ErrorKind::Corrupt, "{} values, expected {} heads of {} x {}", expected.size(),
                               trace.num_heads(), trace.num_queries(), trace.num_keys())
                        .at_tensor(name));
    }
    double worst = 0;
    for (int head = 0; head < trace.num_heads(); ++head) {
        const std::vector<float> got = trace.matrix(layer, head);
        const float* wanted = expected.data() + static_cast<std::size_t>(head) * size;
        for (std::size_t i = 0; i < size; ++i) {
            const double difference = std::abs(static_cast<double>(got[i]) - wanted[i]);
            worst = std::max(worst, std::isfinite(difference) ? difference : INFINITY);
        }
    }
    return worst;
}

Result<double> model_difference(ModelRunner& runner, const Checkpoint& reference) {
    double worst = 0;
    for (int text = 0; text < 3; ++text) {
        RunRequest request;
        HEADLIGHT_TRY(request.ids, reference_ids(reference, text));
        request.may_reuse_prefix = false;
        HEADLIGHT_TRY(const RunResult result, runner.run(request, {}));
        for (int layer = 0; layer < result.trace->num_layers(); ++layer) {
            HEADLIGHT_TRY(const double difference, layer_difference(*result.trace, reference, text, layer));
            worst = std::max(worst, difference);
        }
    }
    return worst;
}

ParityRow failed(ParityRow row, const Error& error) {
    const bool is_unsupported = error.kind == ErrorKind::Unsupported;
    row.state = is_unsupported ? CheckOutcome::State::Skipped : CheckOutcome::State::Failed;
    row.detail = error.message;
    return row;
}

ParityRow check_model(Engine& engine, const fs::path& folder, const std::string& config_name) {
    ParityRow row;
    row.name = folder.filename().string() + (config_name.empty() ? "" : " (" + config_name + ")");
    const std::string config = config_name.empty() ? "" : (folder / config_name).string();
    auto runner = engine.open_model({folder.string(), config}, {});
    if (!runner) return failed(std::move(row), runner.error());
    row.family = (*runner)->spec().family;
    const auto reference = open_checkpoint((folder / "reference.safetensors").string());
    if (!reference) return failed(std::move(row), reference.error());
    const auto difference = model_difference(**runner, **reference);
    if (!difference) return failed(std::move(row), difference.error());
    row.max_difference = *difference;
    if (*difference > kParityTolerance) {
        row.state = CheckOutcome::State::Failed;
        row.detail = fmt::format("more than {:.0e}", kParityTolerance);
    }
    return row;
}

}  // namespace

Result<std::vector<ParityRow>> check_fixtures(Engine& engine, const std::string& models_dir,
                                              const std::function<void(const ParityRow&)>& on_row) {
    std::error_code code;
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(models_dir, code)) {
        const bool has_all =
            fs::exists(entry.path() / "config.json") && fs::exists(entry.path() / "reference.safetensors");
        if (has_all) folders.push_back(entry.path());
    }
    if (folders.empty()) {
        return fail(make_error(ErrorKind::Missing,
                               "no fixture model was found; expected folders with config.json, "
                               "weights and reference.safetensors")
                        .in_file(models_dir));
    }
    std::sort(folders.begin(), folders.end());
    std::vector<ParityRow> rows;
    for (const fs::path& folder : folders) {
        for (const std::string config : {"", "config.v4.json"}) {
            if (!config.empty() && !fs::exists(folder / config)) continue;
            rows.push_back(check_model(engine, folder, config));
            on_row(rows.back());
        }
    }
    return rows;
}

}  // namespace headlight
