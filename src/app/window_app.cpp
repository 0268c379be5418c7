// The window: wiring of session, views and the frame loop.
#include "app/window_app.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <future>
#include <optional>
#include <string_view>

#include "app/app_shell.h"
#include "app/frame_log.h"
#include "app/main_frame.h"
#include "app/monkey.h"
#include "app/remote/remote_desk.h"
#include "app/window_words.h"
#include "base/log.h"
#include "base/measure/start_log.h"
#include "base/paths.h"
#include "base/stopwatch.h"
#include "core/engine.h"
#include "gfx/image.h"
#include "io/identify_path.h"
#include "session/saved/autosave.h"
#include "session/saved/saved_part.h"
#include "session/script.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/window.h"

namespace headlight {

namespace {

constexpr double kPresentationFactor = 1.5;
constexpr double kIdleSeconds = 60, kBusySeconds = 0.1, kScriptSeconds = 0.02, kRemoteSeconds = 0.005,
                 kUrgentSeconds = 1, kMonkeySeconds = 0.001;

/// Called on the worker that runs the model: its threads (and those that it starts) stand back when the
/// window wants to draw, so that typing stays smooth on machines with few cores. Fails harmlessly.
void yield_to_window() {
    constexpr int kNice =
        4;  // enough to let a frame through, not so much that other programs starve the model
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
}

class WindowApp {
  public:
    WindowApp(const WindowOptions& options, std::optional<Script> script)
        : options_(options),
          script_(std::move(script)),
          session_(session_options(options, has_context_.get_future().share())),
          shaders_(options.shader_dir) {}

    /// Opens the window and what it shows first. Errors: no display, no OpenGL.
    Status start();
    int run();

  private:
    static SessionOptions session_options(const WindowOptions& options, std::shared_future<bool> has_context);
    void open_first();
    void load_demo_model();
    std::optional<HeadId> telling_head() const;
    void apply_settings();
    void run_actions();
    void take_screenshots(const std::vector<std::string>& paths);
    void reload_shaders();
    void step_script();
    void listen();
    bool step_remote();
    /// A person's window: what is open is kept and comes back.
    static bool is_personal(const WindowOptions& options) {
        return options.keeps_session ||
               (options.script_path.empty() && !options.is_hidden && !options.monkey);
    }
    void step_monkey();
    void frame();
    void fail_script(const Error& error);
    void step_lessons();
    bool has_lesson_work() const {
        return is_lesson_busy(session_.snapshot()) || is_quiz_busy(session_.snapshot());
    }
    bool is_settled() const {
        return frame_->is_settled() && shell_.screenshots.empty() && !has_lesson_work();
    }

