#include "views/grid/grid_menus.h"

#include <fmt/format.h>

#include <vector>

#include "analysis/detector.h"
#include "analysis/metric.h"
#include "session/tasks/comparison.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "views/format.h"

namespace headlight {
namespace {

constexpr float kThumbnailsMenuDp = 430;

struct MetricMenu {
    const char* id;
    const char* caption;
    const char* first;  // entry for none
    std::string now;
    const char* command;
    bool has_effect = false;      // offers the sweep's effects too
    bool has_divergence = false;  // and those from the run that is compared with
};

/// Entries of the tint and order menus: `first`, then the metrics that every head has.
void metric_menu(ViewContext& context, const MetricMenu& menu) {
    std::vector<const char*> entries = {menu.first}, values = {menu.first};
    if (menu.has_effect) {
        entries.push_back("ablation effect");
        values.push_back(kAblationTint);
    }
    if (menu.has_divergence) {
        entries.push_back("divergence");
        values.push_back(kDivergenceTint);
    }
    if (context.snapshot.selection.key >= 0 || menu.now == kEdgeTint) {
        entries.push_back("chosen edge");
        values.push_back(kEdgeTint);
    }
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind == MetricKind::Matrix) continue;
        const bool has_pair = context.text() && context.text()->tokens.is_pair();
        if (metric->needs_pair && !has_pair && menu.now != metric->id) continue;
        entries.push_back(metric->label);
        values.push_back(metric->id);
    }
    for (const DetectorDescriptor* detector : detectors()) {
        if (detector->kind == DetectorKind::Behaviour) continue;  // never measured on one text
        entries.push_back(detector->label);
        values.push_back(detector->id);
    }
    int selected = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (menu.now == values[i]) selected = static_cast<int>(i);
    }
    if (ui::pill_menu(menu.id, menu.caption, entries, selected))
        context.actions.set(menu.command, values[static_cast<std::size_t>(selected)]);
}

}  // namespace

bool is_grid_crowded(const ViewContext& context) {
    const Settings& settings = context.snapshot.settings;
    const int num_metrics = (settings.grid_tint != "none" ? 1 : 0) + (settings.grid_order != "layer" ? 1 : 0);
    return context.size.x < ui::px(285 + 80 * static_cast<float>(num_metrics));
}

void draw_grid_menus(ViewContext& context) {
    const Settings& settings = context.snapshot.settings;
    const bool is_titled_wide = context.snapshot.has_interventions() && context.size.x < ui::px(480);
    const bool has_captions = !is_grid_crowded(context) && !is_titled_wide;
    const bool has_effect = context.snapshot.sweep || settings.grid_tint == kAblationTint;
    const bool has_divergence = context.snapshot.part<ComparisonState>().task.value() != nullptr ||
                                settings.grid_tint == kDivergenceTint;
    metric_menu(context, {"##tint", has_captions ? "tint" : nullptr, "none", settings.grid_tint, "tint",
                          has_effect, has_divergence});
    ImGui::SameLine(0, ui::px(8));
    metric_menu(context,
                {"##order", has_captions ? "order" : nullptr, "layer", settings.grid_order, "order"});
    if (ui::kit().density != ui::Density::Menu && context.size.x < ui::px(kThumbnailsMenuDp)) return;
    ImGui::SameLine(0, ui::px(8));
    static constexpr const char* kThumbnails[] = {"picture", "lines"};
    int selected = settings.thumbnails == "lines" ? 1 : 0;
    if (ui::pill_menu("##thumbnails", has_captions ? "as" : nullptr, kThumbnails, selected))
        context.actions.set("thumbnails", kThumbnails[selected]);
}

std::string edge_label(const ViewContext& context) {
    const Selection& chosen = context.snapshot.selection;
    const std::string more =
        chosen.queries.empty() ? std::string() : fmt::format(" + {} more", chosen.queries.size());
    return fmt::format("token {}{} to token {}", chosen.query, more, chosen.key);
}

}  // namespace headlight
