// An OpenGL context without a window for tests: EGL without a surface, drawn by software. Tests that cannot
// have one skip.
#pragma once

#include <doctest/doctest.h>
#include <epoxy/egl.h>

#include <string>

#include "gfx/gl_handles.h"
#include "support/fixtures.h"

namespace headlight::test {

/// Makes one context for the whole test program, current on the calling thread. Empty when it worked, else
/// the reason.
inline const std::string& gl_context_problem() {
    static const std::string problem = [] {
        setenv("LIBGL_ALWAYS_SOFTWARE", "1", 0);
        EGLDisplay display =
            eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display == EGL_NO_DISPLAY) return std::string("no EGL display without a surface");
        if (eglInitialize(display, nullptr, nullptr) == EGL_FALSE)
            return std::string("EGL could not be initialised");
        if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) return std::string("EGL has no desktop OpenGL");
        const EGLint config_wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, EGL_DONT_CARE,
                                        EGL_NONE};
        EGLConfig config = nullptr;
        EGLint num_configs = 0;
        eglChooseConfig(display, config_wanted, &config, 1, &num_configs);
        const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                                  3,
                                  EGL_CONTEXT_MINOR_VERSION,
                                  3,
                                  EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                  EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                  EGL_NONE};
        EGLContext context =
            eglCreateContext(display, num_configs > 0 ? config : nullptr, EGL_NO_CONTEXT, version);
        if (context == EGL_NO_CONTEXT) return std::string("no OpenGL 3.3 core context");
        if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) == EGL_FALSE) {
            return std::string("the OpenGL context could not be made current without a surface");
        }
        gfx::adopt_gl_thread();
        return std::string();
    }();
    return problem;
}

}  // namespace headlight::test

/// First statement of a test case that draws.
#define HEADLIGHT_NEEDS_GL()                                                                   \
    do {                                                                                       \
        if (!headlight::test::gl_context_problem().empty()) {                                  \
            headlight::test::skipped_cases().push_back(headlight::test::gl_context_problem()); \
            MESSAGE("SKIPPED: " << headlight::test::gl_context_problem());                     \
            return;                                                                            \
        }                                                                                      \
        ++headlight::test::num_checked_cases();                                                \
    } while (false)
