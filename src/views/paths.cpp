// Paths: the circuit that path patching finds, from the answer back, and beside a saved one.
#include <fmt/format.h>

#include <algorithm>

#include "session/tasks/patching.h"
#include "session/tasks/paths.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "views/cause/cause_card.h"
#include "views/cause/path_picture.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

struct PathsViewState final : ViewState {
    std::shared_ptr<const CircuitGraph> graph;  // that the layout is of
    CircuitLayout layout;
    std::shared_ptr<const OpenedCircuit> against;
    std::vector<EdgePair> pairs;
};

HeightWish paths_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(260.0f, column_height_dp * 0.38f), 160};
}

void refresh_paths(PathsViewState& state, const PathsState& now) {
    if (state.graph == now.task.value() && state.against == now.against) return;
    state.graph = now.task.value();
    state.against = now.against;
    state.layout = state.graph ? lay_out_circuit(*state.graph) : CircuitLayout{};
    state.pairs.clear();
    if (state.graph && state.against) state.pairs = compare_circuits(*state.graph, state.against->graph);
}

/// The paths of both circuits, largest difference first.
void draw_pairs(const PathsViewState& state, ImVec2 pos, float width, float height) {
    put_words(pos, ui::colors().dim, "path");
    put_words_right({pos.x + width - ui::px(60), pos.y}, ui::colors().dim, "here");
    put_words_right({pos.x + width, pos.y}, ui::colors().dim, "saved");
    float y = pos.y + ui::px(17);
    const auto cell = [](const std::optional<double>& effect) {
        return effect ? format_signed(*effect) : std::string("–");
    };
    for (const EdgePair& pair : state.pairs) {
        if (y + ui::px(16) > pos.y + height) break;
        put_words({pos.x, y}, ui::colors().text,
                  ui::shorten_text(ui::kit().fonts.small_, edge_label(pair.edge), width - ui::px(116)));
        put_words_right({pos.x + width - ui::px(60), y}, ui::colors().text, cell(pair.a));
        put_words_right({pos.x + width, y}, ui::colors().text, cell(pair.b));
        y += ui::px(16);
    }
}

void draw_graph(ViewContext& context, PathsViewState& state) {
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float foot = ui::px(34), room = available.y - foot;
    const float list = state.pairs.empty() ? 0 : std::min(ui::px(250), available.x * 0.42f);
    const LayoutRect picture{pos.x, pos.y, available.x - list - (list > 0 ? ui::px(16) : 0), room};
    if (state.graph->edges.empty()) {
        ui::text_wrapped("No path reaches the threshold: lower it (find_paths THRESHOLD).", ui::colors().dim);
    } else {
        draw_path_picture(context, *state.graph, state.layout, picture);
    }
    if (list > 0) draw_pairs(state, {pos.x + available.x - list, pos.y}, list, room);
    ImFont* const font = ui::kit().fonts.small_;
    const std::string what = fmt::format(
        "rose: the answer loses with the corrupted value on this path; over {:.0f} % of the gap, "
        "feed-forward parts {}",
        100 * state.graph->threshold, state.graph->freezes_mlps ? "fixed" : "recomputed");
    put_words({pos.x, pos.y + room + ui::px(4)}, ui::colors().dim, ui::shorten_text(font, what, available.x));
    put_words({pos.x, pos.y + room + ui::px(19)}, ui::colors().warning,
              ui::shorten_text(font, "One pair of prompts: no claim about others.", available.x));
}

void draw_body(ViewContext& context, PathsViewState& state) {
    if (asked_question(context) == nullptr) return;
    const PathsState& now = context.snapshot.part<PathsState>();
    refresh_paths(state, now);
    const bool has_corrupted = !context.snapshot.part<PatchingState>().corrupted_text.empty();
    if (now.task.is_running()) {
        ui::draw_card_state({ui::CardState::Loading, "Following the paths back from the answer ...", nullptr,
                             now.task.look().progress});
    } else if (state.graph) {
        draw_graph(context, state);
    } else if (!has_corrupted) {
        ui::draw_card_state(
            {ui::CardState::Empty,
             "Type a corrupted text in the card Patching: paths are followed between the two.", nullptr, -1});
    } else {
        const std::string sentence =
            now.error.empty() ? "Which heads carry the answer, and through which others?" : now.error + ".";
        if (ui::draw_card_state({now.error.empty() ? ui::CardState::Empty : ui::CardState::Error, sentence,
                                 "Follow the paths##find_paths", -1}))
            context.actions.run("find_paths", {});
    }
}

void draw(ViewContext& context) {
    auto& state = static_cast<PathsViewState&>(context.state);
    const PathsState& now = context.snapshot.part<PathsState>();
    ui::CardSpec spec;
    spec.id = "paths";
    spec.title = "Paths";
    spec.context = "direct paths from the answer back";
    if (now.task.value() && !now.task.is_running())
        spec.controls = [&] {
            if (ui::pill_button("again##find_paths_again", false, true, "Follows the paths once more"))
                context.actions.run("find_paths", {});
        };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_paths = {
    "paths",
    "Paths",
    "The circuit that path patching finds: heads whose direct paths carry the answer, and what they read.",
    paths_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<PathsViewState>()); },
    draw};

}  // namespace headlight
