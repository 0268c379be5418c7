// Compare: how do two runs differ?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_compare = {
    .id = "compare",
    .title = "Compare",
    .help =
        "How two runs differ: their texts side by side, a head in both and the difference, the most changed "
        "heads.",
    .places = {{ViewColumn::Left, "Heads", {"compare_grid", "head_grid"}},
               {ViewColumn::Middle, "Text", {"compare_texts", "text_box"}},
               {ViewColumn::Middle, "Head", {"compare_head", "heatmap"}},
               {ViewColumn::Middle, "Row", {"compare_row", "flow"}},
               {ViewColumn::Right, "Numbers", {"compare_heads"}},
               {ViewColumn::Right, "Numbers", {"compare_metrics", "metrics"}},
               {ViewColumn::Right, "Numbers", {"compare_predictions", "ablation", "top_k"}}},
};

}  // namespace headlight
