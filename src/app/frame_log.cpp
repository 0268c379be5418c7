// Milliseconds of every frame, and of the way from a key to the picture.
#include "app/frame_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "gfx/texture_changes.h"
#include "session/parts/text_times.h"

namespace headlight {
namespace {

double ms_between(FrameLog::Time from, FrameLog::Time to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

FrameLog::FrameLog() : start_(Clock::now()), begin_(start_) {
    const char* path = std::getenv("HEADLIGHT_FRAME_LOG");
    if (!path || !*path) return;
    file_.reset(std::fopen(path, "w"));
    if (!file_) {
        log::warn("the frame log {} could not be written", path);
        return;
    }
    std::fputs("seconds\tframe_ms\tbusy\tjob\n", file_.get());
}

void FrameLog::begin() {
    begin_ = Clock::now();
    upload_ms_ = gfx::texture_upload_ms();
}

void FrameLog::write_picture(const Snapshot& snapshot, const ui::FrameTimes& frame, Time now) {
    const AnalyzedText& text = *snapshot.base_text;
    const TextAnalysis& analysis = text.analysis;
    const TextTimes& times = snapshot.part<TextTimes>();
    // A text that was not typed, or an older one that never came, has no key.
    constexpr double kMostOfFrame = 1000;
    const bool is_typed =
        typed_at_ && *typed_at_ <= times.asked && ms_between(*typed_at_, times.asked) < kMostOfFrame;
    const Time key = is_typed ? *typed_at_ : times.asked;
    const double upload = gfx::texture_upload_ms() - upload_ms_,
                 known = text.tokenize_ms + text.run_ms + analysis.metrics_ms + analysis.tags_ms;
    const std::pair<const char*, double> parts[] = {
        {"whole", ms_between(key, now)},
        {"key", ms_between(key, times.asked)},
        {"queue", ms_between(times.asked, times.begun)},
        {"tokenize", text.tokenize_ms},
        {"product", std::max(0.0, text.run_ms - text.run_parts.attention)},
        {"attention", text.run_parts.attention - text.run_parts.statistics},
        {"statistics", text.run_parts.statistics},
        {"metrics", analysis.metrics_ms},
        {"tags", analysis.tags_ms},
        {"rest", std::max(0.0, ms_between(times.begun, times.done) - known)},
        {"wake", ms_between(times.done, begin_)},
        {"views", frame.build - upload},
        {"upload", upload},
        {"draw", frame.paint + frame.show},
    };
    std::string line = fmt::format("# picture\t{:.3f}\ttokens={}\treused={}", ms_between(start_, now) / 1000,
                                   text.tokens.tokens.size(), text.num_reused);
    for (const auto& [name, ms] : parts)
        line += fmt::format("\t{}={:.2f}", name, ms);
    std::fprintf(file_.get(), "%s\n", line.c_str());
}

void FrameLog::end(const Snapshot& snapshot, bool is_busy, const ui::FrameTimes& frame) {
    if (!file_) return;
    const auto now = Clock::now();
    const std::uint64_t run = snapshot.base_text ? snapshot.base_text->run_id : 0;
    const bool is_measured = run != 0 && run == snapshot.part<TextTimes>().run_id;
    if (is_measured && run != std::exchange(shown_run_, run)) {
        write_picture(snapshot, frame, now);
        if (!snapshot.is_stale) typed_at_.reset();
    }
    const double seconds = ms_between(start_, now) / 1000;
    std::fprintf(file_.get(), "%.3f\t%.2f\t%d\t%s\n", seconds, ms_between(begin_, now), is_busy ? 1 : 0,
                 snapshot.job.title.c_str());
    std::fflush(file_.get());
}

}  // namespace headlight
