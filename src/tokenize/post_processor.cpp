#include "tokenize/post_processor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/utf8.h"
#include "core/token.h"
#include "tokenize/text/char_filter.h"
#include "tokenize/text/clean_text.h"

namespace headlight {
namespace {

using nlohmann::json;
constexpr int kMaxTemplateDepth = 8;
constexpr int kMostSegments = 1 << (31 - kSegmentShift);
constexpr char32_t kByteSpace = 0x0120;  // "Ġ"

struct Spaces {
    std::size_t leading = 0, trailing = 0;  // characters
};

Spaces spaces_of(std::string_view piece) {
    Spaces spaces;
    bool only_spaces = true;
    for (std::size_t i = 0; i < piece.size();) {
        const utf8::Decoded c = utf8::decode(piece, i);
        i += c.size_bytes;
        if (c.code_point == kByteSpace || is_white_space(c.code_point)) {
            spaces.leading += only_spaces ? 1 : 0;
            ++spaces.trailing;
        } else {
            only_spaces = false;
            spaces.trailing = 0;
        }
    }
    return spaces;
}

/// `count` characters before `end`; nothing where there are fewer.
std::optional<std::size_t> step_back(std::string_view text, std::size_t end, std::size_t count) {
    for (; count > 0; --count) {
        if (end == 0) return std::nullopt;
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

/// "type_id" of a part of a template; one that no model has rows for is as good as the last.
std::uint8_t segment_from(const json& part) {
    const auto segment = part.value("type_id", std::int64_t{0});
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(segment, 0, kMostSegments - 1));
}

}  // namespace

// A list of {"SpecialToken": {"id": name}} and {"Sequence": {"id": "A"}}; names are resolved in the map
// "special_tokens" (one name may stand for several ids).
Result<PostProcessor::Template> PostProcessor::read_template(const json& list, const json& names) {
    if (!list.is_array() || !names.is_object())
        return fail(ErrorKind::Corrupt,
                    "post-processor 'TemplateProcessing' has no list 'single', or 'pair' is none");
    Template out;
    for (const json& part : list) {
        if (part.is_object() && part.contains("Sequence")) {
            const std::string id = part["Sequence"].value("id", std::string("A"));
            if (id != "A" && id != "B")
                return fail(ErrorKind::Corrupt, "post-processor 'TemplateProcessing' has a sequence '{}'",
                            id.substr(0, 60));
            out.push_back({id == "A" ? 0 : 1, {}, segment_from(part["Sequence"])});
            continue;
        }
        const json special = part.is_object() ? part.value("SpecialToken", json()) : json();
        const std::string name = special.is_object() ? special.value("id", std::string()) : std::string();
        const json entry = names.value(name, json());
        const json ids = entry.is_object() ? entry.value("ids", json()) : json();
        if (!ids.is_array()) {
            return fail(ErrorKind::Corrupt,
                        "post-processor 'TemplateProcessing' does not say the ids of '{}'",
                        name.substr(0, 60));
        }
        out.push_back({-1, {}, segment_from(special)});
        for (const json& id : ids) {
            HEADLIGHT_TRY(const std::int32_t value, id_from(id));
            out.back().ids.push_back(value);
        }
    }
    return out;
}

Result<PostProcessor::Step> PostProcessor::template_step(const json& file) {
    Step step;
    step.kind = Kind::Template;
    const json names = file.value("special_tokens", json::object());
    HEADLIGHT_TRY(step.single, read_template(file.value("single", json()), names));
    HEADLIGHT_TRY(step.pair, read_template(file.value("pair", json::array()), names));
    return step;
}

// "cls" and "sep", each [text, id]. The reference tells the two kinds apart by their members.
Result<PostProcessor::Step> PostProcessor::pair_step(const json& json) {
    Step step;
    step.kind =
        json.contains("trim_offsets") && json.contains("add_prefix_space") ? Kind::Roberta : Kind::Bert;
    for (const char* key : {"cls", "sep"}) {
        const auto entry = json.find(key);
        if (entry == json.end() || !entry->is_array() || entry->size() != 2) {
            return fail(ErrorKind::Corrupt, "the post-processor has no '{}' of a text and an id", key);
        }
        HEADLIGHT_TRY(const std::int32_t id, id_from((*entry)[1]));
        (key[0] == 'c' ? step.cls : step.sep) = id;
    }
    return step;
}

Status PostProcessor::add_step(const json& json, std::vector<Step>& steps, int depth) {
    if (json.is_null()) return {};
    const std::string type = json.is_object() ? json.value("type", std::string()) : std::string();
    if (type == "Sequence" && depth < kMaxTemplateDepth && json.contains("processors") &&
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
    if (type == "ByteLevel" || step.kind == Kind::Roberta) {
        step.trims = json.value("trim_offsets", true);
        step.has_prefix_space = json.value("add_prefix_space", true);
    }
    steps.push_back(std::move(step));
    return {};
}

// Each template makes parts of what it gets, and each later step sees these parts one by one, as in the
// reference.
Status PostProcessor::check_parts(std::size_t num_parts) const {
    for (const Step& step : steps_) {
        if (step.kind != Kind::Template) continue;
        if (num_parts != 1 && num_parts != 2) {
            return fail(ErrorKind::Unsupported,
                        "a post-processor 'TemplateProcessing' comes after another that makes {} parts",
                        num_parts);
        }
        const Template& pieces = num_parts == 2 ? step.pair : step.single;
        for (const TemplatePart& part : pieces) {
            if (part.sequence >= static_cast<int>(num_parts))
                return fail(ErrorKind::Corrupt, "the template for one text names a second, 'B'");
        }
        num_parts = pieces.size();
    }
    return {};
}

Result<PostProcessor> PostProcessor::from_json(const json& json) {
    PostProcessor out;
    HEADLIGHT_CHECK(add_step(json, out.steps_, 0));
    HEADLIGHT_CHECK(out.check_parts(1));
    if (const Status pairs = out.check_parts(2); !pairs) out.takes_pairs_ = false;
    return out;
}

PostProcessor PostProcessor::around(std::vector<std::int32_t> before, std::vector<std::int32_t> after,
                                    bool trims) {
    PostProcessor out;
    Step step;
    step.kind = Kind::Template;
    step.trims = trims;
    step.single = {{-1, std::move(before)}, {0, {}}, {-1, std::move(after)}};
    out.takes_pairs_ = false;
    out.steps_.push_back(std::move(step));
    return out;
}

void PostProcessor::trim(const Step& step, const Texts& texts, const PieceOf& piece_of, Part& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        RawToken& token = tokens[i];
        const std::string_view text = texts[token.sequence];
        Spaces spaces = spaces_of(token.matched.empty() ? piece_of(token.id) : token.matched);
        if (spaces.leading > 0) {
            // A space that was put before the text is not in it; more than one were there.
            const bool is_first = i == 0 || token.begin == 0;
            if (is_first && step.has_prefix_space && spaces.leading == 1) spaces.leading = 0;
            token.begin = advance_code_points(text, token.begin, token.end, spaces.leading);
        }
        if (spaces.trailing == 0) continue;
        if (const auto end = step_back(text, token.end, spaces.trailing))
            token.end = std::max(*end, token.begin);
    }
}

std::vector<PostProcessor::Part> PostProcessor::fill(const Template& pieces, const std::vector<Part>& parts,
                                                     bool add_special) {
    std::vector<Part> out;
    for (const TemplatePart& piece : pieces) {
        if (piece.sequence >= static_cast<int>(parts.size()))
            continue;  // without special tokens there may be fewer
        if (piece.sequence >= 0) {
            out.push_back(parts[static_cast<std::size_t>(piece.sequence)]);
            for (RawToken& token : out.back())
                token.segment = piece.segment;
        } else if (add_special) {
            out.emplace_back();
            for (const std::int32_t id : piece.ids)
                out.back().push_back({id, 0, 0, {}, 0, piece.segment});
        }
    }
    return out;
}

void PostProcessor::apply_step(const Step& step, bool add_special, std::vector<Part>& parts) {
    if (step.kind == Kind::Template) {
        parts = fill(parts.size() == 2 ? step.pair : step.single, parts, add_special);
    } else if (step.kind != Kind::Trim && add_special) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::int32_t first = i == 0 ? step.cls : step.sep;
            if (i == 0 || step.kind == Kind::Roberta) parts[i].insert(parts[i].begin(), {first, 0, 0, {}});
            parts[i].push_back({step.sep, 0, 0, {}, 0, static_cast<std::uint8_t>(i == 0 ? 0 : 1)});
        }
    }
    if (step.kind != Kind::Roberta) return;
    for (Part& part : parts) {  // RoBERTa knows no segments, whatever the texts had before
        for (RawToken& token : part)
            token.segment = 0;
    }
}

