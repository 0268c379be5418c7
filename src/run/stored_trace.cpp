#include "run/stored_trace.h"

#include <utility>

#include "analysis/patterns/sentence_masses.h"
#include "run/live_model.h"
#include "run/text_run.h"

namespace headlight {

ModelSpec spec_of_dump(AttentionDump& dump, const std::string& path) {
    ModelSpec spec = std::move(dump.spec);
    const TracePtr& first = dump.trace           ? dump.trace
                            : dump.decoder_trace ? dump.decoder_trace
                                                 : dump.cross_trace;
    spec.num_layers = first->num_layers();
    spec.num_heads = first->num_heads();
    spec.is_causal = first->info().is_causal;
    if (spec.name.empty()) spec.name = name_of_path(path);
    if (spec.path.empty()) spec.path = path;
    if (dump.trace && dump.decoder_trace) {
        spec.has_decoder = true;
        spec.num_decoder_layers = dump.decoder_trace->num_layers();
        spec.num_decoder_heads = dump.decoder_trace->num_heads();
    }
    return spec;
}

Result<StoredTrace> open_stored_trace(const StoredTraceRequest& request, const JobContext& job) {
    job.report({"reading the attention", -1, {}});
    auto read =
        read_attention_dump(request.path, {request.axes, request.sent_name, !request.sent_name.empty()});
    if (!read) {
        Error error = std::move(read).error();
        if (!request.sent_name.empty()) error.file = request.sent_name;
        return fail(std::move(error));
    }
    AttentionDump dump = std::move(*read);
    auto info = std::make_shared<ModelInfo>();
    info->id = info->tokenizer_id = request.model_id;
    info->spec = spec_of_dump(dump, request.model_path.empty() ? request.path : request.model_path);
    if (!request.sent_name.empty()) info->spec.path.clear();
    StoredTrace out;
    out.model_path = request.model_path;
    if (request.model_path.empty()) {
        info->tokenizer_note = "a stored trace: there is no tokenizer in it";
    } else if (const auto error = add_tokenizer(*info, request.model_path)) {
        out.warning = error->to_string();
    }
    AnalyzedText frame;
    frame.id = request.text_id;
    frame.model_id = frame.tokenizer_id = request.model_id;
    frame.was_measured_now = false;
    frame.key_sets = text_key_sets(dump.tokens);
    RunTraces traces{std::move(dump.tokens), std::move(dump.decoder_tokens), std::move(dump.trace),
                     std::move(dump.decoder_trace), std::move(dump.cross_trace)};
    HEADLIGHT_TRY(out.text, analyze_kinds(frame, std::move(traces), request.num_threads, job));
    for (const std::string& note : dump.notes)
        out.warning += (out.warning.empty() ? "" : "\n") + note;
    out.info = std::move(info);
    return out;
}

}  // namespace headlight
