// Ribbons of the rollout.
#include "views/panels/flow_ribbons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/tokens/fitted_label.h"

namespace headlight {

namespace {

constexpr float kRibbonLabelSize = 11.5f, kRibbonRowDp = 14, kMostRowDp = 40, kRibbonBarDp = 40;

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

/// Share of each input token as a bar beside its number, with a dashed line where uniform attention would
/// end.
void draw_share_bars(const Rollout& rollout, const RibbonTokens& tokens, const RibbonFrame& frame) {
    double largest = 1e-9;
    for (const int token : tokens.tokens) {
        const auto index = static_cast<std::size_t>(token);
        largest = std::max({largest, rollout.input_share[index],
                            index < rollout.uniform_share.size() ? rollout.uniform_share[index] : 0.0});
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float room = ui::px(kRibbonBarDp), left = frame.min.x - ui::px(10) - room;
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
        const auto token = static_cast<std::size_t>(tokens.tokens[i]);
        const float y = frame.y_of(static_cast<int>(i));
        const auto reach = [&](double share) { return room * static_cast<float>(share / largest); };
        ui::draw_fill(list, {left, y - ui::px(2)},
                      {left + std::max(1.0f, reach(rollout.input_share[token])), y + ui::px(2)},
                      gfx::faded(ui::colors().second, 0.8f));
        if (token >= rollout.uniform_share.size()) continue;
        const float x = std::round(left + reach(rollout.uniform_share[token]));
        ui::draw_dashed_line(list, {x, y - ui::px(6)}, {x, y + ui::px(6)}, ui::colors().text, ui::px(3),
                             ui::px(2), ui::px(1));
    }
}

/// The way of one path, over the ribbons.
void draw_path(const FlowPath& path, const RibbonTokens& tokens, const RibbonFrame& frame, ui::Rgba color) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (std::size_t level = 0; level + 1 < path.tokens.size(); ++level) {
        const int below = tokens.row_of[static_cast<std::size_t>(path.tokens[level])],
                  above = tokens.row_of[static_cast<std::size_t>(path.tokens[level + 1])];
        if (below < 0 || above < 0) continue;
        list->AddLine({frame.x_of(static_cast<int>(level)), frame.y_of(below)},
                      {frame.x_of(static_cast<int>(level) + 1), frame.y_of(above)}, ui::to_u32(color),
                      ui::px(2));
    }
}

/// "cat 0.12 · the → sat → it": tokens where the path changes, from the input up.
std::string path_words(const TokenizedText& tokens, const FlowPath& path) {
    std::string out;
    for (std::size_t level = 0; level < path.tokens.size(); ++level) {
        if (level > 0 && path.tokens[level] == path.tokens[level - 1]) continue;
        out += out.empty() ? token_label(tokens, path.tokens[level], 10)
                           : fmt::format(" –L{}→ {}", level - 1, token_label(tokens, path.tokens[level], 10));
    }
    return out;
}

/// The heaviest ways to the chosen key; returns the one under the pointer (the heaviest if there is none).
std::optional<FlowPath> draw_paths(ViewContext& context, FlowMethod method, ImVec2 pos, float width,
                                   float height) {
    const Selection& selection = context.snapshot.selection;
    const Derived<std::vector<FlowPath>> paths =
        context.values.flow_paths(method, selection.query, selection.key);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::ShapedStyle style{kRibbonLabelSize, gfx::TextWeight::Regular};
    const std::string title = fmt::format("heaviest ways to token {}{}", selection.key,
                                          method == FlowMethod::MaxFlow ? " (by rollout)" : "");
    list->AddText(font, font->FontSize, pos, ui::to_u32(ui::colors().dim), title.c_str());
    if (!paths.is_ready()) {
        const std::string note = paths.error ? paths.error->message : std::string("computing …");
        list->AddText(font, font->FontSize, {pos.x, pos.y + ui::px(18)}, ui::to_u32(ui::colors().dim),
                      note.c_str(), nullptr, width);
        return std::nullopt;
    }
    if (paths.value->empty()) return std::nullopt;
    std::optional<FlowPath> chosen = paths.value->front();
    float y = pos.y + ui::px(20);
    for (std::size_t i = 0; i < paths.value->size() && y + ui::px(15) < pos.y + height;
         ++i, y += ui::px(17)) {
        const FlowPath& path = (*paths.value)[i];
        const auto response =
            ui::hot_area(fmt::format("##path{}", i).c_str(), {pos.x, y}, {width, ui::px(16)});
        const ui::Rgba color = response.is_hovered || i == 0 ? ui::colors().text : ui::colors().dim;
        ui::draw_tabular_right(list, font, {pos.x + ui::px(44), y}, ui::to_u32(color),
                               format_percent_column(path.weight));
        const std::string words = path_words(context.tokens(), path);
        ui::draw_shaped(list, {pos.x + ui::px(52), y}, ui::shorten_shaped(words, width - ui::px(54), style),
                        color, style);
        if (!response.is_hovered) continue;
        chosen = path;
        context.shared.next_hover.sentence =
            fmt::format("{}: {} of the flow takes this way", words, format_percent(path.weight));
    }
    return chosen;
}

void draw_token_labels(ViewContext& context, const RibbonTokens& tokens, const RibbonFrame& frame,
                       float right, int query) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::ShapedStyle style{kRibbonLabelSize, gfx::TextWeight::Regular};
    const gfx::TextExtents extents = ui::measure_shaped("x", style);
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
        const int token = tokens.tokens[i];
        const float y = frame.y_of(static_cast<int>(i));
        const ui::Rgba color = token == query ? ui::colors().accent : ui::colors().text;
        const std::string share = format_percent_column(tokens.share[i]);
        ui::draw_tabular_right(list, font, {frame.min.x - ui::px(16 + kRibbonBarDp), y - font->FontSize / 2},
                               ui::to_u32(ui::colors().dim), share);
        const std::string label = fitted_label(context.tokens(), token, ui::px(86), style);
        ui::draw_shaped_right(list, {frame.min.x - ui::px(66 + kRibbonBarDp), y - extents.height() / 2},
                              label, color, style);
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
        "{} holds {} of the flow from {}; uniform attention would give it {}",
        quoted_token(context.tokens(), token), format_percent(share),
        quoted_token(context.tokens(), context.snapshot.selection.query), format_percent(uniform));
    if (static_cast<std::size_t>(token) < rollout.raw_share.size()) {
        context.shared.next_hover.sentence += fmt::format(
            "; its flow is {}", format_number(rollout.raw_share[static_cast<std::size_t>(token)]));
    }
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
    // The input side chooses the token that paths lead to, the rest a new query.
    if (response.is_clicked && ImGui::GetIO().MousePos.x < frame.min.x) context.actions.choose_key(token);
    if (response.is_clicked && ImGui::GetIO().MousePos.x >= frame.min.x) context.actions.choose_query(token);
    return token;
}

}  // namespace

