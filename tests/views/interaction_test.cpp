// What clicks, keys and the wheel ask for.
#include <doctest/doctest.h>

#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("head grid: a click selects the head under the pointer, shift adds it") {
    ViewStage stage("head_grid", sample_snapshot({4, 6, 8, 0}));
    // 4 + 1 rows and 6 + 1 columns with the means: the middle of the first cell is at about 1/14 of the
    // width.
    stage.harness.click_at("##heads_area", 0.05f, 0.05f);
    CHECK(stage.taken() == "select 0 0");
    stage.harness.hover("##heads_area");
    CHECK(stage.shared.hover.sentence.substr(0, 6) == "Layer ");
}

TEST_CASE("head grid: arrow keys walk, but not while the text is edited") {
    ViewStage stage("head_grid", sample_snapshot({4, 6, 8, 0}));
    stage.harness.key(ImGuiKey_RightArrow);
    CHECK(stage.taken() == "next_head");
    stage.harness.key(ImGuiKey_UpArrow);
    CHECK(stage.taken() == "previous_layer");
    stage.shared.has_text_focus = true;
    stage.harness.key(ImGuiKey_RightArrow);
    CHECK(stage.taken().empty());
}

TEST_CASE("token strip: a click on a chip chooses the query; the hovered token is shared") {
    ViewStage stage("text_box", sample_snapshot({2, 3, 8, 0}));
    stage.harness.click("token2");
    CHECK(stage.taken() == "query 2");
    stage.harness.hover("token1");
    CHECK(stage.shared.hover.token == 1);
    CHECK(stage.shared.hover.sentence.find("“·cat” (1)") != std::string::npos);
}

TEST_CASE("token strip: the switch asks for what tokens receive") {
    ViewStage stage("text_box", sample_snapshot({2, 3, 8, 0}));
    stage.harness.click("strip_gets");
    CHECK(stage.taken() == "strip receives");
}

TEST_CASE("text box: typing sends the whole text at each change") {
    ViewStage stage("text_box", sample_snapshot({2, 3, 2, 0}));
    stage.harness.click("##text");
    stage.taken();
    stage.harness.type("!");
    CHECK(stage.taken() == "text The·cat!");
}

TEST_CASE("heatmap: the cell under the pointer is said as a sentence and chosen by a click") {
    ViewStage stage("heatmap", sample_snapshot({2, 3, 8, 0}));
    stage.harness.frames(3);  // labels settle
    stage.harness.click_at("##heatmap_area", 0.02f, 0.95f);
    CHECK(stage.taken() == "query 7; key 0");
    const float weight = stage.snapshot.text->trace->matrix(0, 0)[7 * 8];
    CHECK(weight > 0);
    CHECK(stage.shared.hover.sentence.find("“·x” (7) gives ") == 0);
    CHECK(stage.shared.hover.sentence.find(" to “The” (0)") != std::string::npos);
}

TEST_CASE("heatmap: a masked cell says so") {
    ViewStage stage("heatmap", sample_snapshot({2, 3, 8, 0}));
    stage.harness.frames(3);
    const ui::RecordedItem area = stage.harness.item("##heatmap_area");
    stage.harness.move_mouse({area.max.x - 4, area.min.y + 4});
    stage.harness.frames(2);
    CHECK(stage.shared.hover.sentence == "“The” (0) cannot see “·x” (7): it comes later");
}

TEST_CASE("heatmap, flow, metrics and top-k: switches are commands") {
    const Snapshot snapshot = sample_snapshot({3, 3, 8, 0});
    const auto clicked = [&snapshot](const char* view, const char* item) {
        ViewStage stage(view, snapshot);
        stage.harness.click(item);
        return stage.taken();
    };
    CHECK(clicked("heatmap", "log") == "weights log");
    CHECK(clicked("flow", "flow_rollout") == "flow rollout");
    CHECK(clicked("metrics", "metrics_model") == "metrics model");
    CHECK(clicked("metrics", "entropy") == "tint entropy");
    CHECK(clicked("top_k", "topk_predicts") == "topk predicts");
    CHECK(clicked("tags", "probe") == "probe");
    ViewStage flow("flow", snapshot);
    flow.harness.click_at("##flow_area", 0.97f, 0.3f);
    CHECK(flow.taken() == "select 2 0");
}

TEST_CASE("status: a running job can be cancelled") {
    Snapshot snapshot = sample_snapshot({2, 2, 4, 0});
    snapshot.job = {JobStatus::State::Running, "Running 4 tokens", "layer 1 of 2", 0.5, true};
    ViewStage stage("status", snapshot, SampleValues::Mode::Ready, 900, 28);
    stage.harness.click("job_cancel");
    CHECK(stage.taken() == "cancel");
}
