// A workspace: a named arrangement of cards over the one model, text, selection and undo history of the
// window. One file and one line in workspaces.def each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "views/layout.h"

namespace headlight {

/// A place for one card. What is drawn in it is computed then; a view in no open place asks for nothing.
struct WorkspacePlace {
    ViewColumn column = ViewColumn::Middle;  // places of one column stand in their order, from the top
    /// Its tab where the window is too small for columns ("Head"); places with one word share that tab.
    std::string page;
    /// Ids of views; several share the place as tabs, the first is in front. Ids that no view has are
    /// skipped.
    std::vector<std::string> views;
};

struct WorkspaceDescriptor {
    const char* id;     // "look": the command `workspace look`
    const char* title;  // "Look": its segment in the top bar
    const char* help;   // one sentence
    std::vector<WorkspacePlace> places;
};

/// All workspaces, in the order of the top bar and of Ctrl+1, Ctrl+2, ...; the first is the window's first.
std::span<const WorkspaceDescriptor* const> workspaces();
const WorkspaceDescriptor* find_workspace(std::string_view id);
/// The workspace that holds a view: `preferred` if it does, else the first. Null: none does.
const WorkspaceDescriptor* workspace_of_view(std::string_view view, const WorkspaceDescriptor& preferred);

}  // namespace headlight
