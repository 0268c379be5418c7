#include "app/dialogs/figure_dialog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "figure/colour_maps.h"
#include "session/tasks/figures/window_figures.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"

namespace headlight {
namespace {

constexpr float kDialogWidth = 1080, kDialogHeight = 720, kChoicesWidth = 350, kLeastPreview = 240;
constexpr double kScreenInch = 96;  // pixels at scale 1
constexpr const char* kFigureFormats[] = {"pdf", "svg", "png", "pgf"};

struct FigureSwitch {
    const char* label;
    const char* field;
    bool is_inverse;  // the field takes something away
    const char* help;
};
constexpr FigureSwitch kFigureSwitches[] = {
    {"title##figure_title", "no-title", true, "The line that says model, head and what was measured"},
    {"axis names##figure_axis_names", "no-axis-names", true, "query (from), key (to)"},
    {"labels##figure_labels", "no-labels", true, "Labels of rows and columns"},
    {"indices##figure_indices", "no-indices", true, "Numbers beside labels"},
    {"numbers##figure_numbers", "no-numbers", true, "Percentages in cells where they fit"},
    {"colour bar##figure_colour_bar", "no-colour-bar", true, "The scale of colours"},
    {"dark##figure_dark", "dark", false, "Light on dark"},
    {"transparent##figure_transparent", "transparent", false, "No background"},
};

/// Shown pixel of a picture whose paper may be clear: over squares of two greys.
gfx::Rgba opaque(std::uint32_t word, std::size_t x, std::size_t y) {
    const std::uint32_t alpha = word >> 24,
                        ground = ((x / 8 + y / 8) % 2 == 0 ? 205u : 235u) * (255 - alpha) / 255;
    const auto channel = [&](int shift) {
        return static_cast<std::uint8_t>(std::min(255u, (word >> shift & 0xFF) + ground));
    };
    return {channel(16), channel(8), channel(0), 255};
}

std::string start_folder() {
    std::error_code error;
    const std::filesystem::path here = std::filesystem::current_path(error);
    if (!error && here != "/") return here.string();
    const char* const home = std::getenv("HOME");
    return home != nullptr ? home : ".";
}

}  // namespace

std::string FigureDialog::option(const char* name) const {
    for (const auto& [known, words] : state().choice.options)
        if (known == name) return words;
    return {};
}

void FigureDialog::choose(FigureChoice choice) {
    problem_.clear();
    if (Status status = choose_figure(session_, choice); !status) problem_ = status.error().message;
    ui::request_redraw();
}

void FigureDialog::set_option(const char* name, const std::string& words) {
    FigureChoice choice = state().choice;
    std::erase_if(choice.options, [&](const auto& one) { return one.first == name; });
    if (!words.empty()) choice.options.emplace_back(name, words);
    choose(std::move(choice));
}

std::string FigureDialog::ending() const {
    const std::string ending = std::filesystem::path(output_.path).extension().string();
    return ending.empty() ? std::string() : ending.substr(1);
}

void FigureDialog::set_ending(const std::string& ending) {
    output_.path = std::filesystem::path(output_.path).replace_extension("." + ending).string();
}

/// The dialog was opened.
void FigureDialog::begin() {
    if (folder_.empty()) folder_ = start_folder();
    output_.path = folder_ + "/" + state().choice.kind + "." + (ending().empty() ? "pdf" : ending());
    problem_.clear();
    message_.clear();
    shown_.reset();
    window_key_ = 0;
}

/// What the window shows may be another thing by now: the text came, the model was loaded.
void FigureDialog::follow_window() {
    const Snapshot& now = session_.snapshot();
    const std::uint64_t key = 1 + (now.text ? now.shown_id() * 2 + (now.is_stale ? 1 : 0) : 0);
    const double inch = kScreenInch * ui::kit().scale;
    if (key == window_key_ && inch == state().choice.pixels_per_inch) return;
    window_key_ = key;
    FigureChoice choice = state().choice;
    choice.pixels_per_inch = inch;
    choose(std::move(choice));
}

void FigureDialog::draw_choices() {
    std::vector<const char*> titles;
    int selected = 0;
    for (const FigureKindDescriptor* const kind : figure_kinds()) {
        if (state().choice.kind == kind->id) selected = static_cast<int>(titles.size());
        titles.push_back(kind->title);
    }
    if (ui::pill_menu("##figure_kind", "figure", titles, selected)) {
        FigureChoice choice = state().choice;
        const FigureKindDescriptor& kind = *figure_kinds()[static_cast<std::size_t>(selected)];
        const std::filesystem::path path(output_.path);
        if (path.stem() == choice.kind)
            output_.path = (path.parent_path() / (kind.id + path.extension().string())).string();
        choice.kind = kind.id;
        // What the other kind was asked for says nothing to this one.
        std::erase_if(choice.options, [&](const auto& one) {
            const FigureField* const field = find_field(one.first);
            return field == nullptr || !speaks_to(*field, kind);
        });
        choose(std::move(choice));
    }
    const FigureKindDescriptor* const kind = find_figure_kind(state().choice.kind);
    if (kind != nullptr) ui::text_wrapped(kind->help, ui::colors().dim);
    if (kind == nullptr || !speaks_to(*find_field("tokens"), *kind)) return;
    ImGui::Dummy({1, ui::px(2)});
    if (ui::filter_input("##figure_tokens", "Only tokens A..B", tokens_, ImGui::GetContentRegionAvail().x,
                         false)) {
        const bool is_range = tokens_.empty() || tokens_.find("..") != std::string::npos;
        if (is_range) set_option("tokens", tokens_);
    }
}

void FigureDialog::draw_print() {
    std::vector<ui::Segment> segments;
    int selected = 0;
    const std::string column = option("column");
    segments.push_back({"screen##figure_column_none", "As wide as the figure likes"});
    static const std::vector<std::string> labels = [] {
        std::vector<std::string> out;
        for (const PrintPreset& preset : print_presets()) {
            const std::string name = preset.name;
            out.push_back((name == "1"   ? "1 column"
                           : name == "2" ? "2 columns"
                                         : name) +
                          "##figure_column_" + name);
        }
        return out;
    }();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        segments.push_back({labels[i].c_str(), print_presets()[i].help});
        if (column == print_presets()[i].name) selected = static_cast<int>(i) + 1;
    }
    if (ui::segmented("##figure_column", segments, selected)) {
        font_pt_ = 0;
        FigureChoice choice = state().choice;
        std::erase_if(choice.options,
                      [](const auto& one) { return one.first == "column" || one.first == "font-size"; });
        if (selected > 0)
            choice.options.emplace_back("column",
                                        print_presets()[static_cast<std::size_t>(selected) - 1].name);
        choose(std::move(choice));
    }
    const ui::Segment fonts[] = {{"sans##figure_sans", "The embedded sans"},
                                 {"serif##figure_serif", "A serif"}};
    int font = option("font") == "serif" ? 1 : 0;
    if (ui::segmented("##figure_font", fonts, font)) set_option("font", font == 1 ? "serif" : "");
    ImGui::SameLine(0, ui::px(8));
    if (font_pt_ == 0) {
        const auto style = print_style([&] {
            FigureRequest request;
            request.column = column;
            return request;
        }());
        font_pt_ = style && style->font_pt > 0 ? style->font_pt : 7.92;
    }
    if (ui::slider("text##figure_font_size", font_pt_, 5, 30, "{:.1f} pt", ImGui::GetContentRegionAvail().x))
        set_option("font-size", fmt::format("{:.1f}", font_pt_));
}

