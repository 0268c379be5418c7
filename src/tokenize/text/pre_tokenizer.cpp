#include "tokenize/text/pre_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenize/text/char_filter.h"
#include "tokenize/text/normalizer.h"
#include "tokenize/text/unicode_scripts.h"

namespace headlight {
namespace {

using nlohmann::json;

// Contractions, letters, numbers, other signs, each with a space before it; trailing space stays with the
// next word.
constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr int kMaxSplitDepth = 8;

constexpr std::size_t kMostFixedLength = 100'000;  // Oniguruma's limit of a repetition

enum class WordKind { Space, Word, Other };

WordKind word_kind(char32_t c) {
    return is_white_space(c) ? WordKind::Space : is_word_character(c) ? WordKind::Word : WordKind::Other;
}

/// Runs of word characters, and runs of what is neither that nor white space.
void find_words(std::string_view text, std::vector<PatternMatch>& out) {
    WordKind before = WordKind::Space;
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        const WordKind kind = word_kind(c.code_point);
        if (kind != WordKind::Space) {
            if (kind == before) {
                out.back().end = i + c.size_bytes;
            } else {
                out.push_back({i, i + c.size_bytes});
            }
        }
        before = kind;
        i += c.size_bytes;
    }
}

/// Runs of one script. A space goes with the run before it; without one it is in none, and is lost, as in the
/// reference.
void find_scripts(std::string_view text, std::vector<PatternMatch>& out) {
    int last = kAnyScript;
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        const int script = script_of(c.code_point);
        if (script != kAnyScript && script != last) out.push_back({i, i});
        if (script != kAnyScript) last = script;
        i += c.size_bytes;
        if (!out.empty()) out.back().end = i;
    }
}

Status expect_character(const std::string& text, const char* key) {
    if (!text.empty() && utf8::decode(text, 0).size_bytes == text.size()) return {};
    return fail(ErrorKind::Corrupt, "the pre-tokenizer's '{}' is '{}', expected one character", key,
                text.substr(0, 60));
}

bool is_plain_space(char32_t c) {
    return c == U' ';
}

TextSection whole(const AlignedText& text) {
    return {&text, 0, text.text().size(), -1};
}

}  // namespace

Result<PreTokenizer::Step> PreTokenizer::make_split(const std::string& pattern, SplitBehavior behavior) {
    Step step;
    HEADLIGHT_TRY(step.pattern, TextPattern::compile(pattern));
    step.has_pattern = true;
    step.behavior = behavior;
    return step;
}

PreTokenizer::Step PreTokenizer::make_step(TextPattern::Finder finder, SplitBehavior behavior, bool invert) {
    Step step;
    step.pattern = TextPattern::made_of(finder);
    step.has_pattern = true;
    step.behavior = behavior;
    step.invert = invert;
    return step;
}

Result<PreTokenizer::Step> PreTokenizer::byte_level_step(const json& json) {
    HEADLIGHT_TRY(Step step, make_split(kGpt2Pattern, SplitBehavior::Isolated));
    step.kind = Kind::ByteLevel;
    step.has_pattern = json.value("use_regex", true);
    step.prefix = json.value("add_prefix_space", true) ? Prefix::Always : Prefix::Never;
    return step;
}

Result<PreTokenizer::Step> PreTokenizer::metaspace_step(const json& json) {
    Step step;
    step.kind = Kind::Metaspace;
    step.replacement = json.value("replacement", std::string("▁"));
    const std::string fallback = json.value("add_prefix_space", true) ? "always" : "never";
    const std::string scheme = json.value("prepend_scheme", fallback);
    if (scheme != "always" && scheme != "first" && scheme != "never")
        return fail(ErrorKind::Corrupt, "pre-tokenizer 'Metaspace' has the prepend_scheme '{}'",
                    scheme.substr(0, 60));
    step.prefix = scheme == "always" ? Prefix::Always : scheme == "first" ? Prefix::First : Prefix::Never;
    step.has_pattern = !json.contains("split") || json["split"].is_null() || json["split"].get<bool>();
    step.doubles_first = json.value(kDoublesFirst, false);
    HEADLIGHT_CHECK(expect_character(step.replacement, "replacement"));
    HEADLIGHT_TRY(step.pattern, TextPattern::literal(step.replacement));
    step.behavior = SplitBehavior::MergedWithNext;
    return step;
}

Status PreTokenizer::add_step(const json& json, std::vector<Step>& steps, int depth) {
    if (json.is_null()) return {};
    const std::string type = json.is_object() ? json.value("type", std::string()) : std::string();
    if (type == "Sequence" && depth < kMaxSplitDepth && json.contains("pretokenizers") &&
        json["pretokenizers"].is_array()) {
        for (const auto& part : json["pretokenizers"])
            HEADLIGHT_CHECK(add_step(part, steps, depth + 1));
        return {};
    }
    if (type == "BertPreTokenizer") {
        steps.push_back(make_step(find_characters<is_white_space>, SplitBehavior::Removed));
        steps.push_back(make_step(find_characters<is_punctuation>, SplitBehavior::Isolated));
        return {};
    }
    HEADLIGHT_TRY(Step step, step_of(type, json));
    steps.push_back(std::move(step));
    return {};
}

