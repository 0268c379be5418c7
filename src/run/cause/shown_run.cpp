#include "run/cause/shown_run.h"

#include <fmt/format.h>

#include "core/units/grouped_trace.h"
#include "run/cause/causal_text.h"

namespace headlight {
namespace {

Result<WeightedPtr> measured(AnalyzedRun& run, const LiveModel& model, WeightsShown weights,
                             const QuestionOptions& options, const JobContext& job) {
    if (!model.runner) {
        return fail(
            ErrorKind::InvalidInput,
            "--weights {} needs the model: only its attention is stored. --weights no-sink needs none",
            to_string(weights));
    }
    if (run.spec.has_decoder) {
        return fail(ErrorKind::Unsupported,
                    "--weights {} is measured in models that read one text; {} has an encoder and a decoder",
                    to_string(weights), run.spec.name);
    }
    std::optional<Question> question;
    if (weights == WeightsShown::Effect) {
        HEADLIGHT_TRY(question, question_of(options, *model.info, run.tokens.tokens.size()));
        run.shown_question = shown_token(*model.info, question->answer);
        if (question->rival) run.shown_question += " − " + shown_token(*model.info, *question->rival);
    }
    const std::vector<std::int32_t> ids = run.tokens.ids();
    HEADLIGHT_TRY(const std::unique_ptr<CausalRun> causal, model.runner->start_causal(ids, job));
    return weighted_trace(*causal, run.token_trace, weights, question ? &*question : nullptr);
}

}  // namespace

Status show_weights(AnalyzedRun& run, const LiveModel& model, WeightsShown weights,
                    const QuestionOptions& question, const JobContext& job) {
    if (weights == WeightsShown::Raw) return {};
    if (weights == WeightsShown::NoSink) {
        run.token_shown = WeightedTrace::without_sink(run.token_trace,
                                                      sink_keys(run.token_keys(), model.tokenizer().get()));
    } else {
        HEADLIGHT_TRY(run.token_shown, measured(run, model, weights, question, job));
    }
    run.shown = run.token_shown;
    if (const auto grouped = std::dynamic_pointer_cast<const GroupedTrace>(run.trace))
        run.shown = WeightedTrace::between_units(run.token_shown, grouped);
    return {};
}

std::string shown_weights_words(const AnalyzedRun& run) {
    return run.shown ? shown_weights_words(run.shown->weights(), run.shown_question) : std::string();
}

std::string shown_weights_words(WeightsShown weights, const std::string& question) {
    switch (weights) {
        case WeightsShown::Raw:
            break;
        case WeightsShown::NoSink:
            return "weights without the sink (first key and special tokens taken out, rows scaled to 1)";
        case WeightsShown::Value:
            return "weight times length of the value";
        case WeightsShown::Norm:
            return "length of what each cell writes";
        case WeightsShown::Effect:
            return fmt::format("direct effect on {}, logits", question);
    }
    return {};
}

}  // namespace headlight
