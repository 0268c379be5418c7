// A monkey at the window: takes steps drawn from a seed, looks after each whether all still belongs together,
// and counts. Driven by the frame loop; it waits for nothing but by its own steps.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/monkey_dice.h"
#include "app/monkey_folder.h"
#include "app/monkey_hands.h"
#include "app/monkey_log.h"
#include "session/script.h"

namespace headlight {

struct MonkeyPlan {
    double seconds = 0;
    std::uint64_t seed = 0;
    std::int64_t most_steps = 0;  // 0: as many as the time allows
    std::string fixtures;         // a folder of more things to open; empty: none
    int num_threads = 0;          // of the engine; 0: automatic
};

/// What it did, for the last lines and for tests.
struct MonkeyTally {
    struct Memory {
        double seconds = 0;
        std::uint64_t bytes = 0;
    };
    std::int64_t num_steps = 0, num_commands = 0, num_refused = 0, num_models = 0, num_frames = 0;
    double slowest_frame_s = 0;
    std::string slowest_step;
    std::vector<Memory> memory;  // at every rest
    std::string fault;           // what should not be; empty: nothing was found
};

class Monkey {
  public:
    using Clock = std::chrono::steady_clock;

    Monkey(const MonkeyPlan& plan, const MonkeyFolder& folder, MonkeyLog log);

    /// Between frames: looks at what the last one left and takes the next step when it is time; `drop` takes
    /// paths that fall onto the window. False: the end.
    using Drop = std::function<void(std::vector<std::string>)>;
    bool act(CommandContext& context, bool is_settled, const Drop& drop);
    /// Every so many frames: `look` says what is wrong with the window's picture; empty: nothing.
    void look_at_picture(const std::function<std::string()>& look);
    /// Inside a frame, before Dear ImGui looks at its input.
    void feed();
    /// False for what a monkey must not do on somebody's machine: quit, and write outside of its folder.
    bool allows(const CommandCall& call) const;

    const MonkeyTally& tally() const { return tally_; }

  private:
    bool is_still_busy(CommandContext& context, bool is_settled);
    void begin(const MonkeyStep& step, CommandContext& context, const Drop& drop);
    void run(const CommandCall& call, CommandContext& context);
    void note_frame();
    void look(const Session& session);
    void fail_with(const std::string& fault);
    bool is_over() const;
    double seconds_so_far() const;

    MonkeyPlan plan_;
    MonkeyFolder folder_;
    MonkeyLog log_;
    MonkeyDice dice_;
    MonkeyHands hands_;
    MonkeyTally tally_;
    std::optional<Script> script_;  // of a wait or a rest
    bool is_resting_ = false, has_ended_ = false;
    int frames_left_ = 0;
    std::uint64_t model_id_ = 0;
    std::string last_line_, clipboard_;
    Clock::time_point start_ = Clock::now(), frame_began_ = start_;
};

/// What is left of memory's growth between a sixth of the time and the end, as a share; nullopt: too few
/// rests.
std::optional<double> memory_growth(const MonkeyTally& tally);

/// `headlight selftest --monkey`: plays in a hidden window and prints what it did. Exit code 1: there is no
/// display, something was found, or memory grew by more than a tenth in a run of at least 20 minutes.
int run_monkey(const MonkeyPlan& plan);

}  // namespace headlight
