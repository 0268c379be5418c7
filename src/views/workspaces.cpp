// The registry of workspaces.
#include <algorithm>

#include "base/registry.h"
#include "views/workspaces/workspace.h"

namespace headlight {

#define HEADLIGHT_WORKSPACE(name) extern const WorkspaceDescriptor k_workspace_##name;
#include "views/workspaces/workspaces.def"
#undef HEADLIGHT_WORKSPACE

std::span<const WorkspaceDescriptor* const> workspaces() {
    static constexpr const WorkspaceDescriptor* kAll[] = {
#define HEADLIGHT_WORKSPACE(name) &k_workspace_##name,
#include "views/workspaces/workspaces.def"
#undef HEADLIGHT_WORKSPACE
    };
    return kAll;
}

const WorkspaceDescriptor* find_workspace(std::string_view id) {
    return find_entry(workspaces(), id);
}

const WorkspaceDescriptor* workspace_of_view(std::string_view view, const WorkspaceDescriptor& preferred) {
    const auto holds = [view](const WorkspaceDescriptor* workspace) {
        return std::any_of(
            workspace->places.begin(), workspace->places.end(), [view](const WorkspacePlace& place) {
                return std::find(place.views.begin(), place.views.end(), view) != place.views.end();
            });
    };
    if (holds(&preferred)) return &preferred;
    const auto all = workspaces();
    const auto found = std::find_if(all.begin(), all.end(), holds);
    return found == all.end() ? nullptr : *found;
}

}  // namespace headlight
