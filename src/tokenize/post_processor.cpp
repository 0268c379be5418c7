#include "tokenize/post_processor.h"

#include <unicode/uchar.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenize/clean_text.h"

namespace headlight {
namespace {

using nlohmann::json;
constexpr int kMaxDepth = 8;
constexpr char32_t kSpaceMark = 0x0120;  // "Ġ"

struct Spaces {
    std::size_t leading = 0, trailing = 0;  // characters
};

Spaces spaces_of(std::string_view piece) {
    Spaces spaces;
    bool only_spaces = true;
    for (std::size_t i = 0; i < piece.size();) {
        const utf8::Decoded c = utf8::decode(piece, i);
        i += c.size_bytes;
        if (c.code_point == kSpaceMark ||
            u_hasBinaryProperty(static_cast<UChar32>(c.code_point), UCHAR_WHITE_SPACE)) {
            spaces.leading += only_spaces ? 1 : 0;
            ++spaces.trailing;
        } else {
            only_spaces = false;
            spaces.trailing = 0;
        }
    }
    return spaces;
}

std::size_t step_back(std::string_view text, std::size_t end, std::size_t count) {
    for (; count > 0 && end > 0; --count) {
        do
            --end;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
    }
    return end;
}

Result<std::int32_t> id_from(const json& value) {
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
        value.get<std::int64_t>() <= INT32_MAX) {
        return value.get<std::int32_t>();
    }
    return fail(ErrorKind::Corrupt, "the post-processor names a token id that is no whole number");
}

}  // namespace

// "single": a list of {"SpecialToken": {"id": name}} and {"Sequence": {"id": "A"}}; names are resolved in the
// map "special_tokens" (one name may stand for several ids).
Result<PostProcessor::Step> PostProcessor::template_step(const json& json) {
    Step step;
    bool is_after = false;
    const auto single = json.find("single");
    const auto names = json.value("special_tokens", nlohmann::json::object());
    if (single == json.end() || !single->is_array() || !names.is_object()) {
        return fail(ErrorKind::Corrupt, "post-processor 'TemplateProcessing' has no list 'single'");
    }
    for (const auto& part : *single) {
        if (part.is_object() && part.contains("Sequence")) {
            is_after = true;
            continue;
        }
        const auto special =
            part.is_object() ? part.value("SpecialToken", nlohmann::json()) : nlohmann::json();
        const std::string name = special.is_object() ? special.value("id", std::string()) : std::string();
        const auto entry = names.value(name, nlohmann::json());
        const auto ids = entry.is_object() ? entry.value("ids", nlohmann::json()) : nlohmann::json();
        if (!ids.is_array()) {
            return fail(ErrorKind::Corrupt,
                        "post-processor 'TemplateProcessing' does not say the ids of '{}'",
                        name.substr(0, 60));
        }
        for (const auto& id : ids) {
            HEADLIGHT_TRY(const std::int32_t value, id_from(id));
            (is_after ? step.after : step.before).push_back(value);
        }
    }
    return step;
}

// "cls" and "sep", each [text, id], as RoBERTa's and BERT's own post-processors write them.
Result<PostProcessor::Step> PostProcessor::pair_step(const json& json) {
    Step step;
    for (const char* key : {"cls", "sep"}) {
        const auto entry = json.find(key);
        if (entry == json.end() || !entry->is_array() || entry->size() != 2) {
            return fail(ErrorKind::Corrupt, "the post-processor has no '{}' of a text and an id", key);
        }
        HEADLIGHT_TRY(const std::int32_t id, id_from((*entry)[1]));
        (key[0] == 'c' ? step.before : step.after).push_back(id);
    }
    return step;
}

Status PostProcessor::add_step(const json& json, std::vector<Step>& steps, int depth) {
    if (json.is_null()) return {};
    const std::string type = json.is_object() ? json.value("type", std::string()) : std::string();
    if (type == "Sequence" && depth < kMaxDepth && json.contains("processors") &&
        json["processors"].is_array()) {
        for (const auto& part : json["processors"])
            HEADLIGHT_CHECK(add_step(part, steps, depth + 1));
        return {};
    }
    Step step;
    if (type == "TemplateProcessing") {
        HEADLIGHT_TRY(step, template_step(json));
    } else if (type == "RobertaProcessing" || type == "BertProcessing") {
        HEADLIGHT_TRY(step, pair_step(json));
    } else if (type != "ByteLevel") {
        return fail(ErrorKind::Unsupported,
                    "post-processor '{}' is not supported; these are: ByteLevel, TemplateProcessing, "
                    "RobertaProcessing, "
                    "BertProcessing, Sequence",
                    type.substr(0, 60));
    }
    if (type == "ByteLevel" || type == "RobertaProcessing") {
        step.trims = json.value("trim_offsets", true);
        step.has_prefix_space = json.value("add_prefix_space", true);
    }
    steps.push_back(std::move(step));
    return {};
}

Result<PostProcessor> PostProcessor::from_json(const json& json) {
    PostProcessor out;
    HEADLIGHT_CHECK(add_step(json, out.steps_, 0));
    return out;
}

PostProcessor PostProcessor::around(std::vector<std::int32_t> before, std::vector<std::int32_t> after,
                                    bool trims) {
    PostProcessor out;
    Step step;
    step.trims = trims;
    step.before = std::move(before);
    step.after = std::move(after);
    out.steps_.push_back(std::move(step));
    return out;
}

void PostProcessor::trim(const Step& step, std::string_view text, const PieceOf& piece_of,
                         std::vector<RawToken>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        RawToken& token = tokens[i];
        Spaces spaces = spaces_of(token.matched.empty() ? piece_of(token.id) : token.matched);
        if (spaces.leading > 0) {
            // A space that was put before the text is not in it; more than one were there.
            const bool is_first = i == 0 || token.begin == 0;
            if (is_first && step.has_prefix_space && spaces.leading == 1) spaces.leading = 0;
            token.begin = advance_code_points(text, token.begin, token.end, spaces.leading);
        }
        if (spaces.trailing > 0)
            token.end = std::max(step_back(text, token.end, spaces.trailing), token.begin);
    }
}

void PostProcessor::apply(std::string_view text, bool add_special, const PieceOf& piece_of,
                          std::vector<RawToken>& tokens) const {
    for (const Step& step : steps_) {
        if (step.trims) trim(step, text, piece_of, tokens);
        if (!add_special) continue;
        std::vector<RawToken> before;
        for (const std::int32_t id : step.before)
            before.push_back({id, 0, 0, {}});
        tokens.insert(tokens.begin(), before.begin(), before.end());
        for (const std::int32_t id : step.after)
            tokens.push_back({id, 0, 0, {}});
    }
}

std::int32_t PostProcessor::first_token() const {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
        if (!step->before.empty()) return step->before.front();
    }
    return -1;
}

std::int32_t PostProcessor::last_token() const {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
        if (!step->after.empty()) return step->after.back();
    }
    return -1;
}

std::vector<std::int32_t> PostProcessor::special_ids() const {
    std::vector<std::int32_t> ids;
    for (const Step& step : steps_) {
        ids.insert(ids.end(), step.before.begin(), step.before.end());
        ids.insert(ids.end(), step.after.begin(), step.after.end());
    }
    return ids;
}

}  // namespace headlight
