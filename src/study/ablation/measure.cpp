#include "study/ablation/measure.h"

#include <algorithm>
#include <memory>

#include "core/cause/answer_metrics.h"
#include "study/ablation/tally.h"

namespace headlight {
namespace {

/// Unchanged passes are kept for all texts while their residual streams and logits stay below this.
constexpr double kMostKeptBytes = 1e9;

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

    /// The answer of the unchanged run, once.
    Status ask_unchanged(AblationRun& run) {
        if (!request.question || base_answer) return {};
        AblationWish wish;
        wish.logit_positions = {request.question->position};
        HEADLIGHT_TRY(AblationOutcome outcome, run.apply({}, wish, quiet()));
        base_logits = std::move(outcome.logits);
        base_answer = answer_metrics(base_logits.row(0), {}, *request.question);
        return {};
    }

    Status add(AblationTally& tally, AblationRun& run, std::size_t text, const InterventionSet& set) {
        HEADLIGHT_CHECK(ask_unchanged(run));
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        AblationWish wish;
        wish.wants_distribution = request.wants_distribution;
        if (request.question) wish.logit_positions = {request.question->position};
        HEADLIGHT_TRY(const AblationOutcome outcome, run.apply(set, wish, quiet()));
        static const std::vector<bool> kAll;
        tally.add(run.base_loss(), outcome, request.scored.empty() ? kAll : request.scored[text]);
        if (request.question)
            answer = answer_metrics(outcome.logits.row(0), base_logits.row(0), *request.question);
        return {};
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
        for (std::size_t i = 0; i < sets.size(); ++i) {
            AblationTally tally;
            for (std::size_t s = 0; s < num_texts(); ++s) {
                HEADLIGHT_CHECK(add(tally, *runs[s], s, sets[i]));
                report(i * num_texts() + s + 1);
            }
            finish(tally, sets[i]);
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
        for (std::size_t i = 0; i < sets.size(); ++i) {
            HEADLIGHT_CHECK(add(tallies[i], *run, s, sets[i]));
            report(s * sets.size() + i + 1);
        }
        return {};
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
