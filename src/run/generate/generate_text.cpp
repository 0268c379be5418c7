#include "run/generate/generate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace headlight {
namespace {

Status check_prompt(const LiveModel& model, const TokenizedText& prompt, const GenerateRequest& request) {
    const ModelSpec& spec = model.spec();
    if (spec.has_decoder || spec.prediction != Prediction::NextToken)
        return fail(ErrorKind::Unsupported, "{} predicts no next token of one text, so it writes none",
                    spec.name);
    if (prompt.tokens.empty())
        return fail(ErrorKind::InvalidInput, "the prompt has no token; give at least one to write on from");
    HEADLIGHT_CHECK(check_tokens(spec, prompt));
    const std::size_t last = prompt.tokens.size() + static_cast<std::size_t>(request.max_new_tokens) - 1;
    if (spec.max_positions > 0 && last > static_cast<std::size_t>(spec.max_positions))
        return fail(ErrorKind::InvalidInput,
                    "{} tokens and {} new ones are more than the {} positions of {}; write fewer",
                    prompt.tokens.size(), request.max_new_tokens, spec.max_positions, spec.name);
    return {};
}

/// Logits after the last of `ids`.
Result<std::vector<float>> next_logits(const LiveModel& model, const std::vector<std::int32_t>& ids,
                                       const JobContext& job) {
    RunRequest run;
    run.ids = ids;
    run.capture = CaptureMode::None;
    run.logit_positions = {static_cast<int>(ids.size()) - 1};
    HEADLIGHT_TRY(RunResult result, model.runner->run(run, JobContext(job.stop_token())));
    return std::move(result.logits.values);
}

WrittenToken choose(const std::vector<float>& logits, const std::vector<std::int32_t>& ids,
                    const GenerateRequest& request, std::mt19937_64& random) {
    const std::vector<double> p = sampling_probabilities(logits, ids, request.sampling);
    if (request.is_greedy || request.sampling.temperature == 0) {
        const std::int32_t id = greedy_token(logits, ids, request.sampling.repetition_penalty);
        return {id, p[static_cast<std::size_t>(id)]};
    }
    // 53 bits of the generator: the same on every platform, unlike the library's distributions.
    const std::int32_t id = token_at(p, static_cast<double>(random() >> 11) * 0x1.0p-53);
    return {id, p[static_cast<std::size_t>(id)]};
}

}  // namespace

Result<GeneratedText> generate_text(const LiveModel& model, const TokenizedText& prompt,
                                    const GenerateRequest& request, const JobContext& job,
                                    const std::function<void(const WrittenToken&)>& on_token) {
    HEADLIGHT_CHECK(check_prompt(model, prompt, request));
    GeneratedText out;
    out.ids = prompt.ids();
    std::mt19937_64 random(request.seed);
    const std::int32_t end = model.tokenizer() ? model.tokenizer()->eos_id() : -1;
    for (int step = 0; step < request.max_new_tokens; ++step) {
        job.report({"writing", static_cast<double>(step) / request.max_new_tokens,
                    fmt::format("token {} of {}", step + 1, request.max_new_tokens)});
        Result<std::vector<float>> logits = next_logits(model, out.ids, job);
        if (!logits && logits.error().kind == ErrorKind::Cancelled && step > 0) {
            out.was_stopped = true;
            break;
        }
        if (!logits) return fail(std::move(logits).error());
        if (step == 0) out.prompt_logits = *logits;
        const WrittenToken token = choose(*logits, out.ids, request, random);
        out.ids.push_back(token.id);
        out.written.push_back(token);
        if (on_token) on_token(token);
        if (request.stops_at_end && token.id == end) break;
    }
    return out;
}

}  // namespace headlight
