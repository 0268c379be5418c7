// The typed texts: from the box to the model worker and back, and what is said when they cannot be run.
#include "run/fitting_text.h"
#include "run/text_run.h"
#include "session/session_impl.h"

namespace headlight {
namespace {

TypedTexts texts_of(const TextKinds& kinds) {
    const AnalyzedText& last = *kinds.back();  // of two texts it knows both
    if (last.input_tokens) return {last.input_tokens->text, last.tokens.text};
    return {last.tokens.text, {}};
}

constexpr const char* kNotRun = "The text could not be run";

}  // namespace

void Session::set_text(std::string text) {
    const Snapshot& now = impl_->snapshot;
    const bool is_shown = now.text && !now.is_stale;
    if (text == now.typed_text && (is_shown || impl_->worker.has(JobKind::Text))) return;
    if (const auto error = impl_->why_no_text_runs()) return impl_->notify_error(kNotRun, *error);
    impl_->change_texts({std::move(text), now.typed_decoder_text});
    impl_->record();
}

void Session::set_decoder_text(std::string text) {
    const Snapshot& now = impl_->snapshot;
    if (text == now.typed_decoder_text) return;
    if (const auto error = impl_->why_no_text_runs()) return impl_->notify_error(kNotRun, *error);
    impl_->change_texts({now.typed_text, std::move(text)});
    impl_->record();
}

bool Session::use_fitting_text() {
    const auto problem = impl_->snapshot.text_problem;
    if (!problem || problem->fitting_origin.empty()) return false;
    if (!impl_->own_texts) impl_->is_box_own = true;  // also a dump's text, if that is what was to be run
    impl_->placed_texts = {problem->fitting, problem->fitting_decoder};
    impl_->change_texts(impl_->placed_texts);
    impl_->record();
    return true;
}

std::optional<Error> Session::why_no_text_runs() const {
    return impl_->why_no_text_runs();
}

// Nullopt where texts can be run, or may be when what is being opened is there.
std::optional<Error> Session::Impl::why_no_text_runs() const {
    const ModelInfo* model = snapshot.model.get();
    if (!model || model->is_live || !model_path.empty() || pending_open != 0) return std::nullopt;
    return make_error(ErrorKind::Unsupported, "stored attention cannot run a text; open its model ({})",
                      model->spec.name);
}

// What the user types is the user's; what a file or a sample put there is not, and the user's text is kept
// for the next model.
void Session::Impl::put_in_box(TypedTexts texts) {
    const TypedTexts before{snapshot.typed_text, snapshot.typed_decoder_text};
    const bool was_own = is_box_own;
    is_box_own = texts != placed_texts;
    if (is_box_own) own_texts.reset();
    if (!is_box_own && was_own && !before.text.empty()) own_texts = before;
    snapshot.typed_text = std::move(texts.text);
    snapshot.typed_decoder_text = std::move(texts.decoder_text);
    is_changed = true;
}

void Session::Impl::change_texts(TypedTexts texts) {
    put_in_box(texts);
    has_typed_for_open = pending_open != 0;
    snapshot.open_error.reset();  // the user goes on with the model that is there
    const bool is_stored = snapshot.model && !snapshot.model->is_live && !snapshot.kinds.empty() &&
                           texts_of(snapshot.kinds) == texts;
    wanted_text_id = is_stored ? snapshot.kinds.front()->run_id : new_text_id();
    snapshot.text_problem.reset();
    refresh_stale();
    if (!is_stored) request_text();
}

// The texts of a stored trace, which are shown with it.
void Session::Impl::show_stored(TextKinds kinds) {
    placed_texts = texts_of(kinds);
    put_in_box(placed_texts);
    wanted_text_id = kinds.front()->run_id;
    show_text(std::move(kinds));
    // A text that was meant for what was being opened is refused like any other.
    if (std::exchange(has_typed_for_open, false)) {
        if (const auto error = why_no_text_runs()) notify_error(kNotRun, *error);
    }
}

void Session::Impl::refresh_stale() {
    const auto& text = snapshot.base_text;
    snapshot.is_stale = text && text->run_id != wanted_text_id;
    if (text && !snapshot.is_stale) snapshot.text_problem.reset();
    is_changed = true;
}

// Without a model the text waits for open(). `first`: tried before what is in the box.
void Session::Impl::request_text(const std::optional<TypedTexts>& first) {
    snapshot.text_problem.reset();
    if (!snapshot.model) return;
    if (!snapshot.model->is_live) {
        if (request_live()) return;  // take_live() comes back here
        const auto refusal = why_no_text_runs();
        if (refusal) return text_failed(*refusal, {});
        if (live_error) set_problem({.reason = live_error->message, .may_run_again = true});
        return;
    }
    failure.reset();
    TextWish wish{wanted_text_id, snapshot.model->id, {snapshot.typed_text, snapshot.typed_decoder_text},
                  first,          model_path,         !snapshot.base_text};
    worker.submit({JobKind::Text, "Running the text", [this, wish = std::move(wish)](const JobContext& job) {
                       return text_on_worker(wish, job);
                   }});
    refresh_job();
}

JobOutcome Session::Impl::text_on_worker(const TextWish& wish, const JobContext& job) {
    if (!live.runner || live.info->id != wish.model_id) return JobOutcome::Done;  // another model came
    TextOutcome out;
    const auto fits = [&](const TypedTexts& texts) {
        return !why_text_does_not_fit(*live.info, texts.text, texts.decoder_text);
    };
    out.result = guarded([&]() -> Result<TextKinds> {
        if (wish.first && fits(*wish.first)) out.texts = wish.first;
        const TypedTexts& texts = out.texts ? *out.texts : wish.texts;
        return run_text(live, texts.text, texts.decoder_text, wish.text_id, num_analysis_threads, job);
    });
    if (!out.result && job.should_stop()) return JobOutcome::Again;
    if (!out.result) {
        auto helped = guarded([&]() -> Result<std::optional<FittingText>> {
            const TypedTexts& texts = wish.texts;
            out.may_run_again = fits(texts);
            if (out.may_run_again || !wish.wants_fitting) return std::optional<FittingText>();
            return fitting_text(*live.info, wish.path, texts.text, texts.decoder_text);
        });
        if (helped) out.fitting = std::move(*helped);
    }
    mailbox.post([this, id = wish.text_id, out = std::move(out)] { take_text(id, out); });
    return JobOutcome::Done;
}

void Session::Impl::take_text(std::uint64_t text_id, TextOutcome outcome) {
    const bool is_latest = text_id == wanted_text_id;
    if (!outcome.result) {
        // The error of a text that nobody waits for any more says nothing about the one that is typed.
        if (is_latest) text_failed(outcome.result.error(), outcome);
        return;
    }
    const AnalyzedText& text = *outcome.result->front();
    const bool is_newer = !snapshot.base_text || text.run_id > snapshot.base_text->run_id;
    if (!text.is_of(snapshot.model.get()) || !is_newer) return;
    if (is_latest && outcome.texts) {
        put_in_box(*outcome.texts);
        record();
        notify({Notice::Level::Info, "Your text again; undo brings back the one that was shown", {}, 0});
    }
    show_text(std::move(*outcome.result));
    if (is_latest && is_box_own && snapshot.settings.last_text != snapshot.typed_text) {
        snapshot.settings.last_text = snapshot.typed_text;
        settings_changed();
    }
}

void Session::Impl::set_problem(TextProblem problem) {
    problem.run_id = wanted_text_id;
    problem.model_id = snapshot.model->id;
    problem.tokenizer_id = snapshot.model->tokenizer_id;
    snapshot.text_problem = std::make_shared<const TextProblem>(std::move(problem));
    is_changed = true;
    if (snapshot.is_ablation_pending) request_ablation();  // the last picture stays: what is replaced is its
}

void Session::Impl::text_failed(const Error& error, const TextOutcome& outcome) {
    TextProblem problem{.reason = error.message, .may_run_again = outcome.may_run_again};
    if (outcome.fitting) {
        problem.fitting = outcome.fitting->text;
        problem.fitting_decoder = outcome.fitting->decoder_text;
        problem.fitting_origin = outcome.fitting->origin;
    }
    job_failed(kNotRun, error);
    if (outcome.fitting) {
        notices.back().details +=
            fmt::format("{}A text that fits ({}): {}", notices.back().details.empty() ? "" : "\n",
                        problem.fitting_origin, problem.fitting);
    }
    set_problem(std::move(problem));
}

}  // namespace headlight
