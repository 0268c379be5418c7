// What commands ask of the window.
#include "app/app_shell.h"

#include "views/view.h"
#include "views/workspaces/workspace.h"

namespace headlight {

Status AppShell::screenshot(const std::string& path) {
    if (path.empty()) return fail(ErrorKind::InvalidInput, "a screenshot needs a file name");
    screenshots.push_back(path);
    return {};
}

namespace {

Status check_view(const std::string& id) {
    if (find_view(id)) return {};
    std::string known;
    for (const ViewDescriptor* view : views())
        known += (known.empty() ? "" : ", ") + std::string(view->id);
    return fail(ErrorKind::InvalidInput, "there is no view '{}'; the views are {}", id.substr(0, 60), known);
}

}  // namespace

Status AppShell::show_view(const std::string& id) {
    HEADLIGHT_CHECK(check_view(id));
    wanted_view = id;
    return {};
}

Status AppShell::fill_window(const std::string& view) {
    if (view != "none") HEADLIGHT_CHECK(check_view(view));
    wanted_filling = view;
    return {};
}

Status AppShell::check_workspace(const std::string& id) {
    if (find_workspace(id)) return {};
    std::string known;
    for (const WorkspaceDescriptor* workspace : workspaces())
        known += (known.empty() ? "" : ", ") + std::string(workspace->id);
    return fail(ErrorKind::InvalidInput, "there is no workspace '{}'; the workspaces are {}",
                id.substr(0, 60), known);
}

Status AppShell::resize(int width_px, int height_px) {
    wanted_size = {width_px, height_px};
    return {};
}

}  // namespace headlight
