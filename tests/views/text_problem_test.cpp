// A text that a model does not take: empty cards with the reason and a button, or the last picture with its
// name.
#include <doctest/doctest.h>

#include "views/tokens/shown_run.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// A model that has run nothing, and why.
Snapshot refused(TextProblem problem) {
    Snapshot snapshot = sample_snapshot({1, 4, 3, 0});
    snapshot.typed_text = "When Mary and John";
    snapshot.text = snapshot.base_text = nullptr;
    snapshot.kinds.clear();
    snapshot.text_problem = std::make_shared<const TextProblem>(std::move(problem));
    return snapshot;
}

TextProblem too_long() {
    return {.reason = "the text has 27 tokens, but add takes at most 3; shorten it by 24",
            .fitting = "35=",
            .fitting_origin = "a sample of its vocabulary"};
}

}  // namespace

TEST_CASE("text problem: the middle card says why and offers a text that fits") {
    ViewStage stage("heatmap", refused(too_long()));
    const std::string said = stage.harness.item("state").value;
    CHECK(said.find("The text has 27 tokens, but add takes at most 3; shorten it by 24.") == 0);
    CHECK(said.find("A text that fits (a sample of its vocabulary)") != std::string::npos);
    CHECK(stage.harness.item("state_quoted").value == "“35=”");
    stage.harness.click("fitting_text");
    CHECK(stage.taken() == "fitting_text");
}

TEST_CASE("text problem: under a text that is too long stand buttons that cut it or run it all the same") {
    TextProblem problem{.reason = "the text has 27 tokens, but add was made for at most 3"};
    problem.can_cut = problem.can_run_beyond = true;
    ViewStage stage("text_box", refused(problem));
    CHECK(stage.harness.item("left_over").value.find("Not run: the text has 27 tokens") == 0);
    stage.harness.click("cut_end");
    CHECK(stage.taken() == "cut end");
    stage.harness.click("cut_start");
    CHECK(stage.taken() == "cut start");
    stage.harness.click("run_beyond");
    CHECK(stage.taken() == "beyond on");
}

TEST_CASE("text problem: the other cards stay quiet") {
    for (const char* quiet : {"head_grid", "flow", "metrics", "tags", "top_k", "ablation", "head_map"}) {
        CAPTURE(quiet);
        ViewStage stage(quiet, refused(too_long()));
        CHECK(stage.harness.item("state").value == "The text was not run.");
    }
}

TEST_CASE("text problem: what failed for another reason can be run again") {
    ViewStage stage("heatmap",
                    refused({.reason = "The run of this text was cancelled.", .may_run_again = true}));
    CHECK(stage.harness.item("state").value == "The run of this text was cancelled.");
    stage.harness.click("run_again");
    CHECK(stage.taken() == "text When Mary and John");
}

TEST_CASE("text problem: where nothing fits, another model can be opened") {
    ViewStage stage("heatmap", refused({.reason = "nothing fits"}));
    CHECK(stage.harness.item("state").value == "Nothing fits.");
    stage.harness.click("open_state");
    CHECK(stage.taken() == "open_dialog");
}

TEST_CASE("text problem: every view draws it, at every size") {
    for (const ImVec2 size : {ImVec2{1, 1}, ImVec2{90, 60}, ImVec2{300, 200}, ImVec2{1200, 800}}) {
        ViewStage stage(nullptr, refused(too_long()), SampleValues::Mode::Ready, size.x, size.y);
        CHECK(stage.num_bad_wishes == 0);
    }
}

TEST_CASE("text problem: the last picture of the same model says which text it is of") {
    Snapshot snapshot = sample_snapshot({2, 3, 6, 0});
    CHECK(left_over_words(snapshot).empty());
    const std::string before = snapshot.text->tokens.text;
    snapshot.typed_text = "one too many";
    snapshot.is_stale = true;
    CHECK(left_over_words(snapshot).empty());  // still on its way
    snapshot.text_problem = std::make_shared<const TextProblem>(
        TextProblem{.reason = "the text has 17 tokens", .may_run_again = true});
    CHECK(with_run(snapshot, "7 heads").find("of the text before · 7 heads") == 0);
    ViewStage stage("text_box", snapshot);
    const std::string said = stage.harness.item("left_over").value;
    CHECK(said.find("the text has 17 tokens") != std::string::npos);
    CHECK(said.find(before) != std::string::npos);
    stage.harness.click("run_again");
    CHECK(stage.taken() == "text one too many");
}

TEST_CASE("atlas: of an encoder, says nothing about the heads of decoder and cross attention") {
    for (const AttentionKind kind : {AttentionKind::Encoder, AttentionKind::Decoder, AttentionKind::Cross}) {
        Snapshot snapshot = sample_kinds({2, 3, 8, 0}, 4, kind);
        snapshot.atlas = sample_atlas({2, 3, 8, 0});
        CHECK((snapshot.shown_atlas() != nullptr) == (kind == AttentionKind::Encoder));
        ViewStage stage(nullptr, snapshot);
        CHECK(stage.harness.num_vertices() > 0);
    }
}
