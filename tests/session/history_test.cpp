// Undo steps as people expect them: a word, a paste, a choice of head.
#include <doctest/doctest.h>

#include "session/history.h"

using namespace headlight;

namespace {

HistoryState typed(const std::string& text) {
    return {text, {}};
}
HistoryState chosen(const std::string& text, HeadId head, int query) {
    return {text, {head, {}, query, -1}};
}

// The texts that undo() walks through, newest first.
std::vector<std::string> undone(History& history) {
    std::vector<std::string> out;
    while (const HistoryState* state = history.undo())
        out.push_back(state->text);
    return out;
}

}  // namespace

TEST_CASE("history: key presses up to the end of a word are one step") {
    History history;
    for (const char* text : {"t", "th", "the", "the ", "the c", "the ca", "the cat"})
        history.record(typed(text));
    CHECK(undone(history) == std::vector<std::string>{"the ", ""});
}

TEST_CASE("history: typing at another place, deleting and pasting are steps of their own") {
    History history;
    history.reset(typed("alpha beta"));
    history.record(typed("alpha betas"));
    history.record(typed("xalpha betas"));
    history.record(typed("xyalpha betas"));
    history.record(typed("xyalpha beta"));
    history.record(typed("xyalpha bet"));
    history.record(typed("a long text that came from the clipboard"));
    CHECK(undone(history) ==
          std::vector<std::string>{"xyalpha bet", "xyalpha betas", "alpha betas", "alpha beta"});
}

TEST_CASE("history: moving the query is one step, choosing a head its own") {
    History history;
    history.reset(typed("a"));
    history.record(chosen("a", {0, 0}, 1));
    history.record(chosen("a", {0, 0}, 2));
    history.record(chosen("a", {0, 0}, 3));
    history.record(chosen("a", {1, 0}, 3));
    history.record(chosen("a", {2, 0}, 3));
    CHECK(history.undo()->selection.head == HeadId{1, 0});
    CHECK(history.undo()->selection.query == 3);
    CHECK(history.undo()->selection.query == -1);
    CHECK(history.undo() == nullptr);
    CHECK(history.redo()->selection.query == 3);
}

TEST_CASE("history: a new step ends the way to redo, and the same state is no step") {
    History history;
    history.reset(typed(""));
    history.record(typed("one "));
    history.record(typed("one two "));
    history.undo();
    history.record(typed("one three "));
    CHECK(history.redo() == nullptr);
    history.record(typed("one three "));
    CHECK(undone(history) == std::vector<std::string>{"one ", ""});
}

TEST_CASE("history: the oldest steps go when there are too many") {
    History history;
    for (int i = 0; i < 500; ++i)
        history.record(chosen("a", {i, 0}, 0));
    CHECK(undone(history).size() == 199);
}

TEST_CASE("history: steps of long texts are bounded by what they hold, never below one") {
    History history;
    const auto state = [](int i) {
        HistoryState out;
        out.text = std::string(std::size_t{5} << 20, static_cast<char>('a' + i));
        return out;
    };
    history.reset(state(0));
    for (int i = 1; i < 8; ++i)
        history.record(state(i));
    int num_steps = 0;
    while (history.undo() != nullptr)
        ++num_steps;
    CHECK(num_steps == 2);
    HistoryState huge;
    huge.text = std::string(std::size_t{40} << 20, 'z');
    history.record(huge);
    CHECK(history.undo() != nullptr);
}
