// The chosen head as lines and as q·k: what pointer and keys ask for, what is said, what is drawn of many
// lines.
#include <doctest/doctest.h>

#include "views/grid/line_thumbnails.h"
#include "views/lines/head_colors.h"
#include "views/lines/lines_camera.h"
#include "views/lines/lines_picture.h"
#include "views/qk/qk_plot.h"
#include "views/qk/qk_table.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Snapshot sample_form(const char* form, const SampleSize& size = {2, 3, 8, 0}) {
    Snapshot snapshot = sample_snapshot(size);
    snapshot.settings.head_form = form;
    return snapshot;
}

bool says(const ViewStage& stage, const std::string& words) {
    return stage.shared.hover.sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("forms: the switch and the keys 1, 2 and 3 choose one, but not while the text is edited") {
    ViewStage stage("heatmap", sample_form("matrix"));
    stage.harness.click("form_lines");
    CHECK(stage.taken() == "form lines");
    ImGui::GetIO().KeysDown['3'] = true;
    stage.harness.frames(1);
    ImGui::GetIO().KeysDown['3'] = false;
    stage.harness.frames(1);
    CHECK(stage.taken().find("form qk") != std::string::npos);
    stage.shared.has_text_focus = true;
    ImGui::GetIO().KeysDown['2'] = true;
    stage.harness.frames(1);
    ImGui::GetIO().KeysDown['2'] = false;
    CHECK(stage.taken().empty());
}

TEST_CASE("lines: a click on the left chooses the query, on the right the key; both say a sentence") {
    ViewStage stage("heatmap", sample_form("lines"));
    stage.harness.click_at("##lines_area", 0.3f, 0.02f);
    CHECK(stage.taken() == "query 0");
    stage.harness.click_at("##lines_area", 0.85f, 0.02f);
    CHECK(stage.taken() == "key 0");
    CHECK(says(stage, "arrive"));
    stage.harness.click_at("##lines_area", 0.3f, 0.4f);
    CHECK(says(stage, "gives"));
    CHECK(stage.shared.hover.shown.find("lines") != std::string::npos);
}

TEST_CASE("lines: the chip of an added head takes it out again") {
    Snapshot snapshot = sample_form("lines");
    snapshot.selection.others = {{1, 2}};
    ViewStage stage("heatmap", snapshot);
    stage.harness.click("lines_L1H2");
    CHECK(stage.taken() == "add_head 1 2");
    stage.harness.click("lines_L0H0");
    CHECK(stage.taken().empty());
}

TEST_CASE("forms: pending and failed values are said, nothing is drawn of another head") {
    for (const auto mode : {SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        for (const char* form : {"lines", "qk"}) {
            ViewStage stage("heatmap", sample_form(form), mode);
            CHECK(stage.harness.num_vertices() > 0);
            CHECK(stage.taken().empty());
        }
    }
}

TEST_CASE("lines: camera fits few tokens, scrolls many, zooms about the pointer, reveals") {
    LinesCamera camera;
    camera.resize(14, 320, 21);
    CHECK(camera.is_fitted());
    CHECK_FALSE(camera.can_scroll());
    camera.resize(2000, 320, 21);
    CHECK(camera.can_scroll());
    CHECK(camera.pitch() == doctest::Approx(21));
    camera.reveal(1500);
    CHECK(camera.row_at(319) == 1500);
    camera.scroll(-1e9);
    CHECK(camera.first() == doctest::Approx(0));
    camera.scroll(2100);
    CHECK(camera.row_at(0) == 100);
    const int row = camera.row_at(160);
    camera.zoom_at(160, 0.5);
    CHECK(camera.row_at(160) == row);
    camera.fit_all();
    CHECK(camera.num_visible() == doctest::Approx(2000));
    camera.scroll(5000);
    CHECK(camera.first() == doctest::Approx(0));
}

TEST_CASE("lines: of many lines the largest are drawn, of low rows bundles") {
    Snapshot snapshot = sample_form("lines", {1, 2, 200, 0});
    snapshot.selection.others = {{0, 1}};
    SampleValues values(snapshot, SampleValues::Mode::Ready);
    Actions actions;
    ViewShared shared;
    ViewState state;
    ViewStage kit("heatmap", sample_form("lines"));  // colours and scale
    ViewContext context{snapshot, values, actions, shared, nullptr, state, {0, 0}, {900, 640}};
    LinesData data;
    data.update(context);
    REQUIRE(data.heads().size() == 2);
    CHECK(data.num_lines() > kMostCurves);
    LinesView view{0, 20, 600, 4000, data.generation(), data.subject(), {}, 1};
    const ChosenCurves all = choose_curves(data, view);
    CHECK(all.cell == 1);
    CHECK(all.curves.size() == kMostCurves);
    CHECK(all.num_there == data.num_lines());
    for (std::size_t i = 1; i < all.curves.size(); ++i)
        CHECK(all.curves[i].color.a >= all.curves[i - 1].color.a);
    // A window of ten rows: only lines that begin or end in it.
    view.first = 50;
    view.height_px = 200;
    const ChosenCurves some = choose_curves(data, view);
    CHECK(some.num_there < all.num_there);
    for (const gfx::LineCurve& curve : some.curves) {
        const bool begins = curve.from >= -2 && curve.from <= 202, ends = curve.to >= -2 && curve.to <= 202;
        CHECK((begins || ends));
    }
    view = {0, 1, 600, 200, data.generation(), data.subject(), {}, 1};
    CHECK(choose_curves(data, view).cell == 4);
}

TEST_CASE("lines: eight heads have colours of their own, none of them the accent") {
    for (const ui::ThemeKind theme : {ui::ThemeKind::Dark, ui::ThemeKind::Light}) {
        const ui::Colors& colors = ui::theme_colors(theme);
        for (int i = 0; i < kMostColoredHeads; ++i) {
            CHECK_FALSE(head_color(colors, i) == colors.accent);
            for (int j = 0; j < i; ++j)
                CHECK_FALSE(head_color(colors, i) == head_color(colors, j));
        }
    }
    Selection selection;
    selection.head = {0, 0};
    selection.others = {{1, 1}, {0, 0}, {2, 2}};
    const ui::Colors& colors = ui::theme_colors(ui::ThemeKind::Dark);
    CHECK(colored_heads(selection).size() == 3);
    CHECK_FALSE(color_of_added(colors, selection, {0, 0}));
    CHECK(*color_of_added(colors, selection, {2, 2}) == head_color(colors, 2));
}

TEST_CASE("thumbnails: lines go from the query's row to the key's, the first column is none") {
    Thumbnail picture{4, 4, std::vector<float>(16, 0.0f), {}};
    picture.values[3 * 4 + 0] = 0.6f;
    picture.values[3 * 4 + 1] = 0.4f;
    const auto at = [](const Thumbnail& lines, int row, int col) {
        return lines.values[static_cast<std::size_t>(row * lines.cols + col)];
    };
    const Thumbnail without = line_thumbnail(picture, 0.7, true);
    const float second = 0.4f * 0.4f / 0.6f;  // falls with the square, the largest keeps its own
    CHECK(at(without, 56, 0) == doctest::Approx(second));
    CHECK(at(without, 24, 63) == doctest::Approx(second));
    CHECK(at(without, 8, 63) == 0);
    const Thumbnail with = line_thumbnail(picture, 0.99, false);
    CHECK(at(with, 8, 63) == doctest::Approx(0.6f));
    CHECK(at(with, 24, 63) == doctest::Approx(second));
}

TEST_CASE("q·k: keys sort by weight, place and dimension; masked ones come last") {
    ScoreParts parts;
    parts.num_queries = 1;
    parts.num_keys = 4;
    parts.depth = 2;
    parts.query = {1, 1};
    parts.key = {1, 5, 3, 0, 3, 0, 0, 9};
    const ScoreRow row = score_row(parts, 0, {0, 3});
    CHECK(sorted_keys(parts, row, "weight") == std::vector<int>{0, 1, 2, 3});
    CHECK(sorted_keys(parts, row, "0") == std::vector<int>{1, 2, 0, 3});
    CHECK(sorted_keys(parts, row, "1") == std::vector<int>{0, 1, 2, 3});
    CHECK(sorted_keys(parts, row, "key") == std::vector<int>{0, 1, 2, 3});
    CHECK_FALSE(sort_dimension(parts, "2"));
    CHECK_FALSE(sort_dimension(parts, "weight"));
    CHECK(*sort_dimension(parts, "1") == 1);
    parts.depth = 6;
    parts.rotation = {{0, 2, 6}, {1, 3, 60}};
    CHECK(paired_columns(parts) == std::vector<int>{0, 2, 1, 3, 4, 5});
    CHECK(pair_of(parts, 3)->first == 1);
    CHECK(pair_of(parts, 5) == nullptr);
}

TEST_CASE("q·k: the pointer says a key's steps and a dimension's product; clicks choose and sort") {
    ViewStage stage("heatmap", sample_form("qk"));
    stage.harness.click_at("##qk_rows", 0.02f, 0.04f);
    const std::string chosen = stage.taken();
    CHECK(chosen.substr(0, 4) == "key ");
    CHECK(says(stage, "q·k"));
    CHECK(says(stage, "softmax"));
    stage.harness.click_at("##qk_dimensions", 0.1f, 0.5f);
    CHECK(stage.taken() == "qk_sort 0");
    CHECK(says(stage, "turns with 1 once in 6.3 tokens"));
    CHECK(stage.shared.hover.shown.find("within") != std::string::npos);
    stage.harness.click("qk_keys");
    CHECK(stage.taken() == "qk_shown keys");
}

TEST_CASE("q·k: wavelengths and scores as they are written") {
    CHECK(wavelength_words(6.283) == "6.3");
    CHECK(wavelength_words(44.4) == "44");
    CHECK(wavelength_words(1234) == "1.2k");
    CHECK(wavelength_words(54321) == "54k");
    CHECK(wavelength_words(std::numeric_limits<double>::infinity()) == "∞");
    CHECK(score_number(-1.234) == "−1.23");
    CHECK(score_number(123.4) == "+123");
}
