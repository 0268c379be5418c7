// The choice of weights for the whole window: follows settings, text, comparison and question.
#pragma once

#include <memory>
#include <optional>

#include "core/cause/question.h"
#include "session/parts/session_core.h"

namespace headlight {

class Derivations;

class ShownWeights final : public SessionPart {
  public:
    ShownWeights(SessionCore& core, Derivations& derived) : core_(core), derived_(derived) {}

    /// Makes Snapshot::picture what it should be. Cheap when nothing changed: called every frame.
    void refresh();
    void drop_strangers() override { refresh(); }

  private:
    /// Everything that a picture depends on.
    struct Key {
        WeightsShown weights = WeightsShown::Raw;
        const AnalyzedText *text = nullptr, *before = nullptr;
        std::shared_ptr<const CellFactors> factors;
        std::optional<Question> question;  // of Effect
        bool operator==(const Key&) const = default;
    };
    Key wanted(std::string& why_not, bool& is_pending) const;
    WeightedPtr make(const AnalyzedText& text) const;
    void make_overviews(const WeightedPtr& trace);

    SessionCore& core_;
    Derivations& derived_;
    Key key_;
    JobControlPtr overviews_;                            // of the work that makes them
    std::shared_ptr<const AnalyzedText> text_, before_;  // that key_ points to
};

}  // namespace headlight
