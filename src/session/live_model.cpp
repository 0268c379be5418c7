#include "session/live_model.h"

#include <filesystem>
#include <utility>

#include "analysis/detector.h"
#include "io/attention_dump.h"
#include "session/text_job.h"

namespace headlight {
namespace {

// Fills tokenizer and note; returns what the user should be told, empty if all is well.
std::string add_tokenizer(ModelInfo& info, const std::string& path) {
    auto tokenizer = open_tokenizer(checkpoint_folder(path));
    if (tokenizer) {
        info.tokenizer = std::move(*tokenizer);
        info.tokenizer_note = info.tokenizer->source();
        return {};
    }
    info.tokenizer_note = tokenizer.error().to_string();
    return info.tokenizer_note;
}

void fill_from_trace(ModelSpec& spec, const TraceInfo& trace, const std::string& path) {
    spec.num_layers = trace.num_layers;
    spec.num_heads = trace.num_heads;
    spec.is_causal = trace.is_causal;
    if (spec.name.empty()) spec.name = name_of_path(path);
    if (spec.path.empty()) spec.path = path;
}

}  // namespace

std::string checkpoint_folder(const std::string& path) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code)) return path;
    const auto folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? std::string(".") : folder.string();
}

std::string name_of_path(const std::string& path) {
    std::filesystem::path cleaned = std::filesystem::path(path).lexically_normal();
    if (!cleaned.has_filename()) cleaned = cleaned.parent_path();  // a trailing slash
    const std::string name = cleaned.filename().string();
    const bool is_generic = name == "model.safetensors" || name == "config.json";
    return is_generic && cleaned.has_parent_path() ? name_of_path(cleaned.parent_path().string()) : name;
}

Result<Opened> open_live_model(Engine& engine, const OpenRequest& request, const JobContext& job) {
    HEADLIGHT_TRY(std::unique_ptr<ModelRunner> runner, engine.open_model({request.path, {}}, job));
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while opening");
    auto info = std::make_shared<ModelInfo>();
    info->id = request.model_id;
    info->spec = runner->spec();
    info->is_live = true;
    job.report({"reading the tokenizer", -1, {}});
    Opened out;
    out.warning = add_tokenizer(*info, request.path);
    out.info = std::move(info);
    out.runner = std::move(runner);
    out.model_path = request.path;
    return out;
}

Result<Opened> open_stored_trace(const OpenRequest& request, const JobContext& job) {
    job.report({"reading the attention", -1, {}});
    HEADLIGHT_TRY(AttentionDump dump, read_attention_dump(request.path));
    auto info = std::make_shared<ModelInfo>();
    info->id = request.model_id;
    info->spec = std::move(dump.spec);
    fill_from_trace(info->spec, dump.trace->info(),
                    request.model_path.empty() ? request.path : request.model_path);
    Opened out;
    out.model_path = request.model_path;
    if (request.model_path.empty()) {
        info->tokenizer_note = "a stored trace: there is no tokenizer in it";
    } else {
        out.warning = add_tokenizer(*info, request.model_path);
    }

    auto text = std::make_shared<AnalyzedText>();
    text->id = request.text_id;
    text->model_id = request.model_id;
    text->tokens = std::move(dump.tokens);
    text->trace = std::move(dump.trace);
    text->was_measured_now = false;
    text->key_sets = detector_key_sets(text->tokens.tokens);
    HEADLIGHT_CHECK(analyze_into(*text, request.num_threads, job));
    out.info = std::move(info);
    out.text = std::move(text);
    return out;
}

}  // namespace headlight
