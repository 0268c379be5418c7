#include "session/tasks/generation/generation_part.h"

#include <algorithm>
#include <utility>

#include "run/generate/writing_run.h"

namespace headlight {
namespace {

constexpr const char* kNotWritten = "The text could not be written on";
constexpr int kNumAlternatives = 20;
// Pictures of the text that grows: not more often than this, and not for more than a fifth of the time.
constexpr double kLeastBetweenPicturesMs = 250, kPictureShare = 4;

}  // namespace

std::optional<int> node_of_text(const WritingState& state, const AnalyzedText& text) {
    if (!state.has_text()) return std::nullopt;
    if (text.input_tokens && text.input_tokens->ids() != state.encoder_ids) return std::nullopt;
    const std::vector<std::int32_t> ids = text.tokens.ids(), prompt = state.prompt->ids();
    if (ids.size() < prompt.size() || !std::equal(prompt.begin(), prompt.end(), ids.begin()))
        return std::nullopt;
    return state.tree->find_path(std::span(ids).subspan(prompt.size()));
}

std::vector<TextPart> own_parts(const WritingState& state, const AnalyzedText& text) {
    const TokenizedText& of = text.input_tokens ? *text.input_tokens : *state.prompt;
    return parts_of_prompt(of, static_cast<int>(of.tokens.size()));
}

Status GenerationPart::locate() {
    const Snapshot& now = core_.snapshot;
    if (now.kinds.empty() || now.is_stale || !now.kinds.back()->trace)
        return fail(ErrorKind::Missing, "there is no text yet to write on from");
    const AnalyzedText& text = *now.kinds.back();
    WritingState next = state();
    std::optional<int> node = node_of_text(next, text);
    if (!node) {
        next.tree = std::make_shared<const WritingTree>();
        next.prompt = std::make_shared<const TokenizedText>(text.tokens);
        next.encoder_ids = text.input_tokens ? text.input_tokens->ids() : std::vector<std::int32_t>{};
        next.parts = own_parts(next, text);
        node = WritingTree::kPrompt;
    }
    next.node = *node;
    next.of = core_.open_now();
    next.run_id = synced_ = text.run_id;
    num_shown_ = next.num_written();
    put(std::move(next));
    note_text();
    rebuild_words();
    return {};
}

void GenerationPart::rebuild_words() {
    model_ = core_.snapshot.model;
    words_ = std::make_unique<WrittenWords>(*model_, *state().prompt);
    for (const int node : state().tree->path(state().node))
        words_->add(state().tree->step(node).token.id);
}

void GenerationPart::restore(WritingState next) {
    halt();
    next.of = core_.open_now();
    synced_ = next.run_id = 0;
    put(std::move(next));
    num_shown_ = state().num_written();
    if (state().has_text()) rebuild_words();
}

void GenerationPart::start(int count) {
    if (state().is_playing()) return;
    if (!core_.snapshot.model)
        return core_.notify_error(kNotWritten, make_error(ErrorKind::Missing, "no model is open"));
    if (core_.snapshot.model->spec.prediction != Prediction::NextToken) {
        return core_.notify_error(kNotWritten, make_error(ErrorKind::Unsupported, "{} predicts no next token",
                                                          core_.snapshot.model->spec.name));
    }
    if (!opening_.bring_model(kNotWritten)) return;
    set([count](WritingState& next) {
        next.num_wanted = count;
        next.stop = WritingStop::None;
    });
    has_begun_ = false;
    begin();
}

// Waits for the text that is on its way.
void GenerationPart::begin() {
    const Snapshot& now = core_.snapshot;
    if (opening_.why_not_live()) return finish(WritingStop::Failed);
    if (!now.model->is_live) return;
    if (now.text_problem) return finish(WritingStop::Failed);
    if (now.is_stale || now.kinds.empty()) return;
    if (const Status found = locate(); !found) {
        core_.notify_error(kNotWritten, found.error());
        return finish(WritingStop::Failed);
    }
    WritingState next = state();
    const ModelSpec& spec = now.model->spec;
    const int length = next.num_prompt() + next.num_written();
    if (!spec.has_decoder && spec.max_positions > 0)
        next.num_wanted = std::min(next.num_wanted, spec.max_positions - length);
    next.num_wanted = std::min(next.num_wanted, WritingTree::kMostNodes - next.tree->size());
    if (next.num_wanted <= 0) {
        next.num_wanted = 0;
        put(std::move(next));
        core_.notify_error(kNotWritten, make_error(ErrorKind::InvalidInput,
                                                   "{} tokens are all that there is room for", length));
        return finish(WritingStop::Full);
    }
    auto run = std::make_shared<WritingRun>();
    run->prompt = {next.prompt->ids(), next.encoder_ids};
    for (const int node : next.tree->path(next.node))
        run->prompt.ids.push_back(next.tree->step(node).token.id);
    run->first_step = next.num_written();
    run->request = {.max_new_tokens = next.num_wanted,
                    .sampling = next.settings.sampling,
                    .is_greedy = next.settings.sampling.temperature == 0,
                    .seed = next.settings.seed,
                    .stops_at_end = next.settings.stops_at_end,
                    .end_ids = {},
                    .num_alternatives = kNumAlternatives};
    has_begun_ = true;
    followed_ = -1;
    since_picture_ = Stopwatch();
    const auto post = [this, core = &core_, serial = ++serial_](WrittenStep step) {
        core->mailbox.post([this, serial, step = std::move(step)] { take(serial, step); });
    };
    TaskPart::run(std::move(next), core_.open_now(), "Writing", kNotWritten,
                  [run, post](const WorkerState& on_worker, const JobContext& job) {
                      return write_on(*run, on_worker.live, job, post);
                  });
}

void GenerationPart::take(std::uint64_t serial, WrittenStep step) {
    if (serial != serial_ || !state().is_playing()) return;
    if (was_text_changed()) {  // by the user: the writing was on another text
        halt();
        return set([](WritingState& next) {
            next.num_wanted = 0;
            next.stop = WritingStop::Paused;
        });
    }
    WritingState next = state();
    auto tree = std::make_shared<WritingTree>(*next.tree);
    const bool is_end = step.token.is_end && next.settings.stops_at_end;
    const std::int32_t id = step.token.id;
    const auto node = tree->add(next.node, std::move(step));
    if (!node) {
        halt();
        return finish(WritingStop::Full);
    }
    next.tree = std::move(tree);
    next.node = *node;
    const int left = --next.num_wanted;
    words_->add(id);
    put(std::move(next));
    if (is_end) return finish(WritingStop::Ended);
    if (left == 0) return finish(WritingStop::Done);
    show_now_and_then();
}

/// Nobody waits for what the worker writes.
void GenerationPart::halt() {
    ++serial_;
    core_.worker.drop(kind_);
    has_begun_ = false;
    set([](WritingState& next) { next.task.cancel(); });
}

void GenerationPart::finish(WritingStop stop) {
    has_begun_ = false;
    set([stop](WritingState& next) {
        next.num_wanted = 0;
        next.stop = stop;
    });
    if (!state().has_text() || !words_ || was_text_changed()) return;
    if (state().num_written() != num_shown_) show();
    choice_.record();
}

/// Puts prompt and branch into the box as the text that is run.
void GenerationPart::show() {
    const Snapshot& now = core_.snapshot;
    const bool is_followed = followed_ < 0 || choice_.wanted_query() == followed_;
    auto written = std::make_shared<WrittenText>();
    written->tokens = words_->text();
    written->num_prompt = state().num_prompt();
    written->model_id = now.model->id;
    written->tokenizer_id = now.model->tokenizer_id;
    TypedTexts texts{now.typed_text, now.typed_decoder_text, written};
    (now.has_decoder() ? texts.decoder_text : texts.text) = written->tokens.text;
    num_shown_ = state().num_written();
    // The row that wrote the last token.
    if (is_followed) choice_.follow(followed_ = std::max(0, state().num_prompt() + num_shown_ - 2));
    text_.change(std::move(texts));
    note_text();
    since_picture_ = Stopwatch();
}

/// The picture follows the words, but writing has most of the time.
void GenerationPart::show_now_and_then() {
    const Snapshot& now = core_.snapshot;
    if (now.is_stale || core_.worker.has(JobKind::Text)) {
        since_picture_ = Stopwatch();
        return;
    }
    const double last = now.base_text ? now.base_text->run_ms + now.base_text->analysis_ms : 0;
    if (since_picture_.milliseconds() >= std::max(kLeastBetweenPicturesMs, kPictureShare * last)) show();
}

void GenerationPart::drop_strangers() {
    const WritingState& now = state();
    if ((now.has_text() || now.is_playing() || now.task.is_running()) &&
        !(now.of.fits(core_.open_now()) && now.task.of().fits(core_.open_now()))) {
        ++serial_;
        core_.worker.drop(kind_);
        has_begun_ = false;
        words_.reset();
        WritingState next;
        next.settings = now.settings;
        next.scope = now.scope;
        put(std::move(next));
    }
    sync();
    if (!state().is_playing()) return;
    if (!has_begun_) return begin();
    if (!state().task.is_running()) finish(WritingStop::Failed);
}

// Undo and redo move along the branches, and so does typing what was written.
void GenerationPart::sync() {
    const Snapshot& now = core_.snapshot;
    const std::uint64_t run_id = now.kinds.empty() ? 0 : now.kinds.back()->run_id;
    if (std::exchange(synced_, run_id) == run_id || !state().has_text()) return;
    WritingState next = state();
    const auto node = run_id == 0 ? std::nullopt : node_of_text(next, *now.kinds.back());
    next.run_id = node ? run_id : 0;
    if (node && !next.is_playing() && !now.is_stale) next.node = *node;
    put(std::move(next));
}

void GenerationPart::cancel() {
    if (!state().is_playing()) return;
    halt();
    WritingState next = state();
    next.num_wanted = 0;
    next.stop = WritingStop::Paused;
    if (next.has_text()) {
        const std::vector<int> path = next.tree->path(next.node);
        const auto count = std::min(path.size(), static_cast<std::size_t>(num_shown_));
        next.node = count > 0 ? path[count - 1] : WritingTree::kPrompt;
    }
    put(std::move(next));
    if (state().has_text()) rebuild_words();
}

}  // namespace headlight
