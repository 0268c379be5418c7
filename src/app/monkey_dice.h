// What the monkey does next, drawn from its seed alone: the same seed and the same paths give the same steps.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/statistics/split_mix.h"
#include "app/monkey_steps.h"
#include "app/monkey_words.h"

namespace headlight {

/// Every so many steps the monkey goes back to the demo, so that memory can be compared.
inline constexpr std::int64_t kStepsToRest = 250;

class MonkeyDice {
  public:
    MonkeyDice(std::uint64_t seed, MonkeyPaths paths);
    MonkeyStep next();

  private:
    void draw_command(MonkeyStep& step);
    void draw_press(MonkeyStep& step);
    void draw_drag(MonkeyStep& step);
    void draw_wheel(MonkeyStep& step);
    void draw_key(MonkeyStep& step);
    void draw_place(MonkeyStep& step);
    void draw_modifiers(MonkeyStep& step);
    float share();

    SplitMix random_;
    MonkeyPaths paths_;
    std::vector<const CommandDescriptor*> lots_;  // each command as often as it weighs
    std::int64_t num_steps_ = 0;
};

}  // namespace headlight
