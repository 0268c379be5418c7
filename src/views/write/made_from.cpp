// What the token at the step under the bar was made from, and how that changes over time.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

constexpr int kMostStripSteps = 192;  // about the bar
constexpr float kStripDp = 74, kNullDp = 12;

struct MadeFromState final : ViewState {
    std::shared_ptr<const MadeFrom> last;  // while the next is computed
    int num_prompt = 0;                    // of that
};

HeightWish made_from_height(const Snapshot&, const ViewState&, float) {
    return {0, 150};
}

constexpr const char* kScopes[] = {"all", "layer", "head"};

void draw_scope(ViewContext& context) {
    int selected = static_cast<int>(writing_of(context).scope);
    const ui::Segment segments[] = {{"all##made_all", "The mean over all heads", true},
                                    {"layer##made_layer", "The mean over the chosen head's layer", true},
                                    {"head##made_head", "The chosen head alone", true}};
    if (ui::segmented("##made_from", segments, selected))
        context.actions.run("made_from", {kScopes[static_cast<std::size_t>(selected)]});
}

/// Steps about the bar whose rows are there.
MadeFromRequest request_of(const ViewContext& context, int bar) {
    const WritingState& writing = writing_of(context);
    MadeFromRequest out;
    const AttentionKind kind = context.text()->kind();
    const int base = writing.num_prompt() - 1, num_rows = context.num_model_tokens() - base;
    out.num_prompt = writing.num_prompt();
    out.parts = writing.parts;
    if (kind == AttentionKind::Cross)
        out.num_prompt = static_cast<int>(context.snapshot.shown_tokens()->keys().tokens.size());
    if (kind == AttentionKind::Decoder) out.parts = {{"start", 0, writing.num_prompt()}};
    // In steps of half a strip, so that moving the bar does not ask anew each time.
    const int half = kMostStripSteps / 2;
    const int first = std::clamp((bar / half - 1) * half, 0, std::max(0, num_rows - 1));
    out.first_query = base + first;
    out.last_query = base + std::min(num_rows, first + kMostStripSteps + half);
    if (writing.scope != MadeFromScope::AllHeads) out.layer = context.snapshot.selection.head.layer;
    if (writing.scope == MadeFromScope::Head) out.head = context.snapshot.selection.head.head;
    return out;
}

void draw_shares(ViewContext& context, const MadeFrom& made, int row) {
    for (std::size_t p = 0; p < made.names.size(); ++p) {
        const auto part = static_cast<int>(p);
        const std::string label = fmt::format("{}##part_{}", made.names[p], p),
                          value = format_percent_column(made.share(row, part)),
                          body =
                              fmt::format("{} of the rows' mass; a head that spreads evenly would give it {}",
                                          format_percent(made.share(row, part)),
                                          format_percent(made.uniform_share(row, part)));
        ui::MetricRow metric;
        metric.label = label.c_str();
        metric.value = value;
        metric.fraction = made.share(row, part);
        metric.reference = made.uniform_share(row, part);
        metric.bar = part_color(p, made.names[p]);
        metric.tooltip_title = made.names[p];
        metric.tooltip = body;
        metric.is_faded = context.freshness() < 1;
        ui::metric_row(metric);
    }
}

/// Shares of all steps, stacked in the order of the list from the foot.
void draw_stack(const MadeFrom& made, std::span<const float> shares, const LayoutRect& area) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float width = area.width / static_cast<float>(made.num_rows),
                gap = width >= ui::px(5) ? 1.0f : 0.0f;
    for (int row = 0; row < made.num_rows; ++row) {
        float y = area.bottom();
        for (std::size_t p = 0; p < made.names.size(); ++p) {
            const float height = area.height * shares[made.index(row, static_cast<int>(p))];
            if (height <= 0) continue;
            const float x = area.x + static_cast<float>(row) * width;
            list->AddRectFilled({x, y - height}, {x + width - gap, y},
                                ui::to_u32(part_color(p, made.names[p])));
            y -= height;
        }
    }
}

