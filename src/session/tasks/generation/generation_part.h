// The part of the session that writes on: the loop's tokens come into a tree, and the shown text follows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/stopwatch.h"
#include "run/generate/written_words.h"
#include "session/tasks/comparison.h"
#include "session/tasks/generation.h"
#include "session/tasks/task_part.h"

namespace headlight {

/// Where a text ends in the tree; nullopt: it is not of it.
std::optional<int> node_of_text(const WritingState& state, const AnalyzedText& text);
/// The parts that the prompt has by itself: of the encoder's text where there is one.
std::vector<TextPart> own_parts(const WritingState& state, const AnalyzedText& text);

class GenerationPart final : public TaskPart<WritingState> {
  public:
    explicit GenerationPart(const TaskSetting& setting)
        : TaskPart(setting), text_(setting.text), choice_(setting.choice) {}

    void start(int count);
    void pause() {
        if (!state().is_playing()) return;
        halt();
        finish(WritingStop::Paused);
    }
    Status branch(int step, std::int32_t id);
    Status choose(int index);
    Status remove(int index);
    Result<ComparisonState> comparison(int index);
    void set(const std::function<void(WritingState&)>& change) {
        WritingState next = state();
        change(next);
        put(std::move(next));
    }
    /// Branches of a saved session, which are of the open model.
    void restore(WritingState next);
    /// The tree of the text that is shown now, begun if there is none. Errors: Missing.
    Status locate();

    void drop_strangers() override;
    /// The branch ends where the shown text does; what was written after it stays in the tree.
    void cancel() override;

  private:
    void begin();
    void halt();
    void finish(WritingStop stop);
    void take(std::uint64_t serial, WrittenStep step);
    void show();
    void show_now_and_then();
    void rebuild_words();
    bool was_text_changed() const {
        const Snapshot& now = core_.snapshot;
        return now.written_text != shown_ || now.typed_text != typed_.text ||
               now.typed_decoder_text != typed_.decoder_text;
    }
    void note_text() {
        const Snapshot& now = core_.snapshot;
        shown_ = now.written_text;
        typed_ = {now.typed_text, now.typed_decoder_text, nullptr};
    }
    void go_to(int node, int query);
    void sync();
    Result<int> leaf_at(int index) const;

    TextRuns& text_;
    Choice& choice_;
    std::uint64_t synced_ = 0;  // run of the shown text that was looked for in the tree
    std::uint64_t serial_ = 0;  // of the stretch whose tokens are taken
    bool has_begun_ = false;    // the worker has the stretch
    std::shared_ptr<const ModelInfo> model_;
    std::unique_ptr<WrittenWords> words_;  // of the branch
    WrittenTextPtr shown_;                 // what the box held when this part looked last, and what it typed
    TypedTexts typed_;
    int followed_ = -1;  // the query that was chosen for the user; -1: none yet in this stretch
    int num_shown_ = 0;  // tokens of the branch in the shown text
    Stopwatch since_picture_;
};

}  // namespace headlight
