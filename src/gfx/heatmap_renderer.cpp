#include "gfx/heatmap_renderer.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>

#include "gfx/colormap_texture.h"
#include "gfx/texture_changes.h"

namespace headlight::gfx {
namespace {

const ProgramInterface& heatmap_interface() {
    using enum UniformType;
    static const ProgramInterface interface {
        "heatmap",
            with_scale_uniforms({{"u_values", Sampler2DArray, 1, 0},
                                 {"u_ranges", Sampler2D, 1, 1},
                                 {"u_visible", Vec4},
                                 {"u_matrix", IVec2},
                                 {"u_level", IVec4},
                                 {"u_slice", IVec2},
                                 {"u_pooling", Int},
                                 {"u_masked", Vec4},
                                 {"u_outside", Vec4},
                                 {"u_grid", Vec4},
                                 {"u_grid_px", Float},
                                 {"u_num_frames", Int},
                                 {"u_frame_rect", Vec4, HeatmapRequest::kMaxFrames},
                                 {"u_frame_color", Vec4, HeatmapRequest::kMaxFrames},
                                 {"u_frame_style", Vec4, HeatmapRequest::kMaxFrames}},
                                2),
        {}
    };
    return interface;
}

// Cells a side of a pixel's footprint, across and down.
struct Footprint {
    double cols, rows;
};
Footprint footprint(const HeatmapRequest& request) {
    return {request.visible.cols / request.width_px, request.visible.rows / request.height_px};
}

// The coarsest level whose tiles are not larger than the smaller side of a pixel's footprint.
const HeatmapMatrix::GpuLevel& choose_level(const HeatmapMatrix& matrix, const Footprint& cells) {
    const double limit = std::min(cells.cols, cells.rows) + 1e-6;
    const auto& levels = matrix.levels();
    std::size_t best = 0;
    while (best + 1 < levels.size() && levels[best + 1].cell <= limit)
        ++best;
    return levels[best];
}

void set_frames(const Program& program, const HeatmapRequest& request) {
    const auto count = std::min<std::size_t>(request.frames.size(), HeatmapRequest::kMaxFrames);
    std::vector<float> rects, colors, styles;
    for (std::size_t i = 0; i < count; ++i) {
        const HeatmapFrame& frame = request.frames[i];
        const auto edge = [](int first, int size) { return static_cast<float>(first + size); };
        rects.insert(rects.end(), {edge(frame.col, 0), edge(frame.row, 0), edge(frame.col, frame.cols),
                                   edge(frame.row, frame.rows)});
        for (const std::uint8_t channel : {frame.color.r, frame.color.g, frame.color.b, frame.color.a}) {
            colors.push_back(static_cast<float>(channel) / 255.0f);
        }
        const float width = std::max(1.0f, std::round(frame.width_px * request.scale_factor));
        styles.insert(styles.end(), {width, frame.is_fill ? 1.0f : 0.0f, 0.0f, 0.0f});
    }
    program.set("u_num_frames", static_cast<int>(count));
    program.set_vec4_array("u_frame_rect", rects);
    program.set_vec4_array("u_frame_color", colors);
    program.set_vec4_array("u_frame_style", styles);
}

}  // namespace

std::uint64_t HeatmapRenderer::key_of(const HeatmapMatrix& matrix, const HeatmapRequest& request) const {
    Hash hash;
    hash.add_all(matrix.id(), shaders_->generation(), request.width_px, request.height_px,
                 request.visible.col, request.visible.row, request.visible.cols, request.visible.rows,
                 request.pooling, request.masked, request.outside, request.grid, request.scale_factor);
    add_scale(hash, request.scale);
    hash.add_bytes(request.colormap_rgb.data(), request.colormap_rgb.size());
    for (const HeatmapFrame& frame : request.frames) {
        hash.add_all(frame.row, frame.col, frame.rows, frame.cols, frame.color, frame.width_px,
                     frame.is_fill);
    }
    return hash.value();
}

Result<GlId> HeatmapRenderer::render(const HeatmapMatrix& matrix, const HeatmapRequest& request) {
    if (matrix.id() == 0 || !(request.visible.cols > 0) || !(request.visible.rows > 0)) {
        return fail(ErrorKind::InvalidInput,
                    "Drawing a heatmap: there is no matrix, or no cell of it is asked for.");
    }
    const std::uint64_t key = key_of(matrix, request);
    if (key != last_key_ || !target_) {
        last_key_ = 0;
        HEADLIGHT_CHECK(draw(matrix, request));
        last_key_ = key;
        ++num_draws_;
    }
    return target_.texture().id();
}

Result<void> HeatmapRenderer::draw(const HeatmapMatrix& matrix, const HeatmapRequest& request) {
    const GlStateGuard guard;
    HEADLIGHT_TRY(const Program* program, shaders_->program(heatmap_interface()));
    HEADLIGHT_CHECK(refresh_colormap(request.colormap_rgb, colormap_bytes_, colormap_));
    HEADLIGHT_CHECK(fit_target(target_, request.width_px, request.height_px));
    const Footprint cells = footprint(request);
    cells_per_pixel_ = static_cast<float>(std::max(1.0, std::max(cells.cols, cells.rows)));
    const auto& level = choose_level(matrix, cells);
    const bool is_mean = request.pooling == Pooling::Mean;
    (is_mean && level.mean ? level.mean : level.max).bind(0);
    level.ranges.bind(1);
    colormap_.bind(2);

    program->use();
    set_scale(*program, request.scale);
    program->set("u_visible", static_cast<float>(request.visible.col),
                 static_cast<float>(request.visible.row), static_cast<float>(cells.cols),
                 static_cast<float>(cells.rows));
    program->set("u_matrix", matrix.rows(), matrix.cols());
    program->set("u_level", level.rows, level.cols, level.cell, level.tiles_across);
    program->set("u_slice", level.tile_rows, level.tile_cols);
    program->set("u_pooling", static_cast<int>(request.pooling));
    program->set("u_masked", request.masked);
    program->set("u_outside", request.outside);
    const auto cell_px =
        static_cast<float>(1.0 / std::max(cells.cols, cells.rows)) / std::max(request.scale_factor, 0.1f);
    program->set("u_grid", faded(request.grid, std::clamp((cell_px - 6.0f) / 6.0f, 0.0f, 1.0f)));
    program->set("u_grid_px", std::max(1.0f, std::floor(request.scale_factor)));
    set_frames(*program, request);

    if (vertices_.id() == 0) vertices_ = VertexArray::make();
    vertices_.bind();
    note_texture_change(target_.texture().id());
    glBindFramebuffer(GL_FRAMEBUFFER, target_.id());
    glViewport(0, 0, target_.width(), target_.height());
    glDrawArrays(GL_TRIANGLES, 0, 3);
    return {};
}

Result<Image> HeatmapRenderer::read_back() const {
    return read_framebuffer(target_);
}

}  // namespace headlight::gfx
