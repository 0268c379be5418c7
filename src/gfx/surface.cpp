#include "gfx/surface.h"

#include <epoxy/gl.h>

namespace headlight::gfx {
namespace {

void use_clear_color(Rgba clear) {
    glClearColor(static_cast<float>(clear.r) / 255.0f, static_cast<float>(clear.g) / 255.0f,
                 static_cast<float>(clear.b) / 255.0f, 1.0f);
}

}  // namespace

void bind_surface(const Framebuffer* target, int width, int height, Rgba clear) {
    glBindFramebuffer(GL_FRAMEBUFFER, target != nullptr ? target->id() : 0);
    glViewport(0, 0, width, height);
    glDisable(GL_SCISSOR_TEST);
    use_clear_color(clear);
    glClear(GL_COLOR_BUFFER_BIT);
}

void bind_parts(const Framebuffer& target, std::span<const SurfacePart> parts, Rgba clear) {
    glBindFramebuffer(GL_FRAMEBUFFER, target.id());
    glViewport(0, 0, target.width(), target.height());
    use_clear_color(clear);
    glEnable(GL_SCISSOR_TEST);
    for (const SurfacePart& part : parts) {
        glScissor(part.x, target.height() - part.y - part.height, part.width, part.height);
        glClear(GL_COLOR_BUFFER_BIT);
    }
    glDisable(GL_SCISSOR_TEST);
}

void copy_to_window(const Framebuffer& picture) {
    const int width = picture.width(), height = picture.height();
    glDisable(GL_SCISSOR_TEST);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, picture.id());
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
    glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

}  // namespace headlight::gfx
