#include "study/ablation/measure.h"

#include <algorithm>
#include <memory>

#include "core/cause/answer_metrics.h"
#include "study/ablation/tally.h"

namespace headlight {
namespace {

/// Unchanged passes are kept for all texts while their residual streams and logits stay below this.
constexpr double kMostKeptBytes = 1e9;
/// Sets that are measured on one text before the next one's turn: enough to keep threads busy.
constexpr std::size_t kSetsAtOnce = 64;

double kept_bytes(const ModelSpec& spec, const SweepRequest& request) {
    double tokens = 0;
    for (const auto& text : request.texts)
        tokens += static_cast<double>(text.size());
    const double per_token = static_cast<double>(spec.hidden_size) * (spec.num_layers + 1) + spec.vocab_size;
    return tokens * per_token * sizeof(float);
}

Status check_sweep(const ModelSpec& spec, const SweepRequest& request) {
    if (request.texts.empty())
        return fail(ErrorKind::InvalidInput, "an ablation needs at least one text; none was given");
    if (!request.scored.empty() && request.scored.size() != request.texts.size()) {
        return fail(ErrorKind::InvalidInput,
                    "{} texts, but scored tokens are named for {}; give one list a text, or none",
                    request.texts.size(), request.scored.size());
    }
    if (request.question && request.texts.size() != 1) {
        return fail(ErrorKind::InvalidInput,
                    "a question is asked of one text, but there are {}; give a text that fits one window",
                    request.texts.size());
    }
    for (std::size_t s = 0; s < request.texts.size(); ++s) {
        if (spec.is_causal && request.texts[s].size() < 2) {
            return fail(ErrorKind::InvalidInput,
                        "text {} has {} token; the loss of a next token needs at least 2", s,
                        request.texts[s].size());
        }
    }
    if (!spec.is_causal && !request.wants_distribution) {
        return fail(ErrorKind::Unsupported,
                    "'{}' reads in both directions and has no next-token loss; only the change of its output "
                    "distribution can be measured",
                    spec.name);
    }
    return {};
}

/// Means are looked up by head, so that a head that is none must be found before.
Status check_sets(const ModelSpec& spec, std::span<const InterventionSet> sets) {
    for (const InterventionSet& set : sets) {
        for (const Intervention& one : set) {
            for (const HeadId head : one.heads) {
                if (head.layer >= 0 && head.layer < spec.num_layers && head.head >= 0 &&
                    head.head < spec.num_heads)
                    continue;
                return fail(ErrorKind::InvalidInput,
                            "there is no head {}: the model has {} layers of {} heads", head.to_string(),
                            spec.num_layers, spec.num_heads);
            }
        }
    }
    return {};
}

AblationEffect finished(const AblationTally& tally, const InterventionSet& set, const SweepRequest& request) {
    AblationEffect effect = tally.effect(request.seed);
    effect.mode = set.empty() ? request.mode : set.front().mode;
    for (const Intervention& one : set) {
        effect.heads.insert(effect.heads.end(), one.heads.begin(), one.heads.end());
        effect.mlp_layers.insert(effect.mlp_layers.end(), one.mlp_layers.begin(), one.mlp_layers.end());
    }
    return effect;
}

/// The work on one request; `sets` with all their means.
struct Measurement {
    ModelRunner& runner;
    const SweepRequest& request;
    const std::vector<InterventionSet>& sets;
    const JobContext& job;
    const std::function<void(const AblationEffect&)>& on_effect;
    std::vector<AblationEffect> effects;
    Matrix base_logits;  // [1, vocab] of the question's row in the unchanged run
    std::optional<AnswerMetrics> base_answer, answer;  // `answer`: of the last change

    std::size_t num_texts() const { return request.texts.size(); }

    void report(std::size_t done) const {
        const std::size_t total = num_texts() * sets.size();
        job.report({"ablating", static_cast<double>(done) / static_cast<double>(total), {}});
    }

    /// The passes inside run without the callback: their own fractions would make the bar jump.
    JobContext quiet() const { return JobContext(job.stop_token()); }

    AblationWish wish() const {
        AblationWish wish;
        wish.wants_distribution = request.wants_distribution;
        if (request.question) wish.logit_positions = {request.question->position};
        return wish;
    }

    /// One change by itself takes all threads; several share them.
    Status apply(AblationRun& run, std::span<const InterventionSet> changes, const AblationWish& wanted,
                 const AblationRun::OnOutcome& on_outcome) const {
        if (sets.size() > 1) return run.apply_each(changes, wanted, quiet(), on_outcome);
        HEADLIGHT_TRY(AblationOutcome outcome, run.apply(changes.front(), wanted, quiet()));
        on_outcome(0, std::move(outcome));
        return {};
    }

    /// The answer of the unchanged run, once.
    Status ask_unchanged(AblationRun& run) {
        if (!request.question || base_answer) return {};
        AblationWish wanted;
        wanted.logit_positions = {request.question->position};
        const InterventionSet none;
        HEADLIGHT_CHECK(apply(run, {&none, 1}, wanted, [&](std::size_t, AblationOutcome&& outcome) {
            base_logits = std::move(outcome.logits);
        }));
        base_answer = answer_metrics(base_logits.row(0), {}, *request.question);
        return {};
    }

