// What figures are made of: a model that runs, stored attention, or a training log, opened once for all
// panels.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/progress.h"
#include "publish/figure_request.h"
#include "publish/recipe/recipe.h"
#include "run/analyze_text.h"
#include "run/compare/comparison.h"
#include "run/open_source.h"

namespace headlight {

using AnalyzedRunPtr = std::shared_ptr<const AnalyzedRun>;

class FigureSource {
  public:
    /// Opens what a request names when it is first needed: the command line.
    FigureSource(EngineProvider engine, TellUser tell) : engine_(std::move(engine)), tell_(std::move(tell)) {}
    /// A model that is open already, and what it ran: the window. The model must outlive the source.
    FigureSource(const LiveModel& model, TextKinds ran);
    /// Stored attention that is open already.
    FigureSource(std::shared_ptr<const ModelInfo> info, TextKinds stored);

    /// A log that is open beside the model.
    void set_training(OpenedTrainingPtr training) { training_ = std::move(training); }

    /// Finds out what the request names. Errors: those of opening.
    Status open(const FigureRequest& request, const JobContext& job);

    /// Errors: InvalidInput where there is none (stored attention, a log).
    Result<const LiveModel*> model() const;
    /// Null: it is no log.
    const OpenedTrainingPtr& training() const { return training_; }
    const TellUser& tell() const { return tell_; }
    const EngineProvider& engine() const { return engine_; }
    const ModelSpec& spec() const { return info_->spec; }

    /// The request's text with its analysis, between the request's units, as the request's weights show it;
    /// of a request with a change the run with it. Kept for other panels. Errors: those of analyze_tokens(),
    /// InvalidInput.
    Result<AnalyzedRunPtr> run(const FigureRequest& request, const JobContext& job);
    /// The same without the change.
    Result<AnalyzedRunPtr> unchanged(const FigureRequest& request, const JobContext& job);

    /// What the request's text is for this model. Errors: those of read_tokens().
    Result<TokenizedText> tokens(const FigureRequest& request) const;
    Result<TokenizedText> decoder_tokens(const FigureRequest& request) const;

    /// Everything of a recipe but its page. Reads files.
    FigureRecipe facts(const FigureRequest& request) const;

  private:
    Result<AnalyzedRun> make_run(const FigureRequest& request, bool is_changed, const JobContext& job);
    Result<AnalyzedRun> changed(const FigureRequest& request, AnalyzedRun base, const JobContext& job) const;
    Result<AnalyzedRunPtr> kept_run(const FigureRequest& request, bool is_changed, const JobContext& job);
    std::optional<AnalyzedRun> ran_before(const TokenizedText& tokens, const TokenizedText& decoder) const;

    EngineProvider engine_;
    TellUser tell_ = [](const std::string&) {};
    bool is_open_ = false;
    LiveModel own_;
    const LiveModel* model_ = nullptr;  // null: nothing can be run
    std::shared_ptr<const ModelInfo> info_;
    std::string path_;  // of stored attention or a log
    TextKinds ran_;     // of the window
    OpenedTrainingPtr training_;
    std::list<std::pair<std::string, AnalyzedRunPtr>> runs_;  // newest first
};

}  // namespace headlight
