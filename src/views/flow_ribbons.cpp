// Ribbons of the rollout.
#include "views/flow_ribbons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr float kLabelSize = 11.5f, kRowDp = 14, kMostRowDp = 40;

struct RibbonFrame {
    ImVec2 min, max;     // of the ribbons
    int num_levels = 2;  // layers + 1
    int num_rows = 1;
    float x_of(int level) const {
        return min.x +
               (max.x - min.x) * static_cast<float>(level) / static_cast<float>(std::max(1, num_levels - 1));
    }
    float y_of(int row) const {
        return min.y +
               (max.y - min.y) * (static_cast<float>(row) + 0.5f) / static_cast<float>(std::max(1, num_rows));
    }
    float pitch() const { return (max.y - min.y) / static_cast<float>(std::max(1, num_rows)); }
};

void draw_links(const ViewContext& context, const Rollout& rollout, const RibbonTokens& tokens,
                const RibbonFrame& frame, int hovered) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float thickest = std::min(frame.pitch() * 0.9f, ui::px(16));
    for (const FlowLink& link : rollout.links) {
        const int from = tokens.row_of[static_cast<std::size_t>(link.from)],
                  to = tokens.row_of[static_cast<std::size_t>(link.to)];
        if (from < 0 || to < 0) continue;
        const float thickness = std::max(ui::px(0.6f), thickest * static_cast<float>(link.weight));
        const bool is_touched = hovered >= 0 && (link.from == hovered || link.to == hovered);
        const float opacity =
            (hovered >= 0 && !is_touched
                 ? 0.18f
                 : 0.30f + 0.5f * std::sqrt(static_cast<float>(std::min(1.0, link.weight))));
        const ui::Rgba color = link.from == link.to ? ui::colors().other : ui::colors().second;
        // Information runs upwards: from `to` below the layer to `from` above it.
        ui::draw_ribbon(list, {frame.x_of(link.layer), frame.y_of(to)},
                        {frame.x_of(link.layer + 1), frame.y_of(from)}, thickness, thickness,
                        gfx::faded(color, opacity * context.freshness()));
    }
}

void draw_nodes(const Rollout& rollout, const RibbonTokens& tokens, const RibbonFrame& frame) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float largest = std::min(frame.pitch() * 0.42f, ui::px(5));
    for (std::size_t level = 0; level < rollout.node.size() && static_cast<int>(level) < frame.num_levels;
         ++level) {
        for (const int token : tokens.tokens) {
            const double share = rollout.node[level][static_cast<std::size_t>(token)];
            if (share < 0.01) continue;
            const float radius =
                std::max(ui::px(1), largest * std::sqrt(static_cast<float>(std::min(1.0, share))));
            ui::draw_dot(list,
                         {frame.x_of(static_cast<int>(level)),
                          frame.y_of(tokens.row_of[static_cast<std::size_t>(token)])},
                         radius, ui::colors().text);
        }
    }
}

void draw_token_labels(ViewContext& context, const RibbonTokens& tokens, const RibbonFrame& frame,
                       float right, int query) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::ShapedStyle style{kLabelSize, gfx::TextWeight::Regular};
    const gfx::TextExtents extents = ui::measure_shaped("x", style);
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
        const int token = tokens.tokens[i];
        const float y = frame.y_of(static_cast<int>(i));
        const ui::Rgba color = token == query ? ui::colors().accent : ui::colors().text;
        const std::string share = format_percent_column(tokens.share[i]);
        ui::draw_tabular_right(list, font, {frame.min.x - ui::px(10), y - font->FontSize / 2},
                               ui::to_u32(ui::colors().dim), share);
        const std::string label =
            ui::shorten_shaped(token_label(context.tokens(), token, 16), ui::px(86), style);
        ui::draw_shaped_right(list, {frame.min.x - ui::px(64), y - extents.height() / 2}, label, color,
                              style);
        if (token != query) continue;
        ui::draw_shaped(list, {frame.max.x + ui::px(10), y - extents.height() / 2},
                        ui::shorten_shaped(label, right - frame.max.x - ui::px(10), style), color, style);
    }
}

void draw_level_labels(const RibbonFrame& frame) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const float pitch = (frame.max.x - frame.min.x) / static_cast<float>(std::max(1, frame.num_levels - 1));
    int step = 1;
    while (pitch * static_cast<float>(step) < ui::px(34))
        step = step == 1 ? 2 : (step == 2 ? 5 : step * 2);
    for (int level = 0; level < frame.num_levels; ++level) {
        const bool is_first = level == 0, is_last = level == frame.num_levels - 1;
        if (!is_first && !is_last && (level % step != 0 || frame.num_levels - 1 - level < step)) continue;
        const std::string label = is_first ? "input" : (is_last ? "top" : "L" + std::to_string(level - 1));
        const float width = font->CalcTextSizeA(font->FontSize, 10000, 0, label.c_str()).x;
        list->AddText(font, font->FontSize, {frame.x_of(level) - width / 2, frame.max.y + ui::px(3)},
                      ui::to_u32(ui::colors().dim), label.c_str());
    }
}

