// The cards of workspace Search: drawing, rules, results, the grid by fit.
#include <doctest/doctest.h>

#include "analysis/search/rule_completion.h"
#include "session/tasks/search.h"
#include "views/grid/grid_model.h"
#include "views/search/draw_tools.h"
#include "views/search/search_card.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr SampleSize kSize{3, 4, 8, 0};

/// The sample text with a stripe drawn and found.
Snapshot found_snapshot(SearchMode mode = SearchMode::Drawing) {
    Snapshot snapshot = sample_snapshot(kSize);
    SearchState state;
    state.mode = mode;
    state.rule = "offset 1";
    state.strokes = {*parse_stroke(std::vector<std::string>{"stripe", "1"})};
    state.text_id = snapshot.text->id;
    const AttentionTrace& trace = *snapshot.text->trace;
    state.pairs = std::make_shared<const PairTemplate>(
        draw_strokes(state.strokes, trace.num_queries(), trace.num_keys(), trace.info().is_causal));
    const auto result = search_heads(trace, *state.pairs, {}, {});
    REQUIRE(result);
    state.best = std::make_shared<const std::vector<std::size_t>>(best_first(*result, state.order));
    state.result = std::make_shared<const SearchResult>(*result);
    snapshot.parts.put(state);
    snapshot.settings.workspace = "search";
    return snapshot;
}

DrawTools dragged(DrawTool tool, HeatmapCell from, HeatmapCell to) {
    DrawTools tools;
    tools.tool = tool;
    tools.from = from;
    tools.to = to;
    tools.points = {{from.query, from.key}, {to.query, to.key}};
    return tools;
}

std::string words_of(const DrawTools& tools) {
    std::string out;
    for (const std::string& word : stroke_words(tools.stroke()))
        out += (out.empty() ? "" : " ") + word;
    return out;
}

}  // namespace

TEST_CASE("search: what a drag draws") {
    CHECK(words_of(dragged(DrawTool::Box, {6, 1}, {4, 3})) == "box 4 6 1 3");
    CHECK(words_of(dragged(DrawTool::Column, {6, 3}, {4, 2})) == "box 0 last 2 3");
    CHECK(words_of(dragged(DrawTool::Row, {6, 3}, {5, 2})) == "box 5 6 0 last");
    CHECK(words_of(dragged(DrawTool::Stripe, {6, 5}, {6, 3})) == "stripe 2 3 0 last");
    CHECK(words_of(dragged(DrawTool::Part, {3, 2}, {6, 1})) == "stripe 1 1 3 6");
    CHECK(words_of(dragged(DrawTool::Brush, {3, 2}, {4, 2})) == "brush 1 3 2 4 2");
}

TEST_CASE("search: the drawing asks for strokes, and says that it is of this text alone") {
    ViewStage stage("search_draw", found_snapshot());
    CHECK(stage.taken().empty());  // the result is of this text
    stage.harness.click_at("##draw_area", 0.05f, 0.95f);
    CHECK(stage.taken().substr(0, 11) == "draw stripe");
    stage.harness.click("draw_undo");
    CHECK(stage.taken() == "draw undo");
    stage.harness.click("mode_rule");
    CHECK(stage.taken() == "search rule");
}

TEST_CASE("search: the rule's field sends the text at each change, and offers what comes next") {
    ViewStage stage("search_draw", found_snapshot(SearchMode::Rule));
    stage.harness.click("##rule");
    stage.harness.type("0");
    CHECK(stage.taken() == "search_rule offset 10");
    stage.harness.click("next_and");
    CHECK(stage.taken().substr(0, 20) == "search_rule offset 1");
}

TEST_CASE("search: a text that was not looked at yet is, once a card is drawn") {
    Snapshot snapshot = found_snapshot();
    SearchState state = snapshot.part<SearchState>();
    state.text_id = 0;
    state.result = nullptr;
    state.best = nullptr;
    snapshot.parts.put(state);
    ViewStage stage("search_results", snapshot);
    CHECK(stage.taken().substr(0, 6) == "search");
}

