// `headlight selftest --monkey`: the monkey's folder, its window, and what it prints.
#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "app/monkey.h"
#include "app/window_app.h"
#include "base/paths.h"

namespace headlight {
namespace {

constexpr double kSecondsThatJudgeMemory = 20 * 60, kMostGrowth = 0.10;
constexpr double kMiB = 1048576;

bool has_variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

/// Settings and caches go to the monkey's home. Before any thread is there that might look.
void move_home(const MonkeyFolder& folder) {
    const char* home = std::getenv("HOME");
    // Where the display's key lies if nothing else is said.
    if (home != nullptr && !has_variable("XAUTHORITY"))
        setenv("XAUTHORITY", (std::string(home) + "/.Xauthority").c_str(), 1);
    const std::string assets = std::filesystem::absolute(assets_dir()).string();
    if (!assets_dir().empty()) setenv("HEADLIGHT_ASSETS", assets.c_str(), 1);
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"})
        unsetenv(name);
    setenv("HOME", folder.home.c_str(), 1);
}

void print_tally(const MonkeyPlan& plan, const MonkeyTally& tally) {
    fmt::print("monkey, seed {}: {} steps ({} commands, {} of them refused), {} models opened, {} frames\n",
               plan.seed, tally.num_steps, tally.num_commands, tally.num_refused, tally.num_models,
               tally.num_frames);
    fmt::print("slowest frame: {:.2f} s, after: {}\n", tally.slowest_frame_s,
               tally.slowest_step.substr(0, 200));
    std::string memory;
    for (const MonkeyTally::Memory& at : tally.memory)
        memory += fmt::format(" {:.0f}", static_cast<double>(at.bytes) / kMiB);
    fmt::print("memory at rest, MiB:{}\n", memory);
    if (const auto growth = memory_growth(tally))
        fmt::print("memory from a sixth of the time to the end: {:+.1f} %\n", 100 * *growth);
}

int verdict(const MonkeyPlan& plan, const MonkeyTally& tally) {
    if (!tally.fault.empty()) {
        std::fprintf(stderr, "error: the monkey found a fault, seed %llu: %s\nthe last steps were:\n%s",
                     static_cast<unsigned long long>(plan.seed), tally.fault.c_str(),
                     MonkeyLog::last_steps().c_str());
        return 1;
    }
    const auto growth = memory_growth(tally);
    const bool is_long = !tally.memory.empty() && tally.memory.back().seconds >= kSecondsThatJudgeMemory;
    if (!is_long || !growth || *growth <= kMostGrowth) return 0;
    std::fprintf(stderr, "error: memory grew by %.1f %%, at most %.0f %% are allowed\n", 100 * *growth,
                 100 * kMostGrowth);
    return 1;
}

Result<int> play(const MonkeyPlan& plan) {
    MonkeyPlan absolute = plan;
    if (!plan.fixtures.empty()) absolute.fixtures = std::filesystem::absolute(plan.fixtures).string();
    HEADLIGHT_TRY(const MonkeyFolder folder, make_monkey_folder(absolute.fixtures));
    HEADLIGHT_TRY(MonkeyLog log, MonkeyLog::open(folder.log(), plan.seed));
    fmt::print("monkey, seed {}: steps are written to {}\n", plan.seed, folder.log());
    std::fflush(stdout);
    move_home(folder);
    std::filesystem::current_path(folder.paths.write_dir);
    spdlog::set_default_logger(spdlog::basic_logger_mt("monkey", folder.messages()));
    spdlog::flush_on(spdlog::level::warn);
    Monkey monkey(absolute, folder, std::move(log));
    WindowOptions options;
    options.path = folder.demo.empty() ? folder.paths.kinds.front() : folder.demo;
    options.is_hidden = true;
    options.width = 1280;
    options.height = 800;
    options.num_threads = plan.num_threads;
    options.monkey = &monkey;
    if (run_window(options) != 0) return 1;
    print_tally(plan, monkey.tally());
    std::fflush(stdout);
    const int code = verdict(plan, monkey.tally());
    std::error_code ignored;
    std::filesystem::current_path("/", ignored);
    if (code == 0) std::filesystem::remove_all(folder.root, ignored);
    if (code != 0) std::fprintf(stderr, "the whole log is %s\n", folder.log().c_str());
    return code;
}

}  // namespace

int run_monkey(const MonkeyPlan& plan) {
    if (!has_variable("DISPLAY") && !has_variable("WAYLAND_DISPLAY")) {
        std::fprintf(stderr,
                     "error: the monkey needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; "
                     "xvfb-run gives one where there is no screen\n");
        return 1;
    }
    const auto code = play(plan);
    if (code) return *code;
    std::fprintf(stderr, "error: %s\n", code.error().to_string().c_str());
    return 1;
}

}  // namespace headlight
