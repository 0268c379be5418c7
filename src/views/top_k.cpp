// What the chosen token attends to most, and what the model predicts after it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/patterns/top_k.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr int kMostHeads = 6;  // lists of the chosen heads, one each
constexpr int kPredictionRows = 10;

struct TopList {
    std::string title;  // "L16H0", "mean of layer 16"
    std::vector<KeyWeight> keys;
    double sink = 0;   // that the row gives to no token
    std::string rest;  // why the row has no values; empty: it has
};

struct TopKState final : ViewState {
    bool is_layer_mean = false;
    std::string key;  // everything that `lists` depends on
    std::vector<TopList> lists;
};

HeightWish top_k_height(const Snapshot&, const ViewState&, float) {
    return {0, 150};
}

bool shows_predictions(const ViewContext& context) {
    return context.snapshot.settings.top_k_mode == "predicts";
}

bool is_masked_model(const Snapshot& snapshot) {
    return snapshot.model && snapshot.model->spec.prediction == Prediction::MaskedToken;
}

const char* prediction_help(const Snapshot& snapshot) {
    return is_masked_model(snapshot) ? "The token at a masked place" : "The next token after the chosen one";
}

/// Where a masked model is asked: the chosen token if it is a mask, else the text's first mask, else the
/// chosen token itself.
int prediction_query(const ViewContext& context) {
    const int chosen = context.snapshot.token_selection.query;
    if (!is_masked_model(context.snapshot) || !context.snapshot.model->tokenizer) return chosen;
    const std::int32_t mask = context.snapshot.model->tokenizer->mask_id();
    const std::vector<Token>& tokens = context.model_tokens().tokens;
    if (mask < 0 || tokens[static_cast<std::size_t>(chosen)].id == mask) return chosen;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].id == mask) return static_cast<int>(i);
    }
    return chosen;
}

/// "next token", or of masked models "Masked token at [MASK] (3)". Other tokens are named by their place: the
/// line is not shaped.
std::string prediction_title(const ViewContext& context) {
    const int query = prediction_query(context);
    if (!is_masked_model(context.snapshot)) {
        return context.snapshot.unit() == TextUnit::Token ? std::string("next token")
                                                          : fmt::format("next token after token {}", query);
    }
    const Token& token = context.model_tokens().tokens[static_cast<std::size_t>(query)];
    const auto& tokenizer = context.snapshot.model->tokenizer;
    const bool is_mask = tokenizer && tokenizer->mask_id() >= 0 && token.id == tokenizer->mask_id();
    return is_mask ? fmt::format("Masked token at {} ({})", token.display, query)
                   : fmt::format("Token at {}", query);
}

void draw_controls(ViewContext& context) {
    int selected = shows_predictions(context) ? 1 : 0;
    const ui::Segment segments[] = {{"attends to##topk_attends", nullptr, true},
                                    {"predicts##topk_predicts", prediction_help(context.snapshot), true}};
    if (ui::segmented("##topk", segments, selected))
        context.actions.set("topk", selected == 1 ? "predicts" : "attends");
}

/// By distance from zero: effects have signs.
std::vector<KeyWeight> largest_keys(std::span<const float> row, KeyRange range, int count) {
    std::vector<float> sizes;
    for (const float value : row)
        sizes.push_back(std::abs(value));
    std::vector<KeyWeight> out = top_keys(sizes, range, count);
    for (KeyWeight& entry : out)
        entry.weight = row[static_cast<std::size_t>(entry.key)];
    std::erase_if(out, [](const KeyWeight& entry) { return entry.weight == 0; });
    return out;
}

TopList make_list(ViewContext& context, const std::vector<HeadId>& heads, std::string title) {
    const Selection& selection = context.snapshot.selection;
    const auto row = context.shared.lines.row(context.snapshot, heads, selection.query);
    if (row.empty()) return {std::move(title), {}, 0, {}};
    const KeyRange range = visible_keys(context.trace(), heads, selection.query);
    TopList out{std::move(title), {}, sink_share(context.snapshot.shown_trace(), row), {}};
    out.keys = largest_keys(row, range, context.snapshot.settings.top_k);
    if (heads.size() == 1) out.rest = rest_sentence(context, heads[0], selection.query, -1);
    return out;
}

/// One list a chosen head, or one of the layer's mean; made again when anything that it depends on is
/// another.
void refresh(ViewContext& context, TopKState& state) {
    const Selection& selection = context.snapshot.selection;
    const std::vector<HeadId> heads = selected_heads(selection);
    const std::string key =
        fmt::format("{} {} {} {} {}", context.snapshot.shown_id(), heads_list(heads, 1000), selection.query,
                    context.snapshot.settings.top_k, state.is_layer_mean);
    if (key == state.key) return;
    state.key = key;
    state.lists.clear();
    if (state.is_layer_mean) {
        std::vector<HeadId> layer;
        for (int head = 0; head < context.trace().num_heads(); ++head)
            layer.push_back({selection.head.layer, head});
        state.lists.push_back(
            make_list(context, layer, fmt::format("mean of layer {}", selection.head.layer)));
        return;
    }
    for (std::size_t i = 0; i < heads.size() && i < kMostHeads; ++i)
        state.lists.push_back(make_list(context, {heads[i]}, heads[i].to_string()));
}

