#include "views/compare/compare_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/colormap.h"
#include "ui/card.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/pictures.h"

namespace headlight {
namespace {

constexpr float kLeastNumberDp = 24, kHatchDp = 5;

ui::Rgba weight_fill(double value, double gamma) {
    const auto map = weight_colormap(ui::kit().theme);
    gfx::ValueScale scale;
    scale.gamma = static_cast<float>(gamma);
    return gfx::color_of_value(static_cast<float>(value), scale, map);
}

ui::Rgba cell_fill(const ComparedCells& cells, float value, double gamma) {
    if (!cells.is_signed) return weight_fill(value, gamma);
    return gfx::color_of_value(value, difference_scale(std::max(1e-6f, cells.largest)),
                               difference_colormap(ui::kit().theme, gamma));
}

/// The squares that are drawn: single cells, or blocks of `step` tokens.
struct Blocks {
    int rows = 0, cols = 0, step = 1;
    std::vector<float> values;
    std::vector<char> is_masked, is_unaligned;
};

Blocks pool(const ComparedCells& cells) {
    Blocks out;
    out.step = (std::max(cells.rows, cells.cols) + kMostDrawnCells - 1) / kMostDrawnCells;
    out.step = std::max(1, out.step);
    out.rows = (cells.rows + out.step - 1) / out.step;
    out.cols = (cells.cols + out.step - 1) / out.step;
    const auto count = static_cast<std::size_t>(out.rows) * static_cast<std::size_t>(out.cols);
    out.values.assign(count, 0.0f);
    out.is_masked.assign(count, 1);
    out.is_unaligned.assign(count, 1);
    for (int row = 0; row < cells.rows; ++row) {
        for (int col = 0; col < cells.cols; ++col) {
            const auto from = static_cast<std::size_t>(row) * static_cast<std::size_t>(cells.cols) +
                              static_cast<std::size_t>(col);
            if (cells.is_masked[from]) continue;
            const auto to = static_cast<std::size_t>(row / out.step) * static_cast<std::size_t>(out.cols) +
                            static_cast<std::size_t>(col / out.step);
            out.is_masked[to] = 0;
            const float value = cells.values[from];
            if (std::isnan(value)) continue;
            out.is_unaligned[to] = 0;
            if (std::abs(value) > std::abs(out.values[to])) out.values[to] = value;
        }
    }
    return out;
}

void draw_number(const LayoutRect& cell, float value, bool is_signed, ui::Rgba fill) {
    if (std::abs(value) < 0.1f) return;
    ImFont* font = ui::kit().fonts.small_;
    std::string text = fmt::format("{:.0f}", 100 * std::abs(value));
    if (is_signed) text = (value < 0 ? "−" : "+") + text;
    const float width = ui::tabular_width(font, text);
    if (width > cell.width - 2) return;
    ui::draw_tabular(ImGui::GetWindowDrawList(), font,
                     {cell.x + (cell.width - width) / 2, cell.y + (cell.height - font->FontSize) / 2},
                     ui::to_u32(ink_on(fill, ui::colors())), text);
}

bool is_visible(const AttentionTrace& trace, int layer, int query, int key) {
    const KeyRange keys = trace.admissible(layer, query);
    return key >= keys.begin && key < keys.end;
}

ComparedCells masked_cells(const AttentionTrace& trace, int layer, std::vector<float> values) {
    ComparedCells out;
    out.rows = trace.num_queries();
    out.cols = trace.num_keys();
    out.values = std::move(values);
    for (int query = 0; query < out.rows; ++query) {
        for (int key = 0; key < out.cols; ++key)
            out.is_masked.push_back(is_visible(trace, layer, query, key) ? 0 : 1);
    }
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        if (!out.is_masked[i] && !std::isnan(out.values[i]))
            out.largest = std::max(out.largest, std::abs(out.values[i]));
    }
    return out;
}

}  // namespace

const Comparison* known_comparison(const Snapshot& snapshot) {
    const ComparisonState& state = snapshot.part<ComparisonState>();
    const auto& value = state.task.value();
    const bool is_shown = value && snapshot.base_text && value->a.text->id == snapshot.base_text->id;
    return is_shown && state.with != ComparedWith::Nothing ? value.get() : nullptr;
}

