#include "tokenize/text/normalizer.h"

#include <nlohmann/json.hpp>

#include "tokenize/text/char_filter.h"
#include "tokenize/text/unicode_forms.h"

namespace headlight {
namespace {

// Ordinary files at most make a text some ten times as long (U+FDFA in NFKC); only hostile ones multiply it
// again and again.
constexpr std::size_t kMostGrowth = 64, kGrowthAllowed = 4096;

Result<AlignedText> replace_matches(AlignedText text, const TextPattern& pattern, const std::string& content,
                                    std::size_t longest) {
    std::vector<PatternMatch> matches;
    HEADLIGHT_CHECK(pattern.find_all(text.text(), matches));
    if (matches.empty()) return text;
    if (!content.empty() && matches.size() > longest / content.size()) {
        return fail(ErrorKind::Unsupported,
                    "normalizer 'Replace' would make a text of {} bytes longer than {}", text.text().size(),
                    longest);
    }
    text.replace(matches, content);
    return text;
}

constexpr int kMaxNormalizerDepth = 8;

}  // namespace

Result<TextPattern> pattern_from_json(const nlohmann::json& json) {
    if (json.is_object() && json.contains("String") && json["String"].is_string()) {
        return TextPattern::literal(json["String"].get<std::string>());
    }
    if (json.is_object() && json.contains("Regex") && json["Regex"].is_string()) {
        return TextPattern::compile(json["Regex"].get<std::string>());
    }
    return fail(ErrorKind::Corrupt, "expected a pattern {{\"String\": ...}} or {{\"Regex\": ...}}");
}

void TextNormalizer::add_bert_steps(const nlohmann::json& json, std::vector<Step>& steps) {
    const bool lowers = json.value("lowercase", true);
    const auto strip = json.find("strip_accents");
    // Left open, accents go where capitals go.
    const bool strips_accents = strip != json.end() && strip->is_boolean() ? strip->get<bool>() : lowers;
    const auto add = [&](Kind kind) {
        steps.emplace_back();
        steps.back().kind = kind;
    };
    if (json.value("clean_text", true)) add(Kind::CleanText);
    if (json.value("handle_chinese_chars", true)) add(Kind::SpaceIdeographs);
    if (strips_accents) {
        add(Kind::Nfd);
        add(Kind::StripNonSpacing);
    }
    if (lowers) add(Kind::Lowercase);
}

Status TextNormalizer::add_step(const nlohmann::json& json, std::vector<Step>& steps, int depth) {
    if (json.is_null()) return {};
    const std::string type = json.is_object() ? json.value("type", std::string()) : std::string();
    Step step;
    if (type == "Sequence" && depth < kMaxNormalizerDepth && json.contains("normalizers") &&
        json["normalizers"].is_array()) {
        for (const auto& part : json["normalizers"])
            HEADLIGHT_CHECK(add_step(part, steps, depth + 1));
        return {};
    }
    if (type == "NFC") {
        step.kind = Kind::Nfc;
    } else if (type == "NFD") {
        step.kind = Kind::Nfd;
    } else if (type == "NFKC") {
        step.kind = Kind::Nfkc;
    } else if (type == "NFKD") {
        step.kind = Kind::Nfkd;
    } else if (type == "Lowercase") {
        step.kind = Kind::Lowercase;
    } else if (type == "Prepend") {
        step.kind = Kind::Prepend;
        step.content = json.value("prepend", std::string());
        if (step.content.size() > kGrowthAllowed)
            return fail(ErrorKind::Corrupt, "normalizer 'Prepend' puts {} bytes before a text",
                        step.content.size());
    } else if (type == "Replace") {
        step.kind = Kind::Replace;
        step.content = json.value("content", std::string());
        HEADLIGHT_TRY(step.pattern, pattern_from_json(json.value("pattern", nlohmann::json())));
    } else if (type == "Strip") {
        step.kind = Kind::Strip;
        step.strips_left = json.value("strip_left", true);
        step.strips_right = json.value("strip_right", true);
    } else if (type == "StripAccents") {
        step.kind = Kind::StripAccents;
    } else if (type == "Nmt") {
        step.kind = Kind::PlainSpaces;
    } else if (type == "ByteLevel") {
        step.kind = Kind::ByteLevel;
    } else if (type == "Precompiled") {
        step.kind = Kind::Precompiled;
        const auto map = json.find("precompiled_charsmap");
        if (map == json.end() || map->is_null()) return {};  // an empty table changes nothing
        if (!map->is_string()) return fail(ErrorKind::Corrupt, "'precompiled_charsmap' is no text");
        HEADLIGHT_TRY(step.map, PrecompiledMap::from_base64(map->get_ref<const std::string&>()));
    } else if (type == "BertNormalizer") {
        add_bert_steps(json, steps);
        return {};
    } else {
        return fail(ErrorKind::Unsupported,
                    "normalizer '{}' is not supported; these are: NFC, NFD, NFKC, NFKD, Lowercase, Prepend, "
                    "Replace, Strip, StripAccents, BertNormalizer, Precompiled, Nmt, ByteLevel, Sequence",
                    type.substr(0, 60));
    }
    steps.push_back(std::move(step));
    return {};
}

Result<TextNormalizer> TextNormalizer::from_json(const nlohmann::json& json) {
    TextNormalizer normalizer;
    HEADLIGHT_CHECK(add_step(json, normalizer.steps_, 0));
    return normalizer;
}

TextNormalizer TextNormalizer::nfc() {
    TextNormalizer normalizer;
    normalizer.steps_.emplace_back();
    return normalizer;
}

Result<AlignedText> TextNormalizer::apply_step(const Step& step, AlignedText text, std::size_t longest) {
    switch (step.kind) {
        case Kind::Nfc:
            return to_unicode_form(std::move(text), UnicodeForm::Nfc);
        case Kind::Nfd:
            return to_unicode_form(std::move(text), UnicodeForm::Nfd);
        case Kind::Nfkc:
            return to_unicode_form(std::move(text), UnicodeForm::Nfkc);
        case Kind::Nfkd:
            return to_unicode_form(std::move(text), UnicodeForm::Nfkd);
        case Kind::Lowercase:
            return to_lowercase(std::move(text));
        case Kind::Prepend:
            text.prepend(step.content);
            return text;
        case Kind::Replace:
            return replace_matches(std::move(text), step.pattern, step.content, longest);
        case Kind::Strip:
            return stripped(std::move(text), step.strips_left, step.strips_right);
        case Kind::StripAccents:
            return without_marks(std::move(text), Marks::All);
        case Kind::CleanText:
            return without_control_characters(std::move(text));
        case Kind::SpaceIdeographs:
            return with_spaced_ideographs(std::move(text));
        case Kind::StripNonSpacing:
            return without_marks(std::move(text), Marks::NonSpacing);
        case Kind::Precompiled:
            return step.map.apply(std::move(text));
        case Kind::PlainSpaces:
            return with_plain_spaces(std::move(text));
        case Kind::ByteLevel:
            text.spell_bytes();
            return text;
    }
    return text;
}

Result<AlignedText> TextNormalizer::apply(AlignedText text) const {
    const std::size_t longest = kMostGrowth * text.text().size() + kGrowthAllowed;
    for (const Step& step : steps_) {
        HEADLIGHT_TRY(text, apply_step(step, std::move(text), longest));
        // A step of its own makes a text at most some ten times as long, so this stops a hostile sequence in
        // time.
        if (text.text().size() > longest)
            return fail(ErrorKind::Unsupported, "the normalizer makes a text longer than {} bytes", longest);
    }
    return text;
}

}  // namespace headlight
