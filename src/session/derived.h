// A value that a view asks for by everything it depends on: ready, pending (with progress) or failed.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"

namespace headlight {

template <class T>
struct Derived {
    enum class State { Pending, Ready, Failed };
    State state = State::Pending;
    std::shared_ptr<const T> value;  // set when Ready; while Pending the last older value, if there is one
    double progress = -1;            // while Pending; < 0 unknown
    std::optional<Error> error;      // when Failed
    bool is_ready() const { return state == State::Ready; }
};

}  // namespace headlight
