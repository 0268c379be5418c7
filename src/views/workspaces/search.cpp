// Search: which head does this?
#include "views/workspaces/workspace.h"

namespace headlight {

extern const WorkspaceDescriptor k_workspace_search = {
    .id = "search",
    .title = "Search",
    .help =
        "Which head does this: draw where a head should look, or say it as a rule, and all heads come best "
        "first.",
    .places = {{ViewColumn::Left, "Heads", {"head_grid"}},
               {ViewColumn::Middle, "Look for", {"search_draw"}},
               {ViewColumn::Middle, "Head", {"search_head", "heads_table"}},
               {ViewColumn::Right, "Found", {"search_results"}},
               {ViewColumn::Right, "Found", {"saved_rules"}}},
};

}  // namespace headlight
