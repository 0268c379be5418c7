// Rows of numbers: where they stand, and that odd values break nothing.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

TEST_CASE("rows: one below the other, clickable, with their value noted") {
    UiHarness ui(400, 600);
    int clicked = -1;
    ui.draw = [&] {
        if (metric_row({.label = "entropy##entropy",
                        .value = "0.64",
                        .unit = "nats",
                        .fraction = 0.2,
                        .reference = 0.7})
                .is_clicked)
            clicked = 0;
        if (bar_row({.id = "key0", .label = "\xC2\xB7to", .suffix = "13", .value = "60.3 %", .fraction = 0.6})
                .is_clicked)
            clicked = 1;
        const Column columns[] = {{"pattern", 1}, {"score", 0, 46, true}};
        const Cell cells[] = {{.text = "previous token", .dot = 1}, {.text = "0.76"}};
        table_header(columns);
        if (table_row("pattern0", columns, cells).is_clicked) clicked = 2;
    };
    ui.frames(2);
    CHECK(ui.item("entropy").value == "0.64");
    CHECK(ui.item("key0").min.y == ui.item("entropy").max.y);
    CHECK(ui.item("pattern0").min.y == ui.item("key0").max.y + kRowHeight);
    ui.click("key0");
    CHECK(clicked == 1);
    ui.click("pattern0");
    CHECK(clicked == 2);
    ui.click("entropy");
    CHECK(clicked == 0);
}

TEST_CASE("rows: values that are not numbers, and no room at all, draw without harm") {
    UiHarness ui(400, 600);
    const double bad[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                          -1, 1e300};
    ui.draw = [&] {
        for (const double value : bad) {
            metric_row({.label = "x", .value = "-", .fraction = value, .reference = value});
            bar_row({.id = "y",
                     .label = "a label that is much longer than its row could ever be",
                     .value = "1",
                     .fraction = value});
            draw_bar(ImGui::GetWindowDrawList(), {10, 10}, 0, value, value, colors().text);
        }
        const float odd[] = {std::numeric_limits<float>::quiet_NaN(), 2, -1};
        const AreaSeries series[] = {{odd, colors().third}, {odd, colors().other}};
        draw_stacked_areas(ImGui::GetWindowDrawList(), {0, 0}, {100, 100}, series);
        draw_ribbon(ImGui::GetWindowDrawList(), {10, 10}, {10, 500}, 0, 0, colors().second);
        status_line({0, 500}, 50, "a long sentence", "another one");
    };
    for (const float width : {400.0f, 60.0f, 5.0f}) {
        ui.resize(width, 600);
        CHECK(ui.num_vertices() > 0);
        const ImDrawData* data = ImGui::GetDrawData();
        for (int i = 0; i < data->CmdListsCount; ++i) {
            for (const ImDrawVert& vertex : data->CmdLists[i]->VtxBuffer) {
                REQUIRE(std::isfinite(vertex.pos.x));
                REQUIRE(std::isfinite(vertex.pos.y));
            }
        }
    }
}

TEST_CASE("progress: cancel is reported, unknown length asks for frames") {
    UiHarness ui(400, 600);
    int cancelled = 0;
    double fraction = 0.4;
    ui.draw = [&] {
        cancelled += progress({.stage = "loading", .fraction = fraction, .cancel = "Cancel##job"}) ? 1 : 0;
    };
    ui.frames(2);
    ui.click("job");
    CHECK(cancelled == 1);
    ui.move_mouse({390, 590});
    ui.pass_time(1);
    CHECK(ui.kit().redraw_at == 0);
    fraction = -1;
    ui.frames(1);
    CHECK(ui.kit().redraw_at > 0);
}
