// What is open, as the commands that bring it back.
#include "session/resume.h"

#include <fmt/format.h>

#include "session/command.h"
#include "session/tasks/lesson.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

class Lines {
  public:
    void add(std::string id, std::vector<std::string> arguments) {
        out_ += command_line({std::move(id), std::move(arguments)}) + "\n";
    }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

std::vector<std::string> words_of(HeadId head) {
    return {std::to_string(head.layer), std::to_string(head.head)};
}

/// Whether `ablate` takes the mode by its name; edges and factors have commands of their own, the user's own
/// patterns have none.
bool is_ablate_word(InterventionMode mode) {
    return mode != InterventionMode::KnockOut && mode != InterventionMode::Scale &&
           mode != InterventionMode::Pattern;
}

/// Cut edges and factors are commands about the chosen heads, so each head is chosen first.
void add_intervention(Lines& lines, const Intervention& change) {
    for (const HeadId head : change.heads) {
        std::vector<std::string> arguments = words_of(head);
        if (is_ablate_word(change.mode)) {
            arguments.insert(arguments.begin(), to_string(change.mode));
            lines.add("ablate", arguments);
            continue;
        }
        lines.add("select", arguments);
        if (change.mode == InterventionMode::Scale)
            lines.add("scale_head", {fmt::format("{}", change.factor)});
        for (const Edge& edge : change.edges)
            lines.add("knock_out", {std::to_string(edge.query), std::to_string(edge.key)});
    }
}

/// Tokens by their ids: the text of one may be part of another.
void add_question(Lines& lines, const Snapshot& now) {
    if (const auto& asked = now.part<QuestionState>().asked) {
        std::vector<std::string> words{std::to_string(asked->at), fmt::format("id:{}", asked->answer)};
        if (asked->rival) words.push_back(fmt::format("id:{}", *asked->rival));
        lines.add("question", std::move(words));
    }
    const std::string& corrupted = now.part<PatchingState>().corrupted_text;
    if (!corrupted.empty()) lines.add("corrupted_text", {corrupted});
}

}  // namespace

std::string resume_script(const Snapshot& now) {
    Lines lines;
    // A lesson is no place to come back to: what was open before it is.
    if (const std::string& back = now.part<LessonState>().back; !back.empty()) return back;
    if (!now.model || now.model->spec.path.empty()) return {};
    lines.add("open", {now.model->spec.path});
    lines.add("wait", {});
    if (!now.is_stored_only && !now.typed_text.empty()) lines.add("text", {now.typed_text});
    if (!now.is_stored_only && now.has_decoder()) lines.add("decoder_text", {now.typed_decoder_text});
    lines.add("wait", {});
    if (now.interventions) {
        for (const Intervention& change : *now.interventions)
            add_intervention(lines, change);
    }
    if (!now.is_stored_only) add_question(lines, now);
    lines.add("select", words_of(now.selection.head));
    for (const HeadId head : now.selection.others)
        lines.add("add_head", words_of(head));
    const bool has_units = now.unit() != TextUnit::Token;
    const Selection& tokens = now.token_selection;
    if (tokens.query >= 0) lines.add(has_units ? "query_token" : "query", {std::to_string(tokens.query)});
    if (tokens.key >= 0) lines.add(has_units ? "key_token" : "key", {std::to_string(tokens.key)});
    return lines.take();
}

}  // namespace headlight
