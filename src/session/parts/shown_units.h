// The choice of tokens, words, sentences or lines for the whole window: what is shown of a run.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "run/group_text.h"
#include "session/parts/session_core.h"

namespace headlight {

class ShownUnits final : public SessionPart {
  public:
    /// `is_there`: something that was asked for has come.
    ShownUnits(SessionCore& core, std::function<void()> is_there)
        : core_(core), is_there_(std::move(is_there)) {}

    /// Settings::text_unit and what goes with it.
    UnitChoice wanted() const;
    /// Puts a run and the unchanged one, both between tokens, into the snapshot as they are to be shown.
    /// While the wanted units of one of them are being made, both stay as they were last shown, else tokens.
    void show(const std::shared_ptr<const AnalyzedText>& text,
              const std::shared_ptr<const AnalyzedText>& base);
    /// Units that were made along with a run.
    void keep(const TextKinds& grouped);

    /// Lets go of units of texts that are no more, and of those that nobody wants to see.
    void drop_strangers() override;

  private:
    std::shared_ptr<const AnalyzedText> find(const std::shared_ptr<const AnalyzedText>& tokens,
                                             UnitChoice choice) const;
    void start(const std::shared_ptr<const AnalyzedText>& tokens);

    struct Waiting {
        std::shared_ptr<const AnalyzedText> tokens;
        UnitChoice choice;
        JobControlPtr control;
    };
    SessionCore& core_;
    std::function<void()> is_there_;
    UnitChoice shown_;
    TextKinds groups_;
    std::vector<Waiting> waiting_;
};

}  // namespace headlight
