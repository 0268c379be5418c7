#include "cli/analyze_job.h"

#include <algorithm>
#include <chrono>

#include "analysis/weight_analysis.h"
#include "base/parallel.h"
#include "session/probe_run.h"

namespace headlight {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kMostLogits = std::int64_t{64}
                                     << 20;  // 256 MB: beyond, only the last token's are taken

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Status check_range(const char* what, const std::optional<int>& index, int count) {
    if (!index || (*index >= 0 && *index < count)) return {};
    return fail(ErrorKind::InvalidInput, "there is no {0} {1}; the model has {2} {0}s, 0 to {3}", what,
                *index, count, count - 1);
}

RunRequest make_request(const AnalyzeOptions& options, const ModelSpec& spec, const TokenizedText& tokens) {
    RunRequest request;
    request.ids = tokens.ids();
    request.key_sets = detector_key_sets(tokens.tokens);
    const auto count = static_cast<std::int64_t>(request.ids.size());
    const bool wants_dump = !options.dump_path.empty();
    const bool is_small = count * spec.vocab_size <= kMostLogits;
    request.wants_all_logits = wants_dump || (!options.json_path.empty() && is_small);
    request.wants_hidden = wants_dump;
    if (!request.wants_all_logits) request.logit_positions = {static_cast<int>(count) - 1};
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

}  // namespace

std::vector<int> AnalyzedRun::layers(const AnalyzeOptions& options) const {
    return indices(options.layer, spec.num_layers, 0);
}

std::vector<int> AnalyzedRun::heads(const AnalyzeOptions& options) const {
    return indices(options.head, spec.num_heads, options.max_heads);
}

Result<AnalyzedRun> run_analysis(const AnalyzeOptions& options, OpenedModel& model,
                                 const TokenizedText& tokens, const JobContext& job) {
    AnalyzedRun out;
    out.spec = model.runner->spec();
    out.tokens = tokens;
    HEADLIGHT_CHECK(check_range("layer", options.layer, out.spec.num_layers));
    HEADLIGHT_CHECK(check_range("head", options.head, out.spec.num_heads));
    const RunRequest request = make_request(options, out.spec, tokens);
    auto start = Clock::now();
    HEADLIGHT_TRY(out.run, model.runner->run(request, job));
    out.run_ms = ms_since(start);
    out.trace = out.run.trace;
    out.key_sets = request.key_sets;
    const int threads = options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
    start = Clock::now();
    HEADLIGHT_TRY(out.analysis, analyze_text(*out.trace, tokens.tokens, out.key_sets, job, threads));
    out.analysis_ms = ms_since(start);
    if (options.has_probe) {
        HEADLIGHT_TRY(out.probe, run_probe(model, job));
    }
    if (!options.json_path.empty()) {
        HEADLIGHT_TRY(out.weights, analyze_weights(*model.runner, job, threads));
    }
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
