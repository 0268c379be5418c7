// Words, sentences and lines in the views, and texts that are read from the right.
#include <doctest/doctest.h>

#include "run/group_text.h"
#include "views/compare/compare_card.h"
#include "views/tokens/fitted_label.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// The sample between units; tokens 2 and 3 are one word.
Snapshot grouped_sample(TextUnit unit, const SampleSize& size = {2, 3, 8}) {
    Snapshot snapshot = sample_snapshot(size);
    snapshot.settings.text_unit = unit;
    snapshot.text = *group_text(snapshot.base_text, {unit, FromGroup::Mean}, 777, 1, {});
    snapshot.shown_base = snapshot.text;
    snapshot.token_selection = snapshot.selection;
    snapshot.selection.query = snapshot.text->trace->num_queries() - 1;
    return snapshot;
}

Snapshot with_words(const std::vector<std::string>& words) {
    Snapshot snapshot = sample_snapshot({1, 1, static_cast<int>(words.size())});
    auto text = std::make_shared<AnalyzedText>(*snapshot.text);
    text->tokens = {};
    for (const std::string& word : words) {
        Token token;
        token.id = static_cast<std::int32_t>(text->tokens.tokens.size());
        token.display = token.piece = word;
        token.byte_begin = text->tokens.text.size();
        text->tokens.text += word;
        token.byte_end = text->tokens.text.size();
        text->tokens.tokens.push_back(token);
    }
    snapshot.text = snapshot.base_text = text;
    snapshot.typed_text = text->tokens.text;
    return snapshot;
}

}  // namespace

TEST_CASE("units: cards that stay between tokens say so") {
    CHECK(between_tokens(grouped_sample(TextUnit::Word), "by divergence") ==
          "by divergence · between tokens");
    CHECK(between_tokens(sample_snapshot({2, 3, 8}), "by divergence") == "by divergence");
}

TEST_CASE("units: every view draws every unit") {
    for (const TextUnit unit : {TextUnit::Word, TextUnit::Sentence, TextUnit::Line}) {
        for (const SampleSize& size : {SampleSize{2, 3, 8}, SampleSize{1, 1, 1}, SampleSize{2, 2, 40}}) {
            CAPTURE(to_string(unit));
            CAPTURE(size.tokens);
            const ViewStage stage(nullptr, grouped_sample(unit, size));
            CHECK(stage.num_bad_wishes == 0);
        }
    }
}

TEST_CASE("units: the text card has the switch, and its chips are the units") {
    ViewStage stage("text_box", grouped_sample(TextUnit::Word));
    const auto num_units = stage.snapshot.text->tokens.tokens.size();
    CHECK(num_units < 8);
    CHECK(stage.harness.is_visible("token0"));
    CHECK(!stage.harness.is_visible("token" + std::to_string(num_units)));
    stage.harness.click("##unit");
    stage.harness.click("lines");
    CHECK(stage.taken() == "unit line");
}

TEST_CASE("units: a text from right to left has its first token at the right") {
    const ViewStage hebrew("text_box", with_words({"שלום", "·עולם", "·טוב"}));
    CHECK(hebrew.harness.item("token0").min.x > hebrew.harness.item("token1").max.x);
    CHECK(hebrew.harness.item("token1").min.x > hebrew.harness.item("token2").max.x);
}

TEST_CASE("units: a text from left to right has it at the left") {
    const ViewStage latin("text_box", with_words({"one", "·שלום", "·two"}));
    CHECK(latin.harness.item("token0").max.x < latin.harness.item("token1").min.x);
    CHECK(latin.harness.item("token1").max.x < latin.harness.item("token2").min.x);
}

TEST_CASE("units: long labels give way in the middle") {
    const ViewStage stage("text_box", with_words({"a", "internationalization"}));
    const ui::ShapedStyle style;
    const TokenizedText& tokens = stage.snapshot.text->tokens;
    const float whole = ui::measure_shaped("internationalization", style).advance;
    CHECK(fitted_label(tokens, 1, whole + 1, style) == "internationalization");
    const std::string half = fitted_label(tokens, 1, whole / 2, style);
    CHECK(half.starts_with("int"));
    CHECK(half.ends_with("on"));
    CHECK(half.find("…") != std::string::npos);
    CHECK(ui::measure_shaped(half, style).advance <= whole / 2);
}
