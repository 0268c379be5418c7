// What clicks, keys and the wheel ask for.
#include <doctest/doctest.h>

#include "views/format.h"
#include "views/panels/sweep_list.h"
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
    CHECK(clicked("flow", "flow_rollout") == "flow_method rollout");
    CHECK(clicked("flow", "flow_value") == "flow_method value_weighted");
    CHECK(clicked("flow", "flow_max") == "flow_method max_flow");
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

TEST_CASE("head grid: a right click replaces the attention of the head under the pointer") {
    ViewStage stage("head_grid", sample_snapshot({4, 6, 8, 0}));
    const ui::RecordedItem area = stage.harness.item("##heads_area");
    stage.harness.move_mouse({area.min.x + 12, area.min.y + 12});
    stage.harness.press_mouse(1);
    stage.harness.frames(2);
    for (const char* mode : {"ablate_uniform", "ablate_local", "ablate_previous", "ablate_first",
                             "ablate_identity", "ablate_zero", "ablate_mean"})
        CHECK(stage.harness.is_visible(mode));
    CHECK_FALSE(stage.harness.is_visible("clear_all"));
    stage.harness.click("ablate_zero");
    CHECK(stage.taken() == "ablate zero 0 0");
}

TEST_CASE(
    "head grid: a right click on a layer's label replaces the whole layer; replaced heads can be cleared") {
    ViewStage stage("head_grid", sample_ablation({4, 6, 8, 0}, Compare::After));
    const ui::RecordedItem area = stage.harness.item("##heads_area"),
                           labels = stage.harness.item("##layer_labels");
    stage.harness.move_mouse(
        {(labels.min.x + labels.max.x) / 2, area.min.y + (area.max.y - area.min.y) * 0.12f});
    stage.harness.press_mouse(1);
    stage.harness.frames(2);
    stage.harness.click("ablate_uniform");
    const std::string taken = stage.taken();
    CHECK(taken.substr(0, 21) == "ablate uniform layer ");
    stage.harness.move_mouse({(labels.min.x + labels.max.x) / 2, area.min.y + 12});
    stage.harness.press_mouse(1);
    stage.harness.frames(2);
    CHECK_FALSE(stage.harness.is_visible("clear_head"));  // layer 0 has its own attention
    stage.harness.click("clear_all");
    CHECK(stage.taken() == "clear_ablation");
}

TEST_CASE("heatmap: a right click cuts the edge, rests the row, or replaces the head") {
    const auto clicked = [](const char* item) {
        ViewStage stage("heatmap", sample_snapshot({2, 3, 8, 0}));
        stage.harness.frames(3);
        const ui::RecordedItem area = stage.harness.item("##heatmap_area");
        const ImVec2 size{area.max.x - area.min.x, area.max.y - area.min.y};
        stage.harness.move_mouse({area.min.x + 0.4f * size.x, area.min.y + 0.95f * size.y});
        stage.harness.press_mouse(1);
        stage.harness.frames(2);
        stage.harness.click(item);
        return stage.taken();
    };
    CHECK(clicked("cut_edge") == "knock_out 7 3");
    CHECK(clicked("cut_but") == "knock_out 7 but 3");
    CHECK(clicked("rest_row") == "knock_out 7 but 0");
    CHECK(clicked("self_row") == "knock_out 7 but 7");
    CHECK(clicked("previous_row") == "knock_out 7 but 6");
    CHECK(clicked("ablate_uniform") == "ablate uniform selected");
}

TEST_CASE("heatmap: a difference says both weights and the change") {
    ViewStage stage("heatmap", sample_ablation({2, 3, 8, 0}, Compare::Difference));
    stage.harness.frames(3);
    stage.harness.click_at("##heatmap_area", 0.02f, 0.95f);
    const float before = stage.snapshot.base_text->trace->matrix(0, 0)[7 * 8],
                after = stage.snapshot.text->trace->matrix(0, 0)[7 * 8];
    REQUIRE(before != after);
    const std::string& sentence = stage.shared.hover.sentence;
    CHECK(sentence.find(format_percent(before) + " before") != std::string::npos);
    CHECK(sentence.find(format_percent(after) + " after") != std::string::npos);
    CHECK(sentence.find(after < before ? "−" : "+") != std::string::npos);
}

