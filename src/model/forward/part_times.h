// What the parts of a pass take, for whoever wants to know where its time goes.
#pragma once

#include "base/stopwatch.h"

namespace headlight {

/// Adds what it lives for, in milliseconds.
class PartTimer {
  public:
    explicit PartTimer(double& total_ms) : total_ms_(total_ms) {}
    ~PartTimer() { total_ms_ += watch_.milliseconds(); }
    PartTimer(const PartTimer&) = delete;
    PartTimer& operator=(const PartTimer&) = delete;

  private:
    double& total_ms_;
    Stopwatch watch_;
};

}  // namespace headlight
