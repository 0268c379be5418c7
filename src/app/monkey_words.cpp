// Random words for the monkey.
#include "app/monkey_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string_view>

#include "analysis/metric.h"
#include "views/view.h"
#include "views/workspaces/workspace.h"

namespace headlight {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::string_view kIntegers[] = {
    "0",   "0",    "1",   "1",  "2",    "3",          "4",           "5",
    "7",   "11",   "63",  "-1", "1000", "2147483647", "-2147483648", "99999999999999999999",
    "1.5", "last", "none"};
constexpr std::string_view kCounts[] = {"1", "2", "3", "5", "10", "20", "0", "-3", "1001", "many"};
constexpr std::string_view kReals[] = {"0.5", "0.6", "0.75",  "1",      "1",    "1.25", "1.5",
                                       "2",   "3",   "4",     "0.1",    "5",    "0",    "-1",
                                       "nan", "inf", "1e308", "1e-320", "auto", "x"};
constexpr std::string_view kSizes[] = {"1280x800", "1600x900", "960x600",   "640x480", "320x240",
                                       "400x1200", "1900x300", "1024x1024", "700x700", "0x0",
                                       "-5x10",    "axb",      "100",       "1e3x5e2", "99999x1"};
constexpr std::string_view kModes[] = {"uniform", "local", "previous", "first",  "identity",
                                       "zero",    "mean",  "scale",    "pattern"};
constexpr std::string_view kLessons[] = {"what_attention_is", "induction", "sink", "cause", "nowhere"};
constexpr std::string_view kOrders[] = {"lhqk", "lhkq", "hlqk", "blhqk", "bhqk",
                                        "qklh", "hqk",  "llll", "",      "zzz"};
constexpr std::string_view kNonsense[] = {"",
                                          "-",
                                          "--help",
                                          "nan",
                                          "-1",
                                          "2147483648",
                                          "last",
                                          "none",
                                          "all",
                                          "but",
                                          "0-3",
                                          "..",
                                          "~",
                                          "%s%n%x",
                                          "\xF0\x9F\x99\x82",
                                          "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                                          "a\"b\\c",
                                          "#",
                                          "layer",
                                          "selected",
                                          "lhqk"};
constexpr std::string_view kPieces[] = {
    "the",
    "The",
    "cat",
    "sat",
    "on",
    "mat",
    "because",
    "it",
    "was",
    "tired",
    "once",
    "upon",
    "a",
    "time",
    "12",
    "7 5 3",
    "0",
    "1",
    "+",
    "=",
    ",",
    ".",
    "\"",
    "'",
    "(",
    ")",
    "\n",
    "\n\n",
    "\t",
    "  ",
    "/",
    "\\",
    "#",
    "<unk>",
    "<s>",
    "[MASK]",
    "\xF0\x9F\x99\x82",                                                          // a smile
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",  // a family, joined
    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA",                                          // a flag of two letters
    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
    "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",                                  // Hebrew, Arabic
    "\xE0\xA4\xA8\xE0\xA4\xAE\xE0\xA4\xB8\xE0\xA5\x8D\xE0\xA4\xA4\xE0\xA5\x87",  // Devanagari
    "\xE6\xBC\xA2\xE5\xAD\x97",
    "\xE3\x81\x8B\xE3\x82\x99",
    "e\xCC\x81",
    "Z\xCC\x80\xCC\x81\xCC\x82\xCC\x83\xCC\x84",
    "\xE2\x80\xAE",
    "\xE2\x80\x8B",
    "\xEF\xBB\xBF",
    "\xEF\xBF\xBD",
    "\xC2\xA0",
    "\xF0\x9D\x94\x98",
    "\xC3\x9F",
    "\xC4\xB0"};

std::string one_of(Words words, SplitMix& random) {
    return std::string(words[random.below(words.size())]);
}

std::string any_workspace(SplitMix& random) {
    const auto all = workspaces();
    return all[random.below(all.size())]->id;
}

std::string any_view(SplitMix& random) {
    const auto all = views();
    return random.below(10) == 0 ? one_of(kNonsense, random) : all[random.below(all.size())]->id;
}

std::string any_metric(SplitMix& random) {
    const auto all = metrics();
    return random.below(10) == 0 ? one_of(kNonsense, random) : all[random.below(all.size())]->id;
}

std::string any_range(SplitMix& random) {
    const std::string low = one_of(kIntegers, random);
    return low + "-" + one_of(kIntegers, random);
}

std::string path_to_write(const MonkeyPaths& paths, SplitMix& random) {
    const auto number = random.below(4);
    return random.below(8) == 0 ? fmt::format("{}/none/{}.png", paths.write_dir, number)
                                : fmt::format("{}/{}.png", paths.write_dir, number);
}

struct Placeholder {
    std::string_view name;
    Words words;
};
constexpr Placeholder kPlaceholders[] = {
    {"LAYER", kIntegers}, {"HEAD", kIntegers},   {"INDEX", kIntegers}, {"QUERY", kIntegers},
    {"KEY", kIntegers},   {"NUMBER", kIntegers}, {"COUNT", kCounts},   {"SEQUENCES", kCounts},
    {"FACTOR", kReals},   {"VALUE", kReals},     {"WxH", kSizes},      {"MODE", kModes},
    {"ORDER", kOrders},   {"ID", kLessons},      {"STEP", kCounts},
};

class UsageDraw {
  public:
    UsageDraw(const CommandDescriptor& command, const MonkeyPaths& paths, SplitMix& random)
        : writes_(monkey_command_writes(command)), paths_(paths), random_(random) {
        std::string_view rest = command.usage;
        rest.remove_prefix(std::min(rest.size(), rest.find(' ')));
        while (!rest.empty()) {
            if (rest.front() == ' ') {
                rest.remove_prefix(1);
                continue;
            }
            const bool is_optional = rest.front() == '[';
            const std::size_t end = std::min(rest.size(), rest.find(is_optional ? ']' : ' '));
            std::string_view part = rest.substr(0, end);
            rest.remove_prefix(std::min(rest.size(), end + (is_optional ? 1 : 0)));
            if (is_optional) part.remove_prefix(1);
            if (!is_optional || random_.below(3) != 0) draw_alternative(part);
        }
    }
    std::vector<std::string> take() { return std::move(words_); }