void draw_list(ViewContext& context, const TopList& list) {
    const WeightsShown weights = context.snapshot.picture.weights;
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    const double largest = is_share || list.keys.empty() ? 1 : std::abs(list.keys.front().weight);
    for (const KeyWeight& entry : list.keys) {
        const std::string label = token_label(context.keys(), entry.key), index = std::to_string(entry.key),
                          value = format_weight_column(weights, entry.weight);
        const std::string id = fmt::format("top_{}_{}", list.title, entry.key);
        ui::BarRow row;
        row.id = id.c_str();
        row.label = label;
        row.suffix = index;
        row.value = value;
        row.fraction = std::abs(entry.weight) / largest;
        row.bar = entry.weight < 0 ? ui::colors().other : ui::colors().second;
        row.is_selected = entry.key == context.snapshot.selection.key;
        row.is_faded = context.freshness() < 1;
        const auto response = ui::bar_row(row);
        if (response.is_clicked) context.actions.choose_key(entry.key);
        if (!response.is_hovered) continue;
        context.shared.next_hover.sentence =
            cell_sentence(context, selected_heads(context.snapshot.selection),
                          context.snapshot.selection.query, entry.key, entry.weight);
    }
    if (!list.rest.empty())
        ui::text_wrapped(list.rest + ".", ui::colors().dim);
    else if (list.keys.empty())
        ui::text_small("sees no key in this layer", ui::colors().dim);
    if (context.snapshot.shown_trace().info().has_sink)
        ui::text_small(sink_words(list.sink), ui::colors().dim);
}

void draw_attends(ViewContext& context, TopKState& state) {
    refresh(context, state);
    if (ui::toolbar_button("chosen heads##topk_heads", !state.is_layer_mean)) state.is_layer_mean = false;
    ImGui::SameLine(0, ui::px(4));
    if (ui::toolbar_button("mean of layer##topk_layer", state.is_layer_mean)) state.is_layer_mean = true;
    for (const TopList& list : state.lists) {
        if (state.lists.size() > 1) ui::text_small(list.title, ui::colors().dim);
        draw_list(context, list);
    }
    const std::size_t num_heads = selected_heads(context.snapshot.selection).size();
    if (!state.is_layer_mean && num_heads > kMostHeads)
        ui::text_small(fmt::format("and {} more heads", num_heads - kMostHeads), ui::colors().dim);
}

void draw_predictions(ViewContext& context, int most) {
    const bool is_masked = is_masked_model(context.snapshot);
    const Derived<QueryPredictions> derived = context.values.predictions(prediction_query(context));
    if (derived.state == Derived<QueryPredictions>::State::Failed) {
        ui::text_wrapped(derived.error ? derived.error->message : "The token could not be predicted.",
                         ui::colors().dim);
        return;
    }
    if (!derived.is_ready()) {
        ui::ProgressSpec spec;
        spec.stage = "predicting";
        spec.fraction = derived.progress;
        ui::progress(spec);
        return;
    }
    const QueryPredictions& predictions = *derived.value;
    for (std::size_t i = 0; i < predictions.top.size() && static_cast<int>(i) < most; ++i) {
        const std::string id = fmt::format("prediction_{}", predictions.top[i].id),
                          value = format_percent_column(predictions.top[i].probability);
        ui::BarRow row;
        row.id = id.c_str();
        row.label =
            i < predictions.display.size() ? std::string_view(predictions.display[i]) : std::string_view("?");
        row.value = value;
        row.fraction = predictions.top[i].probability;
        row.bar = ui::colors().third;
        row.is_faded = context.freshness() < 1;
        if (ui::bar_row(row).is_hovered) {
            context.shared.next_hover.sentence =
                fmt::format("{} {} the model gives “{}” (id {}) {}", is_masked ? "at" : "after",
                            quoted_token(context.model_tokens(), predictions.query), row.label,
                            predictions.top[i].id, format_percent(predictions.top[i].probability));
        }
    }
}

void draw_body(ViewContext& context, TopKState& state) {
    if (shows_predictions(context)) {
        ui::text_dim(prediction_title(context));
        draw_predictions(context, kPredictionRows);
        return;
    }
    draw_attends(context, state);
    ImGui::Dummy({1, ui::px(4)});
    ui::text_dim(prediction_title(context));
    draw_predictions(context, std::min(kPredictionRows, context.snapshot.settings.top_k));
}

void draw(ViewContext& context) {
    auto& state = static_cast<TopKState&>(context.state);
    const bool has_text = context.num_tokens() > 0;
    const int query = context.snapshot.selection.query;
    const std::string title = has_text ? token_label(context.tokens(), query, 14) : std::string("Top keys");
    const TextUnit unit = context.snapshot.unit();
    const std::string name = titled(in_units("Token", unit).c_str(), context.snapshot);
    const std::string line = has_text ? std::to_string(query) : std::string();
    ui::CardSpec spec;
    spec.id = "top_k";
    spec.title = has_text ? std::string_view(name) : std::string_view(title);
    spec.after_title = [&] {
        if (!has_text) return;
        ui::ChipSpec chip;
        chip.id = "top_k_query";
        chip.text = title;
        chip.fill = ui::colors().accent;
        chip.text_color = ui::colors().on_accent;
        chip.pad_y = 3;
        ui::chip(chip);
        ImGui::SameLine(0, ui::px(6));
    };
    spec.context = has_text ? std::string_view(line) : std::string_view();
    spec.controls = [&] { draw_controls(context); };
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_top_k = {
    "top_k",
    "Top keys",
    "The keys that the chosen token attends to most, per chosen head or for the layer, and what the model "
    "predicts: the next token, or the masked one.",
    top_k_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<TopKState>()); },
    draw};

}  // namespace headlight
