// Replaced attention: what the user asked for, the changed run that follows the unchanged one, and which is
// shown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "session/parts/session_core.h"

namespace headlight {

class Choice;
class Derivations;
class Opening;
class ShownUnits;

class Ablation final : public SessionPart {
  public:
    Ablation(SessionCore& core, Opening& opening, Choice& choice, Derivations& derived, ShownUnits& units)
        : core_(core), opening_(opening), choice_(choice), derived_(derived), units_(units) {}

    /// In place of what these heads had.
    void add(Intervention change);
    /// Takes heads out again; none given: everything.
    void clear(std::span<const HeadId> heads);
    void set_compare(Compare compare);
    /// As undo brings them back.
    void use(InterventionsPtr next);

    /// Runs the text with replaced attention, as soon as model and unchanged run are there.
    void request();
    /// The unchanged run is shown again until a new result is there.
    void forget();
    /// They are of another model's heads.
    void forget_interventions();
    /// Puts the run into the snapshot that is to be shown, as it is to be shown.
    void refresh_shown();

    void drop_strangers() override;
    void cancel() override;

  private:
    void change(Interventions next);
    /// The changed run, and its units where they are shown.
    struct Outcome {
        std::shared_ptr<const AblationResult> result;
        TextKinds grouped;
    };
    void take(std::uint64_t serial, Result<Outcome> outcome);
    void give_up(std::string sentence);

    SessionCore& core_;
    Opening& opening_;
    Choice& choice_;
    Derivations& derived_;
    ShownUnits& units_;
    std::uint64_t wanted_ = 0;  // serial of the changed run that is waited for; 0: none
};

}  // namespace headlight
