#include "publish/page/page_json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/markup_text.h"
#include "core/colormap.h"
#include "run/cause/shown_run.h"
#include "run/text_tokens.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTokenChars = 80;

/// Six digits are more than a page shows.
Json short_number(double value) {
    if (!std::isfinite(value)) return nullptr;
    return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}
Json short_number(const std::optional<double>& value) {
    return value ? short_number(*value) : Json(nullptr);
}

Json tokens_json_of(const TokenizedText& text) {
    Json out = Json::array();
    for (const Token& token : text.tokens)
        out.push_back(visible_text(token.display, kMostTokenChars));
    return out;
}

/// Masks that differ, and which of them each layer has; -1: a layer without softmax attention.
void add_masks(const AttentionTrace& trace, Json& out) {
    Json masks = Json::array(), of_layer = Json::array();
    std::vector<int> index(static_cast<std::size_t>(trace.num_layers()), -1);
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        int& mask = index[static_cast<std::size_t>(trace.mask_of(layer))];
        if (mask < 0 && !trace.is_absent(layer)) {
            Json begin = Json::array(), end = Json::array();
            for (const KeyRange range : ranges_of_layer(trace, layer)) {
                begin.push_back(range.begin);
                end.push_back(std::max(range.begin, range.end));
            }
            mask = static_cast<int>(masks.size());
            masks.push_back({{"begin", std::move(begin)}, {"end", std::move(end)}});
        }
        of_layer.push_back(trace.is_absent(layer) ? -1 : mask);
    }
    out["masks"] = std::move(masks);
    out["mask_of_layer"] = std::move(of_layer);
}

std::string hex_of(const Colormap& map) {
    std::string out;
    for (const Rgb8 colour : map)
        out += fmt::format("{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b);
    return out;
}

Colormap signed_map(bool is_dark) {
    Colormap map{};
    for (int i = 0; i < kColormapSize; ++i)  // 128 is zero
        map[static_cast<std::size_t>(i)] =
            signed_colour(is_dark, std::clamp((i - 128) / 127.0, -1.0, 1.0), 1);
    return map;
}

Json colours_json() {
    return {{"dark", hex_of(colormap_dark())},
            {"light", hex_of(colormap_light())},
            {"signed_dark", hex_of(signed_map(true))},
            {"signed_light", hex_of(signed_map(false))}};
}

Json metrics_json(const PageContent& content) {
    Json out = Json::array();
    const TextUnit unit = content.text->unit();
    for (const MetricValue& value : content.text->analysis.heads.front().metrics) {
        const MetricDescriptor& metric = *value.metric;
        out.push_back({{"id", metric.id},
                       {"label", in_units(metric.label, unit)},
                       {"unit", in_units(metric.unit, unit)},
                       {"help", in_units(metric.help, unit)},
                       {"formula", metric.formula},
                       {"reference", metric.reference_label},
                       {"min", short_number(metric.min)},
                       {"max", short_number(metric.max)}});
    }
    return out;
}

Json detectors_json(const PageContent& content) {
    Json out = Json::array();
    const TextUnit unit = content.text->unit();
    for (const Tag& tag : content.text->analysis.heads.front().tags) {
        const DetectorDescriptor& detector = *tag.detector;
        out.push_back({{"id", detector.id},
                       {"label", visible_text(in_units(detector.label, unit), kMostTokenChars)},
                       {"glyph", visible_text(detector.glyph, 2)},
                       {"help", visible_text(in_units(detector.help, unit), 300)}});
    }
    return out;
}

/// [detector, score, null, lift, 1 where tagged] of every detector that has a score.
Json tags_of(const HeadAnalysis& head) {
    Json out = Json::array();
    for (std::size_t i = 0; i < head.tags.size(); ++i) {
        const DetectorScore& score = head.tags[i].score;
        if (!score.score) continue;
        out.push_back({i, short_number(score.score), short_number(score.null), short_number(score.lift),
                       score.is_tagged ? 1 : 0});
    }
    return out;
}

/// The blocks stand one a line: `begin` counts characters with the line feeds.
Json heads_json(const PageContent& content, const PageWeights& weights) {
    Json out = Json::array();
    std::size_t begin = 0;
    for (const PageBlock& block : weights.blocks) {
        const HeadAnalysis& head = content.text->analysis.head(block.head);
        Json values = Json::array(), references = Json::array();
        for (const MetricValue& metric : head.metrics) {
            values.push_back(short_number(metric.value));
            references.push_back(short_number(metric.reference));
        }
        out.push_back({{"layer", block.head.layer},
                       {"head", block.head.head},
                       {"begin", begin},
                       {"end", begin + block.text.size()},
                       {"delta", block.is_delta},
                       {"scale", block.scale},
                       {"metrics", std::move(values)},
                       {"references", std::move(references)},
                       {"tags", tags_of(head)}});
        begin += block.text.size() + 1;
    }
    return out;
}

Json predictions_json_of(const PageContent& content) {
    Json out = Json::array();
    for (const QueryPredictions& one : content.predictions) {
        Json top = Json::array();
        for (std::size_t i = 0; i < one.top.size(); ++i)
            top.push_back(
                {visible_text(one.display[i], kMostTokenChars), short_number(one.top[i].probability)});
        out.push_back({{"query", one.query}, {"top", std::move(top)}});
    }
    return out;
}

Json code_json(const PageWeights& weights) {
    const char* sums = weights.code.sums == RowSums::Unknown ? "unknown"
                       : weights.code.sums == RowSums::One   ? "one"
                                                             : "stored";
    return {{"levels", weights.code.is_wide ? kWideLevels : weights.code.levels},
            {"wide", weights.code.is_wide},
            {"small_codes", kNumSmallCodes},
            {"large_steps", kNumLargeSteps},
            {"sums", sums},
            {"max_error", weights.max_error},
            {"max_sum_error", weights.max_sum_error}};
}

/// Keys that the weights without the sink leave out.
Json sink_keys_of(const PageContent& content) {
    Json out = Json::array();
    if (!content.shown || content.shown->weights() != WeightsShown::NoSink) return out;
    for (int key = 0; key < content.shown->num_keys(); ++key) {
        if (content.shown->is_sink(key)) out.push_back(key);
    }
    return out;
}

const char* prediction_word(const ModelSpec& spec) {
    if (spec.prediction == Prediction::None) return "none";
    return spec.prediction == Prediction::MaskedToken ? "masked" : "next";
}

}  // namespace

