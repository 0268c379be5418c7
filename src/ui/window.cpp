#include "ui/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "base/measure/start_log.h"
#include "base/stopwatch.h"
#include "gfx/surface.h"

namespace headlight::ui {
namespace {

std::atomic<bool> g_is_woken{false};
std::atomic<bool> g_is_running{false};

std::string glfw_error() {
    const char* text = nullptr;
    glfwGetError(&text);
    return text != nullptr ? text : "GLFW gave no reason";
}

}  // namespace

Result<std::unique_ptr<Window>> Window::open(const WindowSpec& spec) {
    if (glfwInit() == GLFW_FALSE) {
        return fail(ErrorKind::Unsupported,
                    "Opening a window: no display can be reached ({}). Start it from a desktop session, or "
                    "use the command line "
                    "(headlight --help).",
                    glfw_error());
    }
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    // StartupWMClass of the desktop file: by it a desktop finds the icon.
    for (const int name : {GLFW_X11_CLASS_NAME, GLFW_X11_INSTANCE_NAME})
        glfwWindowHintString(name, "headlight");
    glfwWindowHint(GLFW_VISIBLE, spec.is_hidden ? GLFW_FALSE : GLFW_TRUE);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, spec.is_hidden ? GLFW_FALSE : GLFW_TRUE);
    GLFWwindow* handle = glfwCreateWindow(spec.width, spec.height, spec.title.c_str(), nullptr, nullptr);
    if (handle == nullptr) {
        const std::string reason = glfw_error();
        glfwTerminate();
        return fail(
            ErrorKind::Unsupported,
            "Opening a window: no OpenGL 3.3 context could be made ({}). Install a graphics driver (package "
            "libgl1-mesa-dri draws without a graphics card).",
            reason);
    }
    std::unique_ptr<Window> window(new Window);
    window->window_ = handle;
    window->is_hidden_ = spec.is_hidden;
    window->wanted_theme_ = spec.theme;
    window->wanted_scale_ = spec.scale;
    glfwMakeContextCurrent(handle);
    glfwSwapInterval(spec.is_hidden ? 0 : 1);
    gfx::adopt_gl_thread();
    note_start("the window is there");
    spec.on_context();
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;  // layout is kept by the settings, not by ImGui
    io.LogFilename = nullptr;
    io.ConfigInputTextCursorBlink = true;
    window->kit_ = std::make_unique<Kit>(gfx::ShapedTextCache::Mode::Gl);
    set_current_kit(window->kit_.get());  // dialogs are opened between frames
    window->install_callbacks();
    ImGui_ImplGlfw_InitForOpenGL(handle, false);  // the callbacks are ours
    ImGui_ImplOpenGL3_Init("#version 330 core");
    window->apply_pending();
    note_start("the fonts are drawn");
    g_is_running = true;
    return window;
}

Window::~Window() {
    g_is_running = false;
    if (window_ == nullptr) return;
    // Textures first, while their context lives; then ImGui; then the context.
    set_current_kit(nullptr);
    kit_.reset();
    picture_ = {};
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
    gfx::collect_garbage();
    gfx::forget_gl_thread();
    glfwDestroyWindow(window_);
    glfwTerminate();
}

double Window::monitor_scale() const {
    float x = 1, y = 1;
    glfwGetWindowContentScale(window_, &x, &y);
    return std::clamp(static_cast<double>(std::max(x, y)), 0.5, 6.0);
}

void Window::apply_pending() {
    if (is_configured_) return;
    is_configured_ = true;
    // A hidden window's picture must not depend on the monitor.
    const double scale = enlargement_ * (wanted_scale_ > 0 ? wanted_scale_
                                         : is_hidden_      ? 1.0
                                                           : monitor_scale());
    const bool has_new_fonts =
        kit_->fonts.body == nullptr || std::abs(scale - static_cast<double>(kit_->scale)) > 1e-6;
    kit_->configure(wanted_theme_, static_cast<float>(scale));
    picture_.forget();
    if (has_new_fonts) ImGui_ImplOpenGL3_DestroyFontsTexture();  // made again at the next frame
    if (has_new_fonts && ImGui::GetFrameCount() > 0) ImGui_ImplOpenGL3_CreateFontsTexture();
    frames_due_ = std::max(frames_due_, 2);
}

bool Window::should_close() const {
    return glfwWindowShouldClose(window_) != GLFW_FALSE;
}
void Window::request_close() {
    glfwSetWindowShouldClose(window_, GLFW_TRUE);
}

int Window::width_px() const {
    int width = 0, height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    return width;
}

int Window::height_px() const {
    int width = 0, height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    return height;
}

void Window::resize(int width_px, int height_px) {
    int width = 1, frame_width = 1, unused = 0;
    glfwGetWindowSize(window_, &width, &unused);
    glfwGetFramebufferSize(window_, &frame_width, &unused);
    const double units = static_cast<double>(width) / std::max(1, frame_width);
    glfwSetWindowSize(window_, static_cast<int>(std::lround(width_px * units)),
                      static_cast<int>(std::lround(height_px * units)));
    glfwPollEvents();
    frames_due_ = 3;
}

void Window::set_title(const std::string& title) {
    glfwSetWindowTitle(window_, title.c_str());
}

void Window::set_theme(ThemeKind theme) {
    wanted_theme_ = theme;
    is_configured_ = false;
}

void Window::set_scale(double scale) {
    wanted_scale_ = scale;
    is_configured_ = false;
}

