#include "views/panels/ablation_menu.h"

#include <fmt/format.h>

#include <algorithm>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/kit.h"
#include "views/format.h"

namespace headlight {
namespace {

struct Replacement {
    const char* mode;
    const char* label;
};
constexpr Replacement kReplacements[] = {
    {"uniform", "uniform attention"},    {"local", "local window of 5"}, {"previous", "previous token"},
    {"first", "first token (rest)"},     {"identity", "itself"},         {"zero", "zero output"},
    {"mean", "mean output on this text"}};

std::vector<HeadId> targeted_heads(const ViewContext& context, const AblationTarget& target) {
    if (!target.is_layer)
        return target.query >= 0 ? selected_heads(context.snapshot.selection)
                                 : std::vector<HeadId>{target.head};
    std::vector<HeadId> out;
    for (int head = 0; head < context.trace().num_heads(); ++head)
        out.push_back({target.head.layer, head});
    return out;
}

std::string target_name(const ViewContext& context, const AblationTarget& target) {
    if (target.is_layer) return fmt::format("layer {}", target.head.layer);
    return heads_list(targeted_heads(context, target), 3);
}

void ablate(ViewContext& context, const AblationTarget& target, const char* mode) {
    const std::string layer = std::to_string(target.head.layer), head = std::to_string(target.head.head);
    if (target.query >= 0) {
        context.actions.run("ablate", {mode, "selected"});
    } else if (target.is_layer) {
        context.actions.run("ablate", {mode, "layer", layer});
    } else {
        context.actions.run("ablate", {mode, layer, head});
    }
}

void draw_replacements(ViewContext& context, const AblationTarget& target) {
    ui::text_small(fmt::format("replace the attention of {} by", target_name(context, target)),
                   ui::colors().dim);
    for (const Replacement& entry : kReplacements) {
        const std::string label = fmt::format("{}##ablate_{}", entry.label, entry.mode);
        if (ui::menu_item(label.c_str())) ablate(context, target, entry.mode);
    }
}

/// What is cut are edges between tokens: of a word its last one.
AblationTarget token_target(const ViewContext& context, AblationTarget target) {
    const auto& groups = context.text()->groups;
    if (!groups) return target;
    const auto last = [](const std::vector<TokenRange>& units, int unit) {
        return unit >= 0 && unit < static_cast<int>(units.size())
                   ? units[static_cast<std::size_t>(unit)].last()
                   : unit;
    };
    target.query = last(groups->queries, target.query);
    target.key = last(groups->keys, target.key);
    return target;
}

/// What can be done to one row, as edges that are cut.
void draw_row_items(ViewContext& context, const AblationTarget& target) {
    const std::string query = std::to_string(target.query);
    const AttentionTrace& trace = *context.snapshot.shown_tokens()->trace;
    const KeyRange seen = trace.admissible(target.head.layer, target.query);
    const std::string name = quoted_token(context.model_tokens(), target.query);
    if (target.key >= seen.begin && target.key < seen.end && seen.count() > 1) {
        const std::string key = quoted_token(context.snapshot.shown_tokens()->keys(), target.key);
        const std::string label = fmt::format("cut the edge to {}##cut_edge", key);
        if (ui::menu_item(label.c_str()))
            context.actions.run("knock_out", {query, std::to_string(target.key)});
        const std::string only = fmt::format("cut all edges but the one to {}##cut_but", key);
        if (ui::menu_item(only.c_str()))
            context.actions.run("knock_out", {query, "but", std::to_string(target.key)});
    }
    if (seen.count() > 1) {
        if (ui::menu_item("rest this row (first token only)##rest_row"))
            context.actions.run("knock_out", {query, "but", std::to_string(seen.begin)});
        const bool sees_itself = target.query >= seen.begin && target.query < seen.end;
        if (sees_itself && target.query != seen.begin && ui::menu_item("itself only##self_row"))
            context.actions.run("knock_out", {query, "but", query});
        const int previous = target.query - 1;
        if (previous > seen.begin && ui::menu_item("previous token only##previous_row"))
            context.actions.run("knock_out", {query, "but", std::to_string(previous)});
    } else {
        ui::text_small("this row has one key: nothing can be cut", ui::colors().dim);
    }
    ui::menu_separator();
}

/// Gives attention back.
void draw_clear_items(ViewContext& context, const AblationTarget& target) {
    const auto& now = context.snapshot.interventions;
    if (!now || now->empty()) return;
    const auto is_replaced = [&](HeadId head) {
        return std::any_of(now->begin(), now->end(), [head](const Intervention& change) {
            return std::find(change.heads.begin(), change.heads.end(), head) != change.heads.end();
        });
    };
    ui::menu_separator();
    std::vector<HeadId> heads = targeted_heads(context, target);
    std::erase_if(heads, [&](HeadId head) { return !is_replaced(head); });
    const std::string label =
        fmt::format("give {} its attention back##clear_head", target_name(context, target));
    if (!heads.empty() && ui::menu_item(label.c_str())) {
        for (const HeadId head : heads)
            context.actions.run("clear_ablation", {std::to_string(head.layer), std::to_string(head.head)});
    }
    if (ui::menu_item("clear everything##clear_all")) context.actions.run("clear_ablation");
}

}  // namespace

void open_ablation_menu(const char* id, std::optional<AblationTarget>& kept, const AblationTarget& target) {
    kept = target;
    ImGui::OpenPopup(id);
}

void draw_ablation_menu(ViewContext& context, const char* id, const std::optional<AblationTarget>& kept) {
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{ui::px(7), ui::px(7)});
    if (ImGui::BeginPopup(id, ImGuiWindowFlags_NoMove)) {
        if (context.snapshot.has_decoder()) {
            ui::text_small("attention can be replaced in models that read one text", ui::colors().dim);
        } else if (context.snapshot.is_stored_only) {
            ui::text_small("stored attention cannot be replaced: its model is not open", ui::colors().dim);
        } else if (kept && context.num_tokens() > 0 && kept->head.layer < context.trace().num_layers() &&
                   kept->query < context.trace().num_queries()) {
            if (kept->query >= 0) {
                const AblationTarget cut = token_target(context, *kept);
                const char* unit = context.snapshot.unit() == TextUnit::Token ? "" : " between tokens";
                ui::text_small(fmt::format("row {} of {}{}", cut.query, target_name(context, *kept), unit),
                               ui::colors().dim);
                draw_row_items(context, cut);
            }
            draw_replacements(context, *kept);
            draw_clear_items(context, *kept);
        }
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
}

}  // namespace headlight
