// The curves of all rows as one dimmed texture. It is drawn some thousand curves a frame and only when what
// it shows changed; while the columns are scrolled or zoomed the picture that is there moves along, exactly.
#pragma once

#include <string>
#include <vector>

#include "gfx/line_renderer.h"
#include "ui/theme.h"
#include "views/lines/lines_camera.h"
#include "views/lines/lines_data.h"
#include "views/lines/lines_plot.h"

namespace headlight {

/// Curves that a picture holds at most: the largest values; and how long one frame draws them.
inline constexpr std::size_t kMostCurves = 4000;
inline constexpr double kCurvesBudgetMs = 5;

/// What a picture is of.
struct LinesView {
    double first = 0, pitch = 1;  // of the camera, for its own upper edge
    int width_px = 0, height_px = 0;
    std::uint64_t generation = 0, subject = 0;  // of the data
    ui::Rgba background;
    float scale = 1;  // of the monitor
    bool operator==(const LinesView&) const = default;
};

struct ChosenCurves {
    std::vector<gfx::LineCurve> curves;
    int cell = 1;               // tokens a group
    std::size_t num_there = 0;  // lines or bundles in sight, of which the curves are the largest
};
/// The curves of all heads in a view. Where rows are too low to be told apart, bundles between groups of
/// them.
ChosenCurves choose_curves(const LinesData& data, const LinesView& view);

class LinesPictureCache {
  public:
    /// Draws on and shows what is there in plot.curves. True while a newer picture is being drawn.
    bool draw(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera, const LinesData& data);
    /// "the largest 4,000 of 12,345 bundles of 8 tokens"; empty while every line is drawn.
    std::string words() const;
    const std::string& failure() const { return failure_; }

  private:
    bool covers(const LinesCamera& camera, float height, const LinesView& wanted) const;
    gfx::LineRenderer renderer_;
    LinesView shown_, drawn_;  // of the texture; of what is being drawn
    ChosenCurves chosen_;
    std::string failure_;
};

}  // namespace headlight
