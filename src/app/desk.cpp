// One workspace at work.
#include "app/desk.h"

#include <algorithm>

#include "ui/tabs.h"

namespace headlight {

namespace {

constexpr const char* kFirstPage = "Head";  // that a window of one column opens with

bool contains(const std::vector<ViewInstance*>& views, const ViewInstance& instance) {
    return std::find(views.begin(), views.end(), &instance) != views.end();
}

}  // namespace

Desk::Desk(const WorkspaceDescriptor& workspace, std::span<ViewInstance> instances) : workspace_(&workspace) {
    for (const WorkspacePlace& described : workspace.places) {
        Place place{described.column, described.page, {}};
        for (const std::string& id : described.views) {
            for (ViewInstance& instance : instances) {
                if (id == instance.view->id) place.views.push_back(&instance);
            }
        }
        if (place.views.empty()) continue;
        if (std::find(pages_.begin(), pages_.end(), place.page) == pages_.end()) pages_.push_back(place.page);
        places_.push_back(std::move(place));
    }
    const bool has_first = std::find(pages_.begin(), pages_.end(), kFirstPage) != pages_.end();
    page_ = has_first || pages_.empty() ? kFirstPage : pages_.front();
}

bool Desk::holds(const ViewInstance& instance) const {
    return std::any_of(places_.begin(), places_.end(),
                       [&](const Place& place) { return contains(place.views, instance); });
}

void Desk::bring_to_front(ViewInstance& instance) {
    for (const Place& place : places_) {
        if (!contains(place.views, instance)) continue;
        raised_[&instance] = ++num_raised_;
        page_ = place.page;
    }
}

void Desk::put_back(ViewInstance& instance) {
    raised_.erase(&instance);
}

/// Its tabs. One that has nothing to show stays away until somebody asks for it.
std::vector<ViewInstance*> Desk::members(const Place& place, const Snapshot& snapshot) const {
    std::vector<ViewInstance*> out;
    for (ViewInstance* instance : place.views) {
        const ViewDescriptor& view = *instance->view;
        const bool is_there = instance == place.views.front() || raised_.count(instance) > 0 ||
                              !view.has_content || view.has_content(snapshot);
        if (is_there) out.push_back(instance);
    }
    return out;
}

CardSlot Desk::make_slot(ViewColumn column, std::vector<ViewInstance*> tabs, const Snapshot& snapshot,
                         float column_height_dp) const {
    const auto raised = [this](const ViewInstance* instance) {
        const auto found = raised_.find(instance);
        return found == raised_.end() ? 0 : found->second;
    };
    CardSlot slot{column, std::move(tabs), nullptr, {}};
    slot.front = *std::max_element(
        slot.tabs.begin(), slot.tabs.end(),
        [&](const ViewInstance* a, const ViewInstance* b) { return raised(a) < raised(b); });
    slot.height = slot.front->view->height(snapshot, *slot.front->state, column_height_dp);
    if (slot.tabs.size() < 2) return slot;
    if (slot.height.preferred_dp > 0) slot.height.preferred_dp += ui::kTabRow;
    slot.height.minimum_dp += ui::kTabRow;
    return slot;
}

/// Until the least heights fit, the lowest slot of a column becomes tabs of the one above.
void Desk::fold_lowest(std::vector<CardSlot>& slots, ViewColumn column, const Snapshot& snapshot,
                       float column_height_dp) const {
    while (true) {
        std::vector<HeightWish> wishes;
        std::vector<std::size_t> own;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (slots[i].column != column) continue;
            wishes.push_back(slots[i].height);
            own.push_back(i);
        }
        if (own.size() < 2 || least_height(wishes) <= column_height_dp) return;
        CardSlot& above = slots[own[own.size() - 2]];
        const CardSlot& lowest = slots[own.back()];
        above.tabs.insert(above.tabs.end(), lowest.tabs.begin(), lowest.tabs.end());
        above = make_slot(column, above.tabs, snapshot, column_height_dp);
        slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(own.back()));
    }
}

std::vector<CardSlot> Desk::slots(const Snapshot& snapshot, WindowFold fold, float column_height_dp) const {
    const bool is_one = fold == WindowFold::OneColumn;
    std::vector<CardSlot> out;
    const auto make = [&](ViewColumn column, std::vector<ViewInstance*> tabs) {
        return make_slot(column, std::move(tabs), snapshot, column_height_dp);
    };
    // The cards of a folded side share one slot.
    std::vector<ViewInstance*> side;
    for (const Place& place : places_) {
        if (is_one && place.page != page_) continue;
        const bool is_left = place.column == ViewColumn::Left, is_right = place.column == ViewColumn::Right;
        const auto tabs = members(place, snapshot);
        if ((is_right && fold != WindowFold::None) || (is_left && fold == WindowFold::Sides))
            side.insert(side.end(), tabs.begin(), tabs.end());
        else
            out.push_back(make(is_one ? ViewColumn::Middle : place.column, tabs));
    }
    if (!side.empty()) out.push_back(make(is_one ? ViewColumn::Middle : ViewColumn::Right, std::move(side)));
    for (const ViewColumn column : {ViewColumn::Left, ViewColumn::Middle, ViewColumn::Right})
        fold_lowest(out, column, snapshot, column_height_dp);
    return out;
}

}  // namespace headlight
