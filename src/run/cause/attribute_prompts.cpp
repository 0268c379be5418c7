#include "run/cause/attribute_prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/cause/answer_metrics.h"

namespace headlight {
namespace {

Result<AnswerMetrics> measured_answer(CausalRun& run, const Question& question) {
    const int positions[] = {question.position};
    HEADLIGHT_TRY(const Matrix logits, run.logits(positions));
    return answer_metrics(logits.row(0), {}, question);
}

}  // namespace

std::vector<float> AttributionResult::by_source(HeadId head) const {
    const Question& question = prompts.front().question;
    const TracePtr& trace = run->trace();
    std::vector<float> row(static_cast<std::size_t>(trace->num_keys()));
    trace->rows(head.layer, head.head, question.position, question.position + 1, row);
    const auto keys = cells.key.row(static_cast<std::int64_t>(trace->grid().index(head)));
    const float scale = cells.query.empty() ? 1.0f : cells.query.at(head.layer, question.position);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] *= keys[j] * scale;
    return row;
}

std::vector<std::size_t> AttributionResult::ranking() const {
    std::vector<std::size_t> out(components.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(components[a].effect.mean) > std::abs(components[b].effect.mean);
    });
    return out;
}

Result<AttributionResult> attribute_prompts(const LiveModel& model, std::vector<Prompt> prompts,
                                            bool wants_ranks, const JobContext& job) {
    AttributionResult out;
    out.model = model.info;
    std::vector<std::vector<double>> effects;  // [component][prompt]
    std::vector<double> totals;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        const Question& question = prompts[p].question;
        job.report({"attributing", static_cast<double>(p) / static_cast<double>(prompts.size()),
                    fmt::format("prompt {} of {}", p + 1, prompts.size())});
        HEADLIGHT_TRY(std::unique_ptr<CausalRun> run,
                      explain_prompt(model, prompts[p], JobContext(job.stop_token())));
        HEADLIGHT_TRY(Attribution attribution, run->attribute(question, wants_ranks && p == 0, job));
        HEADLIGHT_TRY(const AnswerMetrics answer, measured_answer(*run, question));
        out.answers.push_back(answer);
        effects.resize(attribution.components.size());
        for (std::size_t c = 0; c < effects.size(); ++c)
            effects[c].push_back(attribution.effect(c, question.position));
        totals.push_back(attribution.total(question.position));
        out.largest_error = std::max(out.largest_error, attribution.largest_error);
        if (p > 0) continue;
        HEADLIGHT_TRY(out.cells, run->cell_factors(WeightsShown::Effect, &question, true));
        out.first = std::move(attribution);
        out.run = std::move(run);
    }
    for (std::size_t c = 0; c < effects.size(); ++c)
        out.components.push_back({out.first.components[c], mean_over_prompts(effects[c])});
    out.total = mean_over_prompts(totals);
    out.prompts = std::move(prompts);
    return out;
}

}  // namespace headlight
