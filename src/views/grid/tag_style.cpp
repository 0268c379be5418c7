// Colours of patterns and flow shares.
#include "views/grid/tag_style.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/pictures.h"

namespace headlight {

namespace {

bool is_one_of(std::string_view id, std::initializer_list<std::string_view> ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

char tag_letter(std::string_view id) {
    constexpr std::pair<std::string_view, char> kLetters[] = {
        {"previous_token", 'P'}, {"next_token", 'N'},      {"first_token", 'F'},     {"self", 'S'},
        {"local_window", 'L'},   {"global_column", 'C'},   {"duplicate_token", 'D'}, {"induction", 'I'},
        {"copying", 'Y'},        {"retrieval", 'T'},       {"punctuation", '.'},     {"whitespace", '_'},
        {"within_word", 'W'},    {"vowel_consonant", 'V'}, {"rare_token", 'R'},      {"delimiter", ';'},
        {"block", 'B'},          {"bracket", '('},         {"quote", '"'},           {"indent", '>'},
        {"semantic", 'M'},       {"uniform", 'U'}};
    for (const auto& [name, letter] : kLetters) {
        if (id == name) return letter;
    }
    return id.starts_with("offset_") ? id.back() : '?';
}

float tag_mark_size() {
    return ui::px(12);
}

void draw_tag_mark(ImVec2 pos, std::string_view id) {
    const ui::Rgba fill = tag_color(ui::colors(), id);
    const float size = tag_mark_size();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ui::draw_fill(list, pos, {pos.x + size, pos.y + size}, fill, ui::px(2));
    const char letter[] = {tag_letter(id), 0};
    ui::draw_text_centered(list, ui::kit().fonts.tiny, pos, {pos.x + size, pos.y + size},
                           ink_on(fill, ui::colors()), letter);
}

// Hues that people who mix up red and green still tell apart; what shares one differs in its letter.
ui::Rgba tag_color(const ui::Colors& colors, std::string_view detector_id) {
    using gfx::mix;
    if (detector_id == "first_token") return colors.second;
    if (detector_id == "previous_token") return colors.third;
    if (detector_id == "induction") return mix(colors.error, colors.second, 0.25f);
    if (detector_id == "self") return mix(colors.error, colors.second, 0.62f);
    if (detector_id == "duplicate_token")
        return mix(mix(colors.error, colors.second, 0.5f), colors.text, 0.5f);
    if (detector_id == "local_window") return mix(colors.third, colors.text, 0.5f);
    if (detector_id == "uniform") return colors.dim;
    if (detector_id == "next_token" || detector_id.starts_with("offset_"))
        return mix(colors.third, colors.card, 0.35f);
    if (is_one_of(detector_id, {"punctuation", "delimiter"})) return mix(colors.warning, colors.card, 0.3f);
    if (is_one_of(detector_id, {"within_word", "whitespace"})) return mix(colors.error, colors.card, 0.3f);
    if (is_one_of(detector_id, {"copying", "retrieval"})) return mix(colors.error, colors.text, 0.35f);
    if (is_one_of(detector_id, {"bracket", "quote", "indent"}))
        return mix(colors.warning, colors.third, 0.45f);
    if (is_one_of(detector_id, {"global_column", "block"})) return mix(colors.second, colors.card, 0.4f);
    return mix(colors.second, colors.text, 0.6f);
}

std::string tag_sentence(const Tag& tag) {
    return fmt::format("{}: score {}, uniform head {}, lift {}, κ {}", tag.detector->label,
                       format_score(tag.score.score), format_score(tag.score.null),
                       format_lift(tag.score.lift), format_score(tag.score.kappa));
}

}  // namespace headlight
