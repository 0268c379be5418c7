#include "run/generate/writing_run.h"

#include <fmt/format.h>

#include "run/generate/end_tokens.h"
#include "run/text_run.h"

namespace headlight {

WrittenStep written_step(const ModelInfo& model, WrittenToken token) {
    WrittenStep step;
    step.display = display_of_token(model, token.id);
    for (const TokenPrediction& likely : token.likeliest)
        step.likeliest_display.push_back(display_of_token(model, likely.id));
    step.token = std::move(token);
    return step;
}

Result<int> write_on(WritingRun& run, const LiveModel& live, const JobContext& job,
                     const std::function<void(WrittenStep)>& post) {
    const int count = run.request.max_new_tokens;
    if (!run.is_checked) {
        HEADLIGHT_CHECK(check_writing(live, run.prompt, count));
        run.request.end_ids = end_tokens(*live.info);
        run.is_checked = true;
    }
    while (run.num_done < count) {
        job.report({"writing", static_cast<double>(run.num_done) / count,
                    fmt::format("token {} of {}", run.num_done + 1, count)});
        HEADLIGHT_TRY(const std::vector<float> logits, next_logits(live, run.prompt, job));
        WrittenToken token = choose_token(logits, run.prompt.ids, run.request, run.first_step + run.num_done);
        const bool is_last = token.is_end && run.request.stops_at_end;
        run.prompt.ids.push_back(token.id);
        ++run.num_done;
        post(written_step(*live.info, std::move(token)));
        if (is_last) break;
    }
    return run.num_done;
}

}  // namespace headlight
