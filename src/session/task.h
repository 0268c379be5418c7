// Something that is measured when somebody asks for it: not begun, under way, there, or failed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "session/derived.h"
#include "session/job_control.h"

namespace headlight {

/// What a value was made of. 0: it does not depend on that.
struct Belonging {
    std::uint64_t model_id = 0, tokenizer_id = 0;

    /// Does the value say something while `open` is open?
    bool fits(const Belonging& open) const {
        return (model_id == 0 || model_id == open.model_id) &&
               (tokenizer_id == 0 || tokenizer_id == open.tokenizer_id);
    }
};

template <class T>
class Task {
  public:
    /// Begins anew. An older value stays until the new one is there; an older error goes.
    JobControlPtr start(const Belonging& of) {
        control_ = std::make_shared<JobControl>();
        control_->progress = 0;
        error_.reset();
        of_ = of;
        return control_;
    }

    /// Takes what the work of `control` gave. False, and nothing is taken: it was cancelled, or a newer one
    /// runs.
    bool finish(const JobControlPtr& control, Result<T> result) {
        if (control != control_) return false;
        control_.reset();
        if (result) {
            value_ = std::make_shared<const T>(std::move(*result));
        } else if (result.error().kind != ErrorKind::Cancelled) {
            error_ = std::move(result.error());
        }
        return true;
    }

    /// Nobody waits for what runs; an older value stays.
    void cancel() { control_.reset(); }
    void forget() { *this = {}; }

    bool is_running() const { return control_ != nullptr; }
    /// Null: none was ever finished.
    const std::shared_ptr<const T>& value() const { return value_; }
    const Belonging& of() const { return of_; }

    /// Pending without progress where nothing was asked for.
    Derived<T> look() const {
        Derived<T> out;
        out.value = value_;
        if (control_) {
            out.progress = control_->progress;
        } else if (error_) {
            out.state = Derived<T>::State::Failed;
            out.error = error_;
        } else if (value_) {
            out.state = Derived<T>::State::Ready;
        }
        return out;
    }

  private:
    JobControlPtr control_;  // of the work that runs; null: none
    std::shared_ptr<const T> value_;
    std::optional<Error> error_;
    Belonging of_;
};

}  // namespace headlight