std::vector<RawToken> PostProcessor::apply(std::string_view text, bool add_special, const PieceOf& piece_of,
                                           std::vector<RawToken> tokens) const {
    std::vector<Part> parts;
    parts.push_back(std::move(tokens));
    return apply_steps({text, {}}, add_special, piece_of, std::move(parts));
}

std::vector<RawToken> PostProcessor::apply_pair(Texts texts, bool add_special, const PieceOf& piece_of,
                                                std::vector<RawToken> first,
                                                std::vector<RawToken> second) const {
    for (RawToken& token : second)
        token.sequence = token.segment = 1;
    return apply_steps(texts, add_special, piece_of, {std::move(first), std::move(second)});
}

// Two texts of one token each, -1 and -2.
std::vector<RawToken> PostProcessor::around_two() const {
    if (!takes_pairs_) return {};
    const auto no_piece = [](std::int32_t) { return std::string_view(); };
    return apply_pair({}, true, no_piece, {{-1, 0, 0, {}}}, {{-2, 0, 0, {}}});
}

bool PostProcessor::separates_pairs() const {
    const auto both = around_two();
    const auto is_text = [](const RawToken& token) { return token.id < 0; };
    const auto first = std::find_if(both.begin(), both.end(), is_text);
    if (std::count_if(both.begin(), both.end(), is_text) != 2 || first->id != -1) return false;
    return std::find_if(first + 1, both.end(), is_text) != first + 1;
}

