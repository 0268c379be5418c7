#include "run/open_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "io/atlas/atlas_file.h"
#include "io/checkpoint/model_files.h"
#include "io/identify_path.h"
#include "run/saved/session_file.h"

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

/// Atlas and log that a session had open beside its model.
void read_files_of_session(const SavedSession& session, const OpenRequest& request, Opened& out,
                           const JobContext& job) {
    const auto read = [&](const std::string& path, bool is_there) {
        if (path.empty() || is_there) return;
        OpenRequest beside = request;
        beside.path = path;
        const auto found = identify_path(path);
        const Status status = found ? read_beside(beside, *found, out, job) : fail(found.error());
        if (!status) out.left_out.push_back("what was open beside the model: " + status.error().to_string());
    };
    read(session.atlas, out.atlas != nullptr);
    read(session.training, out.training != nullptr);
}

/// The tokenizer that was chosen in place of the model's own.
void use_tokenizer_of_session(const SavedSession& session, LiveModel& model,
                              std::vector<std::string>& left_out) {
    if (session.tokenizer.empty()) return;
    auto tokenizer = open_tokenizer(session.tokenizer);
    if (!tokenizer) {
        left_out.push_back("the chosen tokenizer: " + tokenizer.error().to_string());
        return;
    }
    auto info = std::make_shared<ModelInfo>(*model.info);
    info->tokenizer = std::move(*tokenizer);
    info->tokenizer_note = info->tokenizer->source();
    info->tokenizer_file = session.tokenizer;
    model.info = std::move(info);
    model.tokenizer_error.reset();
}

const ModelInfo* opened_info(const OpenedSource& source) {
    if (const auto* live = std::get_if<LiveModel>(&source)) return live->info.get();
    const auto* stored = std::get_if<StoredTrace>(&source);
    return stored ? stored->info.get() : nullptr;
}

/// The session that waits for this model, or else the notes that are kept on it.
void add_session(const OpenRequest& request, Opened& out, const JobContext& job) {
    const ModelInfo* info = opened_info(out.source);
    if (!info) return;
    const std::string hash = model_config_hash(info->spec);
    const SavedSession* wanted = request.session.get();
    if (wanted && (wanted->config_hash.empty() || wanted->config_hash == hash)) {
        auto session = std::make_shared<SavedSession>(*wanted);
        if (auto* live = std::get_if<LiveModel>(&out.source))
            use_tokenizer_of_session(*wanted, *live, out.left_out);
        for (std::string& sentence : fit_to_model(*session, *opened_info(out.source)))
            out.left_out.push_back(std::move(sentence));
        read_files_of_session(*wanted, request, out, job);
        out.session = std::move(session);
        return;
    }
    if (request.notes_folder.empty()) return;
    auto kept = read_session(notes_path(request.notes_folder, info->spec));
    if (kept) out.notes = kept->notes;
    if (!kept && kept.error().kind != ErrorKind::Missing)
        out.beside_warning = "the notes on this model: " + kept.error().to_string();
}

Result<Opened> open_session(const EngineProvider& engine, const OpenRequest& request, const std::string& path,
                            const JobContext& job) {
    job.report({"reading the session", -1, {}});
    HEADLIGHT_TRY(SavedSession read, read_session(path));
    const auto session = std::make_shared<const SavedSession>(std::move(read));
    OpenRequest model = request;
    model.path = !session->path.empty()    ? session->path
                 : !session->atlas.empty() ? session->atlas
                                           : session->training;
    model.session = session;
    model.choices.adapter = session->adapter;
    const auto found = identify_path(model.path);
    auto opened =
        found && found->kind == PathKind::Session
            ? Result<Opened>(fail(make_error(ErrorKind::Corrupt, "a session is not a model").in_file(path)))
        : model.path.empty()
            ? Result<Opened>(fail(make_error(ErrorKind::Missing, "no model is named in it").in_file(path)))
            : open_source(engine, model, job);
    if (!opened && opened.error().kind == ErrorKind::Cancelled) return opened;
    if (opened && session->path.empty()) {  // an atlas or a log was open alone
        read_files_of_session(*session, request, *opened, job);
        opened->session = session;
    }
    if (opened && (opened->session || std::holds_alternative<OpenQuestion>(opened->source))) {
        if (auto* question = std::get_if<OpenQuestion>(&opened->source)) question->path = path;
        opened->session_path = path;
        return opened;
    }
    Opened out;
    out.path = path;
    out.source = LeftSession{
        session, opened ? make_error(ErrorKind::Corrupt,
                                     "what lies there is another model than that of the session ({})",
                                     session->model_name)
                              .in_file(session->path)
                        : std::move(opened).error()};
    return out;
}

}  // namespace

std::string notes_path(const std::string& folder, const ModelSpec& spec) {
    constexpr std::size_t kMostNameBytes = 60;
    std::string name = spec.name.substr(0, kMostNameBytes);
    for (char& c : name) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              c == '-' || c == '_' || c == '.';
        if (!is_plain) c = '_';
    }
    return fmt::format("{}/notes-{}-{}{}", folder, name, model_config_hash(spec), kSessionEnding);
}

Result<Opened> open_source(const EngineProvider& engine, const OpenRequest& request, const JobContext& job) {
    if (request.is_dump) {
        HEADLIGHT_TRY(Opened out, open_dump(request, request.path, job));
        add_session(request, out, job);
        return out;
    }
    HEADLIGHT_TRY(const IdentifiedPath found, identify_path(request.path));
    if (found.kind == PathKind::Session) return open_session(engine, request, found.path, job);
    if (found.kind == PathKind::AttentionDump) {
        HEADLIGHT_TRY(Opened out, open_dump(request, found.path, job));
        add_session(request, out, job);
        return out;
    }
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
    options.device = request.device;
    options.adapter = request.choices.adapter;
    HEADLIGHT_TRY(out.source, open_model(
                                  engine, options, request.model_id, [](const std::string&) {}, job));
    if (const Status beside = read_beside(request, found, out, job); !beside)
        out.beside_warning = beside.error().to_string();
    add_session(request, out, job);
    return out;
}

}  // namespace headlight
