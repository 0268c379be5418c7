// The training plot: metrics of a run over its steps, growing while the run goes on.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/panels/training_lines.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr std::size_t kMostLines = 6;

struct TrainingState final : ViewState {
    std::uint64_t log_id = 0;
    std::string path;
    std::vector<std::string> chosen;
    std::vector<TrainingLine> lines;  // of `chosen`
    bool is_log = false;
};

HeightWish training_height(const Snapshot&, const ViewState&, float) {
    return {300, 150};
}

ui::Rgba line_color(std::size_t index) {
    const ui::Colors& colors = ui::colors();
    switch (index) {
        case 0:
            return colors.second;
        case 1:
            return colors.third;
        case 2:
            return gfx::mix(colors.error, colors.second, 0.25f);
        case 3:
            return colors.dim;
        case 4:
            return gfx::mix(colors.third, colors.text, 0.5f);
        default:
            return gfx::mix(colors.second, colors.text, 0.55f);
    }
}

void refresh_lines(TrainingState& state, const TrainingLog& log) {
    state.lines.clear();
    for (const std::string& name : state.chosen) {
        if (auto line = training_line(log, name)) state.lines.push_back(std::move(*line));
    }
}

void refresh(TrainingState& state, const OpenedTraining& opened) {
    if (state.log_id == opened.id) return;
    state.log_id = opened.id;
    if (state.path != opened.path || state.chosen.empty()) state.chosen = first_metrics(opened.log, 3);
    state.path = opened.path;
    refresh_lines(state, opened.log);
}

void toggle(TrainingState& state, const TrainingLog& log, const std::string& name) {
    const auto found = std::find(state.chosen.begin(), state.chosen.end(), name);
    if (found != state.chosen.end()) {
        state.chosen.erase(found);
    } else if (state.chosen.size() < kMostLines) {
        state.chosen.push_back(name);
    }
    refresh_lines(state, log);
}

void draw_controls(ViewContext& context, TrainingState& state) {
    if (!context.snapshot.training) return;
    const TrainingLog& log = context.snapshot.training->log;
    std::vector<const char*> entries = {"metrics"};
    for (const std::string& name : log.names)
        entries.push_back(name.c_str());
    int chosen = 0;
    if (ui::pill_menu("##training_metric", nullptr, entries, chosen) && chosen > 0)
        toggle(state, log, log.names[static_cast<std::size_t>(chosen - 1)]);
    ImGui::SameLine(0, ui::px(8));
    int scale = state.is_log ? 1 : 0;
    const ui::Segment segments[] = {{"linear##training_linear", nullptr, true},
                                    {"log##training_log", "Steps on a logarithmic axis", true}};
    if (ui::segmented("##training_axis", segments, scale)) state.is_log = scale == 1;
}

/// A chip a line; a click takes it away. Returns the height that they take.
float draw_chips(TrainingState& state, const TrainingLog& log, float width) {
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    float x = pos.x, y = pos.y;
    std::string removed;
    for (std::size_t i = 0; i < state.lines.size(); ++i) {
        const TrainingLine& line = state.lines[i];
        const std::string text = fmt::format("{}  {}", line.name, format_number(line.values.back()));
        const std::string id = "metric_" + line.name;
        ui::ChipSpec chip;
        chip.id = id.c_str();
        chip.text = text;
        chip.fill = gfx::mix(ui::colors().card, line_color(i), 0.28f);
        const ImVec2 size = ui::chip_size(chip);
        if (x > pos.x && x + size.x > pos.x + width) {
            x = pos.x;
            y += size.y + ui::px(4);
        }
        ImGui::SetCursorScreenPos({x, y});
        if (ui::chip(chip).is_clicked) removed = line.name;
        ui::tooltip_for_last_item(
            fmt::format("{} values, {} to {}; a click takes the line away", line.values.size(),
                        format_number(line.lo), format_number(line.hi)),
            line.name);
        x += size.x + ui::px(6);
    }
    if (!removed.empty()) toggle(state, log, removed);
    return y - pos.y + ui::px(26);
}

struct TrainingFrame {
    ImVec2 min, max;
    double first = 0, last = 1;
    bool is_log = false;
    float x_of(double step) const {
        return min.x + (max.x - min.x) * static_cast<float>(step_position(step, first, last, is_log));
    }
    float y_of(const TrainingLine& line, double value) const {
        return max.y - (max.y - min.y) * static_cast<float>((value - line.lo) / (line.hi - line.lo));
    }
};

void draw_axes(const TrainingFrame& frame) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    ui::draw_hline(list, frame.min.x, frame.max.x, frame.max.y + 1, ui::colors().line);
    const std::vector<double> ticks =
        step_ticks(frame.first, frame.last, frame.is_log,
                   std::max(2, static_cast<int>((frame.max.x - frame.min.x) / ui::px(90))));
    for (const double step : ticks) {
        const std::string label = fmt::format("{:.0f}", step);
        const float width = font->CalcTextSizeA(font->FontSize, 10000, 0, label.c_str()).x;
        const float x = std::clamp(frame.x_of(step) - width / 2, frame.min.x, frame.max.x - width);
        ui::draw_vline(list, frame.x_of(step), frame.max.y, frame.max.y + ui::px(3), ui::colors().dim);
        list->AddText(font, font->FontSize, {x, frame.max.y + ui::px(4)}, ui::to_u32(ui::colors().dim),
                      label.c_str());
    }
}