void FigureDialog::draw_switches() {
    const FigureKindDescriptor* const kind = find_figure_kind(state().choice.kind);
    const float column = ImGui::GetContentRegionAvail().x / 2;
    const float left = ImGui::GetCursorPosX();
    int index = 0;
    for (const FigureSwitch& one : kFigureSwitches) {
        if (index++ % 2 == 1) ImGui::SameLine(left + column);
        const bool is_set = option(one.field) == "on";
        bool is_on = is_set != one.is_inverse;
        if (ui::toggle(one.label, is_on, one.help))
            set_option(one.field, is_on != one.is_inverse ? "on" : "");
    }
    bool is_per_head = option("range") == "head";
    if (kind != nullptr && ui::toggle("colours span each head's own range##figure_range", is_per_head,
                                      "0 to the largest weight of each head, in place of 0 to 1"))
        set_option("range", is_per_head ? "head" : "");
    for (const bool is_signed : {false, true}) {
        std::vector<const char*> names;
        const std::string now = option(is_signed ? "signed-colours" : "colours");
        int selected = 0;
        for (const ColourMapInfo& map : figure_colour_maps()) {
            if (map.is_signed != is_signed) continue;
            if (now == map.name) selected = static_cast<int>(names.size());
            names.push_back(map.name);
        }
        if (is_signed) ImGui::SameLine(0, ui::px(8));
        if (ui::pill_menu(is_signed ? "##figure_signed" : "##figure_colours",
                          is_signed ? "around 0" : "colours", names, selected))
            set_option(is_signed ? "signed-colours" : "colours", names[static_cast<std::size_t>(selected)]);
    }
}

