// The patterns panel: every detector's score on this text, and of the content detectors on the random-repeat
// probe.
#include <fmt/format.h>

#include <algorithm>

#include "session/tasks/probe.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/grid/tag_style.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr float kWideDp = 300;
constexpr int kNullColumn = 2;
constexpr std::size_t kMostRows = 9;  // the rest scrolls

struct TagsState final : ViewState {};

/// A narrow card has no room for the null's column; the tooltip has it.
std::vector<ui::Column> columns_for(float width) {
    std::vector<ui::Column> columns = {{"pattern", 1, 0, false},
                                       {"score", 0, 46, true},
                                       {"null", 0, 44, true},
                                       {"lift", 0, 50, true},
                                       {"κ", 0, 46, true}};
    if (width < ui::px(kWideDp)) columns.erase(columns.begin() + kNullColumn);
    return columns;
}

HeightWish tags_height(const Snapshot&, const ViewState&, float) {
    const auto num_rows = static_cast<float>(std::min<std::size_t>(detectors().size() + 1, kMostRows));
    return {84 + ui::kRowHeight * num_rows, 120};
}

/// One line of the table: of the text, or of the probe where that is the detector's proper test.
struct PatternRow {
    const DetectorDescriptor* detector = nullptr;
    std::optional<double> score, null, lift, kappa;
    bool is_tagged = false, is_probe = false;
    std::string tooltip;
};

PatternRow text_row(const Tag& tag) {
    const DetectorScore& score = tag.score;
    PatternRow row{tag.detector, score.score,     score.null, score.lift,
                   score.kappa,  score.is_tagged, false,      {}};
    const bool is_content = tag.detector->kind == DetectorKind::Content;
    row.tooltip =
        fmt::format("{}\n{}\non this text: n = 1, {} scored rows, argmax rate {}{}{}\n{}", tag.detector->help,
                    tag.detector->definition, score.num_rows, format_score(score.argmax_rate),
                    score.reason.empty() ? "" : "; ", score.reason, tag.detector->source);
    if (is_content) row.tooltip += "\nA content pattern: the probe is its proper test.";
    return row;
}

PatternRow probe_row(const ProbeScore& score) {
    PatternRow row{score.detector, score.score,     score.null, score.lift,
                   score.kappa,    score.is_tagged, true,       {}};
    row.tooltip = fmt::format(
        "{}\n{}\nrandom-repeat probe: n = {} sequences, p = {} (sign flip), lift above 1 in {}, argmax rate "
        "{}\n{}",
        score.detector->help, score.detector->definition, score.num_sequences, format_number(score.p_value),
        format_percent(score.consistency), format_score(score.argmax_rate), score.detector->source);
    return row;
}

std::vector<PatternRow> collect_rows(const ViewContext& context, const ProbeResult* probe) {
    const HeadId head = context.snapshot.selection.head;
    std::vector<PatternRow> rows;
    for (const Tag& tag : context.text()->analysis.head(head).tags)
        rows.push_back(text_row(tag));
    const std::size_t index = probe ? HeadGrid{probe->num_layers, probe->num_heads}.index(head) : 0;
    if (!probe || index >= probe->heads.size()) return rows;
    for (const ProbeScore& score : probe->heads[index]) {
        if (score.detector->kind != DetectorKind::Content) continue;
        const auto same = std::find_if(rows.begin(), rows.end(),
                                       [&](const PatternRow& row) { return row.detector == score.detector; });
        if (same != rows.end()) *same = probe_row(score);
    }
    return rows;
}

void draw_row(ViewContext& context, std::span<const ui::Column> columns, const PatternRow& row) {
    const ui::Colors& colors = ui::colors();
    const std::string label = row.is_probe ? fmt::format("{} *", row.detector->label)
                                           : in_units(row.detector->label, context.snapshot.unit());
    const std::string score = format_score(row.score), null = format_score(row.null),
                      lift = format_lift(row.lift), kappa = format_score(row.kappa);
    std::vector<ui::Cell> cells = {{label, {}, false, row.is_tagged ? 1 : 2},
                                   {score, {}, false, 0},
                                   {null, {}, false, 0},
                                   {lift, {}, false, 0},
                                   {kappa, {}, false, 0}};
    const ui::Rgba color = row.is_tagged ? colors.text : colors.dim;
    for (ui::Cell& cell : cells)
        cell.color = color;
    if (columns.size() < cells.size()) cells.erase(cells.begin() + kNullColumn);
    const auto response = ui::table_row(row.detector->id, columns, cells, false, context.freshness() < 1);
    ui::tooltip_for_last_item(row.tooltip, label);
    if (response.is_hovered) context.shared.next_hover.sentence = row.detector->help;
}

std::string test_note(const Derived<ProbeResult>& probe) {
    if (!probe.is_ready()) return "● pattern found   ○ not found";
    double smallest = 1;
    int count = 0;
    for (const auto& head : probe.value->heads) {
        for (const ProbeScore& score : head) {
            smallest = std::min(smallest, score.p_value);
            count = std::max(count, score.num_sequences);
        }
    }
    return fmt::format("* probe · n = {}, smallest p = {}", count, format_number(smallest));
}

void draw_body(ViewContext& context) {
    const Task<ProbeResult>& task = context.snapshot.part<ProbeState>().task;
    const Derived<ProbeResult> probe = task.look();
    const bool is_usable = probe.is_ready();
    const std::vector<ui::Column> columns = columns_for(ImGui::GetContentRegionAvail().x);
    ui::table_header(columns);
    std::vector<PatternRow> rows = collect_rows(context, is_usable ? probe.value.get() : nullptr);
    std::stable_partition(rows.begin(), rows.end(), [](const PatternRow& row) { return row.is_tagged; });
    for (const PatternRow& row : rows)
        draw_row(context, columns, row);
    if (task.is_running()) {
        ui::ProgressSpec spec;
        spec.stage = "random-repeat probe";
        spec.fraction = probe.progress;
        spec.cancel = "Cancel##probe_cancel";
        if (ui::progress(spec)) context.actions.run("cancel");
        return;
    }
    if (task.value() && probe.state == Derived<ProbeResult>::State::Failed && probe.error) {
        ui::text_wrapped(probe.error->message, ui::colors().error);
        return;
    }
    ui::text_small(test_note(probe), ui::colors().dim);
}

void draw(ViewContext& context) {
    const Task<ProbeResult>& task = context.snapshot.part<ProbeState>().task;
    const bool can_probe = context.snapshot.model && !task.is_running() && !context.snapshot.has_decoder();
    ui::CardSpec spec;
    spec.id = "tags";
    const std::string title = titled("Patterns", context.snapshot);
    const std::string line = with_run(context.snapshot, "this text · n = 1");
    spec.title = title;
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] {
        const char* help =
            "Measures induction and duplicate-token heads on random tokens that repeat, where nothing else "
            "can explain the attention.";
        if (ui::pill_button(task.value() ? "probe again##probe" : "probe##probe", false, can_probe, help))
            context.actions.run("probe");
    };
    ui::Card card{spec, context.pos, context.size};
    if (!card || draw_missing_text(context)) return;
    if (context.has_one_text()) return draw_body(context);
    ui::draw_card_state(
        {ui::CardState::Empty,
         "Patterns are of one text that looks at itself. In cross attention queries and keys are "
         "two texts.",
         nullptr, -1});
}

}  // namespace

extern const ViewDescriptor k_view_tags = {
    "tags",
    "Patterns",
    "Which known patterns the chosen head follows, how strongly, and against what a uniform head would "
    "score.",
    tags_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<TagsState>()); },
    draw};

}  // namespace headlight