Result<PreTokenizer::Step> PreTokenizer::step_of(const std::string& type, const json& json) {
    if (type == "ByteLevel") return byte_level_step(json);
    if (type == "Metaspace") return metaspace_step(json);
    if (type == "Split" || type == "Punctuation") return split_step(type, json);
    if (type == "Digits") {
        const bool is_single = json.value("individual_digits", false);
        return make_step(find_characters<is_numeric>,
                         is_single ? SplitBehavior::Isolated : SplitBehavior::Contiguous);
    }
    if (type == "Whitespace") return make_step(find_words, SplitBehavior::Removed, true);
    if (type == "WhitespaceSplit") return make_step(find_characters<is_white_space>, SplitBehavior::Removed);
    if (type == "UnicodeScripts") return make_step(find_scripts, SplitBehavior::Removed, true);
    if (type == "CharDelimiterSplit") {
        const std::string delimiter = json.value("delimiter", std::string());
        HEADLIGHT_CHECK(expect_character(delimiter, "delimiter"));
        Step step;
        HEADLIGHT_TRY(step.pattern, TextPattern::literal(delimiter));
        step.behavior = SplitBehavior::Removed;
        return step;
    }
    if (type == "FixedLength") {
        const auto length = json.value("length", std::size_t{5});
        if (length == 0 || length > kMostFixedLength)
            return fail(ErrorKind::Corrupt, "pre-tokenizer 'FixedLength' has the length {}", length);
        return make_split(fmt::format("(?m:.{{1,{}}})", length), SplitBehavior::Isolated);
    }
    return fail(
        ErrorKind::Unsupported,
        "pre-tokenizer '{}' is not supported; these are: ByteLevel, Split, Digits, Punctuation, Metaspace, "
        "Whitespace, "
        "WhitespaceSplit, CharDelimiterSplit, UnicodeScripts, FixedLength, BertPreTokenizer, Sequence",
        type.substr(0, 60));
}

Result<PreTokenizer::Step> PreTokenizer::split_step(const std::string& type, const json& json) {
    const bool is_punctuation_step = type == "Punctuation";
    const auto behavior =
        split_behavior(json.value("behavior", std::string(is_punctuation_step ? "Isolated" : "")));
    if (!behavior) return fail(ErrorKind::Corrupt, "pre-tokenizer '{}' has no known behavior", type);
    if (is_punctuation_step) return make_step(find_characters<is_punctuation>, *behavior);
    Step step;
    HEADLIGHT_TRY(step.pattern, pattern_from_json(json.value("pattern", nlohmann::json())));
    step.behavior = *behavior;
    step.invert = json.value("invert", false);
    return step;
}

Result<PreTokenizer> PreTokenizer::from_json(const json& json) {
    PreTokenizer out;
    HEADLIGHT_CHECK(add_step(json, out.steps_, 0));
    return out;
}

PreTokenizer PreTokenizer::gpt2(bool adds_prefix_space) {
    PreTokenizer out;
    auto step = byte_level_step(json{{"add_prefix_space", adds_prefix_space}});
    if (step) out.steps_.push_back(std::move(*step));
    return out;
}

Result<PreTokenizer> PreTokenizer::split_then_bytes(const std::string& pattern) {
    PreTokenizer out;
    HEADLIGHT_TRY(Step split, make_split(pattern, SplitBehavior::Isolated));
    HEADLIGHT_TRY(Step bytes, byte_level_step(json{{"add_prefix_space", false}, {"use_regex", false}}));
    out.steps_.push_back(std::move(split));
    out.steps_.push_back(std::move(bytes));
    return out;
}

bool PreTokenizer::is_byte_level() const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [](const Step& step) { return step.kind == Kind::ByteLevel; });
}

bool PreTokenizer::ends_in_bytes() const {
    return !steps_.empty() && steps_.back().kind == Kind::ByteLevel;
}

// Replaces spaces and puts the prefix before a section, where the step does so. The changed text is kept in
// the list.
void PreTokenizer::prepare(const Step& step, TextSection& section, SectionList& list) {
    const auto own_copy = [&]() -> AlignedText& {
        return list.texts.emplace_back(section.text->slice(section.begin, section.end));
    };
    if (step.kind == Kind::Metaspace && section.view().find(' ') != std::string_view::npos) {
        std::vector<PatternMatch> spaces;
        find_characters<is_plain_space>(section.view(), spaces);
        AlignedText& replaced = own_copy();
        replaced.replace(spaces, step.replacement);
        section = whole(replaced);
    }
    const std::string_view prefix =
        step.kind == Kind::ByteLevel ? std::string_view(" ") : std::string_view(step.replacement);
    if (step.prefix == Prefix::Never || section.begin == section.end) return;
    const bool is_first = section.text->source(section.begin, section.begin + 1).begin == 0;
    if (section.view().starts_with(prefix) && !(step.doubles_first && is_first)) return;
    if (step.prefix == Prefix::First && !is_first) return;
    AlignedText& longer = own_copy();
    longer.prepend(prefix);
    section = whole(longer);
}

Status PreTokenizer::apply_step(const Step& step, SectionList& list) {
    std::vector<TextSection> out;
    std::vector<PatternMatch> matches;
    for (TextSection section : list.sections) {
        if (section.added_id >= 0) {
            out.push_back(section);
            continue;
        }
        if (step.kind != Kind::Split) prepare(step, section, list);
        if (step.kind != Kind::Split && !step.has_pattern) {
            out.push_back(section);
            continue;
        }
        matches.clear();
        HEADLIGHT_CHECK(step.pattern.find_all(section.view(), matches));
        split_section(section, matches, step.behavior, step.invert, out);
    }
    list.sections = std::move(out);
    return {};
}

Status PreTokenizer::apply(SectionList& list, bool spells_last) const {
    for (const Step& step : steps_) {
        HEADLIGHT_CHECK(apply_step(step, list));
        const bool is_spelled = step.kind == Kind::ByteLevel && (&step != &steps_.back() || spells_last);
        for (TextSection& section : list.sections) {
            if (!is_spelled || section.added_id >= 0) continue;
            AlignedText& spelled = list.texts.emplace_back(section.text->slice(section.begin, section.end));
            spelled.spell_bytes();
            section = whole(spelled);
        }
    }
    return {};
}

}  // namespace headlight