    /// Sets [begin, end) on one text: on_set(set) after each that was added to its tally.
    Status add(std::span<AblationTally> tallies, AblationRun& run, std::size_t text, std::size_t begin,
               std::size_t end, const std::function<void(std::size_t)>& on_set) {
        HEADLIGHT_CHECK(ask_unchanged(run));
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        static const std::vector<bool> kAll;
        const std::span<const InterventionSet> own = std::span(sets).subspan(begin, end - begin);
        return apply(run, own, wish(), [&](std::size_t i, AblationOutcome&& outcome) {
            tallies[begin + i].add(run.base_loss(), outcome,
                                   request.scored.empty() ? kAll : request.scored[text]);
            if (request.question)
                answer = answer_metrics(outcome.logits.row(0), base_logits.row(0), *request.question);
            on_set(begin + i);
        });
    }

    void finish(const AblationTally& tally, const InterventionSet& set) {
        effects.push_back(finished(tally, set, request));
        effects.back().base_answer = base_answer;
        effects.back().answer = answer;
        if (on_effect) on_effect(effects.back());
    }

    Status set_by_set() {
        std::vector<std::unique_ptr<AblationRun>> runs;
        for (const auto& text : request.texts) {
            HEADLIGHT_TRY(auto run, runner.start_ablation(text, quiet()));
            runs.push_back(std::move(run));
        }
        std::vector<AblationTally> tallies(sets.size());
        const std::size_t last = num_texts() - 1, at_once = last == 0 ? sets.size() : kSetsAtOnce;
        std::size_t num_done = 0;
        for (std::size_t begin = 0; begin < sets.size(); begin += at_once) {
            const std::size_t end = std::min(sets.size(), begin + at_once);
            for (std::size_t s = 0; s < num_texts(); ++s) {
                HEADLIGHT_CHECK(add(tallies, *runs[s], s, begin, end, [&](std::size_t set) {
                    report(++num_done);
                    if (s == last) finish(tallies[set], sets[set]);
                }));
            }
        }
        return {};
    }

    Status text_by_text() {
        std::vector<AblationTally> tallies(sets.size());
        for (std::size_t s = 0; s < num_texts(); ++s) {
            std::vector<AblationTally> before = tallies;  // a text that is stopped halfway counts for no set
            Status status = one_text(tallies, s);
            if (status) continue;
            if (status.error().kind == ErrorKind::Cancelled && s > 0) {
                for (std::size_t i = 0; i < sets.size(); ++i)
                    finish(before[i], sets[i]);
            }
            return status;
        }
        for (std::size_t i = 0; i < sets.size(); ++i)
            finish(tallies[i], sets[i]);
        return {};
    }

    Status one_text(std::vector<AblationTally>& tallies, std::size_t s) {
        HEADLIGHT_TRY(const auto run, runner.start_ablation(request.texts[s], quiet()));
        return add(tallies, *run, s, 0, sets.size(),
                   [&](std::size_t set) { report(s * sets.size() + set + 1); });
    }
};

}  // namespace

Result<Matrix> mean_head_outputs(ModelRunner& runner, std::span<const std::vector<std::int32_t>> texts,
                                 const JobContext& job) {
    const ModelSpec& spec = runner.spec();
    const std::int64_t num_heads = static_cast<std::int64_t>(spec.grid().size());
    std::vector<double> sums;
    double tokens = 0;
    std::int64_t width = spec.head_dim;
    for (const auto& text : texts) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        HEADLIGHT_TRY(const auto run, runner.start_ablation(text, JobContext(job.stop_token())));
        const Matrix means = run->mean_outputs();
        if (means.rows != num_heads || (!sums.empty() && sums.size() != means.values.size()))
            return fail(ErrorKind::Internal, "mean head outputs of {} heads were expected, not {}", num_heads,
                        means.rows);
        sums.resize(means.values.size());
        width = means.cols;
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += static_cast<double>(means.values[i]) * static_cast<double>(text.size());
        tokens += static_cast<double>(text.size());
    }
    Matrix out(num_heads, width);
    for (std::size_t i = 0; i < sums.size(); ++i)
        out.values[i] = static_cast<float>(sums[i] / tokens);
    return out;
}

Result<std::vector<AblationEffect>> measure_sets(
    ModelRunner& runner, const SweepRequest& request, std::span<const InterventionSet> sets,
    const JobContext& job, const std::function<void(const AblationEffect&)>& on_effect) {
    HEADLIGHT_CHECK(check_sweep(runner.spec(), request));
    HEADLIGHT_CHECK(check_sets(runner.spec(), sets));
    std::vector<InterventionSet> complete(sets.begin(), sets.end());
    if (std::any_of(sets.begin(), sets.end(), wants_mean_outputs)) {
        HEADLIGHT_TRY(const Matrix means, mean_head_outputs(runner, request.texts, job));
        for (InterventionSet& set : complete)
            fill_mean_outputs(set, means, runner.spec().grid());
    }
    Measurement measurement{runner, request, complete, job, on_effect, {}};
    const bool fits = request.texts.size() == 1 || kept_bytes(runner.spec(), request) <= kMostKeptBytes;
    HEADLIGHT_CHECK(fits ? measurement.set_by_set() : measurement.text_by_text());
    return std::move(measurement.effects);
}

}  // namespace headlight