  private:
    /// "LAYER HEAD|layer LAYER|all": one of them.
    void draw_alternative(std::string_view part) {
        auto chosen = random_.below(static_cast<std::size_t>(std::count(part.begin(), part.end(), '|')) + 1);
        for (; chosen > 0; --chosen)
            part.remove_prefix(part.find('|') + 1);
        part = part.substr(0, part.find('|'));
        while (!part.empty()) {
            const std::size_t end = std::min(part.size(), part.find(' '));
            if (end > 0) words_.push_back(word(part.substr(0, end)));
            part.remove_prefix(std::min(part.size(), end + 1));
        }
    }
    std::string word(std::string_view name) {
        const bool is_literal =
            std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
        if (is_literal) return std::string(name);
        for (const Placeholder& known : kPlaceholders) {
            if (known.name == name) return one_of(known.words, random_);
        }
        if (name.find("TEXT") != std::string_view::npos) return monkey_text(random_);
        if (name == "LOW-HIGH") return any_range(random_);
        if (name == "NAME" || name == "VIEW")
            return random_.below(4) == 0 ? any_workspace(random_) : any_view(random_);
        if (name == "METRIC") return any_metric(random_);
        if (name == "PATH" || name == "FILE")
            return writes_ ? path_to_write(paths_, random_) : monkey_path(paths_, random_);
        return one_of(random_.below(2) == 0 ? Words(kIntegers) : Words(kNonsense), random_);
    }
    bool writes_;
    const MonkeyPaths& paths_;
    SplitMix& random_;
    std::vector<std::string> words_;
};

}  // namespace

bool monkey_command_writes(const CommandDescriptor& command) {
    constexpr std::string_view kReading[] = {"open", "parity", "tokenizer", "lesson"};
    const std::string_view usage = command.usage;
    const bool takes_path = usage.find("PATH") != std::string_view::npos ||
                            usage.find("FILE") != std::string_view::npos ||
                            usage.find("FOLDER") != std::string_view::npos;
    return takes_path &&
           std::find(std::begin(kReading), std::end(kReading), command.id) == std::end(kReading);
}

std::vector<std::string> monkey_arguments(const CommandDescriptor& command, const MonkeyPaths& paths,
                                          SplitMix& random) {
    std::vector<std::string> words = UsageDraw(command, paths, random).take();
    if (monkey_command_writes(command)) return words;
    switch (random.below(24)) {
        case 0:
            if (!words.empty()) words.pop_back();
            break;
        case 1:
            words.push_back(one_of(kNonsense, random));
            break;
        case 2:
            if (!words.empty()) words[random.below(words.size())] = one_of(kNonsense, random);
            break;
        default:
            break;
    }
    return words;
}

std::string monkey_text(SplitMix& random) {
    const auto size = random.below(40);
    const std::size_t num_pieces = size == 0 ? 0 : size == 1 ? 800 : size < 6 ? 60 : 1 + random.below(12);
    std::string out;
    for (std::size_t i = 0; i < num_pieces; ++i) {
        if (i > 0 && random.below(5) != 0) out += ' ';
        out += one_of(kPieces, random);
    }
    return out;
}

std::string monkey_path(const MonkeyPaths& paths, SplitMix& random) {
    const auto choice = random.below(20);
    if (choice == 0) return one_of(kNonsense, random);
    const bool is_file = choice >= 16 && !paths.files.empty(),
               is_model = choice >= 8 && !paths.models.empty();
    const std::vector<std::string>& from = is_file ? paths.files : is_model ? paths.models : paths.kinds;
    return from.empty() ? std::string() : from[random.below(from.size())];
}

}  // namespace headlight
