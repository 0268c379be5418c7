// The cards of workspace Cause, and the weights shown in the others.
#include <doctest/doctest.h>

#include "views/cause/lens_map.h"
#include "views/cause/patch_picture.h"
#include "views/grid/grid_model.h"
#include "views/grid/thumbnails.h"
#include "views/heatmap/heat_source.h"
#include "views/view_stage.h"
#include "views/weights/weight_words.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr SampleSize kSize{3, 4, 8};

Snapshot asked_snapshot() {
    Snapshot snapshot = sample_snapshot(kSize);
    put_question(snapshot);
    return snapshot;
}

HeatSource source_of(const Snapshot& snapshot, const std::vector<HeadId>& heads) {
    HeatSource source;
    SampleValues values(snapshot, SampleValues::Mode::Ready);
    source.update(snapshot, values, heads, false);
    return source;
}

}  // namespace

TEST_CASE("numbers: signed values always have a sign, a zero none") {
    CHECK(format_signed(2.866) == "+2.87");
    CHECK(format_signed(-0.04) == "−0.04");
    CHECK(format_signed(0.001) == "0.00");
    CHECK(format_weight(WeightsShown::Effect, -0.0123) == "−0.0123");
    CHECK(format_weight(WeightsShown::NoSink, 0.5) == format_percent(0.5));
}

TEST_CASE("weights shown: the heatmap's cells, sums and ranges") {
    Snapshot snapshot = sample_snapshot(kSize);
    const std::vector<float> raw = snapshot.text->trace->matrix(1, 2);
    show_weights(snapshot, WeightsShown::NoSink);
    const HeatSource no_sink = source_of(snapshot, {{1, 2}});
    REQUIRE(no_sink.is_exact());
    CHECK(*no_sink.value(5, 3) == doctest::Approx(raw[43] / (1 - raw[40])));
    CHECK(*no_sink.value(5, 0) == 0);
    CHECK(no_sink.rests(0));
    CHECK_FALSE(no_sink.rests(5));
    CHECK(no_sink.row_sums()[5] == doctest::Approx(raw[40]));
    CHECK(no_sink.sink_keys() == std::vector<int>{0});

    show_weights(snapshot, WeightsShown::Effect);
    const HeatSource effect = source_of(snapshot, {{1, 2}});
    CHECK(effect.is_signed());
    CHECK(*effect.value(5, 3) == doctest::Approx(-raw[43]));  // layer 1: 2 × −0.5
    float sum = 0, largest = 0;
    for (int key = 0; key < 8; ++key) {
        sum += *effect.value(5, key);
        for (int query = 0; query < 8; ++query)
            largest = std::max(largest, std::abs(*effect.value(query, key)));
    }
    CHECK(effect.row_sums()[5] == doctest::Approx(sum));
    CHECK(effect.largest() == largest);
    CHECK(effect.row_kept(5) < 1);

    show_weights(snapshot, WeightsShown::Norm);
    const HeatSource norm = source_of(snapshot, {{1, 2}});
    CHECK_FALSE(norm.is_signed());
    CHECK(norm.row_sums().empty());
    CHECK(*norm.value(5, 3) == doctest::Approx(raw[43] * 2 * 4 * 3));
}

TEST_CASE("weights shown: a mean of heads without the sink leaves out rows that rest") {
    Snapshot snapshot = sample_snapshot(kSize);
    show_weights(snapshot, WeightsShown::NoSink);
    const HeatSource mean = source_of(snapshot, {{1, 0}, {1, 1}});
    const float a = source_of(snapshot, {{1, 0}}).value(6, 2).value(),
                b = source_of(snapshot, {{1, 1}}).value(6, 2).value();
    CHECK(*mean.value(6, 2) == doctest::Approx((a + b) / 2));
    std::vector<float> row;
    mean_attention_row(snapshot.shown_trace(), {{1, 0}, {1, 1}}, 6, row);
    CHECK(row[2] == doctest::Approx((a + b) / 2));
    const Thumbnail picture = head_thumbnail(snapshot.shown_trace(), {1, 0});
    CHECK(picture.is_out[0]);
    CHECK(std::isnan(picture.values[0]));
    CHECK(picture.values[6 * 8 + 2] == doctest::Approx(a));
}

TEST_CASE("weights shown: the switch, its words and why something is not shown") {
    Snapshot snapshot = asked_snapshot();
    snapshot.settings.weights_shown = WeightsShown::Norm;
    snapshot.picture.why_not = "they are being measured";
    CHECK(shown_words(snapshot) == "plain weights; “as written” is not shown: they are being measured");
    ViewStage stage("heatmap", snapshot, SampleValues::Mode::Ready, 1000, 600);
    stage.harness.click("weights_no-sink");
    CHECK(stage.taken() == "weights no-sink");
    stage.harness.click("weights_effect");
    CHECK(stage.taken() == "weights effect");
    show_weights(snapshot, WeightsShown::Effect);
    snapshot.picture.why_not.clear();
    CHECK(shown_words(snapshot).find("·Mary − ·John") != std::string::npos);
}

