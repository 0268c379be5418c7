// Functions that every chat template has.
#include <fmt/format.h>

#include <ctime>

#include "tokenize/jinja/interpreter.h"

namespace headlight::jinja {
namespace {

constexpr std::int64_t kMostNumbers = 100'000;  // of one range, as Jinja's sandbox has it
constexpr std::size_t kMostDateBytes = 4096;

Value range(Interpreter&, const Value&, const Arguments& arguments) {
    const Items& given = arguments.given;
    if (given.empty()) throw Fault("range needs an end");
    const std::int64_t begin = given.size() > 1 ? as_int(given[0], "the begin of a range") : 0;
    const std::int64_t end = as_int(given[given.size() > 1 ? 1 : 0], "the end of a range");
    const std::int64_t step = given.size() > 2 ? as_int(given[2], "the step of a range") : 1;
    if (step == 0) throw Fault("the step of a range is zero");
    Items items;
    for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
        if (static_cast<std::int64_t>(items.size()) >= kMostNumbers)
            throw Fault(fmt::format("a range has more than {} numbers", kMostNumbers));
        items.emplace_back(i);
        if (__builtin_add_overflow(i, step, &i)) break;
    }
    spend(items.size() + 1);
    return make_list(std::move(items));
}

Pairs pairs_of(const Arguments& arguments) {
    Pairs pairs;
    for (const Value& given : arguments.given) {
        if (given.dict() == nullptr) throw Fault("dict and namespace take a dict or names with values");
        pairs.insert(pairs.end(), given.dict()->pairs.begin(), given.dict()->pairs.end());
    }
    for (const auto& [name, value] : arguments.named)
        pairs.emplace_back(name, value);
    spend(pairs.size() + 1);
    return pairs;
}

Value make_namespace(Interpreter&, const Value&, const Arguments& arguments) {
    Pairs pairs = pairs_of(arguments);
    for (const auto& [name, value] : pairs)
        if (name.text() != nullptr && name.text()->starts_with('_'))
            throw Fault("a namespace has no names that begin with '_'");
    return make_dict(std::move(pairs), true);
}

Value make_plain_dict(Interpreter&, const Value&, const Arguments& arguments) {
    return make_dict(pairs_of(arguments));
}

Value raise(Interpreter&, const Value&, const Arguments& arguments) {
    const Value* message = arguments.find(0, "message");
    throw Fault("it refuses these turns: " + (message != nullptr ? to_text(*message) : std::string()));
}

Value date_now(Interpreter&, const Value&, const Arguments& arguments) {
    const Value* format = arguments.find(0, "format");
    if (format == nullptr || format->text() == nullptr) throw Fault("strftime_now needs a format");
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    std::string out(kMostDateBytes, '\0');
    if (format->text()->size() > kMostDateBytes / 16 || format->text()->find('\0') != std::string::npos)
        throw Fault("the format of a date is too long, or holds a zero byte");
    out.resize(std::strftime(out.data(), out.size(), format->text()->c_str(), &parts));
    return out;
}

constexpr Builtin kGlobals[] = {
    {"range", "start stop step", range},  {"dict", "*", make_plain_dict},
    {"namespace", "*", make_namespace},   {"raise_exception", "message", raise},
    {"strftime_now", "format", date_now},
};

}  // namespace

const Builtin* find_global(const std::string& name) {
    for (const Builtin& entry : kGlobals)
        if (name == entry.name) return &entry;
    return nullptr;
}

}  // namespace headlight::jinja
