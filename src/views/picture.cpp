// The picture that an image model reads, with what one of its tokens attends to laid over it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gfx/gl_handles.h"
#include "run/picture/picture_tokenizer.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

struct PictureState final : ViewState {
    std::shared_ptr<const ShownPicture> shown;
    gfx::Texture texture;
    bool is_smooth = false;
    bool has_grid = false;
};

/// Where the picture stands on the screen.
struct PictureFrame {
    ImVec2 min;
    float pixel = 1;  // of the screen, of one of the picture's
    float patch_width = 0, patch_height = 0;
    int rows = 0, columns = 0, leading = 0;

    ImVec2 corner(int row, int column) const {
        return {min.x + static_cast<float>(column) * patch_width,
                min.y + static_cast<float>(row) * patch_height};
    }
    /// -1: none
    int token_at(ImVec2 pos) const {
        const int column = static_cast<int>((pos.x - min.x) / patch_width),
                  row = static_cast<int>((pos.y - min.y) / patch_height);
        const bool is_inside = pos.x >= min.x && pos.y >= min.y && row < rows && column < columns;
        return is_inside ? leading + row * columns + column : -1;
    }
};

std::shared_ptr<const ShownPicture> shown_picture(const Snapshot& snapshot) {
    if (!snapshot.model || !snapshot.text || snapshot.unit() != TextUnit::Token) return nullptr;
    return picture_of(snapshot.model->tokenizer.get(), snapshot.text->tokens);
}

HeightWish picture_height(const Snapshot&, const ViewState&, float) {
    return {0, 220};
}

bool has_picture(const Snapshot& snapshot) {
    return snapshot.model && takes_pictures(snapshot.model->tokenizer.get());
}

std::string picture_subject(const Snapshot& snapshot) {
    const auto shown = shown_picture(snapshot);
    return shown ? shown->path : std::string();
}

void refresh_texture(const ViewContext& context, const std::shared_ptr<const ShownPicture>& shown,
                     PictureState& state) {
    if (shown == state.shown) return;
    state.shown = shown;
    state.texture = {};
    if (context.shaders == nullptr) return;
    auto texture = gfx::Texture::make(gfx::TexelFormat::RGB8, shown->raster.width, shown->raster.height,
                                      shown->raster.rgb.data(), gfx::TextureFilter::Linear);
    if (texture) state.texture = std::move(*texture);
}

PictureFrame place_picture(const ShownPicture& shown, ImVec2 pos, ImVec2 room) {
    PictureFrame frame;
    const auto width = static_cast<float>(shown.raster.width),
               height = static_cast<float>(shown.raster.height);
    frame.pixel = std::min(room.x / width, room.y / height);
    frame.min = {pos.x + (room.x - width * frame.pixel) / 2, pos.y};
    frame.rows = shown.tokens.rows;
    frame.columns = shown.tokens.columns;
    frame.leading = static_cast<int>(shown.tokens.leading.size());
    // What is left of the last patch at the right and lower edge is not read.
    frame.patch_width = static_cast<float>(shown.raster.width / frame.columns) * frame.pixel;
    frame.patch_height = static_cast<float>(shown.raster.height / frame.rows) * frame.pixel;
    return frame;
}

/// Whatever the picture's own colours are, what is attended to stays as it is and the rest is veiled.
ImU32 veil(float share) {
    constexpr float kMostVeiled = 0.85F;
    return ui::to_u32(ui::colors().card, kMostVeiled * (1 - std::clamp(share, 0.0F, 1.0F)));
}

/// Shares of the largest weight of a patch, over the patches.
struct Overlay {
    const PictureFrame& frame;
    std::span<const float> row;
    float largest = 0;

    float share(int row_index, int column) const {
        const int r = std::clamp(row_index, 0, frame.rows - 1), c = std::clamp(column, 0, frame.columns - 1);
        return std::abs(row[static_cast<std::size_t>(frame.leading + r * frame.columns + c)]) / largest;
    }
    void by_patch(ImDrawList* list) const {
        for (int r = 0; r < frame.rows; ++r) {
            for (int c = 0; c < frame.columns; ++c)
                list->AddRectFilled(frame.corner(r, c), frame.corner(r + 1, c + 1), veil(share(r, c)));
        }
    }
    /// Between the centres of patches the shares go over into one another.
    void smooth(ImDrawList* list) const {
        const auto edge = [](int index, int count, float step) {
            return std::clamp(static_cast<float>(index) + 0.5F, 0.0F, static_cast<float>(count)) * step;
        };
        for (int r = -1; r < frame.rows; ++r) {
            for (int c = -1; c < frame.columns; ++c) {
                const ImVec2 from = {frame.min.x + edge(c, frame.columns, frame.patch_width),
                                     frame.min.y + edge(r, frame.rows, frame.patch_height)},
                             to = {frame.min.x + edge(c + 1, frame.columns, frame.patch_width),
                                   frame.min.y + edge(r + 1, frame.rows, frame.patch_height)};
                list->AddRectFilledMultiColor(from, to, veil(share(r, c)), veil(share(r, c + 1)),
                                              veil(share(r + 1, c + 1)), veil(share(r + 1, c)));
            }
        }
    }
};