Json page_json(const PageContent& content, const PageWeights& weights) {
    const AnalyzedText& text = *content.text;
    const AttentionTrace& trace = content.trace();
    const TraceInfo& info = text.trace->info();
    const ModelSpec& spec = content.spec;
    const WeightsShown shown = content.shown ? content.shown->weights() : WeightsShown::Raw;
    Json out = {{"format", 1}, {"version", HEADLIGHT_VERSION}};
    out["model"] = {{"name", visible_text(spec.name, 200)},
                    {"family", spec.family_label.empty() ? spec.family : spec.family_label},
                    {"dtype", spec.dtype},
                    {"compute_dtype", spec.compute_dtype},
                    {"parameters", spec.num_parameters},
                    {"random_weights", spec.has_random_weights},
                    {"prediction", prediction_word(spec)}};
    out["attention"] = kind_name(text.kind());
    out["unit"] = to_string(text.unit());
    out["from_group"] = text.groups ? to_string(text.groups->from) : "";
    out["weights"] = to_string(shown);
    out["weights_words"] = visible_text(shown_weights_words(shown, content.shown_question), 300);
    out["value_unit"] = content.shown ? std::string(content.shown->unit()) : "";
    out["layers"] = trace.num_layers();
    out["heads_per_layer"] = trace.num_heads();
    out["absent_layers"] = info.absent_layers;
    out["causal"] = info.is_causal;
    out["windows"] = info.window;
    out["measured"] = {{"softmax_dtype", info.dtype},
                       {"source", visible_text(info.source.substr(info.source.rfind('/') + 1), 200)},
                       {"has_sink", info.has_sink},
                       {"row_sum_error", text.analysis.max_row_sum_error},
                       {"invalid_rows", text.analysis.num_invalid_rows}};
    out["notes"] = Json::array();
    const auto& tokens = token_text(content.text);
    if (std::string beyond = beyond_words(content.spec, tokens->tokens.tokens.size()); !beyond.empty())
        out["notes"].push_back(fmt::format("{} tokens, {}", tokens->tokens.tokens.size(), beyond));
    for (const std::string& note : content.notes)
        out["notes"].push_back(visible_text(note, 500));
    out["queries"] = tokens_json_of(text.tokens);
    out["keys"] = text.key_tokens ? tokens_json_of(*text.key_tokens) : Json(nullptr);
    out["sink_keys"] = sink_keys_of(content);
    add_masks(*text.trace, out);
    out["code"] = code_json(weights);
    out["colours"] = colours_json();
    out["metrics"] = metrics_json(content);
    out["detectors"] = detectors_json(content);
    out["predictions"] = predictions_json_of(content);
    out["first"] = {{"layer", content.first.layer}, {"head", content.first.head}, {"query", content.query}};
    out["heads"] = heads_json(content, weights);
    return out;
}

std::string script_json(const Json& json) {
    const std::string plain = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::string out;
    out.reserve(plain.size());
    for (const char c : plain) {
        if (c == '<')
            out += "\\u003c";
        else
            out += c;
    }
    return out;
}

}  // namespace headlight
