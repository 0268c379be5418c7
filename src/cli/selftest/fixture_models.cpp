// Models of every family against the attention, hidden states and logits of the reference library.
#include <algorithm>
#include <filesystem>

#include "cli/selftest/fixture_table.h"
#include "study/parity/parity.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> model_folders(const std::string& folder) {
    std::error_code code;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (fs::exists(entry.path() / "config.json") && fs::exists(entry.path() / "reference.safetensors"))
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

void compare_with_reference(const FixtureWork& work, const OpenModelRequest& request,
                            const std::string& reference, double tolerance, FixtureRow& row) {
    const auto runner = work.engine.open_model(request, work.job);
    if (!runner) {
        row.detail = short_error(runner.error());
        return;
    }
    row.kind = (*runner)->spec().family;
    ParityOptions options;
    options.tolerance = tolerance;
    const auto report = measure_parity(**runner, reference, options, work.job);
    if (!report) {
        row.detail = short_error(report.error());
        return;
    }
    row.attention = report->max_difference();
    double sum = 0;
    for (const LayerParity& layer : report->layers)
        sum += layer.mean_difference;
    row.num_layers = report->layers.size();
    if (row.num_layers > 0) row.mean_attention = sum / static_cast<double>(row.num_layers);
    row.hidden = report->hidden_max_relative();
    row.logits = report->logits_max_relative;
    row.measure = fmt::format("{:.1e}", *row.attention);
    // A file of which no layer could be compared says nothing.
    row.is_good = !report->departs() && row.num_layers > 0;
    if (row.is_good) {
        row.detail =
            fmt::format("hidden {}, logits {}", row.hidden ? fmt::format("{:.0e}", *row.hidden) : "none",
                        row.logits ? fmt::format("{:.0e}", *row.logits) : "none");
    } else {
        row.detail = row.num_layers > 0 ? report->verdict() : "the reference has no layer to compare";
    }
}

Status check_fixture_models(const FixtureWork& work) {
    const fs::path inside = fs::path(work.folder) / "models";
    for (const fs::path& folder : model_folders(fs::exists(inside) ? inside.string() : work.folder)) {
        for (const std::string config : {"", "config.v4.json"}) {
            if (!config.empty() && !fs::exists(folder / config)) continue;
            if (work.job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
            FixtureRow row;
            row.part = "models";
            row.name = folder.filename().string() + (config.empty() ? "" : " (" + config + ")");
            OpenModelRequest request;
            request.path = folder.string();
            request.device = work.device;
            if (!config.empty()) request.config_path = (folder / config).string();
            compare_with_reference(work, request, (folder / "reference.safetensors").string(),
                                   ParityOptions().tolerance, row);
            work.add(std::move(row));
        }
    }
    return {};
}

}  // namespace headlight
