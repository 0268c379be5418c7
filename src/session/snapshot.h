// What the window draws from: immutable values, swapped at the start of a frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/selection.h"
#include "core/settings.h"
#include "run/analyzed_text.h"
#include "run/open_source.h"
#include "run/opened_files.h"
#include "run/text_tokens.h"
#include "session/ablation_state.h"
#include "session/part_values.h"
#include "session/picture_weights.h"

namespace headlight {

/// Why the typed text could not be run, and one that can be. Immutable.
struct TextProblem {
    std::uint64_t run_id = 0;                      // of the typed text's run
    std::uint64_t model_id = 0, tokenizer_id = 0;  // of the model that did not take it
    std::string reason;                            // one sentence or more
    bool may_run_again = false;                    // cancelled, or refused for no fault of the text
    bool can_cut = false;                          // it is too long, and one text: `cut` shortens it
    bool can_run_beyond = false;                   // it is too long, and `beyond` runs it all the same
    // A text that the model takes, and where it comes from: "a sample of its vocabulary". Empty: none is
    // known.
    std::string fitting, fitting_decoder, fitting_origin;

    bool is_too_long() const { return can_cut || can_run_beyond; }
};

/// A running or finished job for the status line.
struct JobStatus {
    enum class State { Idle, Running, Failed };
    State state = State::Idle;
    std::string title;     // "Opening SmolLM2", "Running 27 tokens"
    std::string stage;     // "layer 12 of 30"
    double fraction = -1;  // < 0: unknown
    bool can_cancel = false;
};

/// A message for the user: a toast and a line in the log.
struct Notice {
    enum class Level { Info, Warning, Error };
    Level level = Level::Info;
    std::string text;     // first line: what happened
    std::string details;  // further lines
    std::uint64_t id = 0;
};

struct Snapshot {
    std::shared_ptr<const ModelInfo> model;  // null: nothing is open
    // What the views show: the unchanged run, or the one with replaced attention, between tokens or between
    // units (AnalyzedText::groups). Null: this model has run nothing yet with this tokenizer. The last good
    // one stays while a newer runs, and when that cannot be run.
    std::shared_ptr<const AnalyzedText> text;
    std::string typed_text;          // what the text box holds (newer than `text` while a run is under way)
    std::string typed_decoder_text;  // the same of the second box: of the decoder where the model has one,
                                     // of sentence B where it takes pairs, of no use elsewhere
    WrittenTextPtr written_text;     // the box's text is what a model wrote, by these ids; null: it was typed
    bool is_stored_only = false;  // stored attention without its model: nothing can be run, replaced, asked
    TextKinds kinds;              // of the run that `base_text` is one kind of; empty before the first run
    bool is_stale = false;        // `text` is an older text of this model: draw it dimmed
    std::shared_ptr<const TextProblem> text_problem;  // null: the typed text was run, or is about to be
    JobStatus job;
    std::optional<Notice> open_error;  // the last open failed: shown in an error card
    std::optional<OpenQuestion> open_question;
    Selection selection;  // always inside `text`'s sizes; query resolved (>= 0) when text is set
    // The same choice in tokens, where `text` shows units: what the model is asked about. Equal otherwise.
    Selection token_selection;
    Settings settings;

    PictureWeights picture;  // which weights pictures show: ask shown_trace()

    // Replaced attention. All of `text`, `base_text` and `ablation` belong to one text.
    std::shared_ptr<const AnalyzedText> base_text;   // the unchanged run, between tokens
    std::shared_ptr<const AnalyzedText> shown_base;  // the same between the units of `text`
    InterventionsPtr interventions;                  // null: none
    std::shared_ptr<const AblationResult> ablation;  // null: none, or not measured yet
    bool is_ablation_pending = false;                // there are interventions that are still to be measured
    std::string ablation_error;                      // they could not be measured
    Compare compare = Compare::After;                // what the user wants to see once there is a result
    std::shared_ptr<const SweepState> sweep;         // null: none on this text

    std::shared_ptr<const OpenedAtlas> atlas;        // null: none is open
    std::string atlas_mismatch;                      // why it is not of the open model; empty: it is
    std::uint64_t atlas_model_id = 0;                // of the model that it is of; 0: of none that was open
    std::shared_ptr<const OpenedTraining> training;  // null: none is open
    std::uint64_t training_model_id = 0;  // of the model that lies with it; 0: of none that was open

    PartValues parts;  // what tasks hold, each under its own type

    /// What a task holds: part<ProbeState>(). Empty until it was started; the view's header names the type.
    template <class State>
    const State& part() const {
        return parts.get<State>();
    }
    /// The trace that pictures, rows and numbers in cells are of; metrics and tags are of `text`. With a
    /// text.
    const AttentionTrace& shown_trace() const { return picture.trace ? *picture.trace : *text->trace; }
    /// Of that trace.
    std::uint64_t shown_id() const { return picture.trace ? picture.id : text->id; }
    /// The unchanged run of the same kind of weights, while differences are shown.
    const AttentionTrace& shown_before() const {
        return picture.before ? *picture.before : *shown_base->trace;
    }
    /// The run that is shown, between tokens.
    const std::shared_ptr<const AnalyzedText>& shown_tokens() const { return token_text(text); }
    /// What queries and keys are now: not always Settings::text_unit, which may be on its way.
    TextUnit unit() const { return text ? text->unit() : TextUnit::Token; }
    /// What is really shown now.
    Compare shown() const {
        return ablation && shown_tokens() == ablation->after ? compare : Compare::Before;
    }
    bool has_interventions() const { return interventions && !interventions->empty(); }
    /// Encoder, decoder and cross attention are there to choose from.
    bool has_kinds() const { return kinds.size() > 1; }
    /// The open model has a decoder with a text of its own.
    bool has_decoder() const { return model && model->spec.has_decoder; }
    /// The open model reads two sentences as one text, or has a decoder: there is a second box.
    bool has_second_text() const { return has_decoder() || (model && takes_pairs(*model)); }
    /// The atlas says something about the shown heads: it is of the open model, and of its encoder if it has
    /// two parts.
    bool is_atlas_of_shown() const {
        const AttentionKind kind = text ? text->kind() : AttentionKind::Self;
        return atlas && atlas_mismatch.empty() && kind != AttentionKind::Decoder &&
               kind != AttentionKind::Cross;
    }
    /// The atlas, when it is of the shown heads, as they look between tokens, and the shown run is the
    /// unchanged one.
    const Atlas* shown_atlas() const {
        const bool is_of_tokens = unit() == TextUnit::Token;
        return is_of_tokens && is_atlas_of_shown() && shown() == Compare::Before ? &atlas->atlas : nullptr;
    }
    /// `text` is not the typed one, and nothing is on its way that would change that.
    bool is_text_left_over() const { return text && is_stale && text_problem; }
};

}  // namespace headlight