void draw_line(const TrainingFrame& frame, const TrainingLine& line, ui::Rgba color) {
    std::vector<ImVec2> points;
    for (std::size_t i = 0; i < line.steps.size(); ++i) {
        const ImVec2 point{frame.x_of(line.steps[i]), frame.y_of(line, line.values[i])};
        const bool is_last = i + 1 == line.steps.size();
        // Several rows in one pixel: one point is enough, as long as jumps stay visible.
        if (!points.empty() && !is_last && point.x - points.back().x < 0.5f &&
            std::abs(point.y - points.back().y) < 0.5f)
            continue;
        points.push_back(point);
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (points.size() == 1) return ui::draw_dot(list, points[0], ui::px(3), color);
    list->AddPolyline(points.data(), static_cast<int>(points.size()), ui::to_u32(color), 0, ui::px(1.6f));
}

/// Values of all lines at the step under the pointer.
void say_step(ViewContext& context, const TrainingState& state, const TrainingFrame& frame) {
    const float mouse = ImGui::GetIO().MousePos.x;
    double step = -1;
    float least = 1e9f;
    for (const TrainingLine& line : state.lines) {
        for (const double candidate : line.steps) {
            const float distance = std::abs(frame.x_of(candidate) - mouse);
            if (distance >= least) continue;
            least = distance;
            step = candidate;
        }
    }
    if (step < 0) return;
    ui::draw_vline(ImGui::GetWindowDrawList(), frame.x_of(step), frame.min.y, frame.max.y,
                   gfx::faded(ui::colors().text, 0.4f));
    std::string body;
    for (const TrainingLine& line : state.lines) {
        const auto found = std::lower_bound(line.steps.begin(), line.steps.end(), step);
        if (found == line.steps.end() || *found != step) continue;
        const auto index = static_cast<std::size_t>(found - line.steps.begin());
        body +=
            fmt::format("{}{}: {}", body.empty() ? "" : "\n", line.name, format_number(line.values[index]));
    }
    const std::string title = fmt::format("step {:.0f}", step);
    std::string flat = body;
    std::replace(flat.begin(), flat.end(), '\n', ',');
    context.shared.next_hover.sentence = title + " · " + flat;
    ui::tooltip(body, title);
}

void draw_plot(ViewContext& context, TrainingState& state, const TrainingLog& log) {
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float chips = draw_chips(state, log, available.x);
    TrainingFrame frame;
    frame.min = {pos.x + ui::px(4), pos.y + chips + ui::px(4)};
    frame.max = {pos.x + available.x - ui::px(8), pos.y + available.y - ui::px(20)};
    frame.is_log = state.is_log;
    if (frame.max.x - frame.min.x < ui::px(60) || frame.max.y - frame.min.y < ui::px(24)) return;
    frame.first = static_cast<double>(log.rows.front().step);
    frame.last = static_cast<double>(log.rows.back().step);
    draw_axes(frame);
    for (std::size_t i = 0; i < state.lines.size(); ++i)
        draw_line(frame, state.lines[i], line_color(i));
    const auto response =
        ui::hot_area("##training_area", frame.min, {frame.max.x - frame.min.x, frame.max.y - frame.min.y});
    if (response.is_hovered) say_step(context, state, frame);
}

void draw_body(ViewContext& context, TrainingState& state) {
    const auto& opened = context.snapshot.training;
    if (!opened) {
        if (ui::draw_card_state({ui::CardState::Empty,
                                 "Open a folder with metrics.jsonl to watch a training run.",
                                 "Open a run…##open_run", -1}))
            context.actions.run("open_dialog");
        return;
    }
    refresh(state, *opened);
    if (opened->log.rows.empty()) {
        ui::draw_card_state({ui::CardState::Empty, "This run has written no metrics yet.", nullptr, -1});
        return;
    }
    draw_plot(context, state, opened->log);
}

std::string context_words(const ViewContext& context) {
    const auto& opened = context.snapshot.training;
    if (!opened) return {};
    if (!opened->error.empty()) return opened->error;
    const std::string rows = format_count(static_cast<int>(opened->log.rows.size()), "row", "rows");
    return fmt::format("{} · {} · each line on its own range", opened->log.title, rows);
}

void draw(ViewContext& context) {
    auto& state = static_cast<TrainingState&>(context.state);
    const std::string line = context_words(context);
    ui::CardSpec spec;
    spec.id = "training";
    spec.title = "Training";
    spec.context = line;
    spec.controls = [&] { draw_controls(context, state); };
    if (ui::Card card{spec, context.pos, context.size}; card) draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_training = {
    .id = "training",
    .title = "Training",
    .help = "Metrics of a training run over its steps, live while the run goes on.",
    .height = training_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<TrainingState>()); },
    .draw = draw,
    .has_content = [](const Snapshot& snapshot) { return snapshot.training != nullptr; },
    .subject = [](const Snapshot& now) { return now.training ? now.training->path : std::string(); },
    .leaves_without_subject = true,
};

}  // namespace headlight
