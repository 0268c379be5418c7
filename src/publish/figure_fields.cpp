#include "publish/figure_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/nearest_word.h"

namespace headlight {
namespace {

Status wrong_value(const FigureField& field, const std::string& words, const std::string& expected) {
    return fail(ErrorKind::InvalidInput, "--{} {}: expected {}", field.name, words.substr(0, 80), expected);
}

bool is_one_of(const char* choices, const std::string& word) {
    return !word.empty() && fmt::format(" {} ", choices).find(" " + word + " ") != std::string::npos;
}

template <class T>
bool read_number(std::string_view words, T& value) {
    const auto result = std::from_chars(words.data(), words.data() + words.size(), value);
    return !words.empty() && result.ec == std::errc{} && result.ptr == words.data() + words.size();
}

// How a value of each type is read and written.
Status read_field(const FigureField& field, const std::string& words, std::string& value) {
    if (*field.choices != 0 && !words.empty() && !is_one_of(field.choices, words))
        return wrong_value(field, words, fmt::format("one of {}", field.choices));
    value = words;
    return {};
}

template <class T>
requires std::is_arithmetic_v<T> Status read_field(const FigureField& field, const std::string& words,
                                                   T& value) {
    T read{};
    const bool is_number = read_number(words, read);
    const auto number = static_cast<double>(read);
    if (!is_number || !std::isfinite(number) || number < field.least || number > field.most)
        return wrong_value(field, words, fmt::format("a number from {:g} to {:g}", field.least, field.most));
    value = read;
    return {};
}

Status read_field(const FigureField& field, const std::string& words, bool& value) {
    const bool is_on = is_one_of("on true 1", words);
    if (!is_on && !is_one_of("off false 0", words)) return wrong_value(field, words, "on or off");
    value = is_on;
    return {};
}

template <class T>
Status read_field(const FigureField& field, const std::string& words, std::optional<T>& value) {
    if (words.empty()) {
        value.reset();
        return {};
    }
    T read{};
    HEADLIGHT_CHECK(read_field(field, words, read));
    value = read;
    return {};
}

template <class T>
Status read_field(const FigureField& field, const std::string& words, std::vector<T>& values) {
    values.clear();
    for (std::size_t begin = 0; begin < words.size();) {
        const std::size_t end = std::min(words.find(',', begin), words.size());
        T value{};
        HEADLIGHT_CHECK(read_field(field, words.substr(begin, end - begin), value));
        values.push_back(value);
        begin = end + 1;
    }
    return {};
}

std::string field_words(const std::string& value) {
    return value;
}
std::string field_words(bool value) {
    return value ? "on" : "off";
}
template <class T>
requires std::is_arithmetic_v<T> std::string field_words(T value) {
    return fmt::format("{}", value);
}
template <class T>
std::string field_words(const std::optional<T>& value) {
    return value ? field_words(*value) : std::string();
}
template <class T>
std::string field_words(const std::vector<T>& values) {
    return fmt::format("{}", fmt::join(values, ","));
}

/// A row of the table: `get` names the member.
template <auto get>
constexpr FigureField field(const char* name, const char* value, FieldGroup group, const char* help,
                            const char* choices = "", double least = 0, double most = 1e9) {
    return {
        name,
        value,
        group,
        help,
        choices,
        least,
        most,
        [](const FigureField& self, FigureRequest& request, const std::string& words) -> Status {
            return read_field(self, words, get(request));
        },
        [](const FigureRequest& request) { return field_words(get(const_cast<FigureRequest&>(request))); }};
}

/// A switch that takes something away: --no-title.
template <auto get>
constexpr FigureField no(const char* name, const char* help) {
    return {
        name,
        "",
        FieldGroup::Print,
        help,
        "",
        0,
        0,
        [](const FigureField& self, FigureRequest& request, const std::string& words) -> Status {
            bool is_off = false;
            HEADLIGHT_CHECK(read_field(self, words, is_off));
            get(request) = !is_off;
            return {};
        },
        [](const FigureRequest& request) { return field_words(!get(const_cast<FigureRequest&>(request))); }};
}

/// A text, which may be empty on purpose; given in another way it takes the others away.
template <auto get>
constexpr FigureField text_field(const char* name, const char* help) {
    return {name,
            "T",
            FieldGroup::Text,
            help,
            "",
            0,
            0,
            [](const FigureField&, FigureRequest& request, const std::string& words) -> Status {
                get(request) = {};
                get(request).text = words;
                get(request).has_text = true;
                return {};
            },
            [](const FigureRequest& request) { return get(const_cast<FigureRequest&>(request)).text; }};
}
template <auto get>
constexpr FigureField ids_field(const char* name, const char* help) {
    return {name,
            "I,..",
            FieldGroup::Text,
            help,
            "",
            0,
            2147483647.0,
            [](const FigureField& self, FigureRequest& request, const std::string& words) -> Status {
                get(request) = {};
                return read_field(self, words, get(request).ids);
            },
            [](const FigureRequest& request) {
                return field_words(get(const_cast<FigureRequest&>(request)).ids);
            }};
}

#define MEMBER(path)                       \
    [](FigureRequest & request) -> auto& { \
        return request.path;               \
    }

constexpr int kMostIndex = 1 << 24;
constexpr double kMostSeed = 9007199254740992.0;  // that a double holds exactly
constexpr const char* kChangeHelp =
    "Attention that is replaced: MODE HEADS [window=N factor=X edges=Q>K,..], several with ';': \"zero "
    "5.1,2.0\", "
    "\"scale 1.3 factor=2\", \"knock_out 1.3 edges=7>2\", \"uniform all\", \"zero mlp=3\"";

const FigureField kFields[] = {
    field<MEMBER(model.path)>("model", "PATH", FieldGroup::Model,
                              "Checkpoint, name in the Hugging Face cache, stored attention, training log"),
    field<MEMBER(model.tokenizer_path)>("tokenizer", "PATH", FieldGroup::Model,
                                        "Tokenizer, if not the checkpoint's own"),
    field<MEMBER(model.config_path)>("config", "FILE", FieldGroup::Model,
                                     "config.json to use in place of the checkpoint's own"),
    field<MEMBER(model.adapter.base)>(
        "base", "DIR", FieldGroup::Model,
        "Base model of an adapter (PEFT's LoRA), if not where its settings say"),
    field<MEMBER(model.hidden_size)>("embedding-dimension", "N", FieldGroup::Model,
                                     "Random weights: size of the embedding", "", 1, 65536),
    field<MEMBER(model.num_heads)>("number-of-heads", "N", FieldGroup::Model,
                                   "Random weights: heads of each layer", "", 1, 65536),
    field<MEMBER(model.num_layers)>("number-of-layers", "N", FieldGroup::Model, "Random weights: layers", "",
                                    1, 65536),
    field<MEMBER(model.seed)>("weights-seed", "N", FieldGroup::Model, "Random weights: their seed", "", 0,
                              kMostSeed),
    field<MEMBER(dump_axes)>("dump-axes", "ORDER", FieldGroup::Model,
                             "Axes of stored attention where they are ambiguous: l, h, q, k, b"),
    text_field<MEMBER(text)>("text", "The text"),
    ids_field<MEMBER(text)>("ids", "Token ids in place of a text: 1,2,3"),
    field<MEMBER(text.pair)>("text-pair", "TEXT", FieldGroup::Text,
                             "A second sentence, B, where the model reads two as one text"),
    text_field<MEMBER(decoder)>("decoder-text", "What the decoder of an encoder-decoder reads"),
    ids_field<MEMBER(decoder)>("decoder-ids", "Token ids that the decoder reads, as they are"),
    field<MEMBER(attention)>("attention", "KIND", FieldGroup::Text, "Which attention of an encoder-decoder",
                             "self encoder decoder cross"),

    field<MEMBER(layer)>("layer", "L", FieldGroup::Head, "Layer (0-based)", "", 0, kMostIndex),
    field<MEMBER(head)>("head", "H", FieldGroup::Head, "Head (0-based)", "", 0, kMostIndex),
    field<MEMBER(heads)>("heads", "L.H,..", FieldGroup::Head, "Several heads: 1.3,2.0"),
    field<MEMBER(together)>("together", "HOW", FieldGroup::Heads, "Several heads side by side, or their mean",
                            "panels mean"),
    field<MEMBER(max_heads)>("max-heads", "K", FieldGroup::Heads, "Only the first K heads of a layer", "", 0,
                             kMostIndex),
    field<MEMBER(query)>("query", "Q", FieldGroup::Row, "The token whose row it is (-1: the last)", "", -1,
                         kMostIndex),
    field<MEMBER(key)>("key", "K", FieldGroup::Row, "The token that it leads to (-1: all)", "", -1,
                       kMostIndex),
    field<MEMBER(tokens)>("tokens", "A..B", FieldGroup::Unit,
                          "Only tokens A to B, both included (words with --by word)"),
    field<MEMBER(by)>("by", "UNIT", FieldGroup::Unit,
                      "Rows and columns are tokens, words, sentences or lines", "token word sentence line"),
    field<MEMBER(from_group)>("from-group", "HOW", FieldGroup::Unit,
                              "The row of a word: mean over its tokens, or its last", "mean last"),
    field<MEMBER(weights)>(
        "weights", "WHICH", FieldGroup::Weights,
        "Plain weights, without the sink, times the value's length, as written, effect on an "
        "answer",
        "raw no-sink value norm effect"),
    field<MEMBER(top_k)>("top-k", "K", FieldGroup::TopK, "How many are listed", "", 1, 1000),
    field<MEMBER(share)>("share", "PERCENT", FieldGroup::Lines, "Share of each row that its lines hold", "",
                         1, 100),
    field<MEMBER(method)>("method", "HOW", FieldGroup::Flow, "How attention is followed through the layers",
                          "rollout value_weighted max_flow"),
    field<MEMBER(metrics)>("metrics", "ID,..", FieldGroup::Metrics,
                           "Metrics to draw: entropy,first_token_mass; of a log its names"),
    field<MEMBER(change)>("change", "CHANGES", FieldGroup::Change, kChangeHelp),
    field<MEMBER(show)>("show", "SIDE", FieldGroup::Change,
                        "With replaced attention: the run with it, without, or both",
                        "after before difference"),
    field<MEMBER(question.at)>("at", "R", FieldGroup::Question,
                               "Position whose prediction is asked about (-1: the last)", "", -1, kMostIndex),
    field<MEMBER(question.answer)>("answer", "T", FieldGroup::Question, "The answer, one token: \" Mary\""),
    field<MEMBER(question.answer_id)>("answer-id", "I", FieldGroup::Question, "The answer as a token id", "",
                                      0, 2147483647.0),
    field<MEMBER(question.rival)>("rival", "T", FieldGroup::Question, "The other answer"),
    field<MEMBER(question.rival_id)>("rival-id", "I", FieldGroup::Question, "The other answer as a token id",
                                     "", 0, 2147483647.0),
    field<MEMBER(corrupt_text)>("corrupt-text", "T", FieldGroup::Pair,
                                "The corrupted text, of as many tokens"),
    field<MEMBER(corrupt_ids)>("corrupt-ids", "I,..", FieldGroup::Pair, "The corrupted text as token ids", "",
                               0, 2147483647.0),
    field<MEMBER(site)>("site", "SITE", FieldGroup::Patching, "What is replaced",
                        "resid attn mlp head head_at head_pos pattern value"),
    field<MEMBER(direction)>("direction", "D", FieldGroup::Patching,
                             "Clean into corrupted, or corrupted into clean", "denoise noise"),
    field<MEMBER(has_graph)>("graph", "", FieldGroup::Paths,
                             "The circuit that the paths make, in place of a map"),
    field<MEMBER(receiver)>("receiver", "L.H.q", FieldGroup::Paths,
                            "Where the paths end: 9.9.q, 10.0.v; the logits unless given"),
    field<MEMBER(mlp)>("mlp", "HOW", FieldGroup::Paths, "Feed-forward parts on the way", "recompute frozen"),
    field<MEMBER(threshold)>("threshold", "SHARE", FieldGroup::Paths, "Least effect of an edge of the graph",
                             "", 0, 1),
    field<MEMBER(other_text)>("other-text", "T", FieldGroup::Other, "Another text"),
    field<MEMBER(other_ids)>("other-ids", "I,..", FieldGroup::Other, "Other token ids", "", 0, 2147483647.0),
    field<MEMBER(other_model)>("other-model", "PATH", FieldGroup::Other,
                               "Another checkpoint, or stored attention"),
    field<MEMBER(other_change)>("other-change", "CHANGES", FieldGroup::Other,
                                "The same run with these heads changed"),
    field<MEMBER(head_b)>("head-b", "L.H", FieldGroup::Other, "Beside another head"),
    field<MEMBER(max_new_tokens)>("max-new-tokens", "N", FieldGroup::Writing, "Tokens to write", "", 1, 4096),
    field<MEMBER(temperature)>("temperature", "X", FieldGroup::Writing, "Draws tokens; greedy without one",
                               "", 0, 100),
    field<MEMBER(seed)>("seed", "N", FieldGroup::Writing, "Of the draws", "", 0, kMostSeed),
    field<MEMBER(lengths)>("lengths", "N,..", FieldGroup::Dilution, "Tokens of the whole context", "", 1,
                           1 << 20),
    field<MEMBER(fact)>("fact", "T", FieldGroup::Dilution, "A sentence whose mass is measured"),
    field<MEMBER(fact_place)>("fact-place", "WHERE", FieldGroup::Dilution,
                              "Before all filler, or just before the text", "start near"),

    field<MEMBER(column)>("column", "1/2/slide/poster", FieldGroup::Print,
                          "One column (85 mm), two (178 mm), a 16:9 slide, a poster"),
    field<MEMBER(width_mm)>("width", "MM", FieldGroup::Print, "Width in millimetres", "", 0, 2000),
    field<MEMBER(font_pt)>("font-size", "PT", FieldGroup::Print,
                           "Size of the text in points, whatever the width", "", 0, 100),
    field<MEMBER(style.font_family)>("font", "NAME", FieldGroup::Print,
                                     "sans (embedded), serif, or an installed one"),
    field<MEMBER(style.is_dark)>("dark", "", FieldGroup::Print, "Light on dark"),
    field<MEMBER(style.is_transparent)>("transparent", "", FieldGroup::Print, "No background"),
    field<MEMBER(style.colours)>("colours", "MAP", FieldGroup::Print, "Colour map of weights"),
    field<MEMBER(style.signed_colours)>("signed-colours", "MAP", FieldGroup::Print, "Colour map around 0"),
    {"range", "fixed/head", FieldGroup::Print, "Colours span 0 to 1, or 0 to the largest weight of each head",
     "fixed head", 0, 0,
     [](const FigureField& self, FigureRequest& request, const std::string& words) -> Status {
         std::string word;
         HEADLIGHT_CHECK(read_field(self, words, word));
         request.style.range = word == "head" ? FigureRange::PerHead : FigureRange::Fixed;
         return {};
     },
     [](const FigureRequest& request) -> std::string {
         return request.style.range == FigureRange::PerHead ? "head" : "fixed";
     }},
    field<MEMBER(style.gamma)>("gamma", "X", FieldGroup::Print, "Colour = weight^gamma; 1 is linear", "", 0.1,
                               2),
    field<MEMBER(style.scale)>("scale", "X", FieldGroup::Print, "Pixels of a PNG: 1 is 100 dpi, 3 is 300 dpi",
                               "", 0.25, 8),
    field<MEMBER(style.panel_columns)>("panels", "N", FieldGroup::Print, "Panels in a row", "", 1, 12),
    no<MEMBER(style.has_letters)>("no-letters", "No (a), (b) over panels"),
    no<MEMBER(style.shows_title)>("no-title", "No title"),
    no<MEMBER(style.shows_axis_names)>("no-axis-names", "No names of axes"),
    no<MEMBER(style.shows_labels)>("no-labels", "No labels of rows and columns"),
    no<MEMBER(style.shows_indices)>("no-indices", "No numbers beside labels"),
    no<MEMBER(style.shows_numbers)>("no-numbers", "No percentages in cells"),
    no<MEMBER(style.shows_colour_bar)>("no-colour-bar", "No colour bar"),
};
#undef MEMBER

}  // namespace

std::span<const FigureField> figure_fields() {
    return kFields;
}

const FigureField* find_field(std::string_view name) {
    for (const FigureField& one : kFields)
        if (name == one.name) return &one;
    return nullptr;
}

FieldWords words_of(const FigureRequest& request) {
    static const FigureRequest unchanged;
    FieldWords out;
    for (const FigureField& one : kFields) {
        std::string words = one.words(request);
        if (words != one.words(unchanged)) out.emplace_back(one.name, std::move(words));
    }
    return out;
}

Status set_words(FigureRequest& request, const FieldWords& words) {
    for (const auto& [name, value] : words) {
        const FigureField* const one = find_field(name);
        if (one == nullptr) {
            std::vector<std::string> known;
            for (const FigureField& other : kFields)
                known.emplace_back(other.name);
            const std::string near = nearest_word(name.substr(0, 60), known);
            return fail(ErrorKind::InvalidInput, "a figure has no option --{}{}", name.substr(0, 60),
                        near.empty() ? "" : fmt::format("; did you mean --{}?", near));
        }
        HEADLIGHT_CHECK(one->set(*one, request, value));
    }
    return {};
}

}  // namespace headlight
