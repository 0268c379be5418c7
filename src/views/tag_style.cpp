// Colours of patterns and flow shares.
#include "views/tag_style.h"

#include <fmt/format.h>

#include "views/format.h"

namespace headlight {

ui::Rgba tag_color(const ui::Colors& colors, std::string_view detector_id) {
    using gfx::mix;
    if (detector_id == "first_token") return colors.second;
    if (detector_id == "previous_token") return colors.third;
    if (detector_id == "induction") return mix(colors.error, colors.second, 0.25f);
    if (detector_id == "self") return mix(colors.error, colors.second, 0.62f);
    if (detector_id == "duplicate_token") return mix(colors.third, colors.second, 0.55f);
    if (detector_id == "local_window") return mix(colors.third, colors.text, 0.5f);
    if (detector_id == "uniform") return colors.dim;
    return mix(colors.second, colors.text, 0.45f);
}

std::string tag_sentence(const Tag& tag) {
    return fmt::format("{}: score {}, uniform head {}, lift {}, κ {}", tag.detector->label,
                       format_score(tag.score.score), format_score(tag.score.null),
                       format_lift(tag.score.lift), format_score(tag.score.kappa));
}

}  // namespace headlight