    WindowOptions options_;
    std::optional<Script> script_;
    AppShell shell_;
    std::promise<bool> has_context_;      // of OpenGL; false: the window could not be opened
    std::unique_ptr<ui::Window> window_;  // before session_: workers that end late may still wake it
    Session session_;
    RemoteDesk remote_{[] { ui::Window::wake(); }};
    gfx::ShaderLibrary shaders_;
    std::unique_ptr<MainFrame> frame_;  // dies before the window and its GL context
    Actions actions_;
    FrameLog frame_log_;
    Theme applied_theme_ = Theme::Dark;
    double applied_scale_ = 0;
    std::string title_;
    bool is_first_frame_drawn_ = false, has_asked_for_model_ = false;
    bool is_demo_beginning_ = false;  // nothing is open but the demo, which nobody has touched yet
    int exit_code_ = 0;
};

SessionOptions WindowApp::session_options(const WindowOptions& options,
                                          std::shared_future<bool> has_context) {
    SessionOptions out;
    out.engine = [has_context = std::move(has_context)] {
        // Libraries are loaded one after the other: LibTorch behind the graphics driver, so that the window
        // is there and draws while it comes.
        if (!has_context.get()) return Result<Engine*>(fail(ErrorKind::Cancelled, "no window came"));
        auto loaded = load_engine();
        yield_to_window();
        return loaded;
    };
    out.num_threads = options.num_threads;
    out.saves_settings = options.monkey || (options.script_path.empty() && !options.is_hidden);
    if (is_personal(options)) out.autosave_folder = autosave_folder();
    out.wake = [] { ui::Window::wake(); };
    return out;
}

Status WindowApp::start() {
    if (!options_.theme.empty()) {
        const Theme theme = options_.theme == "light" ? Theme::Light : Theme::Dark;
        session_.update_settings([theme](Settings& settings) { settings.theme = theme; });
    }
    if (!options_.device.empty())
        session_.update_settings([this](Settings& settings) { settings.device = options_.device; });
    if (!options_.is_empty) open_first();  // files are read while the window comes
    const Settings& settings = session_.snapshot().settings;
    ui::WindowSpec spec;
    spec.width = options_.width > 0 ? options_.width : settings.window_width;
    spec.height = options_.height > 0 ? options_.height : settings.window_height;
    spec.is_hidden = options_.is_hidden;
    spec.theme = settings.theme == Theme::Light ? ui::ThemeKind::Light : ui::ThemeKind::Dark;
    spec.scale = options_.scale > 0 ? options_.scale : settings.ui_scale;
    applied_theme_ = settings.theme;
    applied_scale_ = spec.scale;
    spec.on_context = [this] { has_context_.set_value(true); };
    auto window = ui::Window::open(spec);
    if (!window) {
        has_context_.set_value(false);
        return fail(std::move(window).error());
    }
    window_ = *std::move(window);
    window_->on_drop = [this](std::vector<std::string> paths) {
        if (paths.empty()) return;
        const bool is_for_view = frame_ && !paths.front().ends_with(kSessionEnding);
        actions_.run(is_for_view ? frame_->drop_command() : "open", {paths.front()});
    };
    if (options_.monkey) window_->feed_input = [this] { options_.monkey->feed(); };
    frame_ = std::make_unique<MainFrame>(session_, shell_, &shaders_);
    listen();
    return {};
}

/// A window that nobody sees is reached only where that was asked for. One that cannot be reached is a
/// window.
void WindowApp::listen() {
    if (options_.socket_path.empty() && (options_.is_hidden || options_.monkey)) return;
    const Status listens = remote_.listen(options_.socket_path, options_.program);
    if (listens) return;
    session_.notify(Notice::Level::Warning, "Other programs cannot reach this window",
                    listens.error().to_string());
}

/// The bundled demo shows a stored trace at once; its model is loaded behind it.
void WindowApp::open_first() {
    if (!options_.path.empty()) {
        session_.open(options_.path);
        return;
    }
    const std::string last = autosave_folder() + "/" + kLastSessionName;
    std::error_code error;
    if (is_personal(options_) && std::filesystem::exists(last, error)) {
        session_.open(last);
        has_asked_for_model_ = true;  // of the demo, which is not opened
        return;
    }
    const std::string demo = assets_dir().empty() ? std::string() : assets_dir() + "/demo";
    if (demo.empty() || !std::filesystem::exists(demo + "/config.json", error)) return;
    is_demo_beginning_ = true;
    const std::string trace = demo + "/trace.safetensors";
    if (!std::filesystem::exists(trace, error)) {
        session_.open(demo);
        return;
    }
    session_.open_stored_trace(trace, demo);
}

/// The head that follows induction best, else any pattern: a first picture worth looking at.
std::optional<HeadId> WindowApp::telling_head() const {
    std::optional<HeadId> best;
    double best_rank = 0;
    for (const HeadAnalysis& head : session_.snapshot().text->analysis.heads) {
        for (const Tag& tag : head.tags) {
            const double rank =
                tag.score.kappa.value_or(0) + (std::string_view(tag.detector->id) == "induction" ? 1 : 0);
            if (!tag.score.is_tagged || rank <= best_rank) continue;
            best = head.id;
            best_rank = rank;
        }
    }
    return best;
}

/// Once the stored trace is on screen its model is loaded behind it.
void WindowApp::load_demo_model() {
    const Snapshot& now = session_.snapshot();
    if (has_asked_for_model_ || !options_.path.empty() || options_.is_empty || !now.text ||
        session_.is_busy())
        return;
    has_asked_for_model_ = true;
    is_demo_beginning_ = false;
    if (now.text->was_measured_now) return;  // something else was opened meanwhile
    if (const auto head = telling_head()) session_.select(*head);
    take_as_beginning(session_);
    if (now.model && !now.model->is_live) session_.make_live();
}

void WindowApp::apply_settings() {
    const Settings& settings = session_.snapshot().settings;
    if (std::string title = window_title(session_.snapshot()); title != title_) {
        window_->set_title(title);
        title_ = std::move(title);
    }
    if (settings.theme != applied_theme_)
        window_->set_theme(settings.theme == Theme::Light ? ui::ThemeKind::Light : ui::ThemeKind::Dark);
    applied_theme_ = settings.theme;
    const double scale = options_.scale > 0 ? options_.scale : settings.ui_scale;
    if (scale != applied_scale_) window_->set_scale(scale);
    applied_scale_ = scale;
    window_->set_enlargement(settings.is_presenting ? kPresentationFactor : 1);
    window_->set_full_screen(shell_.wants_full_screen);
    if (const auto size = std::exchange(shell_.wanted_size, std::nullopt))
        window_->resize(size->first, size->second);
    if (shell_.wants_quit) window_->request_close();
    if (options_.is_hidden || !options_.script_path.empty() || !is_first_frame_drawn_) return;
    const int width = window_->width_px(), height = window_->height_px();
    if (width == settings.window_width && height == settings.window_height) return;
    if (shell_.wants_full_screen) return;
    session_.update_settings([width, height](Settings& changed) {
        changed.window_width = width;
        changed.window_height = height;
    });
}

void WindowApp::run_actions() {
    CommandContext context{session_, shell_};
    for (const CommandCall& call : actions_.take()) {
        if (options_.monkey && !options_.monkey->allows(call)) continue;
        if (call.id == "text" || call.id == "decoder_text" || call.id == "text_pair")
            frame_log_.note_text(window_->last_key_at());
        const Status status = run_command(context, call);
        if (!status) session_.notify(Notice::Level::Warning, status.error().message);
    }
}

void WindowApp::take_screenshots(const std::vector<std::string>& paths) {
    remote_.take_pictures(*window_);
    for (const std::string& path : paths) {
        auto image = window_->screenshot();
        const Status written = image ? gfx::write_png(*image, path) : fail(std::move(image).error());
        if (written) continue;
        session_.notify(Notice::Level::Error, written.error().message);
        if (script_) fail_script(written.error());
    }
}

void WindowApp::reload_shaders() {
    if (options_.shader_dir.empty()) return;
    for (const Error& error : shaders_.poll())
        session_.notify(Notice::Level::Error, error.message);
}

void WindowApp::fail_script(const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.to_string().c_str());
    exit_code_ = 1;
    if (!options_.keeps_going) window_->request_close();
}

void WindowApp::step_script() {
    if (!script_ || (exit_code_ != 0 && !options_.keeps_going)) return;
    CommandContext context{session_, shell_};
    const Status status = script_->step(context, is_settled());
    if (!status) fail_script(status.error());
    if (script_->is_finished() && shell_.screenshots.empty() && options_.is_hidden) window_->request_close();
}

/// The commands of a lesson's step, and what is made of the numbers that come.
void WindowApp::step_lessons() {
    CommandContext context{session_, shell_};
    if (is_lesson_busy(session_.snapshot())) step_lesson(context);
    if (is_quiz_busy(session_.snapshot())) step_quiz(context);
}

bool WindowApp::step_remote() {
    CommandContext context{session_, shell_};
    return remote_.step(context, is_settled());
}

void WindowApp::step_monkey() {
    if (!options_.monkey) return;
    CommandContext context{session_, shell_};
    if (!options_.monkey->act(context, is_settled(), window_->on_drop)) window_->request_close();
}

void WindowApp::frame() {
    frame_log_.begin();
    apply_settings();
    // Those that this frame's actions ask for are of the next one, which shows what the actions did.
    const std::vector<std::string> screenshots = std::exchange(shell_.screenshots, {});
    window_->frame(
        [this] {
            frame_->draw(static_cast<float>(window_->width_px()), static_cast<float>(window_->height_px()),
                         actions_);
        },
        [this] { run_actions(); });  // so that a typed text runs while the key is painted
    take_screenshots(screenshots);
    if (!is_demo_beginning_) note_session(session_);
    if (options_.monkey) options_.monkey->look_at_picture([this] { return window_->picture_fault(); });
    frame_log_.end(session_.snapshot(), session_.is_busy(), window_->last_frame());
    note_start("the first frame is drawn");
    const Snapshot& now = session_.snapshot();
    if (now.text && now.text->trace && now.text->was_measured_now)
        note_start("the first picture of a text is drawn");
}

int WindowApp::run() {
    Stopwatch since_frame;
    bool owes_frame = false;  // that was due and left out
    while (!window_->should_close()) {
        const bool is_scripted = options_.monkey || has_lesson_work() || (script_ && !script_->is_finished());
        const bool is_moving = session_.snapshot().job.state == JobStatus::State::Running;
        const double timeout =
            is_scripted ? (options_.monkey && !is_moving ? kMonkeySeconds : kScriptSeconds)
            : remote_.is_waiting()
                ? kRemoteSeconds
                : (is_moving || !options_.shader_dir.empty() ? kBusySeconds : kIdleSeconds);
        bool is_due = window_->wait(timeout);
        is_due |= session_.pump() || is_scripted;
        is_due |= is_moving || remote_.is_waiting() || std::exchange(owes_frame, false);
        reload_shaders();
        if (is_first_frame_drawn_) step_lessons();
        if (is_first_frame_drawn_) step_script();
        if (is_first_frame_drawn_) step_monkey();
        if (is_first_frame_drawn_) is_due |= step_remote();
        if (!is_due && shell_.screenshots.empty() && !remote_.wants_picture()) continue;
        // What another program has just sent gets the processor: drawing without a graphics card takes all of
        // it.
        const bool is_urgent = session_.snapshot().job.state == JobStatus::State::Running &&
                               remote_.is_waiting() && remote_.waited_seconds() < kUrgentSeconds;
        owes_frame = is_urgent && !is_scripted && since_frame.seconds() < kBusySeconds;
        if (owes_frame) continue;
        frame();
        since_frame = {};
        is_first_frame_drawn_ = true;
        load_demo_model();
    }
    return exit_code_;
}

}  // namespace

int run_window(const WindowOptions& options) {
    if (options.lists_commands) {
        std::fputs(list_commands().c_str(), stdout);
        return 0;
    }
    std::optional<Script> script;
    if (!options.script_path.empty()) {
        auto parsed = Script::from_file(options.script_path,
                                        options.keeps_going ? Script::AtError::GoOn : Script::AtError::End);
        if (!parsed) {
            std::fprintf(stderr, "error: %s\n", parsed.error().to_string().c_str());
            return 1;
        }
        script = std::move(*parsed);
    }
    WindowApp app(options, std::move(script));
    if (const Status started = app.start(); !started) {
        std::fprintf(stderr, "error: %s\n", started.error().to_string().c_str());
        return 1;
    }
    return app.run();
}

}  // namespace headlight
