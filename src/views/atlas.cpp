// The atlas card: what a scan of a corpus found out about every head, as a list and as a map of one detector.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/grid/tag_style.h"
#include "views/head_tags.h"
#include "views/pictures.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr float kWideDp = 300;  // below, the lift is in the tooltip only
constexpr int kLiftColumn = 3;

struct TaggedHead {
    HeadId head;
    std::size_t detector = 0;
};

struct AtlasState final : ViewState {
    std::uint64_t atlas_id = 0;
    int detector = 0;  // of the menu: 0 is all, then detectors
    std::vector<TaggedHead> tagged;
};

HeightWish atlas_height(const Snapshot&, const ViewState&, float) {
    return {430, 170};
}

/// Tagged heads of the chosen detector (or all), most interpretable first.
std::vector<TaggedHead> tagged_heads(const Atlas& atlas, int chosen) {
    std::vector<TaggedHead> out;
    for (std::size_t i = 0; i < atlas.entries.size() && !atlas.detectors.empty(); ++i) {
        const std::size_t detector = i % atlas.detectors.size();
        if (!atlas.entries[i].is_tagged) continue;
        if (chosen > 0 && detector + 1 != static_cast<std::size_t>(chosen)) continue;
        out.push_back({atlas.entries[i].head, detector});
    }
    const auto strength = [&](const TaggedHead& entry) {
        return atlas.entry(entry.head, entry.detector).interpretability.value_or(-1);
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const TaggedHead& a, const TaggedHead& b) { return strength(a) > strength(b); });
    return out;
}

void draw_menu(ViewContext& context, AtlasState& state) {
    if (!context.snapshot.atlas) return;
    const Atlas& atlas = context.snapshot.atlas->atlas;
    std::vector<const char*> entries = {"all patterns"};
    for (const AtlasDetector& detector : atlas.detectors)
        entries.push_back(detector.label.c_str());
    if (ui::pill_menu("##atlas_detector", nullptr, entries, state.detector))
        state.tagged = tagged_heads(atlas, state.detector);
}

/// Layers down, heads across: the score of one detector, a dot where it is tagged; a click selects.
void draw_map(ViewContext& context, const Atlas& atlas, std::size_t detector, bool is_of_model) {
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x - ui::px(26);
    const float cell = std::clamp(width / static_cast<float>(std::max(1, atlas.num_heads)), 2.0f, ui::px(22));
    const float row = std::min(cell, ui::px(180) / static_cast<float>(std::max(1, atlas.num_layers)));
    const ImVec2 origin{pos.x + ui::px(26), pos.y + ui::px(2)};
    const ImVec2 size{cell * static_cast<float>(atlas.num_heads), row * static_cast<float>(atlas.num_layers)};
    const auto response = ui::hot_area("##atlas_map", origin, size);
    const auto colormap = weight_colormap(ui::kit().theme);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    for (int layer = 0; layer < atlas.num_layers; ++layer) {
        const float y = origin.y + row * static_cast<float>(layer);
        const int step = std::max(1, static_cast<int>(std::ceil(font->FontSize / row)));
        if (layer % step == 0) {
            const std::string label = "L" + std::to_string(layer);
            list->AddText(font, font->FontSize, {pos.x, y + (row - font->FontSize) / 2},
                          ui::to_u32(ui::colors().dim), label.c_str());
        }
        for (int head = 0; head < atlas.num_heads; ++head) {
            const AtlasEntry& entry = atlas.entry({layer, head}, detector);
            const ImVec2 min{origin.x + cell * static_cast<float>(head), y};
            const auto score = static_cast<float>(entry.confirmation.score.value_or(0));
            const ui::Rgba color = entry.confirmation.score
                                       ? gfx::color_of_value(score, {0, 1, 1, false, 1e-4f}, colormap)
                                       : ui::colors().masked;
            ui::draw_fill(list, min, {min.x + cell - 1, min.y + row - 1}, color);
            if (entry.is_tagged && row > ui::px(6))
                ui::draw_dot(list, {min.x + cell / 2, min.y + row / 2}, ui::px(2.2f),
                             ink_on(color, ui::colors()));
            const bool is_chosen = is_of_model && HeadId{layer, head} == context.snapshot.selection.head;
            if (is_chosen)
                ui::draw_frame(list, min, {min.x + cell - 1, min.y + row - 1}, ui::colors().accent, 0,
                               ui::px(1.5f));
        }
    }
    ImGui::SetCursorScreenPos({pos.x, origin.y + size.y + ui::px(6)});
    ui::text_small("score 0 (dark) to 1; dot: tagged", ui::colors().dim);
    if (!response.is_hovered) return;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const HeadId head{std::clamp(static_cast<int>((mouse.y - origin.y) / row), 0, atlas.num_layers - 1),
                      std::clamp(static_cast<int>((mouse.x - origin.x) / cell), 0, atlas.num_heads - 1)};
    ui::tooltip(atlas_entry_words(atlas, atlas.detectors[detector], atlas.entry(head, detector)),
                fmt::format("{} · {}", head.to_string(), atlas.detectors[detector].label));
    if (response.is_clicked && is_of_model) context.actions.select_head(head);
}

