// Cause: what do the heads do to the answer?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_cause = {
    .id = "cause",
    .title = "Cause",
    .help =
        "What the heads do to the answer: the question, each part's contribution, what a head writes, and "
        "what changes without it.",
    .places = {{ViewColumn::Left, "Heads", {"parts", "head_grid"}},
               {ViewColumn::Middle, "Text", {"text_box"}},
               {ViewColumn::Middle, "Text", {"question"}},
               {ViewColumn::Middle, "Head", {"heatmap"}},
               {ViewColumn::Middle, "Lens", {"lens", "paths", "flow"}},
               {ViewColumn::Right, "Numbers", {"contributions", "top_k"}},
               {ViewColumn::Right, "Numbers", {"circuit"}},
               {ViewColumn::Right, "Numbers", {"patching", "ablation"}}},
};

}  // namespace headlight
