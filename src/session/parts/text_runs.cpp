// The typed texts: from the box to the model worker and back, and what is said when they cannot be run.
#include "session/parts/text_runs.h"

#include <algorithm>

#include "io/picture/raster.h"
#include "run/picture/picture_tokenizer.h"
#include "run/text_run.h"
#include "run/text_tokens.h"
#include "session/parts/ablation.h"
#include "session/parts/choice.h"
#include "session/parts/opening.h"
#include "session/parts/shown_units.h"
#include "session/parts/text_times.h"

namespace headlight {
namespace {

TypedTexts texts_of(const TextKinds& kinds) {
    const AnalyzedText& last = *kinds.back();  // of two texts it knows both
    if (last.input_tokens) return {last.input_tokens->text, last.tokens.text, nullptr};
    return {last.tokens.first_text(), last.tokens.second_text(), nullptr};
}

constexpr const char* kNotRun = "The text could not be run";

}  // namespace

void TextRuns::type(std::string text) {
    const Snapshot& now = core_.snapshot;
    const bool is_shown = now.text && !now.is_stale && !now.text->analysis.is_pending;
    if (text == now.typed_text && (is_shown || core_.worker.has(JobKind::Text))) return;
    if (const auto error = opening_.why_no_text_runs()) return core_.notify_error(kNotRun, *error);
    change({std::move(text), now.typed_decoder_text, nullptr});
    choice_.record();
}

void TextRuns::type_decoder(std::string text) {
    const Snapshot& now = core_.snapshot;
    if (text == now.typed_decoder_text) return;
    if (const auto error = opening_.why_no_text_runs()) return core_.notify_error(kNotRun, *error);
    change({now.typed_text, std::move(text), nullptr});
    choice_.record();
}

bool TextRuns::use_fitting_text() {
    const auto problem = core_.snapshot.text_problem;
    if (!problem || problem->fitting_origin.empty()) return false;
    if (!own_) is_box_own_ = true;  // also a dump's text, if that is what was to be run
    placed_ = {problem->fitting, problem->fitting_decoder, nullptr};
    change(placed_);
    choice_.record();
    return true;
}

void TextRuns::apply_chat_template(bool adds_reply) {
    constexpr const char* kWhat = "The chat template was not applied";
    const Snapshot& now = core_.snapshot;
    const bool can_apply = now.model && now.model->is_live && now.model->tokenizer && !now.has_decoder();
    if (!can_apply)
        return core_.notify_error(
            kWhat,
            make_error(ErrorKind::Unsupported, "it needs a model that runs, with a tokenizer and one text"));
    run_made("Applying the chat template", kWhat,
             [turns = now.typed_text, adds_reply](const ModelInfo& model) {
                 return encode_chat(*model.tokenizer, turns, {.adds_reply = adds_reply, .name = {}});
             });
}

void TextRuns::cut(CutEnd end) {
    constexpr const char* kWhat = "The text was not cut";
    const Snapshot& now = core_.snapshot;
    if (!now.model || !now.model->is_live)
        return core_.notify_error(kWhat, make_error(ErrorKind::Missing, "it needs a model that runs"));
    run_made("Cutting the text", kWhat,
             [text = now.typed_text, second = now.typed_decoder_text, written = now.written_text, end](
                 const ModelInfo& model) { return cut_long_text(model, text, second, written.get(), end); });
}

template <class Make>
void TextRuns::run_made(std::string title, const char* failed, Make make) {
    const ModelInfo& model = *core_.snapshot.model;
    core_.on_model(
        JobKind::Text, std::move(title), model.id,
        [make](const WorkerState& on_worker, const JobContext&) -> Result<TokenizedText> {
            return make(*on_worker.live.info);
        },
        [this, failed, tokenizer_id = model.tokenizer_id](Result<TokenizedText> made) {
            const Snapshot& snapshot = core_.snapshot;
            if (!made) return core_.notify_error(failed, made.error());
            if (snapshot.model->tokenizer_id != tokenizer_id) return;
            auto written = std::make_shared<WrittenText>();
            written->tokens = std::move(*made);
            written->num_prompt = static_cast<int>(written->tokens.tokens.size());
            written->model_id = snapshot.model->id;
            written->tokenizer_id = tokenizer_id;
            std::string text = written->tokens.text;
            change({std::move(text), snapshot.typed_decoder_text, std::move(written)});
            choice_.record();
        });
    core_.refresh_job();
}

// What the user types is the user's; what a file or a sample put there is not, and the user's text is kept
// for the next model.
void TextRuns::put_in_box(TypedTexts texts) {
    Snapshot& snapshot = core_.snapshot;
    const TypedTexts before{snapshot.typed_text, snapshot.typed_decoder_text, snapshot.written_text};
    const bool was_own = is_box_own_;
    is_box_own_ = texts != placed_;
    if (is_box_own_) own_.reset();
    if (!is_box_own_ && was_own && !before.text.empty()) own_ = {before.text, before.decoder_text, nullptr};
    snapshot.typed_text = std::move(texts.text);
    snapshot.typed_decoder_text = std::move(texts.decoder_text);
    snapshot.written_text = std::move(texts.written);
    core_.is_changed = true;
}

void TextRuns::change(TypedTexts texts) {
    Snapshot& snapshot = core_.snapshot;
    put_in_box(texts);
    has_typed_for_open_ = opening_.is_pending();
    snapshot.open_error.reset();  // the user goes on with the model that is there
    const bool is_stored = snapshot.model && !snapshot.model->is_live && !snapshot.kinds.empty() &&
                           texts_of(snapshot.kinds) == texts;
    wanted_id_ = is_stored ? snapshot.kinds.front()->run_id : core_.new_text_id();
    snapshot.text_problem.reset();
    refresh_stale();
    if (!is_stored) request();
}

// A long text takes gigabytes: it does not stay beside the next one unless the two share most of their rows.
void TextRuns::make_room() {
    constexpr std::size_t kMostBeside = std::size_t{1} << 30;
    const auto& text = core_.snapshot.base_text;
    if (!text || !text->trace || text->input_tokens || text->trace->size_bytes() <= kMostBeside) return;
    const std::string &shown = text->tokens.text, &wanted = core_.snapshot.typed_text;
    const auto [mine, theirs] = std::mismatch(shown.begin(), shown.end(), wanted.begin(), wanted.end());
    (void)theirs;
    if (2 * (mine - shown.begin()) < static_cast<std::ptrdiff_t>(shown.size())) forget();
}

void TextRuns::expect_new() {
    core_.worker.drop(JobKind::Text);
    wanted_id_ = core_.new_text_id();
}

void TextRuns::begin_model(TextKinds stored) {
    if (!stored.empty()) return show_stored(std::move(stored));
    const Snapshot& snapshot = core_.snapshot;
    if (takes_pictures(snapshot.model->tokenizer.get()) && !is_picture(snapshot.typed_text)) {
        placed_ = {};  // a text is no picture; it waits for the next model that reads texts
        put_in_box(placed_);
        return request();
    }
    request(is_box_own_ ? std::nullopt : own_);
}

// The texts of a stored trace, which are shown with it.
void TextRuns::show_stored(TextKinds kinds) {
    placed_ = texts_of(kinds);
    put_in_box(placed_);
    wanted_id_ = kinds.front()->run_id;
    show(std::move(kinds));
    // A text that was meant for what was being opened is refused like any other.
    if (std::exchange(has_typed_for_open_, false)) {
        if (const auto error = opening_.why_no_text_runs()) core_.notify_error(kNotRun, *error);
    }
}

void TextRuns::request(const std::optional<TypedTexts>& first) {
    Snapshot& snapshot = core_.snapshot;
    snapshot.text_problem.reset();
    drop_strange_ids();
    if (!snapshot.model) return;
    if (!snapshot.model->is_live) {
        if (opening_.request_live()) return;  // it comes back here
        const auto refusal = opening_.why_no_text_runs();
        if (refusal) return take_failure(*refusal, {});
        if (const auto& error = opening_.live_error())
            set_problem({.reason = error->message, .may_run_again = true});
        return;
    }
    core_.failure.reset();
    make_room();
    Wish wish{wanted_id_,
              core_.new_text_id(),
              units_.wanted(),
              {snapshot.typed_text, snapshot.typed_decoder_text, snapshot.written_text},
              first,
              opening_.model_path(),
              !snapshot.base_text,
              core_.num_analysis_threads,
              {}};
    if (units_.wanted().unit == TextUnit::Token) {
        // Not by way of `this`, which may be gone while the worker still runs.
        wish.early = {[this, core = &core_](TextKinds kinds) {
                          core->mailbox.post([this, kinds = std::move(kinds)] { take_early(kinds); });
                      },
                      core_.options.early_rows};
    }
    const auto times = std::make_shared<TextTimes>(
        TextTimes{.run_id = wanted_id_, .asked = TextTimes::now(), .begun = {}, .done = {}});
    core_.on_model(
        JobKind::Text, "Running the text", snapshot.model->id,
        [wish, times](const WorkerState& on_worker, const JobContext& job) {
            times->begun = TextTimes::now();
            auto outcome = run(on_worker.live, wish, job);
            times->done = TextTimes::now();
            return outcome;
        },
        [this, id = wanted_id_, times](Result<Outcome> outcome) {
            core_.snapshot.parts.put(*times);
            if (outcome) return take(id, std::move(*outcome));
            take(id, {.result = fail(std::move(outcome).error()), .grouped = {}});
        });
    core_.refresh_job();
}

// Stopped: an error. Whatever else the texts fail at is part of the outcome, with what might help.
Result<TextRuns::Outcome> TextRuns::run(const LiveModel& live, const Wish& wish, const JobContext& job) {
    Outcome out;
    const auto fits = [&](const TypedTexts& texts) {
        return !why_text_does_not_fit(*live.info, texts.text, texts.decoder_text);
    };
    out.result = guarded([&]() -> Result<TextKinds> {
        if (wish.first && fits(*wish.first)) out.texts = wish.first;
        const TypedTexts& texts = out.texts ? *out.texts : wish.texts;
        return run_text(live, texts.text, texts.decoder_text, wish.text_id, wish.num_threads, job,
                        texts.written.get(), wish.early);
    });
    if (out.result) {
        // The picture of the text comes with its units at once, so that typing never shows tokens in between.
        HEADLIGHT_TRY(out.grouped, guarded([&] {
                          return group_kinds(*out.result, wish.units, wish.group_id, wish.num_threads, job);
                      }));
        return out;
    }
    if (job.should_stop()) return fail(out.result.error());
    auto helped = guarded([&]() -> Result<std::optional<FittingText>> {
        const TypedTexts& texts = wish.texts;
        if (!live.info->runs_beyond)
            out.too_long = find_long_text(live, texts.text, texts.decoder_text, texts.written.get());
        out.may_run_again = !out.too_long && fits(texts);
        if (out.may_run_again || !wish.wants_fitting) return std::optional<FittingText>();
        return fitting_text(*live.info, wish.path, texts.text, texts.decoder_text);
    });
    if (helped) out.fitting = std::move(*helped);
    return out;
}

void TextRuns::take_early(TextKinds kinds) {
    const Snapshot& snapshot = core_.snapshot;
    const AnalyzedText& text = *kinds.front();
    const bool is_newer = !snapshot.base_text || text.run_id > snapshot.base_text->run_id;
    // What is replaced is measured on a text that stays.
    if (text.run_id != wanted_id_ || !text.is_of(snapshot.model.get()) || !is_newer ||
        snapshot.has_interventions())
        return;
    show(std::move(kinds));
}

void TextRuns::take(std::uint64_t text_id, Outcome outcome) {
    Snapshot& snapshot = core_.snapshot;
    const bool is_latest = text_id == wanted_id_;
    if (!outcome.result) {
        // The error of a text that nobody waits for any more says nothing about the one that is typed.
        if (is_latest) take_failure(outcome.result.error(), outcome);
        return;
    }
    const AnalyzedText& text = *outcome.result->front();
    const bool is_newer =
        !snapshot.base_text || text.run_id > snapshot.base_text->run_id ||
        (text.run_id == snapshot.base_text->run_id && snapshot.base_text->analysis.is_pending);
    if (!text.is_of(snapshot.model.get()) || !is_newer) return;
    if (is_latest && outcome.texts) {
        put_in_box(*outcome.texts);
        choice_.record();
        core_.notify(Notice::Level::Info, "Your text again; undo brings back the one that was shown");
    }
    units_.keep(outcome.grouped);
    show(std::move(*outcome.result));
    if (is_latest && is_box_own_ && snapshot.settings.last_text != snapshot.typed_text) {
        snapshot.settings.last_text = snapshot.typed_text;
        core_.settings_changed();
    }
}

void TextRuns::take_failure(Error error, const Outcome& outcome) {
    if (outcome.too_long) error.message = outcome.too_long->words;
    TextProblem problem{.reason = error.message, .may_run_again = outcome.may_run_again};
    if (outcome.too_long) {
        problem.can_cut = outcome.too_long->can_cut;
        problem.can_run_beyond = outcome.too_long->can_run_beyond;
    }
    if (outcome.fitting) {
        problem.fitting = outcome.fitting->text;
        problem.fitting_decoder = outcome.fitting->decoder_text;
        problem.fitting_origin = outcome.fitting->origin;
    }
    core_.job_failed(kNotRun, error);
    if (outcome.fitting) {
        std::string& details = core_.notices.back().details;
        details += fmt::format("{}A text that fits ({}): {}", details.empty() ? "" : "\n",
                               problem.fitting_origin, problem.fitting);
    }
    set_problem(std::move(problem));
}

void TextRuns::set_problem(TextProblem problem) {
    Snapshot& snapshot = core_.snapshot;
    problem.run_id = wanted_id_;
    problem.model_id = snapshot.model->id;
    problem.tokenizer_id = snapshot.model->tokenizer_id;
    snapshot.text_problem = std::make_shared<const TextProblem>(std::move(problem));
    core_.is_changed = true;
    if (snapshot.is_ablation_pending) ablation_.request();  // the last picture stays: what is replaced is its
}

void TextRuns::refresh_stale() {
    Snapshot& snapshot = core_.snapshot;
    const auto& text = snapshot.base_text;
    snapshot.is_stale = text && text->run_id != wanted_id_;
    if (text && !snapshot.is_stale) snapshot.text_problem.reset();
    core_.is_changed = true;
}

bool TextRuns::use_kind(AttentionKind kind) {
    Snapshot& snapshot = core_.snapshot;
    if (snapshot.kinds.empty()) wanted_kind_ = kind;  // of the run that is on its way
    const auto same = [kind](const auto& text) { return text->kind() == kind; };
    const auto found = std::find_if(snapshot.kinds.begin(), snapshot.kinds.end(), same);
    if (found == snapshot.kinds.end()) return false;
    if (snapshot.kinds.size() > 1) wanted_kind_ = kind;
    if (snapshot.base_text == *found) return true;
    snapshot.base_text = *found;
    ablation_.forget();
    return true;
}

// The picture of the unchanged run first; the changed one follows when there are interventions.
void TextRuns::show(TextKinds kinds) {
    Snapshot& snapshot = core_.snapshot;
    snapshot.kinds = std::move(kinds);
    snapshot.base_text.reset();
    if (!use_kind(wanted_kind_)) use_kind(snapshot.kinds.front()->kind());
    choice_.refresh();
    refresh_stale();
    core_.drop_strangers();
    ablation_.request();
}

void TextRuns::forget() {
    core_.snapshot.kinds.clear();
    core_.snapshot.base_text.reset();
    ablation_.forget();
    choice_.forget_tokens();
    refresh_stale();
}

// Of another model or tokenizer: the words are the same, and tokenized again.
void TextRuns::drop_strange_ids() {
    WrittenTextPtr& written = core_.snapshot.written_text;
    if (written && !written->is_of(core_.snapshot.model.get())) written.reset();
}

void TextRuns::drop_strangers() {
    Snapshot& snapshot = core_.snapshot;
    drop_strange_ids();
    if (snapshot.base_text && !snapshot.base_text->is_of(snapshot.model.get())) forget();
    const auto& problem = snapshot.text_problem;
    const Belonging open = core_.open_now();
    if (problem && (problem->model_id != open.model_id || problem->tokenizer_id != open.tokenizer_id ||
                    problem->run_id != wanted_id_))
        snapshot.text_problem.reset();
}

void TextRuns::cancel() {
    const Snapshot& snapshot = core_.snapshot;
    const bool is_late = snapshot.is_stale || core_.worker.has(JobKind::Text);
    if (snapshot.model && !snapshot.text_problem && is_late)
        set_problem({.reason = "The run of this text was cancelled.", .may_run_again = true});
}

}  // namespace headlight