void RibbonPlot::draw(ViewContext& context, const std::shared_ptr<const Rollout>& rollout, int query,
                      FlowMethod method) {
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const int num_tokens = static_cast<int>(rollout->input_share.size());
    const int most = std::max(3, static_cast<int>((available.y - ui::px(20)) / ui::px(kRibbonRowDp)));
    if (num_tokens != context.num_tokens() || rollout->node.size() < 2) return;
    if (rollout_ != rollout || query_ != query || most_ != most) {
        tokens_ = choose_ribbon_tokens(*rollout, num_tokens, query, most);
        rollout_ = rollout;
        query_ = query;
        most_ = most;
    }
    const int key = context.snapshot.selection.key;
    const bool has_paths = key >= 0 && key <= query && available.x > ui::px(640) && rollout->node.size() > 2;
    const float paths_width = has_paths ? std::min(ui::px(330), available.x * 0.36f) : 0;
    RibbonFrame frame;
    frame.min = {pos.x + ui::px(164 + kRibbonBarDp), pos.y};
    frame.max = {pos.x + available.x - ui::px(84) - paths_width, pos.y + available.y - ui::px(18)};
    frame.num_levels = static_cast<int>(rollout->node.size());
    frame.num_rows = static_cast<int>(tokens_.tokens.size());
    const float most_height = static_cast<float>(frame.num_rows) * ui::px(kMostRowDp);
    const float spare = std::max(0.0f, frame.max.y - frame.min.y - most_height) / 2;
    frame.min.y += spare;
    frame.max.y -= spare;
    if (frame.max.x - frame.min.x < ui::px(60) || frame.max.y - frame.min.y < ui::px(30)) return;
    const float right = pos.x + available.x - paths_width;
    const int hovered = point_at_token(context, *rollout, tokens_, frame, pos.x, right);
    draw_links(context, *rollout, tokens_, frame, hovered);
    if (has_paths) {
        const auto path =
            draw_paths(context, method, {right + ui::px(10), pos.y}, paths_width - ui::px(10), available.y);
        if (path) draw_path(*path, tokens_, frame, ui::colors().third);
    }
    draw_nodes(*rollout, tokens_, frame);
    draw_share_bars(*rollout, tokens_, frame);
    draw_token_labels(context, tokens_, frame, right, query);
    draw_level_labels(frame);
}

}  // namespace headlight
