// The curves of all rows as one dimmed texture.
#include "views/lines/lines_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/kit.h"
#include "ui/plots.h"
#include "views/lines/head_colors.h"

namespace headlight {
namespace {

constexpr double kLeastGroupPx = 2.5;  // rows lower than that are bundled
constexpr double kMarginShare = 0.5;   // of the height, drawn above and below what is in sight
constexpr float kLeastOpacity = 0.1f, kMostOpacity = 0.5f;

/// A line in sight, before the largest are chosen.
struct Candidate {
    float size = 0, value = 0;
    int head = 0;
    std::int32_t query = 0, key = 0;  // groups
};

const LineLevel& level_for(const HeadLines& lines, double pitch, double scale) {
    std::size_t level = 0;
    while (level + 1 < lines.levels.size() && lines.levels[level].cell * pitch < kLeastGroupPx * scale)
        ++level;
    return lines.levels[level];
}

void add_candidates(const LineLevel& level, int head, double begin, double end, std::vector<Candidate>& out) {
    const auto is_in = [&](std::int32_t group) {
        return (group + 1.0) * level.cell > begin && static_cast<double>(group) * level.cell < end;
    };
    for (int row = 0; row < level.num_rows; ++row) {
        const bool is_row_in = is_in(row);
        const auto at = static_cast<std::size_t>(row);
        for (std::uint32_t i = level.row_begin[at]; i < level.row_begin[at + 1]; ++i) {
            if (!is_row_in && !is_in(level.keys[i])) continue;
            out.push_back({std::abs(level.values[i]), level.values[i], head, row, level.keys[i]});
        }
    }
}

}  // namespace

ChosenCurves choose_curves(const LinesData& data, const LinesView& view) {
    ChosenCurves out;
    std::vector<Candidate> candidates;
    const double end = view.first + view.height_px / view.pitch;
    for (std::size_t i = 0; i < data.heads().size(); ++i) {
        const HeadLines* lines = data.heads()[i].lines.get();
        if (!lines) continue;
        const LineLevel& level = level_for(*lines, view.pitch, view.scale);
        out.cell = level.cell;
        add_candidates(level, static_cast<int>(i), view.first, end, candidates);
    }
    out.num_there = candidates.size();
    const auto is_smaller = [](const Candidate& a, const Candidate& b) { return a.size < b.size; };
    if (candidates.size() > kMostCurves) {
        const auto first = candidates.end() - static_cast<std::ptrdiff_t>(kMostCurves);
        std::nth_element(candidates.begin(), first, candidates.end(), is_smaller);
        candidates.erase(candidates.begin(), first);
    }
    std::sort(candidates.begin(), candidates.end(), is_smaller);  // the largest on top
    const auto num_heads = static_cast<float>(data.heads().size());
    const auto pitch = static_cast<float>(view.pitch);
    const float apart = std::min(1.6f * view.scale, 0.5f * pitch * static_cast<float>(out.cell) / num_heads);
    for (const Candidate& one : candidates) {
        const float share = std::min(1.0f, one.size / data.largest());
        const float offset = (static_cast<float>(one.head) - (num_heads - 1) / 2) * apart;
        const auto y_of = [&](std::int32_t group) {
            return static_cast<float>(((group + 0.5) * out.cell - view.first) * view.pitch) + offset;
        };
        gfx::LineCurve curve;
        curve.from = y_of(one.query);
        curve.to = y_of(one.key);
        curve.width_px = view.scale * (0.8f + 0.9f * share);
        curve.is_dashed = one.value < 0;
        curve.color = gfx::faded(head_color(ui::colors(), one.head),
                                 kLeastOpacity + (kMostOpacity - kLeastOpacity) * share);
        out.curves.push_back(curve);
    }
    return out;
}

bool LinesPictureCache::covers(const LinesCamera& camera, float height, const LinesView& wanted) const {
    const bool is_same = shown_.generation == wanted.generation && shown_.pitch == wanted.pitch &&
                         shown_.width_px == wanted.width_px && shown_.background == wanted.background &&
                         shown_.scale == wanted.scale && shown_.height_px == wanted.height_px;
    if (!is_same) return false;
    const double last = shown_.first + shown_.height_px / shown_.pitch;
    return camera.first() >= shown_.first - 1e-6 && camera.first() + height / camera.pitch() <= last + 1e-6;
}

bool LinesPictureCache::draw(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera,
                             const LinesData& data) {
    if (!context.shaders) return false;  // no GL
    const float height = plot.curves.height;
    const double margin = camera.can_scroll() ? kMarginShare * height : 0;
    LinesView wanted;
    wanted.first = camera.first() - margin / camera.pitch();
    wanted.pitch = camera.pitch();
    wanted.width_px = std::max(1, static_cast<int>(plot.curves.width));
    wanted.height_px = std::max(1, static_cast<int>(std::ceil(height + 2 * margin)));
    wanted.generation = data.generation();
    wanted.subject = data.subject();
    wanted.background = ui::colors().card;
    wanted.scale = ui::kit().scale;
    const bool is_there = renderer_.has_picture() && covers(camera, height, wanted);
    if (!renderer_.is_drawing() && !is_there) {
        drawn_ = wanted;
        chosen_ = choose_curves(data, wanted);
        gfx::LinePicture picture;
        picture.width_px = wanted.width_px;
        picture.height_px = wanted.height_px;
        picture.background = wanted.background;
        picture.dash_px = ui::px(6);
        renderer_.start(chosen_.curves, picture);
    }
    if (renderer_.is_drawing()) {
        const auto is_whole = renderer_.advance(kCurvesBudgetMs);
        failure_ = is_whole ? std::string() : is_whole.error().message;
        if (!is_whole) return false;
        if (*is_whole) shown_ = drawn_;
        ui::request_redraw();
    }
    // Of other heads or another text the older picture would be a lie.
    if (!renderer_.has_picture() || shown_.subject != data.subject()) return renderer_.is_drawing();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float top = plot.curves.y + camera.y_of(shown_.first);
    const auto stretch = static_cast<float>(camera.pitch() / shown_.pitch);
    list->PushClipRect({plot.curves.x, plot.curves.y}, {plot.curves.right(), plot.curves.bottom()}, true);
    ui::draw_texture(list, renderer_.texture(), {plot.curves.x, std::round(top)},
                     {plot.curves.right(), std::round(top) + stretch * static_cast<float>(shown_.height_px)},
                     context.freshness());
    list->PopClipRect();
    return renderer_.is_drawing();
}

std::string LinesPictureCache::words() const {
    const bool is_cut = chosen_.num_there > chosen_.curves.size();
    if (!is_cut && chosen_.cell == 1) return {};
    const std::string what = chosen_.cell == 1
                                 ? "lines in sight"
                                 : fmt::format("bundles between groups of {} tokens", chosen_.cell);
    return is_cut ? fmt::format("drawn are the largest {} of {} {}", chosen_.curves.size(), chosen_.num_there,
                                what)
                  : fmt::format("drawn as {} {}", chosen_.num_there, what);
}

}  // namespace headlight
