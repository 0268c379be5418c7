// The registry of workspaces.
#include "views/workspaces/workspace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "views/view.h"

using namespace headlight;

TEST_CASE("workspaces: the six are there in the order of the top bar, with words and places") {
    std::vector<std::string> ids;
    for (const WorkspaceDescriptor* workspace : workspaces()) {
        CAPTURE(workspace->id);
        ids.push_back(workspace->id);
        CHECK(std::string(workspace->help).back() == '.');
        CHECK(find_workspace(workspace->id) == workspace);
        std::set<std::string> views;
        std::set<ViewColumn> columns;
        for (const WorkspacePlace& place : workspace->places) {
            CHECK_FALSE(place.page.empty());
            CHECK(place.column != ViewColumn::Bottom);
            for (const std::string& view : place.views) {
                CHECK_MESSAGE(views.insert(view).second, view, " stands there twice");
                if (find_view(view)) columns.insert(place.column);
            }
        }
        CHECK(columns.size() == 3);  // none of its columns is empty
    }
    CHECK(ids == std::vector<std::string>{"look", "cause", "compare", "write", "search", "study"});
    CHECK(find_workspace("nothing") == nullptr);
}

TEST_CASE("workspaces: a view is looked for in the open one first, then in their order") {
    const WorkspaceDescriptor &look = *find_workspace("look"), &study = *find_workspace("study");
    CHECK(workspace_of_view("head_map", study) == &study);
    CHECK(workspace_of_view("head_map", look) == &look);
    CHECK(workspace_of_view("flow", study) == &look);
    CHECK(workspace_of_view("nothing", look) == nullptr);
}
