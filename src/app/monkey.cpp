// The monkey's steps in the frame loop.
#include "app/monkey.h"

#include <imgui.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/memory.h"
#include "session/snapshot_faults.h"
#include "ui/kit.h"

namespace headlight {
namespace {

constexpr unsigned kLongestStepSeconds = 600;
constexpr double kSlowFrameSeconds = 2;
constexpr int kMostFaultsPrinted = 5;

/// Back to one known state, whatever was open. What it cannot do (nothing is ablated) is no fault.
std::string rest_script(const std::string& demo) {
    return "cancel\nstop_sweep\nclear_ablation\nscale_ui 1\nsize 1280x800\ntheme dark\ntint none\norder "
           "layer\n" +
           (demo.empty() ? std::string() : command_line({"open", {demo}}) + "\n") +
           "wait 120\ntext \"The cat sat on the mat because it was tired.\"\nwait 120\n";
}

Script script_of_lines(const std::string& lines) {
    return *Script::from_text(lines, "monkey", Script::AtError::GoOn);
}

/// On one line, whatever stands in it.
std::string commented(const std::string& words) {
    return command_line({"#  ", {words}});
}

bool is_hand_work(MonkeyStep::Kind kind) {
    using Kind = MonkeyStep::Kind;
    return kind == Kind::Press || kind == Kind::Drag || kind == Kind::Wheel || kind == Kind::Key ||
           kind == Kind::Type;
}

}  // namespace

Monkey::Monkey(const MonkeyPlan& plan, const MonkeyFolder& folder, MonkeyLog log)
    : plan_(plan), folder_(folder), log_(std::move(log)), dice_(plan.seed, folder.paths) {}

double Monkey::seconds_so_far() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
}

bool Monkey::is_over() const {
    const bool has_all_steps = plan_.most_steps > 0 && tally_.num_steps >= plan_.most_steps;
    return has_all_steps || (plan_.seconds > 0 && seconds_so_far() >= plan_.seconds);
}

void Monkey::feed() {
    frame_began_ = Clock::now();
    ++tally_.num_frames;
    ImGuiIO& io = ImGui::GetIO();
    // Not the clipboard of whoever sits at this machine.
    io.ClipboardUserData = this;
    io.GetClipboardTextFn = [](void* self) { return static_cast<Monkey*>(self)->clipboard_.c_str(); };
    io.SetClipboardTextFn = [](void* self, const char* text) {
        static_cast<Monkey*>(self)->clipboard_ = text;
    };
    ui::kit().recorder.is_on = true;
    hands_.feed(io, ui::kit().typed_utf8);
}

bool Monkey::allows(const CommandCall& call) const {
    const CommandDescriptor* command = find_command(call.id);
    if (!command || call.id == "quit") return false;
    if (!monkey_command_writes(*command)) return true;
    return std::all_of(call.arguments.begin(), call.arguments.end(), [this](const std::string& word) {
        std::error_code error;
        const auto path = std::filesystem::absolute(word, error).lexically_normal().string();
        return !error && path.starts_with(folder_.paths.write_dir + "/");
    });
}

void Monkey::look_at_picture(const std::function<std::string()>& look) {
    constexpr std::int64_t kFramesApart = 16;
    if (tally_.num_frames % kFramesApart != 0) return;
    if (const std::string fault = look(); !fault.empty()) fail_with(fault);
}

void Monkey::fail_with(const std::string& fault) {
    if (!tally_.fault.empty()) return;
    tally_.fault = fault;
    log_.note("# fault: " + fault);
}

void Monkey::note_frame() {
    const double seconds = std::chrono::duration<double>(Clock::now() - frame_began_).count();
    if (tally_.num_frames == 0) return;
    if (seconds > kSlowFrameSeconds)
        log_.note(fmt::format("# slow: {:.1f} s for a frame after: {}", seconds, last_line_));
    if (seconds <= tally_.slowest_frame_s) return;
    tally_.slowest_frame_s = seconds;
    tally_.slowest_step = last_line_;
}

