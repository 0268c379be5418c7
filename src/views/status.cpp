// The status line: what was measured and how, the sentence under the pointer, the running job.
#include <fmt/format.h>

#include <algorithm>

#include "run/text_tokens.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr float kNarrowDp = 560;

struct StatusState final : ViewState {};

HeightWish status_height(const Snapshot&, const ViewState&, float) {
    return {28, 28};
}

std::string mask_words(const TraceInfo& info) {
    const bool has_window =
        std::any_of(info.window.begin(), info.window.end(), [](int window) { return window > 0; });
    if (info.kind == AttentionKind::Cross) return "cross";
    if (!info.is_causal) return has_window ? "bidirectional, windowed" : "bidirectional";
    return has_window ? "causal, windowed" : "causal";
}

/// "attention measured · float32 softmax · causal · rows sum to 1 ± 2e-7"
std::string measured_words(const ViewContext& context) {
    const TraceInfo& info = context.trace().info();
    const AnalyzedText& text = *context.text();
    const bool is_changed = context.snapshot.shown() != Compare::Before;
    const bool is_measured = text.was_measured_now && (info.source == "measured" || is_changed);
    std::string out = left_over_words(context.snapshot);
    if (!out.empty()) out += ": ";
    const ModelInfo* model = context.snapshot.model.get();
    const std::size_t num_tokens = context.snapshot.shown_tokens()->tokens.tokens.size();
    const std::string beyond = model ? beyond_words(model->spec, num_tokens) : std::string();
    if (!beyond.empty()) out += beyond + " · ";
    if (const std::string shown = shown_words(context.snapshot); !shown.empty()) out += shown + " · ";
    if (!context.shared.hover.shown.empty()) out += context.shared.hover.shown + " · ";
    out +=
        is_measured
            ? (is_changed ? "attention measured in the changed run" : "attention measured")
            : (info.source == "measured"
                   ? "attention stored, measured earlier"
                   : fmt::format("attention from {}", info.source.substr(info.source.find_last_of('/') + 1)));
    if (model && !model->spec.dtype.empty()) out += fmt::format(" · weights {}", model->spec.dtype);
    if (is_measured && model && model->spec.device != kProcessor && !model->spec.device.empty())
        out += " · on " + model->spec.device;
    out += is_measured ? " · float32 softmax" : fmt::format(" · {}", info.dtype);
    out += " · " + mask_words(info);
    if (text.groups) {
        out += fmt::format(" · between {}s: to one the sum, from one {}", to_string(text.unit()),
                           text.groups->from == FromGroup::Last ? "its last token's row" : "the mean");
    }
    if (info.has_sink) out += " · rows sum to less than 1: the rest is an off-sequence sink";
    if (!info.has_sink)
        out += fmt::format(" · rows sum to 1 ± {}", format_error_bound(text.analysis.max_row_sum_error));
    if (!info.absent_layers.empty()) {
        out += fmt::format(" · {} without softmax attention",
                           format_count(static_cast<int>(info.absent_layers.size()), "layer", "layers"));
    }
    if (text.analysis.num_invalid_rows > 0)
        out += fmt::format(" · {} rows without keys", text.analysis.num_invalid_rows);
    return out;
}

std::string job_words(const Snapshot& snapshot) {
    if (snapshot.job.state == JobStatus::State::Running) return snapshot.job.title;
    return snapshot.job.state == JobStatus::State::Failed ? "stopped with an error" : "idle";
}

float text_width(const std::string& text) {
    ImFont* font = ui::kit().fonts.small_;
    return font->CalcTextSizeA(font->FontSize, 10000, 0, text.c_str()).x;
}

/// Draws from the right end; returns where it begins.
float draw_job(ViewContext& context, float right, float middle) {
    const Snapshot& snapshot = context.snapshot;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const bool is_running = snapshot.job.state == JobStatus::State::Running;
    if (is_running && snapshot.job.can_cancel) {
        const float width = ui::px(56);
        ImGui::SetCursorScreenPos({right - width, middle - ui::px(11)});
        if (ui::toolbar_button("cancel##job_cancel")) context.actions.run("cancel");
        right -= width + ui::px(8);
    }
    if (is_running) {
        const float width = ui::px(90);
        const double fraction = snapshot.job.fraction >= 0 ? snapshot.job.fraction : 0;
        ui::draw_bar(list, {right - width, middle - ui::px(2.5f)}, width, fraction, -1, ui::colors().second);
        right -= width + ui::px(10);
    }
    const bool is_idle = snapshot.job.state == JobStatus::State::Idle;
    if (is_idle && context.size.x < ui::px(kNarrowDp + 160)) return right;
    std::string words = job_words(snapshot);
    if (is_running && !snapshot.job.stage.empty()) words += " · " + snapshot.job.stage;
    words = ui::shorten_text(font, words, std::max(0.0f, right - context.pos.x - ui::px(28)));
    const float width = text_width(words);
    const ui::Rgba color =
        snapshot.job.state == JobStatus::State::Failed ? ui::colors().error : ui::colors().dim;
    list->AddText(font, font->FontSize, {right - width, middle - font->FontSize / 2}, ui::to_u32(color),
                  words.c_str());
    return right - width - ui::px(20);
}

/// The sentence at the right end, and what was measured in the room that it leaves; with little room the
/// sentence alone.
void draw_words(ViewContext& context, float left, float right, float middle) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const std::string words =
        context.num_tokens() > 0 ? measured_words(context) : std::string("nothing measured yet");
    const std::string& sentence = context.shared.hover.sentence;
    const ui::ShapedStyle style{11.5f, gfx::TextWeight::Regular};
    const bool is_narrow = right - left < ui::px(kNarrowDp);
    if (!sentence.empty()) {
        const float room = is_narrow ? right - left : (right - left) * 0.62f;
        const std::string shown = ui::shorten_shaped(sentence, room, style);
        const gfx::TextExtents extents = ui::measure_shaped(shown, style);
        right -= extents.advance;
        ui::draw_shaped(list, {right, middle - extents.height() / 2}, shown, ui::colors().text, style);
        right -= ui::px(16);
        if (is_narrow) return;
    }
    ui::draw_text(list, font, {left, middle - font->FontSize / 2}, ui::colors().dim,
                  ui::shorten_text(font, words, std::max(0.0f, right - left)));
}

void draw(ViewContext& context) {
    ui::draw_hline(ImGui::GetWindowDrawList(), context.pos.x, context.pos.x + context.size.x, context.pos.y,
                   ui::colors().line);
    const float middle = context.pos.y + context.size.y / 2 + 0.5f;
    const float right = draw_job(context, context.pos.x + context.size.x - ui::px(14), middle);
    draw_words(context, context.pos.x + ui::px(14), right, middle);
}

}  // namespace

extern const ViewDescriptor k_view_status = {
    "status",
    "Status",
    "What was measured and how, the sentence under the pointer, and the running job.",
    status_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<StatusState>()); },
    draw};

}  // namespace headlight