int PostProcessor::tokens_after_second() const {
    const auto both = around_two();
    const auto second =
        std::find_if(both.rbegin(), both.rend(), [](const RawToken& token) { return token.id == -2; });
    return static_cast<int>(second - both.rbegin());
}

std::vector<RawToken> PostProcessor::apply_steps(const Texts& texts, bool add_special,
                                                 const PieceOf& piece_of, std::vector<Part> parts) const {
    for (const Step& step : steps_) {
        for (Part& part : parts)
            if (step.trims) trim(step, texts, piece_of, part);
        apply_step(step, add_special, parts);
    }
    if (parts.size() == 1) return std::move(parts.front());
    Part all;
    for (const Part& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::vector<std::int32_t> PostProcessor::around_one() const {
    const auto no_piece = [](std::int32_t) { return std::string_view(); };
    std::vector<std::int32_t> ids;
    for (const RawToken& token : apply({}, true, no_piece, {{-1, 0, 0, {}}}))
        ids.push_back(token.id);
    return ids;
}

std::int32_t PostProcessor::first_token() const {
    const auto ids = around_one();
    return ids.empty() ? -1 : ids.front();
}

std::int32_t PostProcessor::last_token() const {
    const auto ids = around_one();
    return ids.empty() ? -1 : ids.back();
}

std::vector<std::int32_t> PostProcessor::special_ids() const {
    auto ids = around_one();
    std::erase(ids, -1);
    return ids;
}

}  // namespace headlight
