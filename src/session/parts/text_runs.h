// The texts: what the boxes hold, their runs, and the run that is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "run/cut_text.h"
#include "run/fitting_text.h"
#include "run/group_text.h"
#include "run/text_run.h"
#include "session/parts/long_text.h"
#include "session/parts/session_core.h"

namespace headlight {

class Ablation;
class Choice;
class Opening;
class ShownUnits;

/// What the text boxes hold.
struct TypedTexts {
    std::string text, decoder_text;
    WrittenTextPtr written = nullptr;  // ids of what a model wrote; null: the texts are tokenized
    bool operator==(const TypedTexts&) const = default;
};

class TextRuns final : public SessionPart {
  public:
    TextRuns(SessionCore& core, Opening& opening, Choice& choice, Ablation& ablation, ShownUnits& units)
        : core_(core), opening_(opening), choice_(choice), ablation_(ablation), units_(units) {}

    // What the user types.
    void type(std::string text);
    void type_decoder(std::string text);
    /// Runs the text that TextProblem offers. False: there is none.
    bool use_fitting_text();
    /// The box's turns, put into the model's chat template on the model worker, as the text that is run: by
    /// the template's own tokens until somebody types.
    void apply_chat_template(bool adds_reply);
    /// Cuts a text that is too long, on the model worker, and runs the tokens that are left.
    void cut(CutEnd end);
    /// Puts texts into the boxes and runs them.
    void change(TypedTexts texts);

    // What opening brings about.
    void begin_open() { has_typed_for_open_ = false; }
    /// What runs is of no use any more: another model, or another tokenizer.
    void expect_new();
    /// A model without a text of its own runs what the user typed; `stored` is shown at once.
    void begin_model(TextKinds stored);
    /// Runs what the boxes hold. Without a model it waits for open(). `first`: tried before that.
    void request(const std::optional<TypedTexts>& first = std::nullopt);

    // What is shown.
    /// Among the kinds of the run that is there. False: it has none of that kind.
    bool use_kind(AttentionKind kind);
    /// Shown where the run has several.
    AttentionKind wanted_kind() const { return wanted_kind_; }
    /// The run that is shown goes.
    void forget();

    void drop_strangers() override;
    void cancel() override;

  private:
    /// What the model worker is asked to run.
    struct Wish {
        std::uint64_t text_id = 0, group_id = 0;
        UnitChoice units;
        TypedTexts texts;
        std::optional<TypedTexts> first;  // run in their place if the model takes them
        std::string path;                 // of the model: a text may lie there
        bool wants_fitting = false;       // look for a text that fits if these do not
        int num_threads = 1;
        EarlyText early;
    };
    struct Outcome {
        Result<TextKinds> result;
        TextKinds grouped;                // the units of them, where units are shown
        std::optional<TypedTexts> texts;  // Wish::first, if that was run
        bool may_run_again = false;       // the texts are not what the run failed at
        std::optional<FittingText> fitting;
        std::optional<LongText> too_long;
    };
    static Result<Outcome> run(const LiveModel& live, const Wish& wish, const JobContext& job);

    /// What `make` gives on the model worker goes into the box, and runs by its own tokens.
    template <class Make>
    void run_made(std::string title, const char* failed, Make make);
    void put_in_box(TypedTexts texts);
    void make_room();
    void show_stored(TextKinds kinds);
    void show(TextKinds kinds);
    /// What is shown while it is analysed.
    void take_early(TextKinds kinds);
    void take(std::uint64_t text_id, Outcome outcome);
    void take_failure(Error error, const Outcome& outcome);
    void set_problem(TextProblem problem);
    void refresh_stale();
    void drop_strange_ids();

    SessionCore& core_;
    Opening& opening_;
    Choice& choice_;
    Ablation& ablation_;
    ShownUnits& units_;

    std::uint64_t wanted_id_ = 0;                         // run id of the request for what the boxes hold
    AttentionKind wanted_kind_ = AttentionKind::Encoder;  // where there are several
    TypedTexts placed_;                                   // that a file or a sample put into the box last
    bool has_typed_for_open_ = false;  // the box holds a text that was typed while something was being opened
    bool is_box_own_ = true;           // the box holds what the user typed
    std::optional<TypedTexts> own_;    // what the user typed, while the box holds something else
};

}  // namespace headlight
