#include "session/live_model.h"

#include <filesystem>
#include <utility>

#include "analysis/detector.h"
#include "io/attention/attention_dump.h"
#include "session/text_job.h"

namespace headlight {
namespace {

// Fills tokenizer and note; returns what the user should be told, empty if all is well.
std::string add_tokenizer(ModelInfo& info, const std::string& path) {
    info.tokenizers = list_tokenizers(checkpoint_folder(path));
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

// The orders that the reader names in its sentence, as (axes "lhqk"); nullopt: it names none.
std::optional<OpenQuestion> question_of_axes(const std::string& path, const Error& error) {
    OpenQuestion question;
    question.kind = OpenQuestion::Kind::AxisOrder;
    question.path = path;
    question.sentence = error.message;
    constexpr std::string_view kBefore = "(axes \"";
    for (auto at = error.message.find(kBefore); at != std::string::npos;
         at = error.message.find(kBefore, at + 1)) {
        const std::size_t begin = at + kBefore.size(), end = error.message.find('"', begin);
        if (end != std::string::npos) question.answers.push_back(error.message.substr(begin, end - begin));
    }
    if (question.answers.empty()) return std::nullopt;
    return question;
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
    HEADLIGHT_TRY(std::unique_ptr<ModelRunner> runner,
                  engine.open_model({request.path, {}, request.choices.trusts_torchscript}, job));
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while opening");
    auto info = std::make_shared<ModelInfo>();
    info->id = info->tokenizer_id = request.model_id;
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
    DumpOptions options;
    options.axes = request.choices.axes;
    auto read = read_attention_dump(request.path, options);
    if (!read && read.error().kind == ErrorKind::InvalidInput && options.axes.empty()) {
        Opened out;
        out.question = question_of_axes(request.path, read.error());
        if (out.question) return out;
    }
    if (!read) return fail(std::move(read).error());
    AttentionDump dump = std::move(*read);
    auto info = std::make_shared<ModelInfo>();
    info->id = info->tokenizer_id = request.model_id;
    info->spec = std::move(dump.spec);
    const TracePtr& first = dump.trace           ? dump.trace
                            : dump.decoder_trace ? dump.decoder_trace
                                                 : dump.cross_trace;
    fill_from_trace(info->spec, first->info(),
                    request.model_path.empty() ? request.path : request.model_path);
    if (dump.trace && dump.decoder_trace) {
        info->spec.has_decoder = true;
        info->spec.num_decoder_layers = dump.decoder_trace->num_layers();
        info->spec.num_decoder_heads = dump.decoder_trace->num_heads();
    }
    Opened out;
    out.model_path = request.model_path;
    if (request.model_path.empty()) {
        info->tokenizer_note = "a stored trace: there is no tokenizer in it";
    } else {
        out.warning = add_tokenizer(*info, request.model_path);
    }

    AnalyzedText frame;
    frame.id = request.text_id;
    frame.model_id = frame.tokenizer_id = request.model_id;
    frame.was_measured_now = false;
    frame.key_sets = detector_key_sets(dump.tokens.tokens);
    RunTraces traces{std::move(dump.tokens), std::move(dump.decoder_tokens), std::move(dump.trace),
                     std::move(dump.decoder_trace), std::move(dump.cross_trace)};
    HEADLIGHT_TRY(out.text, analyze_kinds(frame, std::move(traces), request.num_threads, job));
    for (const std::string& note : dump.notes)
        out.warning += (out.warning.empty() ? "" : "\n") + note;
    out.info = std::move(info);
    return out;
}

}  // namespace headlight
