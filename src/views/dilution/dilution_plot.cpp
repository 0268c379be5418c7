#include "views/dilution/dilution_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"

namespace headlight {
namespace {

constexpr DilutionQuantity kQuantities[] = {
    {"effective_keys", "effective keys", DilutionKind::EffectiveKeys, false},
    {"fact", "mass on the fact", DilutionKind::Fact, true},
    {"lift", "lift of the fact", std::nullopt, true},
    {"sink", "first key", DilutionKind::Sink, false},
    {"last", "last keys", DilutionKind::Last, false},
    {"entropy_normalized", "entropy / ln n", DilutionKind::EntropyNormalized, false},
    {"loss", "loss of the target", std::nullopt, false}};

std::optional<double> lift_of(const DilutionPoint& point) {
    const auto &mass = point.mean[DilutionKind::Fact], &null = point.null[DilutionKind::Fact];
    if (!mass || !null || *null <= 0) return std::nullopt;
    return *mass / *null;
}

struct PlotFrame {
    ImVec2 min, max;
    double first = 0, last = 1;  // logarithms of base 2
    double bottom = 0, top = 1;
    bool is_log = false;  // of y: numbers of keys and lifts span powers of ten
    float x_of(int length) const {
        const double share = last > first ? (std::log2(length) - first) / (last - first) : 0.5;
        return min.x + (max.x - min.x) * static_cast<float>(share);
    }
    double value_at(double share) const {
        return is_log ? bottom * std::pow(top / bottom, share) : bottom + share * (top - bottom);
    }
    float y_of(double value) const {
        const double share = is_log ? std::log(std::max(value, bottom) / bottom) / std::log(top / bottom)
                                    : (value - bottom) / (top - bottom);
        return max.y - (max.y - min.y) * static_cast<float>(std::clamp(share, 0.0, 1.0));
    }
};

/// From 0, or on a logarithmic axis from the power of ten below the least, to a round number above the
/// largest.
void set_axis(PlotFrame& frame, const DilutionCurve& curve) {
    double largest = 1e-9, least = 1;
    const auto take = [&](const std::optional<double>& value) {
        if (!value || *value <= 0) return;
        largest = std::max(largest, *value);
        least = std::min(least, *value);
    };
    for (std::size_t i = 0; i < curve.own.size(); ++i) {
        take(curve.own[i]);
        if (curve.own[i] && curve.deviation[i]) take(*curve.own[i] + *curve.deviation[i]);
        if (i < curve.null.size()) take(curve.null[i]);
    }
    if (frame.is_log) {
        frame.bottom = std::pow(10, std::floor(std::log10(std::max(least, 1e-3)) + 1e-9));
        frame.top = std::max(frame.bottom * 10, std::pow(10, std::ceil(std::log10(largest) - 1e-9)));
        return;
    }
    const double power = std::pow(10, std::floor(std::log10(largest)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        frame.top = factor * power;
        if (frame.top >= largest * 0.999) return;
    }
}

void plot_text(ImVec2 pos, ui::Rgba color, const std::string& text) {
    ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.small_, pos, color, text);
}
float plot_text_width(const std::string& text) {
    return ui::measure_text(ui::kit().fonts.small_, text).x;
}

void draw_frame_axes(const PlotFrame& frame, const DilutionPlot& plot) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Colors& colors = ui::colors();
    const float line = ui::kit().fonts.small_->FontSize;
    for (const double share : {0.0, 0.5, 1.0}) {
        const float y = frame.y_of(frame.value_at(share));
        ui::draw_hline(list, frame.min.x, frame.max.x, y, colors.line);
        const std::string label = format_number(frame.value_at(share));
        plot_text({frame.min.x - plot_text_width(label) - ui::px(5), y - line / 2}, colors.dim, label);
    }
    float free_from = -1e9f;
    for (const DilutionLength& length : plot.experiment.lengths) {
        const std::string label = fmt::format("{}{}", length.length, length.is_beyond ? "*" : "");
        const std::string loss = length.loss ? fmt::format("{:.2f}", *length.loss) : "";
        const float width = std::max(plot_text_width(label), plot_text_width(loss));
        const float x = frame.x_of(length.length);
        ui::draw_vline(list, x, frame.max.y, frame.max.y + ui::px(3), colors.dim);
        if (x - width / 2 < free_from) continue;
        free_from = x + width / 2 + ui::px(6);
        plot_text({x - plot_text_width(label) / 2, frame.max.y + ui::px(4)}, colors.dim, label);
        plot_text({x - plot_text_width(loss) / 2, frame.max.y + ui::px(5) + line}, colors.dim, loss);
    }
    plot_text({frame.min.x - ui::px(46), frame.max.y + ui::px(4)}, colors.dim, "tokens");
    plot_text({frame.min.x, frame.min.y - line - ui::px(5)}, colors.text, plot.quantity.label);
    const float after = frame.min.x + plot_text_width(plot.quantity.label) + ui::px(10);
    const bool is_loss = !plot.quantity.kind && !plot.quantity.needs_fact;
    const std::string legend =
        ui::shorten_text(ui::kit().fonts.small_, is_loss ? "nats a token" : "dashed: a uniform head",
                         std::max(0.0f, frame.max.x - after));
    plot_text({after, frame.min.y - line - ui::px(5)}, colors.dim, legend);
    const bool has_loss = !plot.experiment.lengths.empty() && plot.experiment.lengths.front().loss;
    if (has_loss) plot_text({frame.min.x - ui::px(46), frame.max.y + ui::px(5) + line}, colors.dim, "loss");
}

void draw_own_curve(const PlotFrame& frame, const DilutionPlot& plot, const DilutionCurve& curve) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto& lengths = plot.experiment.lengths;
    std::optional<ImVec2> before, null_before;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const float x = frame.x_of(lengths[i].length);
        if (i < curve.null.size() && curve.null[i]) {
            const ImVec2 at{x, frame.y_of(*curve.null[i])};
            if (null_before)
                ui::draw_dashed_line(list, *null_before, at, ui::colors().dim, ui::px(5), ui::px(4),
                                     ui::px(1.2f));
            null_before = at;
        } else {
            null_before.reset();
        }
        if (!curve.own[i]) {
            before.reset();
            continue;
        }
        const ImVec2 at{x, frame.y_of(*curve.own[i])};
        if (before) list->AddLine(*before, at, ui::to_u32(ui::colors().second), ui::px(1.8f));
        if (curve.deviation[i])
            ui::draw_vline(list, x, frame.y_of(*curve.own[i] + *curve.deviation[i]),
                           frame.y_of(std::max(0.0, *curve.own[i] - *curve.deviation[i])),
                           ui::colors().second);
        ui::draw_dot(list, at, ui::px(3), ui::colors().second);
        before = at;
    }
}

