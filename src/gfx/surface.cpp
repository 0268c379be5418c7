#include "gfx/surface.h"

#include <epoxy/gl.h>

namespace headlight::gfx {

void bind_surface(const Framebuffer* target, int width, int height, Rgba clear) {
    glBindFramebuffer(GL_FRAMEBUFFER, target != nullptr ? target->id() : 0);
    glViewport(0, 0, width, height);
    glDisable(GL_SCISSOR_TEST);
    glClearColor(static_cast<float>(clear.r) / 255.0f, static_cast<float>(clear.g) / 255.0f,
                 static_cast<float>(clear.b) / 255.0f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT);
}

}  // namespace headlight::gfx
