#include "run/generate/generate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

/// Softmax of logits at one token, in double.
double probability_of(std::span<const float> logits, std::int32_t id) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(logit - largest);
    return std::exp(logits[static_cast<std::size_t>(id)] - largest) / sum;
}

bool is_plain(const SamplingSettings& settings) {
    return settings == SamplingSettings{};
}

}  // namespace

WritingPrompt writing_prompt(const ModelSpec& spec, const TokenizedText& tokens,
                             const TokenizedText& decoder_tokens) {
    if (spec.has_decoder) return {decoder_tokens.ids(), tokens.ids()};
    return {tokens.ids(), {}};
}

Status check_writing(const LiveModel& model, const WritingPrompt& prompt, int max_new_tokens) {
    const ModelSpec& spec = model.spec();
    if (spec.prediction != Prediction::NextToken)
        return fail(ErrorKind::Unsupported, "{} predicts no next token, so it writes none", spec.name);
    if (prompt.ids.empty() || (spec.has_decoder && prompt.encoder_ids.empty()))
        return fail(ErrorKind::InvalidInput, "the prompt has no token; give at least one to write on from");
    HEADLIGHT_CHECK(check_tokens(spec, unnamed_tokens(prompt.ids)));
    HEADLIGHT_CHECK(check_tokens(spec, unnamed_tokens(prompt.encoder_ids)));
    const std::size_t last = prompt.ids.size() + static_cast<std::size_t>(max_new_tokens) - 1;
    if (!spec.has_decoder && spec.max_positions > 0 && last > static_cast<std::size_t>(spec.max_positions))
        return fail(ErrorKind::InvalidInput,
                    "{} tokens and {} new ones are more than the {} positions of {}; write fewer",
                    prompt.ids.size(), max_new_tokens, spec.max_positions, spec.name);
    std::vector<std::int32_t> all = prompt.ids;
    all.resize(last, prompt.ids.front());
    if (spec.has_decoder) return model.runner->check_length(prompt.encoder_ids, all);
    return model.runner->check_length(all, {});
}

Result<std::vector<float>> next_logits(const LiveModel& model, const WritingPrompt& prompt,
                                       const JobContext& job) {
    RunRequest run;
    const bool has_decoder = model.spec().has_decoder;
    run.ids = has_decoder ? prompt.encoder_ids : prompt.ids;
    if (has_decoder) run.decoder_ids = prompt.ids;
    run.capture = CaptureMode::None;
    run.logit_positions = {static_cast<int>(prompt.ids.size()) - 1};
    HEADLIGHT_TRY(RunResult result, model.runner->run(run, JobContext(job.stop_token())));
    if (result.logits.rows == 1 && result.logits.cols > 0) return std::move(result.logits.values);
    return fail(ErrorKind::Internal, "{} gave no logits for its last token", model.spec().name);
}

WrittenToken choose_token(std::span<const float> logits, std::span<const std::int32_t> ids,
                          const GenerateRequest& request, int step) {
    WrittenToken out;
    const SamplingSettings& sampling = request.sampling;
    if ((request.is_greedy || sampling.temperature == 0) && sampling.repetition_penalty == 1) {
        // The likeliest whatever else is set.
        out.id = static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
        out.probability = probability_of(logits, out.id);
        out.own_probability = out.probability;
        if (!is_plain(sampling))
            out.probability = sampling_probabilities(logits, ids, sampling)[static_cast<std::size_t>(out.id)];
    } else {
        const std::vector<double> p = sampling_probabilities(logits, ids, sampling);
        const bool is_greedy = request.is_greedy || sampling.temperature == 0;
        out.id = is_greedy ? greedy_token(logits, ids, sampling.repetition_penalty)
                           : token_at(p, draw_at(request.seed, step));
        out.probability = p[static_cast<std::size_t>(out.id)];
        out.own_probability = probability_of(logits, out.id);
    }
    if (request.num_alternatives > 0) out.likeliest = top_predictions(logits, request.num_alternatives);
    out.is_end = std::find(request.end_ids.begin(), request.end_ids.end(), out.id) != request.end_ids.end();
    return out;
}

Result<GeneratedText> generate_text(const LiveModel& model, const WritingPrompt& prompt,
                                    const GenerateRequest& request, const JobContext& job,
                                    const std::function<void(const WrittenToken&)>& on_token) {
    HEADLIGHT_CHECK(check_writing(model, prompt, request.max_new_tokens));
    GeneratedText out;
    WritingPrompt text = prompt;
    for (int step = 0; step < request.max_new_tokens; ++step) {
        job.report({"writing", static_cast<double>(step) / request.max_new_tokens,
                    fmt::format("token {} of {}", step + 1, request.max_new_tokens)});
        Result<std::vector<float>> logits = next_logits(model, text, job);
        if (!logits && logits.error().kind == ErrorKind::Cancelled && step > 0) {
            out.was_stopped = true;
            break;
        }
        if (!logits) return fail(std::move(logits).error());
        const WrittenToken token = choose_token(*logits, text.ids, request, step);
        if (step == 0) out.prompt_logits = std::move(*logits);
        text.ids.push_back(token.id);
        out.written.push_back(token);
        if (on_token) on_token(token);
        if (request.stops_at_end && token.is_end) break;
    }
    out.ids = std::move(text.ids);
    return out;
}

}  // namespace headlight