TEST_CASE("cards about an answer say what to do without one, and survive every state of their values") {
    for (const char* id : {"parts", "contributions", "circuit", "patching", "question", "lens"}) {
        for (const auto mode :
             {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
            INFO(id);
            for (const Snapshot& snapshot : {sample_snapshot(kSize), asked_snapshot()}) {
                ViewStage stage(id, snapshot, mode, 348, 320);
                CHECK(stage.taken().empty());
            }
        }
    }
}

TEST_CASE("contributions: largest first, others together, a click chooses the head") {
    ViewStage stage("contributions", asked_snapshot(), SampleValues::Mode::Ready, 348, 330);
    // Heads of layer 2 with 3 (H - 1): H3 gives 6, the largest.
    stage.harness.click("part_L2H3");
    CHECK(stage.taken() == "select 2 3");
    CHECK(stage.shared.hover.sentence.find("L2H3 adds +6.00") != std::string::npos);
}

TEST_CASE("all parts: a click chooses the head under it") {
    ViewStage stage("parts", asked_snapshot(), SampleValues::Mode::Ready, 380, 700);
    stage.harness.click_at("##parts", 0.02f, 0.98f);
    CHECK(stage.taken() == "select 2 0");
}

TEST_CASE("question: chips, the list of likely answers, the metric") {
    ViewStage stage("question", asked_snapshot(), SampleValues::Mode::Ready, 900, 50);
    stage.harness.click("metric_kl");
    CHECK(stage.taken() == "answer_metric kl");
    stage.harness.click("question_answer");
    stage.harness.frames(2);
    stage.harness.click("answer_5");
    CHECK(stage.taken() == "question 7 id:5 id:3; query_token 7");
}

TEST_CASE("lens: rows with words around the focus, strips elsewhere; columns hold the chosen token") {
    const auto rows = place_lens_rows(31, 300, 17, 2, 30);
    CHECK(rows.size() == 31);
    CHECK(rows[30].has_words);
    CHECK_FALSE(rows[0].has_words);
    CHECK(rows[30].y + rows[30].height == doctest::Approx(300));
    CHECK(rows[0].height >= 2);
    const auto middle = place_lens_rows(31, 300, 17, 2, 10);
    CHECK(middle[10].has_words);
    CHECK_FALSE(middle[30].has_words);
    const auto few = place_lens_rows(3, 300, 17, 2, 0);
    CHECK(few[0].has_words);
    CHECK(few[0].height < 30);
    const LensColumns columns = place_lens_columns(200, 400, 40, 90, 150, 0);
    CHECK(columns.count == 10);
    CHECK(columns.first == 141);
    CHECK(place_lens_columns(4, 400, 40, 90, 2, 0).width == 90);
}

TEST_CASE("patching: effects on one scale, order and what a cell at random gives") {
    Snapshot snapshot = asked_snapshot();
    put_patching(snapshot);
    PatchEffects effects;
    refresh_patch_effects(effects, snapshot.part<PatchingState>(), AnswerMetric::Difference);
    // Cell (l, h) recovers (1 + l) / (2 + h).
    CHECK(*effects.effects[0] == doctest::Approx(0.5));
    CHECK(effects.map->cells[effects.order[0]] == PatchCell{PatchSite::Head, 2, 0, -1});
    CHECK(effects.largest == doctest::Approx(1.5));
    CHECK(*effects.low <= *effects.middle);
    CHECK(*effects.middle <= *effects.high);
    ViewStage stage("patching", snapshot, SampleValues::Mode::Ready, 348, 330);
    stage.harness.click_at("##patch_map", 0.98f, 0.05f);
    CHECK(stage.taken() == "select 2 0");
    CHECK(stage.shared.hover.sentence.find("recovers +1.500") != std::string::npos);
}

TEST_CASE("chosen edge: heads are tinted by what they give along it, and ordered") {
    Snapshot snapshot = sample_snapshot(kSize);
    std::vector<float> edge(12);
    for (std::size_t i = 0; i < edge.size(); ++i)
        edge[i] = static_cast<float>((i * 5) % 12);
    const GridModel tinted = make_grid_model({snapshot, nullptr, kEdgeTint, "layer", &edge, "3 to 1"});
    CHECK(tinted.is_tinted);
    CHECK(tinted.tint_label == "3 to 1");
    CHECK(*tinted.at(1, 2).tint_value == edge[6]);
    const GridModel ordered = make_grid_model({snapshot, nullptr, "none", kEdgeTint, &edge, {}});
    CHECK(ordered.is_sorted);
    CHECK(ordered.at(0, 0).head == HeadId{1, 3});  // index 7: 35 mod 12 = 11
    const GridModel by_pattern =
        make_grid_model({snapshot, nullptr, "first_token", "first_token", nullptr, {}});
    CHECK(by_pattern.is_tinted);
    CHECK(*by_pattern.at(0, 0).tint_value >= *by_pattern.at(0, 1).tint_value);
}

TEST_CASE("heatmap: Ctrl adds a query to the edge, a second click on the chosen cell lets it go") {
    Snapshot snapshot = sample_snapshot(kSize);
    snapshot.selection.query = 7;
    ViewStage stage("heatmap", snapshot, SampleValues::Mode::Ready, 900, 700);
    stage.harness.click_at("##heatmap_area", 0.19f, 0.69f);
    CHECK(stage.taken() == "query 5; key 1");
    stage.snapshot.selection.query = 5;
    stage.snapshot.selection.key = 1;
    stage.harness.frames(1);
    stage.harness.click_at("##heatmap_area", 0.19f, 0.69f);
    CHECK(stage.taken() == "query 5; key none");
    ImGui::GetIO().KeyCtrl = true;
    stage.harness.click_at("##heatmap_area", 0.19f, 0.44f);
    CHECK(stage.taken() == "add_query 3; key 1");
    ImGui::GetIO().KeyCtrl = false;
}