const Comparison* shown_comparison(ViewContext& context) {
    if (const Comparison* comparison = known_comparison(context.snapshot)) return comparison;
    const ComparisonState& state = context.snapshot.part<ComparisonState>();
    const Derived<Comparison> look = state.task.look();
    if (state.with == ComparedWith::Nothing) {
        ui::draw_card_state(
            {ui::CardState::Empty, "Choose beside the text what this run is compared with.", nullptr, -1});
    } else if (!state.why_not.empty()) {
        ui::draw_card_state({ui::CardState::Empty, state.why_not, nullptr, -1});
    } else if (look.state == Derived<Comparison>::State::Failed) {
        const std::string sentence = look.error ? look.error->message : std::string("The comparison failed.");
        ui::draw_card_state({ui::CardState::Error, sentence, nullptr, -1});
    } else {
        ui::draw_card_state({ui::CardState::Loading, "comparing the runs", nullptr, look.progress});
    }
    return nullptr;
}

std::string between_tokens(const Snapshot& snapshot, std::string line) {
    if (snapshot.unit() == TextUnit::Token) return line;
    return line.empty() ? "between tokens" : line + " · between tokens";
}

ui::Rgba side_color(bool is_b) {
    return is_b ? ui::colors().third : ui::colors().second;
}

const HeadDivergence* divergence_of(const Comparison& comparison, HeadId head) {
    for (const HeadDivergence& one : comparison.heads) {
        if (one.heads.a == head) return &one;
    }
    return nullptr;
}

HeadPair shown_pair(const Comparison& comparison, const Snapshot& snapshot) {
    if (comparison.by == ComparedBy::Heads && !comparison.heads.empty())
        return comparison.heads.front().heads;
    return {snapshot.selection.head, snapshot.selection.head};
}

std::string divergence_text(double value, bool is_short) {
    std::string text = fmt::format("{:.3f}", value);
    return is_short && text.starts_with('0') ? text.substr(1) : text;
}

ui::Rgba divergence_fill(double share, double gamma) {
    return weight_fill(std::clamp(share, 0.0, 1.0), gamma);
}

ComparedCells side_cells(const ComparedRun& run, HeadId head) {
    return masked_cells(*run.text->trace, head.layer, run.text->trace->matrix(head.layer, head.head));
}

ComparedCells difference_cells(const Comparison& comparison, const HeadPair& pair) {
    ComparedCells out =
        masked_cells(*comparison.a.text->trace, pair.a.layer, difference_matrix(comparison, pair));
    out.is_signed = true;
    return out;
}

void draw_hatch(const LayoutRect& area, ui::Rgba color) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImU32 ink = ui::to_u32(color);
    const float step = ui::px(kHatchDp);
    for (float offset = step / 2; offset < area.width + area.height; offset += step) {
        list->AddLine({area.x + std::max(0.0f, offset - area.height), area.y + std::min(offset, area.height)},
                      {area.x + std::min(offset, area.width), area.y + std::max(0.0f, offset - area.width)},
                      ink, 1);
    }
}

void draw_compared_cells(const ComparedCells& cells, const LayoutRect& area, double gamma, bool has_numbers) {
    const Blocks blocks = pool(cells);
    if (blocks.rows == 0 || blocks.cols == 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float width = area.width * static_cast<float>(blocks.step) / static_cast<float>(cells.cols),
                height = area.height * static_cast<float>(blocks.step) / static_cast<float>(cells.rows);
    const float gap = std::min(width, height) >= ui::px(7) ? 1.0f : 0.0f;
    ui::draw_fill(list, {area.x, area.y}, {area.right(), area.bottom()}, ui::colors().masked);
    for (int row = 0; row < blocks.rows; ++row) {
        for (int col = 0; col < blocks.cols; ++col) {
            const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(blocks.cols) +
                            static_cast<std::size_t>(col);
            if (blocks.is_masked[at]) continue;
            LayoutRect cell{area.x + static_cast<float>(col) * width,
                            area.y + static_cast<float>(row) * height, width - gap, height - gap};
            cell.width = std::min(cell.width, area.right() - cell.x);
            cell.height = std::min(cell.height, area.bottom() - cell.y);
            const ui::Rgba fill = cell_fill(cells, blocks.values[at], gamma);
            list->AddRectFilled({cell.x, cell.y}, {cell.right(), cell.bottom()}, ui::to_u32(fill));
            if (blocks.is_unaligned[at]) {
                draw_hatch(cell, gfx::faded(ui::colors().dim, 0.6f));
            } else if (has_numbers && blocks.step == 1 && width >= ui::px(kLeastNumberDp) &&
                       height >= ui::px(13)) {
                draw_number(cell, blocks.values[at], cells.is_signed, fill);
            }
        }
    }
}

}  // namespace headlight
