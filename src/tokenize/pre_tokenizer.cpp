#include "tokenize/pre_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenize/byte_alphabet.h"
#include "tokenize/normalizer.h"

namespace headlight {
namespace {

using nlohmann::json;

// Contractions, letters, numbers, other signs, each with a space before it; trailing space stays with the
// next word.
constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr int kMaxDepth = 8;

// The section's characters in the byte alphabet, one for each byte.
AlignedText in_byte_alphabet(const TextSection& section) {
    AlignedText out;
    for (std::size_t i = section.begin; i < section.end; ++i) {
        std::string mapped;
        utf8::append(mapped, byte_to_char(static_cast<unsigned char>(section.text->text()[i])));
        out.append(mapped, section.text->source(i, i + 1));
    }
    return out;
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
    step.prefix = scheme == "always" ? Prefix::Always : scheme == "first" ? Prefix::First : Prefix::Never;
    step.has_pattern = json.value("split", true);
    step.pattern = TextPattern::literal(step.replacement);
    step.behavior = SplitBehavior::MergedWithNext;
    return step;
}

Status PreTokenizer::add_step(const json& json, std::vector<Step>& steps, int depth) {
    if (json.is_null()) return {};
    const std::string type = json.is_object() ? json.value("type", std::string()) : std::string();
    if (type == "Sequence" && depth < kMaxDepth && json.contains("pretokenizers") &&
        json["pretokenizers"].is_array()) {
        for (const auto& part : json["pretokenizers"])
            HEADLIGHT_CHECK(add_step(part, steps, depth + 1));
        return {};
    }
    Step step;
    if (type == "BertPreTokenizer") {
        HEADLIGHT_CHECK(add_step({{"type", "WhitespaceSplit"}}, steps, depth + 1));
        return add_step({{"type", "Punctuation"}}, steps, depth + 1);
    }
    if (type == "ByteLevel") {
        HEADLIGHT_TRY(step, byte_level_step(json));
    } else if (type == "Metaspace") {
        HEADLIGHT_TRY(step, metaspace_step(json));
    } else if (type == "Split") {
        HEADLIGHT_TRY(step.pattern, pattern_from_json(json.value("pattern", nlohmann::json())));
        const auto behavior = split_behavior(json.value("behavior", std::string()));
        if (!behavior) return fail(ErrorKind::Corrupt, "pre-tokenizer 'Split' has no known behavior");
        step.behavior = *behavior;
        step.invert = json.value("invert", false);
    } else if (type == "Digits") {
        const bool is_single = json.value("individual_digits", false);
        HEADLIGHT_TRY(step, make_split(R"([\p{Nd}\p{Nl}\p{No}])",
                                       is_single ? SplitBehavior::Isolated : SplitBehavior::Contiguous));
    } else if (type == "Punctuation") {
        const auto behavior = split_behavior(json.value("behavior", std::string("Isolated")));
        HEADLIGHT_TRY(step, make_split("[\\p{P}$+<=>^`|~]", behavior.value_or(SplitBehavior::Isolated)));
    } else if (type == "Whitespace") {
        HEADLIGHT_TRY(
            step, make_split(R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\s]+)",
                             SplitBehavior::Removed));
        step.invert = true;
    } else if (type == "WhitespaceSplit") {
        HEADLIGHT_TRY(step, make_split(R"([\p{White_Space}])", SplitBehavior::Removed));
    } else if (type == "CharDelimiterSplit") {
        step.pattern = TextPattern::literal(json.value("delimiter", std::string(" ")));
        step.behavior = SplitBehavior::Removed;
    } else {
        return fail(ErrorKind::Unsupported,
                    "pre-tokenizer '{}' is not supported; these are: ByteLevel, Split, Digits, Punctuation, "
                    "Metaspace, "
                    "Whitespace, WhitespaceSplit, CharDelimiterSplit, BertPreTokenizer, Sequence",
                    type.substr(0, 60));
    }
    steps.push_back(std::move(step));
    return {};
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

// Replaces spaces and puts the prefix before a section, where the step does so. The changed text is kept in
// the list.
void PreTokenizer::prepare(const Step& step, TextSection& section, SectionList& list) {
    if (step.kind == Kind::Metaspace && section.view().find(' ') != std::string_view::npos) {
        AlignedText replaced;
        for (std::size_t i = section.begin; i < section.end;) {
            const std::size_t length = utf8::decode(section.text->text(), i).size_bytes;
            const std::string_view c = std::string_view(section.text->text()).substr(i, length);
            replaced.append(c == " " ? std::string_view(step.replacement) : c,
                            section.text->source(i, i + length));
            i += length;
        }
        section = whole(list.texts.emplace_back(std::move(replaced)));
    }
    const std::string_view prefix =
        step.kind == Kind::ByteLevel ? std::string_view(" ") : std::string_view(step.replacement);
    if (step.prefix == Prefix::Never || section.begin == section.end || section.view().starts_with(prefix))
        return;
    if (step.prefix == Prefix::First && section.text->source(section.begin, section.begin + 1).begin != 0)
        return;
    section =
        whole(list.texts.emplace_back(section.text->slice(section.begin, section.end).prepended(prefix)));
}

void PreTokenizer::apply_step(const Step& step, bool is_last, SectionList& list) {
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
        step.pattern.find_all(section.view(), matches);
        split_section(section, matches, step.behavior, step.invert, out);
    }
    // Bytes are spelled out only for steps that still want to look at them.
    if (step.kind == Kind::ByteLevel && !is_last) {
        for (TextSection& section : out) {
            if (section.added_id < 0) section = whole(list.texts.emplace_back(in_byte_alphabet(section)));
        }
        list.is_in_byte_alphabet = true;
    }
    list.sections = std::move(out);
}

void PreTokenizer::apply(SectionList& list) const {
    for (const Step& step : steps_)
        apply_step(step, &step == &steps_.back(), list);
}

}  // namespace headlight
