// How far the model's attention is from a reference's, layer by layer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/tasks/parity.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

/// Bars are logarithmic between these: below lies what float32 rounds away, at 1 a weight is wholly wrong.
constexpr double kBarFrom = 1e-9, kBarTo = 1;

struct ParityViewState final : ViewState {};

HeightWish parity_height(const Snapshot&, const ViewState&, float) {
    return {240, 130};
}

double bar_fraction(double difference) {
    if (!(difference > kBarFrom)) return difference == difference ? 0 : 1;
    return std::min(1.0, std::log(difference / kBarFrom) / std::log(kBarTo / kBarFrom));
}

std::string file_name(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

std::string layer_words(const LayerParity& layer) {
    const std::string_view kind = kind_word(layer.kind);
    return kind.empty() ? fmt::format("L{}", layer.layer) : fmt::format("{} L{}", kind, layer.layer);
}

/// Where the largest difference of a layer lies.
std::string place_words(const ParityReport& report, const LayerParity& layer) {
    const std::string text = report.texts.size() > 1 ? fmt::format("text {}, ", layer.text) : std::string();
    return fmt::format("{}: largest difference {} at {}head {}, query {}, key {}; mean {}; tolerance {}",
                       layer_words(layer), format_error_bound(layer.max_difference), text, layer.head,
                       layer.query, layer.key, format_error_bound(layer.mean_difference),
                       format_error_bound(report.options.tolerance));
}

void draw_layer(ViewContext& context, const ParityReport& report, const LayerParity& layer) {
    const std::string label = fmt::format("{}##parity_{}_{}", layer_words(layer),
                                          static_cast<int>(layer.kind), layer.layer),
                      value = format_error_bound(layer.max_difference),
                      unit = fmt::format("mean {}", format_error_bound(layer.mean_difference)),
                      sentence = place_words(report, layer);
    ui::MetricRow row;
    row.label = label.c_str();
    row.value = value;
    row.unit = unit;
    row.fraction = bar_fraction(layer.max_difference);
    row.reference = bar_fraction(report.options.tolerance);
    if (layer.departs) row.bar = ui::colors().error;
    row.tooltip = sentence;
    const auto response = ui::metric_row(row);
    if (response.is_hovered) context.shared.next_hover.sentence = sentence;
    if (!response.is_clicked) return;
    if (context.snapshot.has_kinds()) context.actions.set("attention", kind_word(layer.kind));
    context.actions.select_head({layer.layer, layer.head});
}

/// "hidden states 2e-6, logits 3e-6 (relative; tolerance 1e-3)", as far as the file holds them.
std::string state_words(const ParityReport& report) {
    std::string out;
    if (const auto hidden = report.hidden_max_relative())
        out += fmt::format("hidden states {}", format_error_bound(*hidden));
    if (report.logits_max_relative) {
        out += fmt::format("{}logits {}", out.empty() ? "" : ", ",
                           format_error_bound(*report.logits_max_relative));
    }
    if (out.empty()) return "the file holds no hidden states and no logits";
    return fmt::format("{} (largest, relative; tolerance {})", out,
                       format_error_bound(report.options.relative_tolerance));
}

void draw_report(ViewContext& context, const ParityReport& report) {
    ui::text_wrapped(report.verdict(), report.departs() ? ui::colors().error : ui::colors().text);
    ui::text_small(
        fmt::format("largest difference of each layer; bars are logarithmic from {} to 1, the tick is the "
                    "tolerance {}",
                    format_error_bound(kBarFrom), format_error_bound(report.options.tolerance)),
        ui::colors().dim);
    for (const LayerParity& layer : report.layers)
        draw_layer(context, report, layer);
    if (!report.absent_layers.empty()) {
        ui::text_small(
            fmt::format("{} without softmax attention: not compared",
                        format_count(static_cast<int>(report.absent_layers.size()), "layer", "layers")),
            ui::colors().dim);
    }
    ui::text_small(state_words(report), ui::colors().dim);
}

void draw_empty(ViewContext& context) {
    const bool has_model = context.snapshot.model != nullptr;
    const char* sentence =
        has_model ? "Choose a file of reference attention: safetensors with input_ids and attn.{layer}, as "
                    "the Python "
                    "script in docs/parity.md writes it."
                  : "Open a model, then choose a file of reference attention to compare it with.";
    if (ui::draw_card_state(
            {ui::CardState::Empty, sentence, has_model ? "Choose a reference…##parity_choose" : nullptr, -1}))
        context.actions.run("parity");
}

void draw_body(ViewContext& context) {
    const ParityState& state = context.snapshot.part<ParityState>();
    if (state.path.empty()) return draw_empty(context);
    const Derived<ParityReport> parity = state.task.look();
    if (parity.state == Derived<ParityReport>::State::Failed) {
        const std::string message = parity.error ? parity.error->to_string() : "The comparison failed.";
        return ui::text_wrapped(message, ui::colors().error);
    }
    if (parity.is_ready()) return draw_report(context, *parity.value);
    if (!state.task.is_running()) {
        if (ui::draw_card_state(
                {ui::CardState::Empty, "The comparison was stopped.", "Compare again##parity_again", -1}))
            context.actions.run("parity", {state.path});
        return;
    }
    ui::ProgressSpec spec;
    spec.stage = "comparing with the reference";
    spec.fraction = parity.progress;
    spec.cancel = "Cancel##parity_cancel";
    if (ui::progress(spec)) context.actions.run("cancel");
}

void draw(ViewContext& context) {
    const Snapshot& now = context.snapshot;
    const ParityState& state = now.part<ParityState>();
    const std::string dtype = now.model ? now.model->spec.dtype : std::string();
    std::string line = file_name(state.path);
    if (!dtype.empty()) line += (line.empty() ? "" : " · ") + dtype;
    ui::CardSpec spec;
    spec.id = "parity";
    spec.title = "Parity";
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] {
        if (state.path.empty()) return;
        if (ui::pill_button("other file…##parity_other", false, !state.task.is_running()))
            context.actions.run("parity");
    };
    if (ui::Card card{spec, context.pos, context.size}; card) draw_body(context);
}

}  // namespace

extern const ViewDescriptor k_view_parity = {
    .id = "parity",
    .title = "Parity",
    .help =
        "How far the model's attention is from a reference file's, layer by layer, and the first layer that "
        "departs.",
    .height = parity_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<ParityViewState>()); },
    .draw = draw,
    .has_content = [](const Snapshot& now) { return !now.part<ParityState>().path.empty(); },
    .subject = [](const Snapshot& now) { return now.part<ParityState>().path; },
    .takes_files = "parity",
};

}  // namespace headlight
