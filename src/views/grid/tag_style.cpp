// Colours of patterns and flow shares.
#include "views/grid/tag_style.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "views/format.h"

namespace headlight {

namespace {

bool is_one_of(std::string_view id, std::initializer_list<std::string_view> ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

ui::Rgba tag_color(const ui::Colors& colors, std::string_view detector_id) {
    using gfx::mix;
    if (detector_id == "first_token") return colors.second;
    if (detector_id == "previous_token") return colors.third;
    if (detector_id == "induction") return mix(colors.error, colors.second, 0.25f);
    if (detector_id == "self") return mix(colors.error, colors.second, 0.62f);
    if (detector_id == "duplicate_token") return mix(colors.third, colors.second, 0.55f);
    if (detector_id == "local_window") return mix(colors.third, colors.text, 0.5f);
    if (detector_id == "uniform") return colors.dim;
    if (detector_id.starts_with("offset_")) return mix(colors.third, colors.second, 0.3f);
    if (is_one_of(detector_id, {"punctuation", "delimiter"})) return mix(colors.error, colors.third, 0.5f);
    if (is_one_of(detector_id, {"within_word", "whitespace"})) return mix(colors.error, colors.second, 0.8f);
    if (is_one_of(detector_id, {"copying", "retrieval"})) return mix(colors.error, colors.text, 0.35f);
    if (is_one_of(detector_id, {"bracket", "quote", "indent"}))
        return mix(colors.warning, colors.third, 0.45f);
    if (is_one_of(detector_id, {"global_column", "block"})) return mix(colors.dim, colors.second, 0.5f);
    return mix(colors.second, colors.text, 0.45f);
}

std::string tag_sentence(const Tag& tag) {
    return fmt::format("{}: score {}, uniform head {}, lift {}, κ {}", tag.detector->label,
                       format_score(tag.score.score), format_score(tag.score.null),
                       format_lift(tag.score.lift), format_score(tag.score.kappa));
}

}  // namespace headlight
