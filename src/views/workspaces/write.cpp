// Write: what happens while the model writes?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_write = {
    .id = "write",
    .title = "Write",
    .help =
        "What happens while the model writes: all heads at the step under the bar, the rows that wrote the "
        "tokens, "
        "what else was likely, and what a token was made from.",
    .places = {{ViewColumn::Left, "Heads", {"head_grid"}},
               {ViewColumn::Middle, "Text", {"text_box"}},
               {ViewColumn::Middle, "Text", {"written"}},
               {ViewColumn::Middle, "Rows", {"written_rows", "heatmap"}},
               {ViewColumn::Middle, "Text", {"time_bar"}},
               {ViewColumn::Right, "Numbers", {"next_tokens", "top_k"}},
               {ViewColumn::Right, "Numbers", {"made_from", "metrics"}},
               {ViewColumn::Right, "Numbers", {"sampling"}}},
};

}  // namespace headlight
