// Study: what holds beyond this text?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_study = {
    .id = "study",
    .title = "Study",
    .help =
        "What holds beyond this text: the atlas of a corpus, heads that are alike, training curves, parity "
        "with a reference.",
    .places = {{ViewColumn::Left, "Heads", {"atlas", "head_grid"}},
               {ViewColumn::Middle, "Map", {"head_map", "heatmap"}},
               {ViewColumn::Middle, "Runs", {"training", "parity"}},
               {ViewColumn::Right, "Numbers", {"metrics"}},
               {ViewColumn::Right, "Numbers", {"tags"}}},
};

}  // namespace headlight