TEST_CASE("search: results are chosen by a click, the first one is the best") {
    Snapshot snapshot = found_snapshot();
    const SearchState state = snapshot.part<SearchState>();
    const HeadId best = *state.best_head();
    ViewStage stage("search_results", snapshot);
    stage.harness.click("fit_" + best.to_string());
    CHECK(stage.taken() == "select " + std::to_string(best.layer) + " " + std::to_string(best.head));
    const std::string sentence = fit_sentence(state, state.result->head(best));
    CHECK(sentence.find("looks everywhere alike") != std::string::npos);
    CHECK(null_note(state, *state.result).find("leaves it as it is") != std::string::npos);
}

TEST_CASE("search: the grid stands in the order of the fit") {
    const Snapshot snapshot = found_snapshot();
    const GridModel model = make_grid_model({snapshot, nullptr, kFitTint, kFitTint, nullptr, {}});
    REQUIRE(model.is_sorted);
    CHECK(model.tint_label == "fit: mass");
    CHECK(model.cells.front().head == *snapshot.part<SearchState>().best_head());
    double before = 2;
    for (const GridCell& cell : model.cells) {
        CHECK(cell.tint_value.value_or(-1) <= before);
        before = cell.tint_value.value_or(-1);
    }
}

TEST_CASE("search: saved rules") {
    Snapshot snapshot = found_snapshot(SearchMode::Rule);
    SearchState state = snapshot.part<SearchState>();
    state.saved = {{"steps", *TokenRule::parse("offset 1"), 0.4, "rules/steps.json"}};
    snapshot.parts.put(state);
    ViewStage stage("saved_rules", snapshot);
    stage.harness.click("rule_own_steps");
    CHECK(stage.taken() == "use_rule steps");
    stage.harness.click("##rule_name");
    stage.harness.type("mine");
    stage.harness.click("save_rule");
    CHECK(stage.taken() == "save_rule mine");
}

TEST_CASE("search: cards without anything, with an error, narrow and wide") {
    Snapshot broken = found_snapshot(SearchMode::Rule);
    SearchState state = broken.part<SearchState>();
    state.error = "the rule stops making sense at character 3";
    state.result = nullptr;
    state.best = nullptr;
    broken.parts.put(state);
    const Snapshot snapshots[] = {sample_snapshot(kSize), broken, found_snapshot()};
    for (const char* id : {"search_draw", "search_head", "search_results", "saved_rules"}) {
        for (const float width : {240.0f, 420.0f, 900.0f}) {
            for (const Snapshot& snapshot : snapshots) {
                const ViewStage stage(id, snapshot, SampleValues::Mode::Ready, width, 300);
                CHECK(stage.num_bad_wishes == 0);
            }
        }
    }
}

TEST_CASE("search: what can come next in a rule") {
    const auto words = [](const std::string& text) {
        std::string out;
        for (const RuleCompletion& next : rule_completions(text))
            out += (out.empty() ? "" : "|") + next.word;
        return out;
    };
    const auto first_text = [](const std::string& text) { return rule_completions(text).front().text; };
    CHECK(words("").find("query:|key:|not|offset") == 0);
    CHECK(words("key: cap") == "capital");
    CHECK(first_text("key: cap") == "key: capital");
    CHECK(words("key: wo") == "word start|word");
    CHECK(words("query: ").find("any|special") == 0);
    CHECK(words("query: ").find("same token") == std::string::npos);
    CHECK(words("key: ").find("same token") != std::string::npos);
    CHECK(words("key: capital ") == ";|and|or");
    CHECK(first_text("key: capital ") == "key: capital; ");
    CHECK(first_text("key: capital; off") == "key: capital; offset");
    CHECK(words("after s") == "after same token");
    // Every completion of a finished term can be read on.
    CHECK(TokenRule::parse(rule_completions("same t").front().text));
}