void Window::set_enlargement(double factor) {
    if (factor == enlargement_) return;
    enlargement_ = factor;
    is_configured_ = false;
}

void Window::set_full_screen(bool is_full) {
    const bool is_now = glfwGetWindowMonitor(window_) != nullptr;
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor != nullptr ? glfwGetVideoMode(monitor) : nullptr;
    if (is_full == is_now || mode == nullptr || is_hidden_) return;
    if (is_full) {
        glfwGetWindowPos(window_, &windowed_[0], &windowed_[1]);
        glfwGetWindowSize(window_, &windowed_[2], &windowed_[3]);
        glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
    } else {
        glfwSetWindowMonitor(window_, nullptr, windowed_[0], windowed_[1], windowed_[2], windowed_[3], 0);
    }
    frames_due_ = 3;
}

/// A frame that shows nothing new is not held up by the screen: the next one waits a little, unless there is
/// news.
double Window::seconds_to_rest() const {
    constexpr double kRestSeconds = 0.015;
    const bool has_news = g_is_woken || !is_configured_ || !keys_.is_empty();
    if (is_hidden_ || has_news || last_frame_.show > 0) return 0;
    return frame_started_ + kRestSeconds - glfwGetTime();
}

bool Window::wait(double timeout_s) {
    // ImGui's clock stands still between frames, so the time since the last one is added.
    const auto now = [this] { return ImGui::GetTime() + glfwGetTime() - frame_started_; };
    const auto is_due = [&] {
        return kit_->wants_redraw || (kit_->redraw_at > 0 && kit_->redraw_at <= now());
    };
    if (frames_due_ > 0 || g_is_woken || is_due() || !is_configured_) {
        const double rest = seconds_to_rest();
        rest > 0 ? glfwWaitEventsTimeout(rest) : glfwPollEvents();
    } else {
        const double until_due = kit_->redraw_at > 0 ? std::max(1e-3, kit_->redraw_at - now()) : timeout_s;
        glfwWaitEventsTimeout(std::max(1e-3, std::min(timeout_s, until_due)));
    }
    if (g_is_woken.exchange(false) || is_due() || !is_configured_) frames_due_ = std::max(frames_due_, 1);
    kit_->wants_redraw = false;
    return frames_due_ > 0;
}

void Window::wake() {
    g_is_woken = true;
    if (g_is_running) glfwPostEmptyEvent();
}

/// A target that cannot be made leaves the way straight into the window, all of it in every frame.
void Window::paint() {
    const Stopwatch stopwatch;
    const int width = width_px(), height = height_px();
    const gfx::Rgba background = kit_->colors().background;
    const auto painted = picture_.paint(*ImGui::GetDrawData(), width, height, background);
    const bool is_kept = painted.has_value();
    if (!is_kept) {
        picture_ = {};
        gfx::bind_surface(nullptr, width, height, background);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    }
    last_frame_.paint = stopwatch.milliseconds();
    last_frame_.show = 0;
    if (is_hidden_ || (is_kept && !*painted && !must_show_)) return;
    if (is_kept) picture_.show();
    glfwSwapBuffers(window_);
    must_show_ = false;
    last_frame_.show = stopwatch.milliseconds() - last_frame_.paint;
}

void Window::frame(const std::function<void()>& draw, const std::function<void()>& before_paint) {
    const Stopwatch stopwatch;
    glfwMakeContextCurrent(window_);
    gfx::collect_garbage();
    apply_pending();
    frames_due_ = std::max(0, frames_due_ - 1);
    kit_->redraw_at = 0;
    frame_started_ = glfwGetTime();
    last_key_at_ = std::exchange(key_at_, std::nullopt);
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    feed_keys();
    if (feed_input) feed_input();
    ImGui::NewFrame();
    kit_->begin_frame();
    draw();
    kit_->end_frame();
    ImGui::Render();
    if (before_paint) before_paint();
    last_frame_.build = stopwatch.milliseconds();
    paint();
}

Result<gfx::Image> Window::screenshot() const {
    ImDrawData* data = ImGui::GetDrawData();
    if (data == nullptr || !data->Valid)
        return fail(ErrorKind::InvalidInput, "Taking a screenshot: nothing was drawn yet.");
    HEADLIGHT_TRY(const gfx::Framebuffer target, gfx::Framebuffer::make(width_px(), height_px()));
    gfx::bind_surface(&target, target.width(), target.height(), kit_->colors().background);
    ImGui_ImplOpenGL3_RenderDrawData(data);
    HEADLIGHT_TRY(gfx::Image image, gfx::read_framebuffer(target));
    gfx::bind_surface(nullptr, target.width(), target.height(), kit_->colors().background);
    image.flip_rows();
    return image;
}

std::string Window::picture_fault() const {
    const auto kept = picture_.read_back(), drawn = screenshot();
    if (!kept || !drawn || kept->width != drawn->width || kept->height != drawn->height) return {};
    for (int y = 0; y < drawn->height; ++y) {
        for (int x = 0; x < drawn->width; ++x) {
            const gfx::Rgba a = kept->at(x, y), b = drawn->at(x, y);
            if (a.r != b.r || a.g != b.g || a.b != b.b)
                return fmt::format(
                    "the window shows #{:02x}{:02x}{:02x} at {}, {} in place of #{:02x}{:02x}{:02x}", a.r,
                    a.g, a.b, x, y, b.r, b.g, b.b);
        }
    }
    return {};
}

}  // namespace headlight::ui
