// Sizes of each attention of a stored file, its model and notes.
#include "report/inspection/dump_report.h"

#include <fmt/format.h>

namespace headlight {
namespace {

/// Sizes of one attention; null where the file has none of the kind.
Json trace_facts(const TracePtr& trace) {
    if (!trace) return nullptr;
    const TraceInfo& info = trace->info();
    return {{"layers", info.num_layers}, {"heads", info.num_heads},     {"queries", info.num_queries},
            {"keys", info.num_keys},     {"is_causal", info.is_causal}, {"dtype", info.dtype}};
}

std::string trace_line(const char* name, const TracePtr& trace) {
    if (!trace) return {};
    const TraceInfo& info = trace->info();
    return fmt::format("  {:<12} {} layers x {} heads, {} queries x {} keys, {}, {}\n", name, info.num_layers,
                       info.num_heads, info.num_queries, info.num_keys,
                       info.is_causal ? "causal" : "not causal", info.dtype);
}

}  // namespace

std::string dump_text(const AttentionDump& dump, const std::string& path) {
    std::string out = fmt::format("{}\n  attention of one text\n", path);
    out += trace_line(dump.decoder_trace || dump.cross_trace ? "encoder" : "attention", dump.trace);
    out += trace_line("decoder", dump.decoder_trace);
    out += trace_line("cross", dump.cross_trace);
    out += fmt::format("  model        {} ({})\n  logits       {}\n  hidden       {} states\n",
                       dump.spec.name.empty() ? "not said" : dump.spec.name,
                       dump.spec.family.empty() ? "-" : dump.spec.family, dump.logits.empty() ? "no" : "yes",
                       dump.hidden.size());
    for (const std::string& note : dump.notes)
        out += fmt::format("  note         {}\n", note);
    return out;
}

Json dump_json(const AttentionDump& dump, const std::string& path) {
    const TracePtr& first = dump.trace         ? dump.trace
                            : dump.cross_trace ? dump.cross_trace
                                               : dump.decoder_trace;
    const TraceInfo& info = first->info();
    return {{"path", path},
            {"format", "attention_dump"},
            {"model", dump.spec.name},
            {"family", dump.spec.family},
            {"layers", info.num_layers},
            {"heads", info.num_heads},
            {"tokens", info.num_queries},
            {"is_causal", info.is_causal},
            {"has_logits", !dump.logits.empty()},
            {"hidden_states", dump.hidden.size()},
            {"text", dump.tokens.text},
            {"attention", trace_facts(dump.trace)},
            {"decoder_attention", trace_facts(dump.decoder_trace)},
            {"cross_attention", trace_facts(dump.cross_trace)},
            {"notes", dump.notes}};
}

}  // namespace headlight
