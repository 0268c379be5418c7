#include "run/open_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "io/atlas/atlas_file.h"
#include "io/checkpoint/model_files.h"
#include "io/identify_path.h"

namespace headlight {
namespace {

OpenQuestion ask_about_code(const std::string& path) {
    return {
        OpenQuestion::Kind::RunsCode,
        path,
        fmt::format(
            "{} is a TorchScript program, not only weights. To take its weights out, code in the file is "
            "run on this machine with your rights. Open it only if you trust where it came from; the same "
            "weights as safetensors open without this.",
            name_of_path(path)),
        {}};
}

/// Reads atlas and training log of where the path points. `asked` is the path as the user gave it.
Status read_beside(const OpenRequest& request, const IdentifiedPath& found, Opened& out,
                   const JobContext& job) {
    if (!found.atlas_path.empty()) {
        job.report({"reading the atlas", -1, {}});
        auto atlas = std::make_shared<OpenedAtlas>();
        atlas->id = request.text_id;
        atlas->path = request.path;
        HEADLIGHT_TRY(atlas->atlas, read_atlas(found.atlas_path));
        out.atlas = std::move(atlas);
    }
    if (found.log_path.empty()) return {};
    auto training = std::make_shared<OpenedTraining>();
    training->id = request.text_id;
    training->path = found.log_path;
    HEADLIGHT_TRY(training->log, read_training_log(found.log_path));
    const std::string folder = folder_of_path(found.path);
    if (holds_model(folder)) training->log.title = name_of_path(folder);  // not "training"
    out.training = std::move(training);
    return {};
}

Result<Opened> open_dump(const OpenRequest& request, const std::string& path, const JobContext& job) {
    const MemoryFile* const sent = request.choices.sent.get();
    auto trace = open_stored_trace({path, request.model_path, request.choices.axes, request.model_id,
                                    request.text_id, request.num_threads, sent ? sent->name() : ""},
                                   job);
    Opened out;
    out.path = path;
    if (trace) {
        out.source = std::move(*trace);
    } else if (!trace.error().choices.empty() && request.choices.axes.empty()) {
        out.source =
            OpenQuestion{OpenQuestion::Kind::AxisOrder, path, trace.error().message, trace.error().choices};
    } else {
        return fail(std::move(trace).error());
    }
    return out;
}

}  // namespace

Result<Opened> open_source(const EngineProvider& engine, const OpenRequest& request, const JobContext& job) {
    if (request.is_dump) return open_dump(request, request.path, job);
    HEADLIGHT_TRY(const IdentifiedPath found, identify_path(request.path));
    if (found.kind == PathKind::AttentionDump) return open_dump(request, found.path, job);
    Opened out;
    out.path = found.path;
    if (found.kind == PathKind::Atlas || found.kind == PathKind::TrainingLog) {
        HEADLIGHT_CHECK(read_beside(request, found, out, job));
        if (out.atlas)
            out.source = out.atlas;
        else
            out.source = out.training;
        return out;
    }
    if (found.kind == PathKind::TorchScript && !request.choices.trusts_torchscript) {
        out.source = ask_about_code(found.path);
        return out;
    }
    ModelOptions options;
    options.path = found.path;
    options.trusts_torchscript = request.choices.trusts_torchscript;
    HEADLIGHT_TRY(out.source, open_model(
                                  engine, options, request.model_id, [](const std::string&) {}, job));
    if (const Status beside = read_beside(request, found, out, job); !beside)
        out.beside_warning = beside.error().to_string();
    return out;
}

}  // namespace headlight
