#include "run/cause/patch_prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "run/ablate/ablate_text.h"

namespace headlight {
namespace {

constexpr double kSmallGap = 0.1;  // logits; below it a share of the gap is mostly noise

Status check_pairs(const std::vector<Prompt>& prompts) {
    for (const Prompt& prompt : prompts) {
        const std::size_t clean = prompt.tokens.tokens.size(), corrupted = prompt.corrupted.tokens.size();
        if (corrupted == 0)
            return fail(ErrorKind::InvalidInput,
                        "patching needs a corrupted text: --corrupt-text or --corrupt-ids");
        if (clean != corrupted)
            return fail(
                ErrorKind::InvalidInput,
                "the clean text has {} tokens and the corrupted one {}; values are put in at the same "
                "position, so both need as many. Replace words by words of as many tokens",
                clean, corrupted);
    }
    return {};
}

/// Farthest from `from` first; what is not known last.
std::vector<std::size_t> rank_from(const std::vector<std::optional<PromptMean>>& values, double from) {
    std::vector<std::size_t> out(values.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    const auto size = [&](std::size_t i) { return values[i] ? std::abs(values[i]->mean - from) : -1.0; };
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
    return out;
}

ChanceEffects chance_of(const PatchSiteResult& result) {
    std::vector<double> sizes;
    for (const auto& effect : result.effects)
        if (effect) sizes.push_back(std::abs(effect->mean - unchanged_effect(result.direction)));
    if (sizes.empty()) return {};
    std::sort(sizes.begin(), sizes.end());
    return {sizes[sizes.size() / 2], sizes[std::min(sizes.size() - 1, sizes.size() * 95 / 100)]};
}

/// What one pair gave beside those before it: values[cell][pair].
using Samples = std::vector<std::vector<double>>;

std::vector<std::optional<PromptMean>> means_of(const Samples& samples) {
    std::vector<std::optional<PromptMean>> out(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i)
        if (!samples[i].empty()) out[i] = mean_over_prompts(samples[i]);
    return out;
}

/// The pair's two passes; what is common to both kinds of patching.
Result<std::unique_ptr<PatchingRun>> start_pair(const LiveModel& model, const Prompt& prompt,
                                                const JobContext& job, std::vector<PatchPair>& pairs) {
    HEADLIGHT_TRY(std::unique_ptr<PatchingRun> run,
                  patch_prompt(model, prompt, JobContext(job.stop_token())));
    pairs.push_back({run->clean(), run->corrupted()});
    return run;
}

std::optional<double> effect_of(const AnswerMetrics& metrics, const PatchPair& pair) {
    return patch_effect(metrics, pair.clean, pair.corrupted, AnswerMetric::Difference);
}

Status check_site_lengths(const std::vector<Prompt>& prompts, const std::vector<PatchSite>& sites) {
    for (const PatchSite site : sites)
        for (const Prompt& prompt : prompts)
            if (has_positions(site) && prompt.tokens.tokens.size() != prompts.front().tokens.tokens.size())
                return fail(ErrorKind::InvalidInput,
                            "site {} has a cell per position, but the prompts differ in length ({} and {} "
                            "tokens); choose head, head_at, pattern or value",
                            to_string(site), prompts.front().tokens.tokens.size(),
                            prompt.tokens.tokens.size());
    return {};
}

PatchSiteResult empty_site(const LiveModel& model, PatchSite site, PatchDirection direction,
                           std::size_t num_tokens) {
    const HeadGrid grid = explained_heads(model.spec());
    PatchSiteResult out{site, direction, {}, {}, {}, {}};
    out.cells = patch_cells(site, grid.num_layers, grid.num_heads, static_cast<int>(num_tokens));
    out.metrics.resize(out.cells.size());
    return out;
}

}  // namespace

std::vector<std::size_t> PatchSiteResult::ranking() const {
    return rank_from(effects, unchanged_effect(direction));
}

std::vector<std::size_t> PathMap::ranking() const {
    return rank_from(destroyed, 0);
}

Result<PatchResult> patch_prompts(const LiveModel& model, const PatchOptions& options, const JobContext& job,
                                  const OnPatched& on_patched) {
    PatchResult out;
    out.model = model.info;
    HEADLIGHT_TRY(out.prompts, choose_prompts(options, model));
    HEADLIGHT_CHECK(check_pairs(out.prompts));
    if (out.prompts.size() > 1) HEADLIGHT_CHECK(check_site_lengths(out.prompts, options.sites));
    std::vector<Samples> samples;
    std::size_t all = 0, done = 0;
    for (const PatchSite site : options.sites) {
        for (const PatchDirection direction : options.directions) {
            out.sites.push_back(empty_site(model, site, direction, out.prompts.front().tokens.tokens.size()));
            samples.emplace_back(out.sites.back().cells.size());
            all += out.sites.back().cells.size() * out.prompts.size();
        }
    }
    for (std::size_t p = 0; p < out.prompts.size() && !out.was_stopped; ++p) {
        HEADLIGHT_TRY(const auto run, start_pair(model, out.prompts[p], job, out.pairs));
        const PatchPair& pair = out.pairs.back();
        if (std::abs(pair.clean.difference - pair.corrupted.difference) < kSmallGap)
            out.warning = fmt::format(
                "the corruption of prompt {} moves the answer by {:.3f} logits only: shares of that gap mean "
                "little",
                p + 1, pair.clean.difference - pair.corrupted.difference);
        for (std::size_t s = 0; s < out.sites.size() && !out.was_stopped; ++s) {
            PatchSiteResult& site = out.sites[s];
            const Status status = run->patch(site.direction, site.cells, job,
                                             [&](std::size_t cell, const AnswerMetrics& metrics) {
                                                 if (p == 0) site.metrics[cell] = metrics;
                                                 if (const auto effect = effect_of(metrics, pair))
                                                     samples[s][cell].push_back(*effect);
                                                 if (on_patched) on_patched(++done, all);
                                             });
            if (!status && status.error().kind != ErrorKind::Cancelled) return fail(status.error());
            out.was_stopped = !status;
        }
    }
    for (std::size_t s = 0; s < out.sites.size(); ++s) {
        out.sites[s].effects = means_of(samples[s]);
        out.sites[s].chance = chance_of(out.sites[s]);
    }
    return out;
}

Result<PathResult> patch_paths(const LiveModel& model, const PathOptions& options, const JobContext& job,
                               const OnPatched& on_patched) {
    PathResult out;
    out.model = model.info;
    HEADLIGHT_TRY(out.receivers, parse_heads(options.receivers, model.spec()));
    HEADLIGHT_TRY(out.prompts, choose_prompts(options, model));
    HEADLIGHT_CHECK(check_pairs(out.prompts));
    const HeadGrid grid = explained_heads(model.spec());
    std::vector<HeadId> senders;
    for (std::size_t i = 0; i < grid.size(); ++i)
        senders.push_back(grid.at(i));
    for (const bool is_frozen : options.freezes_mlps) {
        out.maps.push_back({{{}, PathInput::Query, is_frozen}, {}, {}});
        for (const HeadId receiver : out.receivers)
            for (const PathInput input : options.inputs)
                out.maps.push_back({{receiver, input, is_frozen}, {}, {}});
    }
    std::vector<Samples> samples(out.maps.size(), Samples(grid.size()));
    const std::size_t all = out.maps.size() * grid.size() * out.prompts.size();
    std::size_t done = 0;
    for (std::size_t p = 0; p < out.prompts.size() && !out.was_stopped; ++p) {
        HEADLIGHT_TRY(const auto run, start_pair(model, out.prompts[p], job, out.pairs));
        const PatchPair& pair = out.pairs.back();
        for (std::size_t m = 0; m < out.maps.size() && !out.was_stopped; ++m) {
            PathMap& map = out.maps[m];
            map.metrics.resize(grid.size());
            const Status status = run->patch_path(map.path, senders, job,
                                                  [&](std::size_t sender, const AnswerMetrics& metrics) {
                                                      if (p == 0) map.metrics[sender] = metrics;
                                                      if (const auto effect = effect_of(metrics, pair))
                                                          samples[m][sender].push_back(1 - *effect);
                                                      if (on_patched) on_patched(++done, all);
                                                  });
            if (!status && status.error().kind != ErrorKind::Cancelled) return fail(status.error());
            out.was_stopped = !status;
        }
    }
    for (std::size_t m = 0; m < out.maps.size(); ++m)
        out.maps[m].destroyed = means_of(samples[m]);
    return out;
}

}  // namespace headlight