void draw_patch_frame(const PictureFrame& frame, int token, gfx::Rgba ink, float thickness) {
    const int patch = token - frame.leading;
    if (patch < 0 || patch >= frame.rows * frame.columns) return;
    const int row = patch / frame.columns, column = patch % frame.columns;
    ImGui::GetWindowDrawList()->AddRect(frame.corner(row, column), frame.corner(row + 1, column + 1),
                                        ui::to_u32(ink), 0, 0, thickness);
}

void draw_grid(const PictureFrame& frame) {
    gfx::Rgba ink = ui::colors().text;
    constexpr std::uint8_t kFaint = 60;
    ink.a = kFaint;
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (int r = 0; r <= frame.rows; ++r)
        list->AddLine(frame.corner(r, 0), frame.corner(r, frame.columns), ui::to_u32(ink));
    for (int c = 0; c <= frame.columns; ++c)
        list->AddLine(frame.corner(0, c), frame.corner(frame.rows, c), ui::to_u32(ink));
}

/// What a pointed token says in the status line, and whose row is shown.
void point_at(ViewContext& context, int token, std::span<const float> row) {
    context.shared.next_hover.token = token;
    if (row.empty()) return;
    const auto strongest = std::max_element(row.begin(), row.end());
    context.shared.next_hover.sentence =
        attention_sentence(context.pair(token, static_cast<int>(strongest - row.begin())), *strongest) +
        ", more than to any other";
}

/// CLS and registers as chips, each with what the shown token gives it; the one that is pointed at, or -1.
int draw_leading(ViewContext& context, const ShownPicture& shown, std::span<const float> row, int query) {
    int pointed = -1;
    for (std::size_t i = 0; i < shown.tokens.leading.size(); ++i) {
        const auto index = static_cast<int>(i);
        const std::string id = fmt::format("picture_token{}", i);
        const std::string words =
            row.empty() ? shown.tokens.leading[i]
                        : fmt::format("{}  {}", shown.tokens.leading[i], format_percent(row[i]));
        ui::ChipSpec chip;
        chip.id = id.c_str();
        chip.text = words;
        chip.is_framed = index == query;
        chip.is_faded = context.freshness() < 1;
        if (i > 0 && ImGui::GetContentRegionAvail().x < ui::chip_size(chip).x) ImGui::NewLine();
        const ui::ItemResponse response = ui::chip(chip);
        ImGui::SameLine(0, ui::px(6));
        if (response.is_hovered) pointed = index;
        if (response.is_clicked) context.actions.choose_query(index);
    }
    if (!shown.tokens.leading.empty()) ImGui::NewLine();
    return pointed;
}

void draw_controls(PictureState& state) {
    int selected = state.is_smooth ? 1 : 0;
    const ui::Segment segments[] = {
        {"by patch##picture_patch", "Each patch in one colour, as the model reads it", true},
        {"smooth##picture_smooth", "Colours go over from patch to patch", true}};
    if (ui::segmented("##picture_overlay", segments, selected)) state.is_smooth = selected == 1;
    ImGui::SameLine(0, ui::px(6));
    if (ui::toolbar_button("grid##picture_grid", state.has_grid, true, "The edges of all patches"))
        state.has_grid = !state.has_grid;
}

/// What clear and veiled stand for, beside the picture: from the largest weight of a patch down to none.
void draw_legend(ImVec2 min, float height, float largest) {
    const ImVec2 max = {min.x + ui::px(10), min.y + height};
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, ui::to_u32(ui::colors().text));
    list->AddRectFilledMultiColor(min, max, veil(1), veil(1), veil(0), veil(0));
    ImFont* font = ui::kit().fonts.small_;
    const ImU32 ink = ui::to_u32(ui::colors().dim);
    ui::draw_tabular(list, font, {max.x + ui::px(6), min.y}, ink, format_percent(largest));
    ui::draw_tabular(list, font, {max.x + ui::px(6), max.y - font->FontSize}, ink, "0");
}

