// The comparisons that decide a tag, and what they say in words.
#pragma once

#include <fmt/format.h>

#include <string>

#include "study/scan/statistics.h"

namespace headlight {

class TagRule {
  public:
    void at_least(const char* name, double value, double least, int digits = 2) {
        note(value >= least, fmt::format("{} {:.{}f} {} {:.{}f}", name, value, digits,
                                         value >= least ? ">=" : "<", least, digits));
    }
    void below_level(const char* name, double value) {
        note(value < kTagLevel,
             fmt::format("{} {:.2g} {} {:.2f}", name, value, value < kTagLevel ? "<" : ">=", kTagLevel));
    }
    void note(bool is_met, const std::string& words) {
        is_met_ = is_met_ && is_met;
        words_ += (words_.empty() ? "" : ", ") + words;
    }
    bool is_met() const { return is_met_; }
    const std::string& words() const { return words_; }

  private:
    bool is_met_ = true;
    std::string words_;
};

}  // namespace headlight