/// The token whose row is under the pointer; clicking chooses it as query.
int point_at_token(ViewContext& context, const Rollout& rollout, const RibbonTokens& tokens,
                   const RibbonFrame& frame, float left, float right) {
    const auto response =
        ui::hot_area("##ribbon_area", {left, frame.min.y}, {right - left, frame.max.y - frame.min.y});
    if (!response.is_hovered || tokens.tokens.empty()) return -1;
    const int row = std::clamp(static_cast<int>((ImGui::GetIO().MousePos.y - frame.min.y) / frame.pitch()), 0,
                               frame.num_rows - 1);
    const int token = tokens.tokens[static_cast<std::size_t>(row)];
    const double share = rollout.input_share[static_cast<std::size_t>(token)],
                 uniform = rollout.uniform_share[static_cast<std::size_t>(token)];
    context.shared.next_hover.token = token;
    context.shared.next_hover.sentence = fmt::format(
        "{} holds {} of the rollout from {}; uniform attention would give it {}",
        quoted_token(context.tokens(), token), format_percent(share),
        quoted_token(context.tokens(), context.snapshot.selection.query), format_percent(uniform));
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
    if (response.is_clicked) context.actions.choose_query(token);
    return token;
}

}  // namespace

RibbonTokens choose_ribbon_tokens(const Rollout& rollout, int num_tokens, int query, int most) {
    std::vector<double> importance(static_cast<std::size_t>(num_tokens), 0.0);
    for (std::size_t i = 0; i < importance.size() && i < rollout.input_share.size(); ++i)
        importance[i] = rollout.input_share[i];
    for (const FlowLink& link : rollout.links) {
        for (const int token : {link.from, link.to}) {
            auto& value = importance[static_cast<std::size_t>(token)];
            value = std::max(value, link.weight);
        }
    }
    std::vector<int> order(importance.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<int>(i);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        if ((a == query) != (b == query)) return a == query;
        return importance[static_cast<std::size_t>(a)] > importance[static_cast<std::size_t>(b)];
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(1, most))));
    std::erase_if(order, [&](int token) {
        return token != query && importance[static_cast<std::size_t>(token)] < 0.002;
    });
    std::sort(order.begin(), order.end());
    RibbonTokens out;
    out.tokens = order;
    out.row_of.assign(importance.size(), -1);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto token = static_cast<std::size_t>(order[i]);
        out.row_of[token] = static_cast<int>(i);
        out.share.push_back(token < rollout.input_share.size() ? rollout.input_share[token] : 0.0);
    }
    return out;
}

void RibbonPlot::draw(ViewContext& context, const std::shared_ptr<const Rollout>& rollout, int query) {
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const int num_tokens = static_cast<int>(rollout->input_share.size());
    const int most = std::max(3, static_cast<int>((available.y - ui::px(20)) / ui::px(kRowDp)));
    if (num_tokens != context.num_tokens() || rollout->node.size() < 2) return;
    if (rollout_ != rollout || query_ != query || most_ != most) {
        tokens_ = choose_ribbon_tokens(*rollout, num_tokens, query, most);
        rollout_ = rollout;
        query_ = query;
        most_ = most;
    }
    RibbonFrame frame;
    frame.min = {pos.x + ui::px(164), pos.y};
    frame.max = {pos.x + available.x - ui::px(84), pos.y + available.y - ui::px(18)};
    frame.num_levels = static_cast<int>(rollout->node.size());
    frame.num_rows = static_cast<int>(tokens_.tokens.size());
    const float most_height = static_cast<float>(frame.num_rows) * ui::px(kMostRowDp);
    const float spare = std::max(0.0f, frame.max.y - frame.min.y - most_height) / 2;
    frame.min.y += spare;
    frame.max.y -= spare;
    if (frame.max.x - frame.min.x < ui::px(60) || frame.max.y - frame.min.y < ui::px(30)) return;
    const float right = pos.x + available.x;
    const int hovered = point_at_token(context, *rollout, tokens_, frame, pos.x, right);
    draw_links(context, *rollout, tokens_, frame, hovered);
    draw_nodes(*rollout, tokens_, frame);
    draw_token_labels(context, tokens_, frame, right, query);
    draw_level_labels(frame);
}

}  // namespace headlight