TEST_CASE("ablation: switches, buttons and ranked heads are commands; without anything it says what to do") {
    const Snapshot snapshot = sample_ablation({2, 3, 8, 0}, Compare::After);
    const auto clicked = [&snapshot](const char* item) {
        ViewStage stage("ablation", snapshot, SampleValues::Mode::Ready, 420, 900);
        stage.harness.click(item);
        return stage.taken();
    };
    CHECK(clicked("card_before") == "compare before");
    CHECK(clicked("card_difference") == "compare difference");
    CHECK(clicked("ablation_undo") == "undo");
    CHECK(clicked("ablation_clear") == "clear_ablation");
    CHECK(clicked("ablation_sweep") == "ablation_sweep");
    CHECK(clicked("remove_0") == "clear_ablation 1 0");
    CHECK(clicked("sweep_L1H1") == "select 1 1");
    ViewStage empty("ablation", sample_snapshot({2, 3, 8, 0}), SampleValues::Mode::Ready, 420, 900);
    CHECK(empty.harness.item("state").value.find("Right-click a head") == 0);
}

TEST_CASE("ablation: ranked by effect, what hurts most first") {
    const Snapshot snapshot = sample_ablation({2, 3, 8, 0}, Compare::After);
    const auto ranked = ranked_effects(*snapshot.sweep);
    REQUIRE(ranked.size() == 6);
    CHECK(ranked.front().heads[0] == HeadId{1, 1});  // 0.03
    CHECK(ranked.back().delta == doctest::Approx(-0.01));
}

TEST_CASE("atlas: a click on a tagged head selects it; of another model it says so and selects nothing") {
    Snapshot snapshot = sample_snapshot({2, 3, 8, 0});
    snapshot.atlas = sample_atlas({2, 3, 8, 0});
    const auto clicked = [&snapshot] {
        ViewStage stage("atlas", snapshot, SampleValues::Mode::Ready, 380, 600);
        stage.harness.click("atlas_L0H1_induction");
        return stage.taken();
    };
    CHECK(clicked() == "select 0 1");
    snapshot.atlas_mismatch = "This atlas is of another model.";
    CHECK(clicked().empty());
}

TEST_CASE("head map: a click near a dot selects a head") {
    ViewStage stage("head_map", sample_snapshot({2, 3, 12, 0}));
    stage.harness.frames(2);
    const ui::RecordedItem area = stage.harness.item("##map_area");
    // Both axes end at a dot: some dot lies on the left edge of the cloud, somewhere along it.
    std::string taken;
    for (float x = area.min.x; x < area.max.x && taken.empty(); x += 14) {
        for (float y = area.min.y; y < area.max.y && taken.empty(); y += 14) {
            stage.harness.move_mouse({x, y});
            stage.harness.press_mouse();
            taken = stage.taken();
        }
    }
    CHECK(taken.substr(0, 7) == "select ");
}

TEST_CASE("flow: a click on the input side chooses the token that paths lead to") {
    Snapshot snapshot = sample_snapshot({3, 3, 8, 0});
    snapshot.settings.flow_mode = "rollout";
    ViewStage stage("flow", snapshot);
    stage.harness.click_at("##ribbon_area", 0.05f, 0.5f);
    CHECK(stage.taken().substr(0, 4) == "key ");
    stage.harness.click_at("##ribbon_area", 0.6f, 0.5f);
    CHECK(stage.taken().substr(0, 6) == "query ");
}

TEST_CASE("flow: maximum flow is refused for long texts, with the reason") {
    ViewStage stage("flow", sample_snapshot({2, 2, 70, 0}));
    stage.harness.click("flow_max");
    CHECK(stage.taken().empty());
    CHECK_FALSE(stage.harness.item("flow_max").is_enabled);
}

TEST_CASE("interaction: a double click fits the heatmap and gives back what its first click has changed") {
    ViewStage stage("heatmap", sample_snapshot({2, 3, 8, 0}));
    stage.taken();
    stage.harness.double_click("##heatmap_area");
    const std::string asked = stage.taken();
    CHECK(asked.find("query 4") == 0);
    CHECK(asked.ends_with("query 7; key none"));
}

TEST_CASE("interaction: a zoomed heatmap brings the top key of a query into sight") {
    ViewStage stage("heatmap", sample_snapshot({2, 2, 120, 0}));
    const ui::RecordedItem area = stage.harness.item("##heatmap_area");
    stage.harness.move_mouse({area.max.x - 2, area.max.y - 2});
    for (int i = 0; i < 12; ++i)
        stage.harness.wheel(2);
    stage.snapshot.selection.query = 3;  // all its keys are at the far left
    stage.harness.move_mouse({0, 0});
    stage.harness.frames(3);
    stage.taken();
    stage.harness.click_at("##heatmap_area", 0.01f, 0.5f);
    const std::string asked = stage.taken();
    const std::size_t key = asked.find("key ");
    REQUIRE(key != std::string::npos);
    CHECK(std::stoi(asked.substr(key + 4)) <= 3);
}
