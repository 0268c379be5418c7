// One workspace at work: its places with the views that there are, which of them are in front, and how they
// fold together while the window gets smaller.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "views/view.h"
#include "views/workspaces/workspace.h"

namespace headlight {

/// A view with what it keeps between frames.
struct ViewInstance {
    const ViewDescriptor* view = nullptr;
    std::unique_ptr<ViewState> state;
    std::string subject = {};  // of the last frame: a new one comes to the front
};

/// Cards that share a rectangle as tabs: those of one place, or of places that were folded together.
struct CardSlot {
    ViewColumn column = ViewColumn::Middle;
    std::vector<ViewInstance*> tabs;
    ViewInstance* front = nullptr;
    HeightWish height;  // of the front one, with the row of tabs if there are several
};

class Desk {
  public:
    /// `instances` outlive the desk and stay where they are.
    Desk(const WorkspaceDescriptor& workspace, std::span<ViewInstance> instances);

    const WorkspaceDescriptor& workspace() const { return *workspace_; }
    bool holds(const ViewInstance& instance) const;
    /// Nothing happens where the desk does not hold it.
    void bring_to_front(ViewInstance& instance);
    /// Its place goes back to what was in front before, at first its first view.
    void put_back(ViewInstance& instance);

    /// The tabs of a window of one column, in order, and the one that is on.
    const std::vector<std::string>& pages() const { return pages_; }
    const std::string& page() const { return page_; }
    void turn_to(const std::string& page) { page_ = page; }

    /// What stands in a window that is folded like this, with columns of that height. Places of a column that
    /// have not the least room for all become tabs of the one above.
    std::vector<CardSlot> slots(const Snapshot& snapshot, WindowFold fold, float column_height_dp) const;

  private:
    struct Place {
        ViewColumn column = ViewColumn::Middle;
        std::string page;
        std::vector<ViewInstance*> views;
    };
    std::vector<ViewInstance*> members(const Place& place, const Snapshot& snapshot) const;
    CardSlot make_slot(ViewColumn column, std::vector<ViewInstance*> tabs, const Snapshot& snapshot,
                       float column_height_dp) const;

    void fold_lowest(std::vector<CardSlot>& slots, ViewColumn column, const Snapshot& snapshot,
                     float column_height_dp) const;

    const WorkspaceDescriptor* workspace_;
    std::vector<Place> places_;
    std::vector<std::string> pages_;
    std::string page_;
    std::map<const ViewInstance*, std::uint64_t> raised_;  // when each was brought to the front; 0: never
    std::uint64_t num_raised_ = 0;
};

}  // namespace headlight
