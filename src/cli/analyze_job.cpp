#include "cli/analyze_job.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "analysis/weights/weight_analysis.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "cli/terminal.h"
#include "core/text_length.h"
#include "io/attention/attention_dump.h"
#include "session/probe_run.h"
#include "study/parity/parity.h"

namespace headlight {
namespace {

constexpr std::int64_t kMostLogits = std::int64_t{64}
                                     << 20;  // 256 MB: beyond, only the last token's are taken

Status check_range(const char* what, const std::optional<int>& index, int count) {
    if (!index || (*index >= 0 && *index < count)) return {};
    return fail(ErrorKind::InvalidInput, "there is no {0} {1}; the model has {2} {0}s, 0 to {3}", what,
                *index, count, count - 1);
}

RunRequest make_request(const AnalyzeOptions& options, const AnalyzedRun& run, const Tokenizer* tokenizer) {
    const ModelSpec& spec = run.spec;
    RunRequest request;
    request.ids = run.tokens.ids();
    request.decoder_ids = run.decoder_tokens.ids();
    request.key_sets = detector_key_sets(run.tokens.tokens);
    const bool wants_dump = !options.dump_path.empty();
    request.wants_hidden = wants_dump;
    if (spec.prediction == Prediction::None) return request;
    const auto count = static_cast<std::int64_t>(run.predicting().tokens.size());
    const bool is_small = count * spec.vocab_size <= kMostLogits;
    request.wants_all_logits = wants_dump || (!options.json_path.empty() && is_small);
    if (!request.wants_all_logits)
        request.logit_positions = predicted_positions(spec, run.predicting(), tokenizer);
    return request;
}

Result<std::vector<std::vector<ProbeScore>>> run_probe(const OpenedModel& model, const JobContext& job) {
    auto info = std::make_shared<ModelInfo>();
    info->spec = model.runner->spec();
    info->tokenizer = model.tokenizer;
    const LiveModel live{info, model.runner};
    ProbeRun probe{ProbeSettings{}};
    for (bool is_done = false; !is_done;) {
        job.report({"random-repeat probe", probe.fraction(), {}});
        HEADLIGHT_TRY(is_done, probe.step(live, job));
    }
    return std::move(probe.result(live).heads);
}

std::vector<int> indices(const std::optional<int>& only, int count, int most) {
    if (only) return {*only};
    std::vector<int> all(static_cast<std::size_t>(most > 0 ? std::min(most, count) : count));
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<int>(i);
    return all;
}

/// Before anything is built that grows with the square of the text. The reports read whole matrices of a
/// layer.
Status check_lengths(const AnalyzedRun& run, const ModelRunner& runner) {
    const std::vector<std::int32_t> ids = run.tokens.ids(), decoder_ids = run.decoder_tokens.ids();
    const Status fits = runner.check_length(ids, decoder_ids);
    if (!fits && fits.error().kind == ErrorKind::InvalidInput) return fits;
    TextNeeds needs;
    needs.model = run.spec.name;
    needs.pair_bytes = sizeof(float);
    HEADLIGHT_CHECK(check_text_length(needs, ids.size() > decoder_ids.size() ? ids : decoder_ids));
    return fits;
}

/// The kinds that a run gave, by the names of --attention. A stored file may hold only one of the three.
std::vector<std::pair<AttentionKind, TracePtr>> kinds_of(const RunResult& run) {
    if (!run.decoder_trace && !run.cross_trace) return {{AttentionKind::Self, run.trace}};
    std::vector<std::pair<AttentionKind, TracePtr>> kinds = {{AttentionKind::Encoder, run.trace},
                                                             {AttentionKind::Decoder, run.decoder_trace},
                                                             {AttentionKind::Cross, run.cross_trace}};
    std::erase_if(kinds, [](const auto& kind) { return kind.second == nullptr; });
    return kinds;
}

/// Cross attention says most once the decoder has read something.
Status choose_kind(const AnalyzeOptions& options, AnalyzedRun& out) {
    const auto kinds = kinds_of(out.run);
    std::string wanted = options.attention;
    if (wanted.empty())
        wanted = kind_name(out.decoder_tokens.tokens.size() > 1 ? kinds.back().first : kinds.front().first);
    std::string known;
    for (const auto& [kind, trace] : kinds) {
        known += (known.empty() ? "" : ", ") + std::string(kind_name(kind));
        if (wanted != kind_name(kind)) continue;
        out.kind = kind;
        out.trace = trace;
        return {};
    }
    return fail(ErrorKind::InvalidInput, "--attention {}: {} has {}", wanted, out.spec.name, known);
}

Status check_choice(const AnalyzeOptions& options, const AttentionTrace& trace) {
    HEADLIGHT_CHECK(check_range("layer", options.layer, trace.num_layers()));
    HEADLIGHT_CHECK(check_range("head", options.head, trace.num_heads()));
    if (!options.layer || !trace.is_absent(*options.layer)) return {};
    return fail(ErrorKind::InvalidInput, "layer {} has no softmax attention to show", *options.layer);
}

/// Chooses the trace and computes what all reports tell of it.
Status analyze_trace(const AnalyzeOptions& options, AnalyzedRun& out, const JobContext& job) {
    HEADLIGHT_CHECK(choose_kind(options, out));
    HEADLIGHT_CHECK(check_choice(options, *out.trace));
    // Key sets were taken along with the text's own attention.
    const bool is_of_text = out.kind == AttentionKind::Self || out.kind == AttentionKind::Encoder;
    if (!is_of_text) out.key_sets.clear();
    const int threads = options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
    const Stopwatch start;
    HEADLIGHT_TRY(out.analysis, analyze_text(*out.trace, out.queries().tokens, out.key_sets, job, threads));
    out.analysis_ms = start.milliseconds();
    return {};
}

}  // namespace

std::vector<int> AnalyzedRun::layers(const AnalyzeOptions& options) const {
    std::vector<int> all = indices(options.layer, trace->num_layers(), 0);
    std::erase_if(all, [this](int layer) { return trace->is_absent(layer); });
    return all;
}

std::vector<int> AnalyzedRun::heads(const AnalyzeOptions& options) const {
    return indices(options.head, trace->num_heads(), options.max_heads);
}

std::vector<int> predicted_positions(const ModelSpec& spec, const TokenizedText& text,
                                     const Tokenizer* tokenizer) {
    if (spec.prediction == Prediction::None || text.tokens.empty()) return {};
    if (spec.prediction == Prediction::NextToken) return {static_cast<int>(text.tokens.size()) - 1};
    std::vector<int> masked;
    const std::int32_t mask = tokenizer != nullptr ? tokenizer->mask_id() : -1;
    for (std::size_t i = 0; mask >= 0 && i < text.tokens.size(); ++i) {
        if (text.tokens[i].id == mask) masked.push_back(static_cast<int>(i));
    }
    return masked;
}

Result<AnalyzedRun> run_analysis(const AnalyzeOptions& options, OpenedModel& model,
                                 const TokenizedText& tokens, const TokenizedText& decoder_tokens,
                                 const JobContext& job) {
    AnalyzedRun out;
    out.spec = model.runner->spec();
    out.tokens = tokens;
    out.decoder_tokens = decoder_tokens;
    HEADLIGHT_CHECK(check_lengths(out, *model.runner));
    const RunRequest request = make_request(options, out, model.tokenizer.get());
    const Stopwatch start;
    HEADLIGHT_TRY(out.run, model.runner->run(request, job));
    out.run_ms = start.milliseconds();
    out.key_sets = request.key_sets;
    HEADLIGHT_CHECK(analyze_trace(options, out, job));
    if (options.has_probe) {
        HEADLIGHT_TRY(out.probe, run_probe(model, job));
    }
    const bool has_own_weights = out.kind == AttentionKind::Self || out.kind == AttentionKind::Encoder;
    if (!options.json_path.empty() && has_own_weights) {
        const int threads = options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
        auto weights = analyze_weights(*model.runner, job, threads);
        // Some families have no factors per head; everything else of them can still be told.
        if (!weights && weights.error().kind != ErrorKind::Unsupported)
            return fail(std::move(weights).error());
        if (weights) out.weights = *std::move(weights);
    }
    return out;
}

Result<AnalyzedRun> analyze_stored(const AnalyzeOptions& options, const JobContext& job) {
    const bool has_text =
        options.text.has_text || !options.text.text_file.empty() || !options.text.ids.empty();
    if (has_text || options.decoder.is_given() || options.has_probe) {
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "this is attention that was measured before, of its own text; a text, ids and --probe "
                       "need a model")
                .in_file(options.model.path));
    }
    HEADLIGHT_TRY(AttentionDump dump, read_attention_dump(options.model.path, {options.dump_axes}));
    for (const std::string& note : dump.notes)
        say(note);
    AnalyzedRun out;
    out.spec = std::move(dump.spec);
    if (out.spec.name.empty()) out.spec.name = std::filesystem::path(options.model.path).filename().string();
    out.spec.has_decoder = dump.decoder_trace || dump.cross_trace;
    out.tokens = std::move(dump.tokens);
    out.decoder_tokens = std::move(dump.decoder_tokens);
    out.run.trace = std::move(dump.trace);
    out.run.decoder_trace = std::move(dump.decoder_trace);
    out.run.cross_trace = std::move(dump.cross_trace);
    out.run.logits = std::move(dump.logits);
    out.run.hidden = std::move(dump.hidden);
    out.run.decoder_hidden = std::move(dump.decoder_hidden);
    if (out.run.logits.empty()) out.spec.prediction = Prediction::None;
    out.key_sets = detector_key_sets(out.tokens.tokens);
    HEADLIGHT_CHECK(analyze_trace(options, out, job));
    return out;
}

std::vector<float> report_matrix(const AnalyzedRun& run, const AnalyzeOptions& options, int layer) {
    if (options.head) return run.trace->matrix(layer, *options.head);
    return mean_matrix_of_layer(*run.trace, layer);
}

std::string tag_summary(const AnalyzedRun& run, HeadId id) {
    std::vector<const Tag*> tags;
    for (const Tag& tag : run.analysis.head(id).tags) {
        if (tag.score.is_tagged) tags.push_back(&tag);
    }
    std::stable_sort(tags.begin(), tags.end(), [](const Tag* a, const Tag* b) {
        return a->score.kappa.value_or(0) > b->score.kappa.value_or(0);
    });
    std::string out;
    for (const Tag* tag : tags) {
        out += fmt::format("{}{} {:.2f}", out.empty() ? "" : ", ", tag->detector->label,
                           tag->score.score.value_or(0));
    }
    return out;
}

}  // namespace headlight
