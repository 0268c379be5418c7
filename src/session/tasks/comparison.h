// The comparison of the shown text's run (A) with another one (B): another text, another model, before and
// after replaced attention, another head, stored attention.
#pragma once

#include <memory>
#include <string>

#include "run/compare/comparison.h"
#include "session/ablation_state.h"
#include "session/task.h"

namespace headlight {

class Session;

/// What B is.
enum class ComparedWith { Nothing, Text, Model, Change, Head, Stored };
/// "text", "model", "change", "head", "stored"; "off" for nothing.
const char* to_string(ComparedWith with);

struct ComparisonState {
    ComparedWith with = ComparedWith::Nothing;
    std::string other;                                  // the text; path of a model or of stored attention
    std::shared_ptr<const TokenizedText> other_tokens;  // of the text; null: it is tokenized
    HeadId head_a, head_b;                              // Head: these two, of one run
    std::uint64_t text_id = 0;    // AnalyzedText::id of A that the task is or was about; 0: not begun
    std::uint64_t change_id = 0;  // of the changed run, for Change
    std::string why_not;          // what is missing before it can begin
    Task<Comparison> task;
};

/// Compares the shown text's run with what `next` names (with, other, heads); it starts again by itself when
/// the text becomes another one. The result is in Snapshot::part<ComparisonState>().
void compare_with(Session& session, ComparisonState next);

}  // namespace headlight
