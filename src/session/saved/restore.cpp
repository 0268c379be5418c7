// Each thing that a session file holds, taken from the session and put into it.
#include "session/saved/restore.h"

#include <algorithm>
#include <filesystem>

#include "session/saved/notes_state.h"
#include "session/saved/saved_part.h"
#include "session/saved/saved_state.h"
#include "session/tasks/comparison.h"
#include "session/tasks/generation/generation_part.h"
#include "session/tasks/lesson.h"
#include "session/tasks/notes.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"
#include "session/tasks/search_part.h"

namespace headlight {
namespace {

std::string lasting_path(const std::string& path) {
    if (path.empty() || path.front() == '/') return path;
    std::error_code code;
    const auto absolute = std::filesystem::absolute(path, code);
    return code ? path : absolute.lexically_normal().string();
}

SavedBranches captured_branches(const WritingState& writing) {
    if (!writing.has_text()) return {};
    return {writing.tree, writing.prompt, writing.encoder_ids, writing.node, writing.parts};
}

void capture_work(const Snapshot& now, SavedSession& out) {
    out.interventions = now.has_interventions() ? now.interventions : nullptr;
    out.compare = to_string(now.compare);
    out.question = now.part<QuestionState>().asked;
    const auto& patching = now.part<PatchingState>();
    out.corrupted_text = patching.corrupted_text;
    out.patch_site = patching.site;
    out.patch_direction = patching.direction;
    const auto& compared = now.part<ComparisonState>();
    out.comparison.with = to_string(compared.with);
    const bool is_file = compared.with == ComparedWith::Model || compared.with == ComparedWith::Stored;
    if (compared.with == ComparedWith::Text) out.comparison.other = compared.other;
    if (is_file) out.comparison.other = lasting_path(compared.other);
    if (compared.with == ComparedWith::Head) {
        out.comparison.head_a = compared.head_a;
        out.comparison.head_b = compared.head_b;
    }
    const auto& search = now.part<SearchState>();
    out.search = {search.mode == SearchMode::Rule, search.strokes, search.rule};
}

void restore_writing_of(Session& session, const SavedSession& saved) {
    WritingState state = session.snapshot().part<WritingState>();
    state.settings = saved.writing;
    state.scope = saved.scope;
    const bool can_write = session.snapshot().model->spec.prediction == Prediction::NextToken;
    if (saved.branches.tree && can_write) {
        state.tree = saved.branches.tree;
        state.prompt = saved.branches.prompt;
        state.encoder_ids = saved.branches.encoder_ids;
        state.node = saved.branches.node;
        state.parts = saved.branches.parts;
        state.stop = WritingStop::Paused;
    }
    restore_writing(session, std::move(state));
}

void restore_texts(Session& session, const SavedSession& saved) {
    const ModelInfo& model = *session.snapshot().model;
    if (!model.is_live) return;  // stored attention has its own
    WrittenTextPtr written;
    if (saved.written) {
        auto own = std::make_shared<WrittenText>(*saved.written);
        own->model_id = model.id;
        own->tokenizer_id = model.tokenizer_id;
        written = std::move(own);
    }
    session.set_texts(saved.text, saved.decoder_text, std::move(written));
}

/// Heads that the model has; tokens may be of a text that is on its way.
Selection known_selection(const Selection& saved, const ModelSpec& spec) {
    Selection out = saved;
    const int layers = std::max(spec.num_layers, spec.num_decoder_layers);
    const int heads = std::max(spec.num_heads, spec.num_decoder_heads);
    const auto is_strange = [&](HeadId head) { return head.layer >= layers || head.head >= heads; };
    if (is_strange(out.head)) out.head = {};
    std::erase_if(out.others, is_strange);
    return out;
}

void restore_work(Session& session, const SavedSession& saved) {
    if (saved.interventions) session.set_interventions(saved.interventions);
    session.set_compare(saved.compare == "before"       ? Compare::Before
                        : saved.compare == "difference" ? Compare::Difference
                                                        : Compare::After);
    ask_question(session, saved.question);
    set_corrupted_text(session, saved.corrupted_text);
    choose_patching(session, saved.patch_site, saved.patch_direction);
    ComparisonState compared;
    for (const ComparedWith with : {ComparedWith::Text, ComparedWith::Model, ComparedWith::Change,
                                    ComparedWith::Head, ComparedWith::Stored}) {
        if (saved.comparison.with == to_string(with)) compared.with = with;
    }
    compared.other = saved.comparison.other;
    compared.head_a = saved.comparison.head_a;
    compared.head_b = saved.comparison.head_b;
    compare_with(session, std::move(compared));
    task_of<SearchPart>(session).look_for([&](SearchState& next) {
        next.mode = saved.search.is_rule ? SearchMode::Rule : SearchMode::Drawing;
        next.strokes = saved.search.strokes;
        next.undone.clear();
        next.rule = saved.search.rule;
    });
}

void say_left_out(Session& session, const OpenedSession& opened) {
    std::string lines;
    for (const std::string& sentence : opened.left_out)
        lines += (lines.empty() ? "" : "\n") + sentence;
    if (!lines.empty())
        session.notify(Notice::Level::Warning, "Not all of the session could be brought back", lines);
}

}  // namespace

SavedSession capture_session(const Session& session) {
    const Snapshot& now = session.snapshot();
    // A lesson is no place to come back to.
    if (const SavedSessionPtr& before = now.part<LessonState>().before) return *before;
    if (!now.model && now.part<SavedState>().waiting) return *now.part<SavedState>().waiting;
    SavedSession out;
    if (now.atlas) out.atlas = lasting_path(now.atlas->path);
    if (now.training) out.training = lasting_path(now.training->path);
    if (now.model) {
        out.path = lasting_path(now.model->spec.path);
        out.model_name = now.model->spec.name;
        out.config_hash = model_config_hash(now.model->spec);
        out.tokenizer = lasting_path(now.model->tokenizer_file);
        out.adapter = now.model->spec.adapter;
        out.adapter.base = lasting_path(out.adapter.base);
    }
    out.text = now.typed_text;
    if (now.has_second_text()) out.decoder_text = now.typed_decoder_text;
    out.written = now.written_text;
    const WritingState& writing = now.part<WritingState>();
    out.writing = writing.settings;
    out.scope = writing.scope;
    out.branches = captured_branches(writing);
    if (now.has_decoder()) {
        out.kind = session.wanted_kind();
        if (*out.kind == AttentionKind::Self) out.kind = AttentionKind::Encoder;
    }
    out.selection = session.wanted_selection();
    capture_work(now, out);
    out.settings = picture_settings(now.settings);
    if (const NotesState& notes = now.part<NotesState>(); !notes.all().empty()) out.notes = notes.notes;
    return out;
}

void restore_state(Session& session, const SavedSession& saved) {
    restore_writing_of(session, saved);
    restore_texts(session, saved);
    if (saved.kind) session.set_kind(*saved.kind);
    restore_work(session, saved);
    session.set_selection(known_selection(saved.selection, session.snapshot().model->spec));
}

void restore_session(Session& session, const OpenedSession& opened) {
    const SavedSession& saved = *opened.session;
    session.update_settings(
        [&](Settings& settings) { settings = with_picture_settings(settings, saved.settings); });
    if (session.snapshot().model && !saved.path.empty()) {
        restore_state(session, saved);
        restore_notes(session, saved.notes);
        session.forget_steps();
    }
    take_saved_session(session, opened);
    say_left_out(session, opened);
}

}  // namespace headlight
