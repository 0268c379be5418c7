#include "session/history.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headlight {
namespace {

constexpr std::size_t kMostStates = 200;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of the texts; long ones have fewer steps
constexpr std::size_t kMostTypedBytes = 8;                 // one key press; more is a paste

// An edit as "at byte `position`, `removed` bytes gave way to `inserted`".
struct Edit {
    std::size_t position = 0;
    std::string_view removed, inserted;
};

Edit difference(std::string_view from, std::string_view to) {
    const std::size_t shorter = std::min(from.size(), to.size());
    std::size_t prefix = 0;
    while (prefix < shorter && from[prefix] == to[prefix])
        ++prefix;
    std::size_t suffix = 0;
    while (suffix < shorter - prefix && from[from.size() - 1 - suffix] == to[to.size() - 1 - suffix])
        ++suffix;
    return {prefix, from.substr(prefix, from.size() - prefix - suffix),
            to.substr(prefix, to.size() - prefix - suffix)};
}

bool ends_word(std::string_view typed) {
    return !typed.empty() && (typed.back() == ' ' || typed.back() == '\n');
}

bool is_typing(const Edit& edit) {
    return edit.removed.empty() && !edit.inserted.empty() && edit.inserted.size() <= kMostTypedBytes;
}
bool is_deleting(const Edit& edit) {
    return edit.inserted.empty() && !edit.removed.empty() && edit.removed.size() <= kMostTypedBytes;
}

bool continues(std::string_view before, std::string_view after, std::string_view now) {
    const Edit whole = difference(before, after);  // the step so far, maybe several key presses
    const Edit next = difference(after, now);
    if (is_typing(next) && whole.removed.empty() && !whole.inserted.empty()) {
        // Equal letters make the place ambiguous by their number; ending within the typed piece is near
        // enough.
        const std::size_t end = whole.position + whole.inserted.size();
        return next.position <= end && next.position >= whole.position && !ends_word(whole.inserted);
    }
    if (is_deleting(next) && whole.inserted.empty() && !whole.removed.empty()) {
        return next.position <= whole.position && next.position + next.removed.size() + 1 >= whole.position;
    }
    return false;
}

}  // namespace

bool is_one_gesture(const HistoryState& before, const HistoryState& after, const HistoryState& now) {
    if (before.interventions != after.interventions || after.interventions != now.interventions) return false;
    if (before.written != after.written || after.written != now.written) return false;
    if (before.notes != after.notes || after.notes != now.notes) return false;
    if (after.text == now.text && after.decoder_text != now.decoder_text) {
        return before.text == after.text && before.selection == after.selection &&
               after.selection == now.selection && before.decoder_text != after.decoder_text &&
               continues(before.decoder_text, after.decoder_text, now.decoder_text);
    }
    if (before.decoder_text != after.decoder_text || after.decoder_text != now.decoder_text) return false;
    if (after.text == now.text) {
        const auto same_heads = [](const Selection& a, const Selection& b) {
            return a.head == b.head && a.others == b.others;
        };
        return before.text == after.text && same_heads(before.selection, after.selection) &&
               same_heads(after.selection, now.selection);
    }
    return before.selection == after.selection && after.selection == now.selection &&
           before.text != after.text && continues(before.text, after.text, now.text);
}

void History::reset(HistoryState state) {
    states_.assign(1, std::move(state));
    current_ = 0;
    may_merge_ = false;
}

void History::record(HistoryState state) {
    if (state == states_[current_]) return;
    const bool merges =
        may_merge_ && current_ > 0 && is_one_gesture(states_[current_ - 1], states_[current_], state);
    states_.resize(current_ + 1);  // a new step ends the way to redo
    if (merges) {
        states_[current_] = std::move(state);
    } else {
        states_.push_back(std::move(state));
        std::size_t bytes = 0;
        for (const HistoryState& kept : states_)
            bytes += kept.text.size() + kept.decoder_text.size();
        while (states_.size() > kMostStates || (bytes > kMostBytes && states_.size() > 2)) {
            bytes -= states_.front().text.size() + states_.front().decoder_text.size();
            states_.erase(states_.begin());
        }
        current_ = states_.size() - 1;
    }
    may_merge_ = true;
}

const HistoryState* History::undo() {
    if (current_ == 0) return nullptr;
    may_merge_ = false;
    return &states_[--current_];
}

const HistoryState* History::redo() {
    if (current_ + 1 >= states_.size()) return nullptr;
    may_merge_ = false;
    return &states_[++current_];
}

}  // namespace headlight