void draw_strip(ViewContext& context, const MadeFrom& made, int num_prompt, int bar) {
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float left = ui::px(52), width = ImGui::GetContentRegionAvail().x - left;
    if (width < ui::px(30)) return;
    const LayoutRect strip{pos.x + left, pos.y + ui::px(4), width, ui::px(kStripDp)},
        null{strip.x, strip.bottom() + ui::px(4), width, ui::px(kNullDp)};
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ui::draw_text(list, font, {pos.x, strip.y}, ui::colors().dim, "100 %");
    ui::draw_text(list, font, {pos.x, strip.bottom() - font->FontSize}, ui::colors().dim, "0 %");
    ui::draw_text(list, font, {pos.x, null.y - ui::px(1)}, ui::colors().dim, "evenly");
    draw_stack(made, made.shares, strip);
    draw_stack(made, made.uniform, null);
    const int first = made.first_query - (num_prompt - 1);
    const float column = width / static_cast<float>(made.num_rows);
    if (bar >= first && bar < first + made.num_rows) {
        const float x = strip.x + (static_cast<float>(bar - first) + 0.5f) * column;
        ui::draw_vline(list, x, strip.y - ui::px(3), null.bottom(), ui::colors().accent);
    }
    const auto response = ui::hot_area("##made_strip", {strip.x, strip.y}, {width, null.bottom() - strip.y});
    const int row =
        std::clamp(static_cast<int>((ImGui::GetIO().MousePos.x - strip.x) / column), 0, made.num_rows - 1);
    if (response.is_clicked) choose_step(context, std::min(first + row, writing_of(context).num_written()));
    if (response.is_hovered) {
        std::string words = fmt::format("step {}: ", first + row);
        for (std::size_t p = 0; p < made.names.size(); ++p)
            words += fmt::format("{}{} {}", p == 0 ? "" : ", ", made.names[p],
                                 format_percent(made.share(row, static_cast<int>(p))));
        context.shared.next_hover.sentence = words;
    }
    ImGui::SetCursorScreenPos({pos.x, null.bottom() + ui::px(6)});
    ImGui::Dummy({1, 1});
    ui::text_small(fmt::format("steps {} to {}, stacked from the foot in the order of the list", first,
                               first + made.num_rows - 1),
                   ui::colors().dim);
}

/// What is pooled, in words.
std::string pooled_words(const ViewContext& context) {
    if (context.num_model_tokens() == 0) return {};
    const WritingState& writing = writing_of(context);
    const HeadId head = context.snapshot.selection.head;
    const TraceInfo& info = context.trace().info();
    std::string words = writing.scope == MadeFromScope::AllHeads
                            ? fmt::format("mean of {} heads", info.num_layers * info.num_heads)
                        : writing.scope == MadeFromScope::Layer ? fmt::format("mean of layer {}", head.layer)
                                                                : head.to_string();
    const PictureWeights& picture = context.snapshot.picture;
    const bool is_shown = picture.trace && !picture.trace->is_signed();
    if (!is_shown) return words + " · with the sink";
    if (picture.weights == WeightsShown::NoSink) return words + " · without the sink";
    return words + " · weights as shown";
}

void draw_body(ViewContext& context, MadeFromState& state) {
    const WritingState& writing = writing_of(context);
    const int bar = step_under_bar(context);
    const bool is_written = is_written_text(writing, context.snapshot.base_text.get()) &&
                            context.text()->kind() != AttentionKind::Encoder;
    // While it writes every picture is soon an older one: the last shares stay until it rests.
    if (is_written && !(writing.is_playing() && state.last)) {
        const Derived<MadeFrom> asked = context.values.made_from(request_of(context, std::max(0, bar)));
        if (asked.state == Derived<MadeFrom>::State::Failed) {
            ui::draw_card_state(
                {ui::CardState::Error,
                 asked.error ? asked.error->message : std::string("It could not be computed."), nullptr, -1});
            return;
        }
        if (asked.is_ready()) {
            state.last = asked.value;
            state.num_prompt = writing.num_prompt();
        }
    }
    if (!state.last) {
        if (!is_written && !writing.is_playing()) {
            ui::draw_card_state({ui::CardState::Empty,
                                 "Choose a written text, and its decoder or cross attention where "
                                 "there are several.",
                                 nullptr, -1});
        } else {
            ui::draw_card_state({ui::CardState::Loading, "pooling rows", nullptr, -1});
        }
        return;
    }
    const MadeFrom& made = *state.last;
    const int row = bar - (made.first_query - (state.num_prompt - 1));
    if (bar < 0)
        ui::text_wrapped("A row of the prompt is chosen: it wrote nothing.", ui::colors().dim);
    else if (row < 0 || row >= made.num_rows)
        ui::text_wrapped("The shares of this step follow when it rests.", ui::colors().dim);
    else if (made.num_heads[static_cast<std::size_t>(row)] == 0)
        ui::text_wrapped("All rows rest on the sink at this step: nothing is left to pool.",
                         ui::colors().dim);
    else
        draw_shares(context, made, row);
    ui::text_small(pooled_words(context), ui::colors().dim);
    draw_strip(context, made, state.num_prompt, bar);
}

void draw(ViewContext& context) {
    auto& state = static_cast<MadeFromState&>(context.state);
    ui::CardSpec spec;
    spec.id = "made_from";
    spec.title = "Made from";
    spec.controls = [&] { draw_scope(context); };
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context) && !draw_missing_writing(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_made_from = {
    "made_from",
    "Made from",
    "Which parts of the text the rows that wrote a token rest on: shares of their mass, beside those of a "
    "head that "
    "spreads evenly. Weights are no causes.",
    made_from_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<MadeFromState>()); },
    draw};

}  // namespace headlight