void draw_table(ViewContext& context, const AtlasState& state, const Atlas& atlas, bool is_of_model) {
    std::vector<ui::Column> columns = {{"head", 0, 52, false},
                                       {"pattern", 1, 0, false},
                                       {"score", 0, 44, true},
                                       {"lift", 0, 46, true},
                                       {"q", 0, 52, true}};
    const bool is_narrow = ImGui::GetContentRegionAvail().x < ui::px(kWideDp);
    if (is_narrow) columns.erase(columns.begin() + kLiftColumn);
    ui::table_header(columns);
    if (state.tagged.empty()) ui::text_small("No head is tagged.", ui::colors().dim);
    for (const TaggedHead& tagged : state.tagged) {
        const AtlasDetector& detector = atlas.detectors[tagged.detector];
        const AtlasEntry& entry = atlas.entry(tagged.head, tagged.detector);
        const std::string name = tagged.head.to_string(), score = format_score(entry.confirmation.score),
                          lift = format_lift(entry.confirmation.lift),
                          q = entry.q_value ? format_number(*entry.q_value) : std::string("–");
        std::vector<ui::Cell> cells = {{name, {}, false, 0},
                                       {detector.label, {}, false, 0},
                                       {score, {}, false, 0},
                                       {lift, {}, false, 0},
                                       {q, {}, false, 0}};
        if (is_narrow) cells.erase(cells.begin() + kLiftColumn);
        const bool is_chosen = is_of_model && tagged.head == context.snapshot.selection.head;
        const std::string id = fmt::format("atlas_{}_{}", name, detector.id);
        const auto response = ui::table_row(id.c_str(), columns, cells, is_chosen);
        ui::tooltip_for_last_item(
            fmt::format("{}\n{}", detector.definition, atlas_entry_words(atlas, detector, entry)),
            fmt::format("{} · {}", name, detector.label));
        if (response.is_clicked && is_of_model) context.actions.select_head(tagged.head);
    }
}

/// An atlas alone names its model: one press opens it.
void offer_model(ViewContext& context, const Atlas& atlas) {
    const std::string& path = atlas.model_path.empty() ? atlas.model : atlas.model_path;
    const bool is_open = context.snapshot.model && context.snapshot.model->spec.path == path;
    if (path.empty() || is_open) return;
    const std::string label = fmt::format("Open {}##open_atlas_model", atlas.model);
    if (ui::pill_button(label.c_str(), true, true, path.c_str())) context.actions.run("open", {path});
}

void draw_body(ViewContext& context, AtlasState& state) {
    const auto& opened = context.snapshot.atlas;
    if (!opened) {
        if (ui::draw_card_state({ui::CardState::Empty,
                                 "Open the atlas.json of a scan to see what every head does.",
                                 "Open an atlas…##open_atlas", -1}))
            context.actions.run("open_dialog");
        return;
    }
    const Atlas& atlas = opened->atlas;
    if (state.atlas_id != opened->id) {
        state.atlas_id = opened->id;
        state.detector = 0;
        state.tagged = tagged_heads(atlas, 0);
    }
    const bool is_of_model = context.snapshot.is_atlas_of_shown();
    if (!is_of_model) {
        const std::string& mismatch = context.snapshot.atlas_mismatch;
        ui::text_wrapped(mismatch.empty() ? "This atlas is of the encoder's heads." : mismatch,
                         ui::colors().warning);
        offer_model(context, atlas);
    }
    ui::text_small(fmt::format("{} + {} sequences of {} tokens, {}", atlas.num_discovery,
                               atlas.num_confirmation, atlas.sequence_length,
                               format_count(static_cast<int>(atlas.corpus.size()), "document", "documents")),
                   ui::colors().dim);
    if (state.detector > 0 && state.detector <= static_cast<int>(atlas.detectors.size()))
        draw_map(context, atlas, static_cast<std::size_t>(state.detector - 1), is_of_model);
    draw_table(context, state, atlas, is_of_model);
}

void draw(ViewContext& context) {
    auto& state = static_cast<AtlasState&>(context.state);
    const std::string line = context.snapshot.atlas ? context.snapshot.atlas->atlas.model : std::string();
    ui::CardSpec spec;
    spec.id = "atlas";
    spec.title = "Atlas";
    spec.context = line;
    spec.controls = [&] { draw_menu(context, state); };
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card) draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_atlas = {
    .id = "atlas",
    .title = "Atlas",
    .help =
        "What a scan of a corpus found: tagged heads with score, lift and q, and the map of one pattern over "
        "all "
        "heads.",
    .height = atlas_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<AtlasState>()); },
    .draw = draw,
    .has_content = [](const Snapshot& snapshot) { return snapshot.atlas != nullptr; },
    .subject = [](const Snapshot& now) { return now.atlas ? std::to_string(now.atlas->id) : std::string(); },
    .leaves_without_subject = true,
};

}  // namespace headlight
