// Figures of what the window shows: the request that it amounts to, and what was measured for it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "publish/make_figure.h"
#include "session/snapshot.h"

namespace headlight {

/// What the window shows as a request: model, text by its ids where words do not say it, chosen heads and
/// tokens, unit, weights, replaced attention, question, other side. Errors: Unsupported (replaced attention
/// that has no words).
Result<FigureRequest> window_request(const Snapshot& now);

/// The figure of that kind which shows what the chosen form of the middle card shows.
const char* shown_figure_kind(const Snapshot& now);

/// The page of "KIND [options]": the options over what the window shows, as far as it speaks to the kinds.
/// `more_panels` as of make_page(). Errors: those of make_page() and window_request().
Result<FigurePage> window_page(const Snapshot& now, const std::string& kinds, const FieldWords& options,
                               const std::vector<std::string>& more_panels = {});

/// "headlight figure lines --model ... --output head.pdf": the line of a shell that makes the same.
std::string figure_command_line(const FigurePage& page, const std::string& path, const FigureOutput& output);

/// What must be there before the page can be made; empty: all is there.
std::string what_is_missing(const Snapshot& now, const FigurePage& page);

/// Everything that a worker needs, by value.
struct WindowFigureWork {
    FigurePage page;
    TextKinds ran;
    std::shared_ptr<const ModelInfo> model;
    OpenedTrainingPtr training;
    bool needs_model = true;  // to be run on the model worker
};
WindowFigureWork figure_work(const Snapshot& now, FigurePage page);

/// What was measured last, kept while only the print changes. Used by one worker at a time.
class WindowFigures {
  public:
    /// `live` may be null where WindowFigureWork::needs_model is false. Valid until the next call. Errors:
    /// those of make_figure().
    Result<std::shared_ptr<const MadeFigure>> make(const WindowFigureWork& work, const LiveModel* live,
                                                   const JobContext& job);

  private:
    std::mutex mutex_;
    std::string source_key_, made_key_;
    std::unique_ptr<FigureSource> source_;
    std::shared_ptr<const MadeFigure> made_;
};

}  // namespace headlight