void Monkey::look(const Session& session) {
    const Snapshot& now = session.snapshot();
    const std::uint64_t id = now.model ? now.model->id : 0;
    if (id != model_id_ && id != 0) ++tally_.num_models;
    model_id_ = id;
    std::string all;
    int count = 0;
    for (const std::string& fault : snapshot_faults(now)) {
        if (++count <= kMostFaultsPrinted) all += (all.empty() ? "" : "; ") + fault;
    }
    if (count > 0) fail_with("this does not hold: " + all);
}

void Monkey::run(const CommandCall& call, CommandContext& context) {
    ++tally_.num_commands;
    if (!allows(call)) return;
    const Status status = run_command(context, call);
    if (status) return;
    ++tally_.num_refused;
    log_.note(commented(status.error().message));
    if (status.error().kind == ErrorKind::Internal) fail_with("an internal error: " + status.error().message);
}

void Monkey::begin(const MonkeyStep& step, CommandContext& context, const Drop& drop) {
    last_line_ = monkey_line(step);
    log_.step(last_line_);
    frames_left_ = step.num_frames;
    if (is_hand_work(step.kind)) {
        const std::string label = hands_.plan(step, ui::kit().recorder.items(), ImGui::GetIO().DisplaySize);
        if (!label.empty()) log_.note(commented(label));
    } else if (step.kind == MonkeyStep::Kind::Command) {
        run(step.call, context);
    } else if (step.kind == MonkeyStep::Kind::Drop) {
        drop({step.text});
    } else if (step.kind == MonkeyStep::Kind::Wait) {
        script_ = script_of_lines(last_line_);
    } else if (step.kind == MonkeyStep::Kind::Rest) {
        MonkeyStep escape;
        escape.kind = MonkeyStep::Kind::Key;
        escape.keys.key = parse_shortcut("Escape")->key;
        for (int i = 0; i < 4; ++i)  // out of dialogs on top of dialogs
            hands_.plan(escape, {}, {});
        script_ = script_of_lines(rest_script(folder_.demo));
        is_resting_ = true;
    }
}

/// True while the step that was begun goes on.
bool Monkey::is_still_busy(CommandContext& context, bool is_settled) {
    if (hands_.is_moving()) return true;
    if (script_) {
        if (const Status status = script_->step(context, is_settled); !status)
            log_.note(commented(status.error().message));
        if (!script_->is_finished()) return true;
        script_.reset();
    }
    return frames_left_-- > 0;
}

bool Monkey::act(CommandContext& context, bool is_settled, const Drop& drop) {
    note_frame();
    if (is_still_busy(context, is_settled)) return true;
    if (std::exchange(is_resting_, false)) {
        malloc_trim(0);  // what was given back, but not yet to the system, is no growth
        tally_.memory.push_back({seconds_so_far(), resident_memory()});
        log_.note(fmt::format("# memory: {:.1f} MiB after {:.0f} s",
                              static_cast<double>(tally_.memory.back().bytes) / 1048576,
                              tally_.memory.back().seconds));
    }
    look(context.session);
    const bool is_end = has_ended_ || !tally_.fault.empty();
    MonkeyLog::expect_within(is_end ? 0 : kLongestStepSeconds);
    if (is_end) return false;
    MonkeyStep step;
    step.kind = MonkeyStep::Kind::Rest;
    has_ended_ = is_over();
    if (!has_ended_) {
        step = dice_.next();
        ++tally_.num_steps;
    }
    begin(step, context, drop);
    return true;
}

std::optional<double> memory_growth(const MonkeyTally& tally) {
    if (tally.memory.size() < 2) return std::nullopt;
    const MonkeyTally::Memory& last = tally.memory.back();
    const auto early = std::find_if(tally.memory.begin(), tally.memory.end(),
                                    [&](const auto& at) { return at.seconds >= last.seconds / 6; });
    if (&*early == &last) return std::nullopt;
    return static_cast<double>(last.bytes) / static_cast<double>(early->bytes) - 1;
}

}  // namespace headlight
