// Study: what holds beyond this text?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_study = {
    .id = "study",
    .title = "Study",
    .help =
        "What holds beyond this text: the atlas of a corpus, all heads in numbers, what they do with length, "
        "training curves, parity with a reference.",
    .places = {{ViewColumn::Left, "Heads", {"atlas", "head_grid"}},
               {ViewColumn::Middle, "Map", {"heads_table", "head_map", "heatmap"}},
               {ViewColumn::Middle, "Runs", {"dilution", "text_box", "training", "parity"}},
               {ViewColumn::Right, "Numbers", {"metrics"}},
               {ViewColumn::Right, "Numbers", {"tags", "notes"}}},
};

}  // namespace headlight