void draw_overlay(const PictureFrame& frame, std::span<const float> row, const PictureState& state) {
    const auto patches = row.subspan(static_cast<std::size_t>(frame.leading));
    Overlay overlay{frame, row, 0};
    for (const float weight : patches)  // differences between two runs have signs
        overlay.largest = std::max(overlay.largest, std::abs(weight));
    if (overlay.largest <= 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    state.is_smooth ? overlay.smooth(list) : overlay.by_patch(list);
    const ImVec2 end = frame.corner(frame.rows, frame.columns);
    draw_legend({end.x + ui::px(10), frame.min.y}, std::min(end.y - frame.min.y, ui::px(140)),
                overlay.largest);
}

/// The token whose row is shown: the pointed one, here or in another view, else the chosen one.
int shown_query(const ViewContext& context) {
    const int pointed = context.shared.hover.token;
    const int query = pointed >= 0 ? pointed : context.snapshot.selection.query;
    return std::clamp(query, 0, context.num_tokens() - 1);
}

void draw_body(ViewContext& context, PictureState& state, const ShownPicture& shown) {
    const int query = shown_query(context);
    const std::vector<HeadId> heads = selected_heads(context.snapshot.selection);
    const std::span<const float> row = context.shared.lines.row(context.snapshot, heads, query);
    const int pointed_chip = draw_leading(context, shown, row, query);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    if (room.x < ui::px(20) || room.y < ui::px(20)) return;
    const float legend = ui::px(70);
    const PictureFrame frame = place_picture(shown, pos, {std::max(room.x - legend, legend), room.y});
    const ImVec2 size = {static_cast<float>(shown.raster.width) * frame.pixel,
                         static_cast<float>(shown.raster.height) * frame.pixel};
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (state.texture) {
        list->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(state.texture.id())),
                       frame.min, {frame.min.x + size.x, frame.min.y + size.y}, {0, 0}, {1, 1},
                       ui::to_u32(gfx::rgb(0xFFFFFF), context.freshness()));
    }
    if (row.size() == static_cast<std::size_t>(shown.tokens.count())) draw_overlay(frame, row, state);
    if (state.has_grid) draw_grid(frame);
    draw_patch_frame(frame, query, ui::colors().accent, ui::px(2));
    const ui::ItemResponse response = ui::hot_area("##picture_area", frame.min, size);
    int pointed = pointed_chip;
    if (response.is_hovered) pointed = frame.token_at(ImGui::GetMousePos());
    if (pointed < 0) return;
    if (pointed >= frame.leading) draw_patch_frame(frame, pointed, ui::colors().text, ui::px(1));
    if (response.is_clicked) context.actions.choose_query(pointed);
    point_at(context, pointed, context.shared.lines.row(context.snapshot, heads, pointed));
}

void draw(ViewContext& context) {
    auto& state = static_cast<PictureState&>(context.state);
    const auto shown = shown_picture(context.snapshot);
    const std::string title = titled("Picture", context.snapshot);
    const std::string line =
        shown ? fmt::format("what {} attends to · {}", token_label(context.tokens(), shown_query(context)),
                            heads_title(selected_heads(context.snapshot.selection)))
              : std::string();
    ui::CardSpec spec;
    spec.id = "picture";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] { draw_controls(state); };
    ui::Card card{spec, context.pos, context.size};
    if (!card) return;
    if (shown) {
        refresh_texture(context, shown, state);
        draw_body(context, state, *shown);
        return;
    }
    if (draw_missing_text(context)) return;
    const bool is_grouped = has_picture(context.snapshot) && context.snapshot.unit() != TextUnit::Token;
    ui::CardStateSpec empty;
    empty.sentence = is_grouped
                         ? "Patches are tokens: choose tokens in place of words to see them on the picture."
                         : "This model reads text. Open one that reads pictures (ViT, DINOv2, CLIP ...).";
    ui::draw_card_state(empty);
}

}  // namespace

extern const ViewDescriptor k_view_picture = {
    .id = "picture",
    .title = "Picture",
    .help = "The picture of an image model; pointing at a patch shows what it attends to.",
    .height = picture_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<PictureState>()); },
    .draw = draw,
    .has_content = has_picture,
    .subject = picture_subject,
};

}  // namespace headlight
