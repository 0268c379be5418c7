// Conformance of every registered view: it draws whatever the snapshot holds.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "views/tokens/shown_run.h"
#include "views/view_stage.h"
#include "views/workspaces/workspace.h"

using namespace headlight;
using namespace headlight::test;

namespace {

void draw_everywhere(const Snapshot& snapshot, SampleValues::Mode mode) {
    for (const float scale : {1.0f, 2.0f}) {
        CAPTURE(scale);
        const ui::ThemeKind theme = scale > 1 ? ui::ThemeKind::Light : ui::ThemeKind::Dark;
        ViewStage stage(nullptr, snapshot, mode, 620 * scale, 480 * scale, theme, scale);
        CHECK(stage.harness.num_vertices() > 0);
        CHECK(stage.num_bad_wishes == 0);
        CHECK(stage.taken().empty());
    }
}

}  // namespace

TEST_CASE("views: ids, titles and help are there, ids differ, each stands in a workspace") {
    std::set<std::string> ids;
    for (const ViewDescriptor* view : views()) {
        CHECK(ids.insert(view->id).second);
        CHECK(std::string(view->title).size() > 2);
        CHECK(std::string(view->help).back() == '.');
        CHECK(find_view(view->id) == view);
        const bool has_place = stands_apart(view->id) || workspace_of_view(view->id, *workspaces()[0]);
        CHECK_MESSAGE(has_place, view->id, " stands in no workspace");
    }
    CHECK(find_view("nothing") == nullptr);
}

TEST_CASE("views: nothing is open") {
    draw_everywhere(Snapshot{}, SampleValues::Mode::Pending);
}

TEST_CASE("views: a model is being opened, or could not be") {
    Snapshot loading;
    loading.job = {JobStatus::State::Running, "Opening sample", "layer 1 of 2", 0.5, true};
    draw_everywhere(loading, SampleValues::Mode::Pending);
    Snapshot failed;
    failed.open_error = Notice{Notice::Level::Error, "no such file", "", 1};
    draw_everywhere(failed, SampleValues::Mode::Pending);
    ViewStage stage("heatmap", failed);
    CHECK(stage.harness.item("state").value == "no such file");
    stage.harness.click("open_state");
    CHECK(stage.taken() == "open_dialog");
}

TEST_CASE("views: one token, with derived values ready, pending and failed") {
    for (const auto mode :
         {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        draw_everywhere(sample_snapshot({1, 1, 1, 0}), mode);
    }
}

TEST_CASE("views: a small text in every mode of the settings") {
    for (const auto mode :
         {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        Snapshot snapshot = sample_snapshot({3, 4, 9, 2});
        draw_everywhere(snapshot, mode);
        snapshot.settings.flow_mode = "rollout";
        snapshot.settings.metrics_scope = "layer";
        snapshot.settings.top_k_mode = "predicts";
        snapshot.settings.strip_direction = "receives";
        snapshot.settings.grid_tint = "entropy";
        snapshot.settings.grid_order = "qk_top5";
        snapshot.settings.weight_scale = WeightScale::Log;
        snapshot.selection.others = {{1, 1}, {2, 0}};
        snapshot.selection.key = 2;
        snapshot.is_stale = true;
        put_probe(snapshot, mode);
        draw_everywhere(snapshot, mode);
    }
}

TEST_CASE("views: replaced attention, an atlas and a training log, in every comparison") {
    for (const Compare compare : {Compare::Before, Compare::After, Compare::Difference}) {
        for (const auto mode :
             {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
            Snapshot snapshot = sample_ablation({3, 4, 9, 2}, compare);
            snapshot.atlas = sample_atlas({3, 4, 9, 2});
            snapshot.training = sample_training();
            snapshot.settings.flow_mode = "rollout";
            snapshot.settings.flow_method = "max_flow";
            snapshot.settings.grid_tint = kAblationTint;
            snapshot.selection.key = 1;
            draw_everywhere(snapshot, mode);
        }
        draw_everywhere(sample_ablation({2, 2, 150, 0}, compare), SampleValues::Mode::Ready);
    }
    Snapshot pending = sample_snapshot({2, 2, 6, 0});
    pending.interventions = sample_ablation({2, 2, 6, 0}, Compare::After).interventions;
    pending.is_ablation_pending = true;
    draw_everywhere(pending, SampleValues::Mode::Ready);
}

TEST_CASE("views: titles say which run they show") {
    const Snapshot plain = sample_snapshot({2, 2, 6, 0});
    CHECK(titled("Metrics", plain) == "Metrics");
    CHECK(run_words(plain, true).empty());
    const Snapshot changed = sample_ablation({2, 2, 6, 0}, Compare::Difference);
    CHECK(titled("Heatmap", changed, true) == "Heatmap · difference");
    CHECK(titled("Metrics", changed) == "Metrics · after");
    CHECK(run_words(changed, true).find("L1H0: uniform attention") != std::string::npos);
    Snapshot pending = plain;
    pending.interventions = changed.interventions;
    pending.is_ablation_pending = true;
    CHECK(titled("Metrics", pending) == "Metrics · before");
    CHECK(run_words(pending, false).find("being computed") != std::string::npos);
}

TEST_CASE("views: many heads") {
    draw_everywhere(sample_snapshot({48, 25, 12, 5}), SampleValues::Mode::Ready);
}

TEST_CASE("views: a long text") {
    draw_everywhere(sample_snapshot({2, 2, 700, 0}), SampleValues::Mode::Ready);
    draw_everywhere(sample_snapshot({2, 2, 700, 0}), SampleValues::Mode::Pending);
}

TEST_CASE("views: cards of every size draw, down to nothing") {
    const Snapshot snapshot = sample_snapshot({4, 6, 30, 2});
    for (const ImVec2 size :
         {ImVec2{1, 1}, ImVec2{40, 30}, ImVec2{200, 90}, ImVec2{90, 700}, ImVec2{1900, 120}}) {
        ViewStage stage(nullptr, snapshot, SampleValues::Mode::Ready, size.x, size.y);
        stage.harness.frames(2);
        CHECK(stage.num_bad_wishes == 0);
    }
}
