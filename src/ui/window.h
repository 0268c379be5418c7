// The native window: GLFW, an OpenGL 3.3 context, Dear ImGui's back ends, and frames only when something asks
// for one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gfx/image.h"
#include "ui/input/key_queue.h"
#include "ui/kit.h"
#include "ui/paint/kept_picture.h"

struct GLFWwindow;

namespace headlight::ui {

struct WindowSpec {
    std::string title = "Headlight";
    int width = 1600, height = 900;  // of the content, in screen units
    bool is_hidden = false;          // no visible window: scripts, screenshots, tests
    ThemeKind theme = ThemeKind::Dark;
    double scale = 0;                          // 0: the monitor's
    std::function<void()> on_context = [] {};  // the graphics driver is loaded; fonts are drawn after it
};

/// Milliseconds of a frame's parts.
struct FrameTimes {
    double build = 0;  // what the callers of frame() do: input, views
    double paint = 0;  // what changed, into the picture
    double show = 0;   // the picture into the window; 0 where nothing changed
    double total() const { return build + paint + show; }
};

/// One per process. All members but wake() belong to the thread that opened it.
class Window {
  public:
    /// Errors: Unsupported with GLFW's words when there is no display or no OpenGL 3.3.
    static Result<std::unique_ptr<Window>> open(const WindowSpec& spec);
    ~Window();
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    Kit& kit() { return *kit_; }
    bool should_close() const;
    void request_close();
    /// Window size in pixels of the frame buffer, which are also the units of the interface.
    int width_px() const;
    int height_px() const;
    void resize(int width_px, int height_px);
    void set_title(const std::string& title);
    /// Changes theme or scale (0: the monitor's) from the next frame on.
    void set_theme(ThemeKind theme);
    void set_scale(double scale);
    /// Everything that many times as large as the scale says, from the next frame on.
    void set_enlargement(double factor);
    /// The whole monitor, or back to the size before.
    void set_full_screen(bool is_full);
    double scale() const { return kit_->scale; }

    /// Called before each frame with Dear ImGui's input as the system gave it: may put other input in its
    /// place.
    std::function<void()> feed_input;
    /// Paths dropped onto the window.
    std::function<void(std::vector<std::string>)> on_drop;

    /// Sleeps until input, wake(), a due redraw request or `timeout_s`, then takes the input. Returns true
    /// when a frame is due.
    bool wait(double timeout_s = 60);
    /// Ends wait() from any thread and makes a frame due.
    static void wake();
    /// One frame: begins ImGui, calls `draw`, paints what changed, swaps if anything did (unless hidden).
    /// Buttons need a following frame to settle: two more are asked for after input. `before_paint`: called
    /// when the frame is built, for work that others take up while it is painted; it deletes no texture.
    void frame(const std::function<void()>& draw, const std::function<void()>& before_paint = {});
    /// What the last frame showed, drawn once more into memory (so it works for hidden and covered windows).
    Result<gfx::Image> screenshot() const;
    /// Where the picture that is kept from frame to frame differs from the last frame drawn anew: something
    /// changed and was not painted. Empty: nowhere. For tests; slow.
    std::string picture_fault() const;
    double last_frame_ms() const { return last_frame_.total(); }
    const FrameTimes& last_frame() const { return last_frame_; }
    /// When the first key of the last frame came in; nullopt: that frame had none.
    std::optional<std::chrono::steady_clock::time_point> last_key_at() const { return last_key_at_; }

  private:
    Window() = default;
    void install_callbacks();
    void apply_pending();
    void feed_keys();
    void push_key(const KeyEvent& event);
    void paint();
    double monitor_scale() const;
    GLFWwindow* window_ = nullptr;
    std::unique_ptr<Kit> kit_;
    KeyQueue keys_;
    ThemeKind wanted_theme_ = ThemeKind::Dark;
    double wanted_scale_ = 0, enlargement_ = 1;
    int windowed_[4] = {0, 0, 1600, 900};  // place and size to come back to
    bool is_configured_ = false, is_hidden_ = false;
    int frames_due_ = 3;
    KeptPicture picture_;
    bool must_show_ = true;  // the window has lost what it showed
    FrameTimes last_frame_;
    std::optional<std::chrono::steady_clock::time_point> key_at_, last_key_at_;  // waiting; of the last frame
    double frame_started_ = 0;  // GLFW's clock at the last frame, which ImGui's clock stopped at
};

}  // namespace headlight::ui
