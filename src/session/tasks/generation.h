// Writing on from the shown text: token by token on the model worker, branches kept as a tree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/generation/made_from.h"
#include "run/generate/writing_settings.h"
#include "run/generate/writing_tree.h"
#include "session/task.h"

namespace headlight {

class Session;
struct AnalyzedText;
struct Snapshot;

/// Why the writing rests.
enum class WritingStop { None, Done, Ended, Paused, Full, Failed };

struct WritingState {
    WritingSettings settings;
    MadeFromScope scope = MadeFromScope::AllHeads;
    // Null: nothing was written on yet with this model.
    std::shared_ptr<const WritingTree> tree;
    std::shared_ptr<const TokenizedText>
        prompt;  // that the tree is behind; of an encoder-decoder its decoder's
    std::vector<std::int32_t> encoder_ids;
    int node = WritingTree::kPrompt;  // end of the branch that was written or chosen last
    std::vector<TextPart> parts;      // of the prompt
    WritingStop stop = WritingStop::None;
    int num_wanted = 0;  // tokens that are still to be written; > 0: it plays, or is about to
    Task<int> task;      // the number of tokens of the last stretch
    Belonging of;        // model and tokenizer of the tree
    std::uint64_t run_id =
        0;  // of the shown text, if it is the prompt and a branch; while it plays it lags behind

    bool is_playing() const { return num_wanted > 0; }
    bool has_text() const { return tree && prompt; }
    int num_prompt() const { return prompt ? static_cast<int>(prompt->tokens.size()) : 0; }
    int num_written() const { return tree ? tree->depth(node) : 0; }
};

/// Is this text the prompt and a branch, or a beginning of one?
bool is_written_text(const WritingState& state, const AnalyzedText* text);

/// Step under the bar: that of the chosen row, whose attention wrote the token behind it. Outside [0,
/// num_written()]: a row of the prompt.
int step_of_query(const WritingState& state, int query);

/// Why nothing can be written on now; nullopt: it can.
std::optional<Error> why_no_writing(const Snapshot& now);

/// Writes `count` tokens behind the chosen branch, or the shown text. Tokens come in with Session::pump();
/// the shown text follows. A notice says why where it cannot.
void start_writing(Session& session, int count);
/// What was written stays and becomes the shown text.
void pause_writing(Session& session);
/// Takes the token `id` at a step of the branch, in place of the one that was written there, which stays as a
/// branch. Errors: InvalidInput, Missing (nothing was written).
Status branch_writing(Session& session, int step, std::int32_t id);
/// Shows the branch that ends in this leaf. Errors: InvalidInput, Missing.
Status choose_branch(Session& session, int index);
Status delete_branch(Session& session, int index);
/// Starts the comparison of the shown text with that branch.
Status compare_branch(Session& session, int index);
/// Settings and branches of a saved session; they are of the open model.
void restore_writing(Session& session, WritingState state);
void set_writing(Session& session, const WritingSettings& settings);
void set_made_from_scope(Session& session, MadeFromScope scope);
/// Marks tokens [begin, end) of the shown text, or of the prompt, as a part. Errors: InvalidInput, Missing.
Status mark_text_part(Session& session, TextPart part);
/// The parts that the prompt has by itself again.
Status clear_text_parts(Session& session);

}  // namespace headlight