void say_length(ViewContext& context, const DilutionPlot& plot, const PlotFrame& frame,
                const DilutionCurve& curve) {
    const auto& lengths = plot.experiment.lengths;
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const auto far = [&](std::size_t at) {
            return std::abs(frame.x_of(lengths[at].length) - ImGui::GetIO().MousePos.x);
        };
        if (far(i) < far(nearest)) nearest = i;
    }
    if (nearest >= lengths.size() || !curve.own[nearest]) return;
    std::string body = fmt::format("{}: {}", plot.quantity.label, format_number(*curve.own[nearest]));
    if (curve.deviation[nearest])
        body += fmt::format(" ± {} over {} fillers", format_number(*curve.deviation[nearest]),
                            plot.result.num_slices);
    if (nearest < curve.null.size() && curve.null[nearest])
        body += fmt::format("; a uniform head {}", format_number(*curve.null[nearest]));
    const std::string title = fmt::format("{} · {} tokens", plot.head.to_string(), lengths[nearest].length);
    context.shared.next_hover.sentence = title + " · " + body;
    const float x = frame.x_of(lengths[nearest].length);
    ui::draw_vline(ImGui::GetWindowDrawList(), x, frame.min.y, frame.max.y,
                   gfx::faded(ui::colors().text, 0.4f));
    ui::tooltip(body, title);
}

}  // namespace

std::span<const DilutionQuantity> dilution_quantities() {
    return kQuantities;
}

DilutionCurve dilution_curve(const DilutionExperiment& experiment, std::size_t head,
                             const DilutionQuantity& quantity) {
    const bool is_loss = !quantity.kind && !quantity.needs_fact;
    DilutionCurve out;
    for (const DilutionLength& length : experiment.lengths) {
        if (is_loss) {
            out.own.push_back(length.loss);
            out.deviation.push_back(length.loss_deviation);
            continue;
        }
        const DilutionPoint& point = length.heads[head];
        out.own.push_back(quantity.kind ? point.mean[*quantity.kind] : lift_of(point));
        out.deviation.push_back(quantity.kind ? point.deviation[*quantity.kind] : std::nullopt);
        const bool has_null =
            quantity.kind ? point.null[*quantity.kind].has_value() : lift_of(point).has_value();
        out.null.push_back(!has_null       ? std::nullopt
                           : quantity.kind ? point.null[*quantity.kind]
                                           : std::optional(1.0));
    }
    return out;
}

void draw_dilution_plot(ViewContext& context, const DilutionPlot& plot, ImVec2 pos, ImVec2 size) {
    const auto& lengths = plot.experiment.lengths;
    PlotFrame frame;
    frame.min = {pos.x + ui::px(50), pos.y + ui::px(24)};
    frame.max = {pos.x + size.x - ui::px(18), pos.y + size.y - ui::px(34)};
    if (lengths.empty() || frame.max.x - frame.min.x < ui::px(70) || frame.max.y - frame.min.y < ui::px(30))
        return;
    const DilutionCurve curve =
        dilution_curve(plot.experiment, plot.result.grid.index(plot.head), plot.quantity);
    frame.first = std::log2(lengths.front().length);
    frame.last = std::log2(lengths.back().length);
    frame.is_log =
        plot.quantity.kind == DilutionKind::EffectiveKeys || std::string_view(plot.quantity.id) == "lift";
    set_axis(frame, curve);
    draw_frame_axes(frame, plot);
    draw_own_curve(frame, plot, curve);
    const auto area =
        ui::hot_area("##dilution_area", frame.min, {frame.max.x - frame.min.x, frame.max.y - frame.min.y});
    if (area.is_hovered) say_length(context, plot, frame, curve);
}

}  // namespace headlight