void FigureDialog::draw_file(Actions& actions) {
    std::vector<ui::Segment> formats;
    static const std::string labels[] = {"PDF##figure_pdf", "SVG##figure_svg", "PNG##figure_png",
                                         "PGF##figure_pgf"};
    int selected = 0;
    for (std::size_t i = 0; i < std::size(kFigureFormats); ++i) {
        formats.push_back({labels[i].c_str(), nullptr});
        if (ending() == kFigureFormats[i]) selected = static_cast<int>(i);
    }
    if (ui::segmented("##figure_format", formats, selected))
        set_ending(kFigureFormats[static_cast<std::size_t>(selected)]);
    ui::filter_input("##figure_path", "File", output_.path, ImGui::GetContentRegionAvail().x, false);
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ui::toggle("recipe inside##figure_recipe", output_.has_recipe,
               "Model, text and options, so that it can be made again (headlight render); off: reviewers "
               "read no text");
    ImGui::SameLine(0, ui::px(14));
    ui::toggle(".tex beside##figure_tex", output_.has_tex,
               "The line that includes it, and a draft of a caption");
    if (is_entered) export_now(actions);
}

void FigureDialog::export_now(Actions& actions) {
    message_.clear();
    problem_.clear();
    folder_ = std::filesystem::path(output_.path).parent_path().string();
    std::vector<std::string> words = {state().choice.kind, output_.path};
    for (const auto& [name, value] : state().choice.options)
        words.push_back("--" + name + "=" + value);
    if (!output_.has_recipe) words.emplace_back("--no-recipe");
    if (output_.has_tex) words.emplace_back("--tex");
    actions.run("export_figure", std::move(words));
}

void FigureDialog::draw_buttons(Actions& actions) {
    const FigureExportState& written = session_.snapshot().part<FigureExportState>();
    const bool can_export = state().missing.empty() && !output_.path.empty();
    if (ui::pill_button("Export##figure_export", true, can_export)) export_now(actions);
    ImGui::SameLine(0, ui::px(8));
    if (ui::pill_button("Copy the command##figure_copy", false, can_export,
                        "The line of a shell that makes the same figure")) {
        if (const auto line = chosen_figure_line(session_, output_)) {
            ImGui::SetClipboardText(line->c_str());
            message_ = "The command is in the clipboard.";
        } else {
            problem_ = line.error().message;
        }
    }
    ImGui::SameLine(0, ui::px(8));
    if (ui::pill_button("Close##figure_close")) close_figure_dialog(session_);
    std::string line = message_;
    if (written.num_waiting > 0)
        line = "Writing …";
    else if (line.empty() && written.written == output_.path && written.error.empty())
        line = "Written: " + written.written;
    if (!problem_.empty())
        ui::text_wrapped(problem_, ui::colors().error);
    else if (!line.empty())
        ui::text_wrapped(line, ui::colors().dim);
}

