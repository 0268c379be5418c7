// The grid's legend, the letters of patterns, and the sentence of a metric.
#include <doctest/doctest.h>

#include <set>

#include "analysis/detector.h"
#include "views/grid/grid_legend.h"
#include "views/grid/tag_style.h"
#include "views/pictures.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("patterns: each has a letter of its own") {
    std::set<char> letters;
    for (const DetectorDescriptor* detector : detectors()) {
        CAPTURE(detector->id);
        CHECK(tag_letter(detector->id) != '?');
        CHECK(letters.insert(tag_letter(detector->id)).second);
    }
}

TEST_CASE("legend: hovering lights a pattern's heads up, a click keeps it, another lets all be seen") {
    LegendFocus focus;
    GridCell with, without;
    with.tags.push_back({"induction", "induction", {}, {}, 1});
    CHECK(focus_opacity(with, focus) == 1);
    CHECK(focus_opacity(without, focus) == 1);
    focus.chosen = "induction";
    CHECK(focus_opacity(with, focus) == 1);
    CHECK(focus_opacity(without, focus) < 0.5f);
    focus.hovered = "self";  // what is pointed at goes before what was clicked
    CHECK(focus_opacity(with, focus) < 0.5f);
}

TEST_CASE("legend: its entries can be pressed in its short form too") {
    ViewStage stage("head_grid", sample_snapshot({24, 12, 20, 0}), SampleValues::Mode::Ready, 330, 620);
    std::string entry;
    for (const ui::RecordedItem& item : stage.harness.recorded_items()) {
        if (item.label.starts_with("##legend_")) entry = item.label;
    }
    if (entry.empty()) return;  // the sample has no pattern
    stage.harness.click(entry);
    CHECK(stage.harness.item(entry).is_selected);
    stage.harness.click(entry);
    CHECK_FALSE(stage.harness.item(entry).is_selected);
}

TEST_CASE("differences: no scale ends nearer to zero than what rounding gives") {
    CHECK(difference_scale(7.7e-8f).hi == kLeastDifference);
    CHECK(difference_scale(0.5f).hi == 0.5f);
    CHECK(no_change_words(0) == "no change");
    CHECK(no_change_words(7.7e-8).find("no change: at most") == 0);
}

TEST_CASE("metrics: a row explains itself in a sentence with this head's number and the null's") {
    ViewStage stage("metrics", sample_snapshot({2, 3, 8, 0}), SampleValues::Mode::Ready, 340, 600);
    stage.harness.hover("mean_distance");
    stage.harness.pass_time(0.6);
    const std::string sentence = stage.harness.item("tooltip").value;
    CHECK(sentence.find("How far back a token looks, on average: ") == 0);
    CHECK(sentence.find(" here, ") != std::string::npos);
    CHECK(sentence.find(" for ") != std::string::npos);
}
