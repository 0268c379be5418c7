// Asking for a derived value: shared by the files that compute them.
#pragma once

#include "session/session_impl.h"

namespace headlight {

template <class T>
Derived<T> failed(Error error) {
    Derived<T> out;
    out.state = Derived<T>::State::Failed;
    out.error = std::move(error);
    return out;
}

template <class T>
DerivedValue make_value(T value, std::size_t size_bytes) {
    return {std::make_shared<const T>(std::move(value)), size_bytes};
}

/// What is wrong with asking for something of this text; nullopt: nothing.
std::optional<Error> why_no_text(const AnalyzedText* text);
/// The same of one of its tokens.
std::optional<Error> why_no_query(const AnalyzedText* text, int query);

template <class T>
Derived<T> Session::Impl::ask(const DerivedKey& key, const Compute& compute) {
    if (!cache.touch(key)) {
        auto control = std::make_shared<JobControl>();
        cache.start(key, control);
        pool.submit(control, [this, key, compute](const JobContext& job) {
            auto result = guarded([&] { return compute(job); });
            mailbox.post([this, key, result = std::move(result)] { take_derived(key, result); });
        });
    }
    return cache.look<T>(key);
}

}  // namespace headlight
