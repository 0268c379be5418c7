// Look: where do the heads of this text look?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_look = {
    .id = "look",
    .title = "Look",
    .help =
        "Where the heads look: all of them, the chosen one, the way across layers, and what it means in "
        "numbers.",
    .places = {{ViewColumn::Left, "Heads", {"head_grid"}},
               {ViewColumn::Middle, "Text", {"text_box"}},
               {ViewColumn::Middle, "Head", {"heatmap", "picture"}},
               {ViewColumn::Middle, "Flow", {"flow", "head_map", "heads_table", "training", "parity"}},
               {ViewColumn::Right, "Numbers", {"metrics"}},
               {ViewColumn::Right, "Numbers", {"tags"}},
               {ViewColumn::Right, "Numbers", {"top_k", "ablation", "atlas", "notes"}}},
};

}  // namespace headlight
