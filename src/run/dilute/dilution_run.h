// A dilution, context by context: what window and command line share.
#pragma once

#include <optional>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "run/dilute/dilution_contexts.h"
#include "run/live_model.h"

namespace headlight {

/// One run of the model a step, so that typing can come in between. Contexts of one filler are run from short
/// to long: they share their beginning, whose work the runner keeps. Of each trace only the target's rows are
/// read, and nothing of it is kept.
class DilutionRun {
  public:
    explicit DilutionRun(DilutionRequest request) : request_(std::move(request)) {}

    /// Runs the next context; true when all are done. Errors: those of DilutionContexts::make() and of
    /// ModelRunner::run().
    Result<bool> step(const LiveModel& model, const JobContext& job);
    /// 0 .. 1 by tokens that were run.
    double fraction() const;
    /// "start, 256 tokens, filler 2 of 3": what step() does next.
    std::string next_words() const;
    /// Once step() gave true.
    DilutionResult result() const;

  private:
    struct Measured {
        std::vector<DilutionMean> heads, nulls;  // [HeadGrid] over contexts
        DilutionMean loss;                       // in the place of DilutionKind::Sink
        int num_done = 0;
    };
    Status prepare(const LiveModel& model);
    Status measure(const LiveModel& model, const RunResult& run, const DilutionContext& context,
                   Measured& out, const JobContext& job);
    std::vector<std::string> notes(const ModelSpec& spec) const;

    DilutionRequest request_;
    std::optional<DilutionContexts> contexts_;
    ModelSpec spec_;
    TokenizedText target_, fact_;
    bool has_sink_ = false;           // a learned one
    std::vector<Measured> measured_;  // [place][length]
    std::size_t place_ = 0, length_ = 0;
    int slice_ = 0;
    double num_run_ = 0;
};

}  // namespace headlight
