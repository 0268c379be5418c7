// The table of heads, what is marked as found, and the curves of a dilution.
#include <doctest/doctest.h>

#include "session/tasks/dilution.h"
#include "session/tasks/find.h"
#include "views/heads/table_rows.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Snapshot finding(Snapshot snapshot, const std::string& heads) {
    FindState state;
    if (!heads.empty()) state.heads = std::make_shared<const HeadQuery>(*HeadQuery::parse(heads));
    snapshot.parts.put(state);
    return snapshot;
}

HeadTable table_of_five() {
    HeadTable table;
    table.metrics = {metrics()[0]};
    table.grid = {1, 5};
    const std::optional<double> values[] = {2.0, std::nullopt, 1.0, 2.0, 3.0};
    for (std::size_t i = 0; i < 5; ++i) {
        HeadRow row;
        row.head = table.grid.at(i);
        row.values = {values[i]};
        table.rows.push_back(row);
    }
    return table;
}

}  // namespace

TEST_CASE("heads table: sorted either way, what does not exist comes last and is empty") {
    const HeadTable table = table_of_five();
    const std::vector<TableColumn> columns = table_columns(table);
    const std::size_t metric = columns.size() - 1;
    using Order = std::vector<std::size_t>;
    CHECK(table_order(table, columns[metric], {metric, false}, nullptr) == Order{4, 0, 3, 2, 1});
    CHECK(table_order(table, columns[metric], {metric, true}, nullptr) == Order{2, 0, 3, 4, 1});
    CHECK(table_order(table, columns[0], {0, false}, nullptr) == Order{4, 3, 2, 1, 0});
    const std::vector<HeadId> some = {{0, 0}, {0, 4}, {0, 9}};
    CHECK(table_order(table, columns[metric], {metric, true}, &some) == Order{0, 4});
    CHECK(cell_text(table.rows[1], columns[metric]).empty());
    CHECK(cell_text(table.rows[2], columns[metric]) == "1.00");
}

TEST_CASE("heads table: a click on a row selects, a click on a column sorts, keys walk") {
    ViewStage stage("heads_table", sample_snapshot({4, 6, 8, 0}));
    stage.harness.click_at("##heads_rows", 0.1f, 0.01f);
    CHECK(stage.taken() == "select 0 0");
    stage.harness.click("sort_head");
    stage.harness.frames(2);
    stage.taken();
    stage.snapshot.selection.head = {0, 0};
    stage.harness.frames(2);
    stage.harness.click_at("##heads_rows", 0.1f, 0.5f);
    const std::string last = stage.taken();
    CHECK(last.starts_with("select "));
    // With the keyboard: Tab until the rows have the focus, then arrows.
    stage.snapshot.selection.head = {2, 2};
    for (int i = 0; i < 60 && !stage.shared.has_list_focus; ++i)
        stage.harness.key(ImGuiKey_Tab);
    REQUIRE(stage.shared.has_list_focus);
    stage.taken();
    stage.harness.key(ImGuiKey_UpArrow);
    CHECK(stage.taken() == "select 2 3");  // sorted downwards
    stage.harness.key(ImGuiKey_End);
    CHECK(stage.taken() == "select 0 0");
}

TEST_CASE("heads table: the expression filters, is typed, and says what is wrong") {
    ViewStage stage("heads_table", finding(sample_snapshot({4, 6, 8, 0}), "layer = 2"));
    SampleValues values(stage.snapshot, SampleValues::Mode::Ready);
    stage.shared.found.update(stage.snapshot, values);
    CHECK(stage.shared.found.heads().size() == 6);
    CHECK(stage.shared.found.opacity({2, 5}) == 1);
    CHECK(stage.shared.found.opacity({1, 5}) < 0.5f);
    stage.harness.frames(2);
    stage.harness.click_at("##heads_rows", 0.1f, 0.01f);
    CHECK(stage.taken() == "select 2 0");
    stage.harness.click("heads_filter");
    stage.harness.type(" and head < 1");
    const std::string asked = stage.taken();
    CHECK(asked.ends_with("find_heads layer = 2 and head < 1"));
    CHECK(asked.find("find_heads layer = 2 and;") == std::string::npos);  // no expression yet
}

TEST_CASE("heads table: survives pending and failed spectra") {
    for (const auto mode : {SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        ViewStage stage("heads_table", sample_snapshot({2, 3, 8, 0}), mode);
        stage.harness.click_at("##heads_rows", 0.1f, 0.01f);
        CHECK(stage.taken() == "select 0 0");
    }
}

TEST_CASE("found tokens: those of the shown text, and none after it is cleared") {
    Snapshot snapshot = sample_snapshot({2, 3, 16, 0});
    FindState state;
    state.words = "cat";
    snapshot.parts.put(state);
    SampleValues values(snapshot, SampleValues::Mode::Ready);
    FoundMarks found;
    found.update(snapshot, values);
    CHECK(found.tokens() == std::vector<int>{1, 9});
    CHECK(found.has_token(9));
    CHECK_FALSE(found.has_token(2));
    snapshot.parts.put(FindState{});
    found.update(snapshot, values);
    CHECK(found.tokens().empty());
}

TEST_CASE("dilution: the card asks for a fact, shows curves and ranked heads, and stops") {
    Snapshot snapshot = sample_snapshot({1, 2, 8, 0});
    {
        ViewStage stage("dilution", snapshot);
        CHECK_FALSE(stage.harness.item("dilution_run").is_enabled);
        stage.harness.click("##dilution_fact");
        stage.harness.type("x");
        stage.harness.click("fact_both");
        stage.harness.click("dilution_run");
        CHECK(stage.taken().starts_with("dilute x 64,"));
    }
    DilutionResult result;
    result.grid = {1, 2};
    result.fact = result.target = sample_tokens(2);
    result.num_slices = 3;
    DilutionExperiment experiment;
    for (const int length : {64, 128, 256}) {
        DilutionLength one;
        one.length = length;
        one.loss = 3;
        DilutionPoint point;
        point.mean[DilutionKind::Fact] = 0.5;
        point.null[DilutionKind::Fact] = 2.0 / length;
        point.mean[DilutionKind::EffectiveKeys] = 4;
        point.null[DilutionKind::EffectiveKeys] = length;
        one.heads = {point, {}};
        experiment.lengths.push_back(one);
    }
    result.experiments = {experiment};
    DilutionState state;
    state.task = sample_task(SampleValues::Mode::Ready, result);
    snapshot.parts.put(state);
    ViewStage stage("dilution", snapshot);
    stage.harness.click("held_L0H0");
    CHECK(stage.taken() == "select 0 0");
    CHECK_FALSE(stage.harness.is_visible("held_L0H1"));
    stage.harness.hover("##dilution_area");
    CHECK(stage.shared.hover.sentence.find("L0H0") != std::string::npos);
    state.task = sample_task(SampleValues::Mode::Pending, result);
    stage.snapshot.parts.put(state);
    stage.harness.frames(2);
    stage.harness.click("dilution_stop");
    CHECK(stage.taken() == "stop_dilution");
}
