// What the head grid says at the pointer.
#include "views/grid/grid_tooltip.h"

#include <fmt/format.h>

#include "run/intervention_set.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/notes/note_marks.h"

namespace headlight {

namespace {

constexpr float kTooltipWidth = 380;

/// Values of tint and order, and what the head's attention was replaced by.
std::string cell_numbers(const ViewContext& context, const GridCell& cell, const GridNumbers& numbers) {
    const GridModel& model = numbers.model;
    std::string body;
    if (model.is_tinted)
        body += fmt::format("\n{}: {}", model.tint_label, format_value(cell.tint_value, model.tint_unit));
    if (model.order && model.order->label != model.tint_label) {
        body += fmt::format(
            "\n{}: {}", model.order->label,
            format_value(head_metric(context.text()->analysis, numbers.weights, cell.head, *model.order),
                         model.order->unit));
    }
    const InterventionsPtr& changes = context.snapshot.interventions;
    const Intervention* change = changes ? find_intervention(*changes, cell.head) : nullptr;
    if (change) body += fmt::format("\nreplaced: {}", label_of(change->mode));
    return body + "\nRight-click to replace its attention.";
}

}  // namespace

void say_cell(ViewContext& context, const GridCell& cell, const GridNumbers& numbers,
              std::optional<unsigned> picture) {
    std::string title, body;
    if (cell.kind == GridCell::Kind::LayerMean)
        title = fmt::format("Layer {} · mean of its heads", cell.head.layer);
    if (cell.kind == GridCell::Kind::HeadMean)
        title = fmt::format("Head {} · mean over layers", cell.head.head);
    if (cell.kind == GridCell::Kind::OverallMean) title = "Mean of all heads";
    if (cell.kind == GridCell::Kind::Head) {
        title = fmt::format("Layer {} · Head {}", cell.head.layer, cell.head.head);
        context.shared.next_hover.head = cell.head;
        for (const HeadTag& tag : cell.tags)
            body += (body.empty() ? "" : "\n") + tag.sentence;
        if (context.trace().is_absent(cell.head.layer))
            body = "This layer has no softmax attention; it keeps its number.";
        if (body.empty())
            body = context.snapshot.shown_atlas() ? "No tag in the atlas." : "No pattern on this text.";
        if (const std::string note = head_note_words(context, cell.head); !note.empty()) body += "\n" + note;
        body += cell_numbers(context, cell, numbers);
    }
    context.shared.next_hover.sentence =
        cell.tags.empty() ? title : fmt::format("{} · {}", title, cell.tags.front().sentence);
    ui::begin_tooltip();
    {
        const ui::FontScope bold(ui::kit().fonts.semibold);
        ui::text(title);
    }
    if (picture) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float side = ui::px(kLargeThumbnail);
        ui::draw_texture(ImGui::GetWindowDrawList(), *picture, at, {at.x + side, at.y + side});
        ImGui::Dummy({side, side});
    }
    ui::text_dim(ui::wrap_text(ui::kit().fonts.body, body, ui::px(kTooltipWidth)));
    const ImVec2 pos = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    ui::record_item("tooltip", pos, {pos.x + size.x, pos.y + size.y}, true, false, body);
    ui::end_tooltip();
}

}  // namespace headlight
