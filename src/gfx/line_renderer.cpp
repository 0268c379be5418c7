// Curves between two columns, one instance each.
#include "gfx/line_renderer.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>

#include "gfx/colormap_texture.h"

namespace headlight::gfx {
namespace {

struct CurveInstance {
    float ends[4];  // from, to, half of the width, dashed
    float color[4];
};
// A curve that hardly rises needs few pieces.
constexpr int kFewPieces = 4, kManyPieces = 20;
constexpr float kFlatPx = 6;

const ProgramInterface& lines_interface() {
    using enum UniformType;
    static const ProgramInterface interface {
        "lines", {{"u_picture", Vec4}, {"u_pieces", Int}}, { "a_ends", "a_color" }
    };
    return interface;
}

bool is_flat(const LineCurve& curve) {
    return std::abs(curve.to - curve.from) < kFlatPx;
}

CurveInstance instance_of(const LineCurve& curve) {
    // Thinner than a pixel is a pixel that covers less.
    const float half = std::max(0.5f, curve.width_px / 2);
    const float cover = std::min(1.0f, curve.width_px);
    const auto channel = [](std::uint8_t value) { return static_cast<float>(value) / 255.0f; };
    return {{curve.from, curve.to, half, curve.is_dashed ? 1.0f : 0.0f},
            {channel(curve.color.r), channel(curve.color.g), channel(curve.color.b),
             channel(curve.color.a) * cover}};
}

}  // namespace

void LineRenderer::start(std::vector<LineCurve> curves, const LinePicture& picture) {
    curves_ = std::move(curves);
    std::stable_partition(curves_.begin(), curves_.end(), is_flat);
    picture_ = picture;
    next_ = 0;
    is_drawing_ = true;
}

Result<bool> LineRenderer::advance(int most) {
    if (!is_drawing_) return true;
    const std::size_t count = std::min(curves_.size() - next_, static_cast<std::size_t>(std::max(1, most)));
    HEADLIGHT_CHECK(draw(std::span(curves_).subspan(next_, count), next_ == 0));
    next_ += count;
    if (next_ < curves_.size()) return false;
    front_ = 1 - front_;
    is_drawing_ = false;
    curves_.clear();
    return true;
}

Status LineRenderer::draw(std::span<const LineCurve> curves, bool clears) {
    const GlStateGuard guard;
    HEADLIGHT_TRY(const Program* program, shaders_->program(lines_interface()));
    Framebuffer& target = targets_[1 - front_];
    HEADLIGHT_CHECK(fit_target(target, picture_.width_px, picture_.height_px));
    if (vertices_.id() == 0) {
        instances_ = Buffer::make();
        const VertexAttribute attributes[] = {{0, 4, 0}, {1, 4, sizeof(CurveInstance::ends)}};
        vertices_ = VertexArray::make_instanced(instances_, attributes, sizeof(CurveInstance));
    }
    program->use();
    program->set("u_picture", static_cast<float>(picture_.width_px), static_cast<float>(picture_.height_px),
                 picture_.dash_px, 0.0f);
    vertices_.bind();
    glBindFramebuffer(GL_FRAMEBUFFER, target.id());
    glViewport(0, 0, target.width(), target.height());
    if (clears) {
        glClearColor(static_cast<float>(picture_.background.r) / 255.0f,
                     static_cast<float>(picture_.background.g) / 255.0f,
                     static_cast<float>(picture_.background.b) / 255.0f, 1.0f);
        glClear(GL_COLOR_BUFFER_BIT);
    }
    glEnable(GL_BLEND);
    glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ZERO, GL_ONE);
    std::vector<CurveInstance> run;
    for (std::size_t i = 0; i < curves.size();) {  // flat ones come first: two calls at most
        const bool are_flat = is_flat(curves[i]);
        run.clear();
        for (; i < curves.size() && is_flat(curves[i]) == are_flat; ++i)
            run.push_back(instance_of(curves[i]));
        const int pieces = are_flat ? kFewPieces : kManyPieces;
        instances_.upload(std::as_bytes(std::span(run)));
        program->set("u_pieces", pieces);
        glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 2 * (pieces + 1), static_cast<GLsizei>(run.size()));
    }
    return {};
}

Result<Image> LineRenderer::read_back() const {
    return read_framebuffer(targets_[front_]);
}

}  // namespace headlight::gfx