void FigureDialog::update_texture(const FigurePreview& preview) {
    texture_ = {};
    const RasterImage& picture = preview.picture;
    if (!has_gl_ || picture.width < 1) return;
    std::vector<gfx::Rgba> pixels(picture.pixels.size());
    const auto width = static_cast<std::size_t>(picture.width);
    const bool is_clear = option("transparent") == "on";
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] =
            opaque(is_clear ? picture.pixels[i] : picture.pixels[i] | 0xFF000000u, i % width, i / width);
    if (auto made = gfx::Texture::make(gfx::TexelFormat::RGBA8, picture.width, picture.height, pixels.data(),
                                       gfx::TextureFilter::Linear))
        texture_ = *std::move(made);
}

void FigureDialog::draw_preview() {
    if (!state().missing.empty()) {
        ui::draw_card_state({ui::CardState::Empty, state().missing, nullptr, -1});
        return;
    }
    const Derived<FigurePreview> look = state().task.look();
    if (look.state == Derived<FigurePreview>::State::Failed) {
        ui::draw_card_state({ui::CardState::Error,
                             look.error ? look.error->message : "The figure could not be made.", nullptr,
                             -1});
        return;
    }
    if (!look.value) {
        ui::draw_card_state({ui::CardState::Loading, "Making the figure …", nullptr, look.progress});
        return;
    }
    if (look.value != shown_) {
        shown_ = look.value;
        update_texture(*shown_);
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const float line = ui::kit().fonts.small_->FontSize + ui::px(6);
    const RasterImage& picture = shown_->picture;
    const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
    const float fit = std::min({1.0f, room.x / width, (room.y - line) / height});
    const ImVec2 size{std::round(width * fit), std::round(height * fit)};
    const ImVec2 min{std::round(pos.x + (room.x - size.x) / 2), pos.y};
    ui::record_area("##figure_preview", min, {min.x + size.x, min.y + size.y}, false);
    if (texture_)
        ui::draw_texture(ImGui::GetWindowDrawList(), texture_.id(), min, {min.x + size.x, min.y + size.y});
    ui::draw_frame(ImGui::GetWindowDrawList(), min, {min.x + size.x, min.y + size.y}, ui::colors().line);
    const double shown = fit * shown_->scale;
    const double millimetres = 25.4 / shown_->choice.pixels_per_inch / shown_->scale;
    const std::string words =
        fmt::format("{:.0f} × {:.0f} mm{}{}", width * millimetres, height * millimetres,
                    shown > 0.995 ? ", print size" : fmt::format(", shown at {:.0f} %", 100 * shown),
                    look.is_ready() ? "" : " · drawing …");
    ImGui::SetCursorScreenPos({pos.x, pos.y + room.y - line + ui::px(4)});
    ui::text_small(words, ui::colors().dim);
}

void FigureDialog::draw(Actions& actions) {
    if (!is_open()) {
        if (was_open_) texture_ = {};
        was_open_ = false;
        return;
    }
    if (!was_open_) begin();
    was_open_ = true;
    follow_window();
    if (!ui::begin_overlay({"figure", {ui::px(kDialogWidth), ui::px(kDialogHeight)}}))
        close_figure_dialog(session_);
    {
        const ui::FontScope font(ui::kit().fonts.semibold);
        ui::text("Export figure");
    }
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float choices =
        std::min(ui::px(kChoicesWidth), std::max(room.x * 0.5f, room.x - ui::px(kLeastPreview)));
    ImGui::BeginChild("##figure_choices", {choices, 0}, false, ImGuiWindowFlags_NoNav);
    draw_choices();
    ImGui::Dummy({1, ui::px(4)});
    draw_print();
    ImGui::Dummy({1, ui::px(4)});
    draw_switches();
    ImGui::Dummy({1, ui::px(4)});
    draw_file(actions);
    ImGui::Dummy({1, ui::px(4)});
    draw_buttons(actions);
    ImGui::EndChild();
    ImGui::SameLine(0, ui::px(14));
    ImGui::BeginChild("##figure_picture", {0, 0}, false,
                      ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollbar);
    draw_preview();
    ImGui::EndChild();
    ui::end_overlay();
}

}  // namespace headlight
