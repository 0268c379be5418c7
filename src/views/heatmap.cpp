// The card of the chosen head: its head, the weights shown, and one of three forms (matrix, lines, q·k).
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "views/format.h"
#include "views/grid/tag_style.h"
#include "views/head_tags.h"
#include "views/heatmap/matrix_form.h"
#include "views/lines/lines_form.h"
#include "views/pictures.h"
#include "views/qk/qk_form.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"
#include "views/weights/weights_switch.h"

namespace headlight {

namespace {

constexpr int kMostHeaderTags = 3;

enum class HeadForm { Matrix, Lines, Qk };
constexpr const char* kFormIds[] = {"matrix", "lines", "qk"};

HeadForm form_of(const Snapshot& snapshot) {
    for (int i = 0; i < 3; ++i)
        if (snapshot.settings.head_form == kFormIds[i]) return static_cast<HeadForm>(i);
    return HeadForm::Matrix;
}

struct HeatmapState final : ViewState {
    MatrixForm matrix;
    LinesForm lines;
    QkForm qk;
    bool is_hint_closed = false;  // that names the sink
};

/// Before, after or the difference; only while attention is replaced.
void draw_compare(ViewContext& context) {
    if (!context.snapshot.has_interventions()) return;
    const bool has_result = context.snapshot.ablation != nullptr;
    int selected = static_cast<int>(context.snapshot.compare);
    const ui::Segment segments[] = {{"before##compare_before", "The model's own attention", true},
                                    {"after##compare_after", "With the replaced attention", has_result},
                                    {"±##compare_difference", "After minus before", has_result}};
    static constexpr const char* kNames[] = {"before", "after", "difference"};
    if (ui::segmented("##compare", segments, selected)) context.actions.set("compare", kNames[selected]);
    ImGui::SameLine();
}

HeightWish heatmap_height(const Snapshot&, const ViewState&, float) {
    return {0, 220};
}

void draw_forms(ViewContext& context) {
    int selected = static_cast<int>(form_of(context.snapshot));
    const ui::Segment segments[] = {
        {"matrix##form_matrix", "Query by key, a cell for each weight (1)", true},
        {"lines##form_lines", "Tokens twice, a curve for each weight that counts (2)", true},
        {"q·k##form_qk", "Queries times keys, dimension by dimension, up to the weight (3)", true}};
    if (ui::segmented("##form", segments, selected)) context.actions.set("form", kFormIds[selected]);
    ImGui::SameLine();
}

/// Linear or logarithmic colours; of the matrix.
void draw_scale(ViewContext& context) {
    const bool is_difference =
        context.snapshot.shown() == Compare::Difference || context.snapshot.picture.is_signed();
    int selected = !is_difference && context.snapshot.settings.weight_scale == WeightScale::Log ? 1 : 0;
    const ui::Segment segments[] = {
        {"linear", "Colours follow the weight, with gamma", true},
        {"log",
         is_difference ? "Values have signs: there is no logarithm"
                       : "Colours follow the logarithm: small weights become visible",
         !is_difference}};
    if (ui::segmented("##weights", segments, selected))
        context.actions.set("weights", selected == 1 ? "log" : "linear");
    ImGui::SameLine();
}

void draw_controls(ViewContext& context, HeatmapState& state) {
    const HeadForm form = form_of(context.snapshot);
    draw_forms(context);
    if (form == HeadForm::Qk) return draw_qk_controls(context);
    draw_compare(context);
    const float least =
        (form == HeadForm::Matrix ? 980.0f : 780.0f) + (context.snapshot.has_interventions() ? 120.0f : 0.0f);
    const bool is_narrow = context.size.x < ui::px(least);
    draw_weights_switch(context, is_narrow);
    ImGui::SameLine();
    if (form == HeadForm::Matrix) draw_scale(context);
    const bool is_fitted =
        form == HeadForm::Matrix ? state.matrix.camera.is_fitted() : state.lines.camera.is_fitted();
    if (ui::toolbar_button("fit##fit", false, !is_fitted, "Show the whole picture (double-click)"))
        context.actions.run("fit");
}

/// The keys 1, 2 and 3, while nobody types.
void choose_with_keys(ViewContext& context) {
    if (context.shared.has_text_focus || context.shared.is_dialog_open || ImGui::IsAnyItemActive()) return;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl || io.KeyAlt || io.KeyShift) return;
    for (int i = 0; i < 3; ++i)
        if (ImGui::IsKeyPressed('1' + i, false)) context.actions.set("form", kFormIds[i]);
}

void draw_tags(const ViewContext& context, const std::vector<HeadId>& heads) {
    if (heads.size() != 1 || !context.text()) return;
    float room = ui::kit().header_room;
    int count = 0;
    for (const HeadTag& tag : head_tags(context.snapshot, heads[0])) {
        room -= ui::tag_width(tag.label) + (count > 0 ? ui::px(6) : 0);
        if (room < 0 || count++ == kMostHeaderTags) return;
        const ui::Rgba fill = tag_color(ui::colors(), tag.id);
        ui::tag(fmt::format("{}##tag_{}", tag.label, tag.id).c_str(), fill, ink_on(fill, ui::colors()));
        ui::tooltip_for_last_item(tag.help, tag.label);
        ImGui::SameLine(0, ui::px(6));
    }
}

/// "+ 2 heads" where the title names the first of several.
std::string context_line(const ViewContext& context, const std::vector<HeadId>& heads) {
    if (!context.text()) return {};
    const HeadForm form = form_of(context.snapshot);
    if (heads.size() > 1 && form == HeadForm::Matrix) return heads_list(heads);
    if (heads.size() > 1) {
        const std::string others = format_count(static_cast<int>(heads.size()) - 1, "head", "heads");
        return form == HeadForm::Lines ? "+ " + others : fmt::format("the first of {}", heads.size());
    }
    std::string out;
    const ModelSpec* spec = context.snapshot.model ? &context.snapshot.model->spec : nullptr;
    if (spec && shares_kv_heads(*spec, context.trace().info()))
        out = fmt::format("kv head {}", spec->kv_head_of(heads[0].head));
    const std::vector<HeadTag> tags = head_tags(context.snapshot, heads[0]);
    if (tags.empty()) return out;
    return fmt::format("{}{}{}", out, out.empty() ? "" : " · ", tags.front().sentence);
}

void draw_body(ViewContext& context, HeatmapState& state, const std::vector<HeadId>& heads) {
    const HeadForm form = form_of(context.snapshot);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float hint =
        form == HeadForm::Qk ? 0 : draw_sink_hint(context, pos, available.x, state.is_hint_closed);
    const LayoutRect body{pos.x, pos.y + hint, available.x, available.y - hint};
    choose_with_keys(context);
    if (body.width < ui::px(120) || body.height < ui::px(90)) return;
    if (form == HeadForm::Lines) return draw_lines_form(context, state.lines, body);
    if (form == HeadForm::Qk) return draw_qk_form(context, state.qk, body);
    draw_matrix_form(context, state.matrix, heads, body);
}

void draw(ViewContext& context) {
    auto& state = static_cast<HeatmapState&>(context.state);
    const std::vector<HeadId> heads = selected_heads(context.snapshot.selection);
    const bool has_text = context.num_tokens() > 0;
    const bool is_mean = form_of(context.snapshot) == HeadForm::Matrix;
    const std::vector<HeadId> named = is_mean ? heads : std::vector<HeadId>{heads[0]};
    const std::string title =
        has_text ? titled(with_kind(heads_title(named), context.snapshot), context.snapshot, true)
                 : std::string("Heatmap");
    const std::string line =
        has_text ? with_run(context.snapshot, context_line(context, heads), true) : std::string();
    ui::CardSpec spec;
    spec.id = "heatmap";
    spec.title = title;
    spec.context = line;
    if (has_text) spec.after_title = [&] { draw_tags(context, heads); };
    spec.controls = [&] { draw_controls(context, state); };
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context, MissingTextRole::Main))
        draw_body(context, state, heads);
}

}  // namespace

extern const ViewDescriptor k_view_heatmap = {
    "heatmap",
    "Heatmap",
    "Attention of the chosen head as a matrix (wheel zooms, dragging pans, a click chooses the cell, a right "
    "click cuts edges), as lines between tokens, or as queries times keys.",
    heatmap_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<HeatmapState>()); },
    draw};

}  // namespace headlight
