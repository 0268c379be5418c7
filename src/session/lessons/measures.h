// Numbers that the window shows, by name: what claims of lessons compare and answers are made of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/head_id.h"

namespace headlight {

class Session;

/// A number of the window as it is now; what is still computed comes later.
struct Reading {
    enum class State { Ready, Pending, Failed };
    State state = State::Ready;
    double value = 0;     // when Ready; yes and no are 1 and 0
    std::string problem;  // when Failed: one clause
};

struct MeasureArguments {
    HeadId head;
    int query = -1, key = -1;  // query -1: the last
    std::string word;          // an id, or the text of a token
};

struct MeasureDescriptor {
    const char* id;
    const char* usage;      // "weight LAYER.HEAD QUERY KEY"
    const char* help;       // one sentence
    const char* arguments;  // a letter each: H head, Q query, K key, W word
    Reading (*read)(Session& session, const MeasureArguments& arguments);
};

/// All of them; docs/lessons.md lists them too.
std::span<const MeasureDescriptor* const> measures();

/// One of them with its arguments, or a number.
struct Measure {
    const MeasureDescriptor* kind = nullptr;  // null: `number`
    MeasureArguments arguments;
    double number = 0;
};

/// Takes a measure from the front of `words`. With `head` the words name none and it is put in. Errors:
/// InvalidInput naming what was expected.
Result<Measure> take_measure(std::span<const std::string>& words, std::optional<HeadId> head = {});

/// Call again while it is pending: asking starts what is missing.
Reading read_measure(Session& session, const Measure& measure);

/// LAYER.HEAD ("1.5", "L1H5"). Errors: InvalidInput.
Result<HeadId> parse_dotted_head(const std::string& word);

}  // namespace headlight
