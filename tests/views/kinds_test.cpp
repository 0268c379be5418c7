// Queries and keys of two texts, windows, sinks, layers without attention, masked predictions, parity.
#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "core/dense_trace.h"
#include "views/grid/thumbnails.h"
#include "views/panels/window_band.h"
#include "views/tokens/shown_run.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// The sample with another trace: `change` edits the facts, `weights` [layer, head, query, key] is even over
/// what the mask then allows, times `row_sum`.
Snapshot with_trace(const SampleSize& size, const std::function<void(TraceInfo&)>& change,
                    float row_sum = 1) {
    Snapshot snapshot = sample_snapshot(size);
    TraceInfo info = snapshot.text->trace->info();
    change(info);
    const TracePtr shape = make_dense_trace(info, std::vector<float>(static_cast<std::size_t>(size.layers) *
                                                                     size.heads * size.tokens * size.tokens));
    std::vector<float> weights;
    for (int layer = 0; layer < size.layers; ++layer) {
        for (int row = 0; row < size.heads * size.tokens; ++row) {
            const KeyRange keys = shape->admissible(layer, row % size.tokens);
            for (int key = 0; key < size.tokens; ++key) {
                const bool is_seen = key >= keys.begin && key < keys.end;
                weights.push_back(is_seen ? row_sum / static_cast<float>(keys.count()) : 0.0f);
            }
        }
    }
    auto text = std::make_shared<AnalyzedText>(*snapshot.text);
    text->trace = make_dense_trace(info, std::move(weights));
    text->key_sets.clear();
    text->analysis = *analyze_text(*text->trace, text->tokens.tokens, text->key_sets, {});
    snapshot.text = snapshot.base_text = text;
    return snapshot;
}

/// One stage at a time: Dear ImGui has one context.
bool shows(const char* view, const Snapshot& snapshot, const char* item) {
    const ViewStage stage(view, snapshot);
    return stage.harness.is_visible(item);
}

std::string state_of(const char* view, const Snapshot& snapshot) {
    const ViewStage stage(view, snapshot);
    return std::string(stage.harness.item("state").value);
}

}  // namespace

TEST_CASE("kinds: every view draws every kind, whatever the lengths") {
    const auto draw = [](AttentionKind kind, int num_decoder, SampleValues::Mode mode) {
        CAPTURE(num_decoder);
        ViewStage stage(nullptr, sample_kinds({3, 4, 8, 0}, num_decoder, kind), mode, 620, 480);
        CHECK(stage.harness.num_vertices() > 0);
        CHECK(stage.taken().empty());
    };
    for (const AttentionKind kind : {AttentionKind::Encoder, AttentionKind::Decoder, AttentionKind::Cross}) {
        for (const int num_decoder : {1, 8, 90})
            draw(kind, num_decoder, SampleValues::Mode::Ready);
        for (const auto mode : {SampleValues::Mode::Pending, SampleValues::Mode::Failed})
            draw(kind, 3, mode);
    }
}

TEST_CASE("kinds: the grid's switch asks for another attention; there is none where there is one") {
    CHECK_FALSE(shows("head_grid", sample_snapshot({3, 4, 8, 0}), "kind_cross"));
    ViewStage stage("head_grid", sample_kinds({3, 4, 8, 0}, 5, AttentionKind::Encoder));
    stage.harness.click("kind_cross");
    CHECK(stage.taken() == "attention cross");
}

TEST_CASE("kinds: the decoder's text has a box of its own") {
    CHECK_FALSE(shows("text_box", sample_snapshot({2, 3, 4, 0}), "##decoder_text"));
    ViewStage stage("text_box", sample_kinds({2, 3, 4, 0}, 2, AttentionKind::Encoder));
    stage.harness.click("##decoder_text");
    stage.taken();
    stage.harness.type("!");
    CHECK(stage.taken() == "decoder_text The·cat!");
}

TEST_CASE("kinds: an encoder that takes pairs has a box for the second sentence") {
    class PairTokenizer final : public Tokenizer {
      public:
        std::string family() const override { return "test"; }
        std::string source() const override { return "test"; }
        int vocab_size() const override { return 100; }
        TokenizedText encode(std::string_view, bool) const override { return {}; }
        Result<Token> token(std::int32_t) const override { return Token{}; }
        std::int32_t bos_id() const override { return -1; }
        bool has_pair_form() const override { return true; }
    };
    Snapshot snapshot = sample_snapshot({2, 3, 4, 0});
    auto model = std::make_shared<ModelInfo>(*snapshot.model);
    model->tokenizer = std::make_shared<PairTokenizer>();
    model->spec.is_causal = true;
    snapshot.model = model;
    CHECK_FALSE(shows("text_box", snapshot, "##decoder_text"));
    auto encoder = std::make_shared<ModelInfo>(*model);
    encoder->spec.is_causal = false;
    snapshot.model = encoder;
    ViewStage stage("text_box", snapshot);
    stage.harness.click("##decoder_text");
    stage.taken();
    stage.harness.type("!");
    CHECK(stage.taken() == "text_pair !");
}

TEST_CASE("cross attention: rows are the decoder's tokens, columns the encoder's, and cells say both") {
    ViewStage stage("heatmap", sample_kinds({2, 3, 8, 0}, 3, AttentionKind::Cross));
    stage.harness.frames(3);
    stage.harness.click_at("##heatmap_area", 0.98f, 0.02f);  // first query, last key
    CHECK(stage.taken() == "query 0; key 7");
    CHECK(stage.shared.hover.sentence.find("“The” (0) gives 12 % to “·x” (7)") == 0);
    CHECK(stage.shared.hover.token == 0);
    CHECK(stage.shared.hover.key == 7);
}

TEST_CASE("cross attention: chips of both texts, each tinted by what it has to do with the other's") {
    ViewStage stage("text_box", sample_kinds({2, 3, 6, 0}, 3, AttentionKind::Cross),
                    SampleValues::Mode::Ready, 900, 400);
    stage.harness.frames(3);
    stage.harness.click("token1");
    CHECK(stage.taken() == "query 1");
    stage.harness.click("key4");
    CHECK(stage.taken() == "key 4");
    stage.harness.hover("key4");
    CHECK(stage.shared.hover.key == 4);
    CHECK(stage.shared.hover.sentence.find("gives 17 % to “👋” (4)") != std::string::npos);
    CHECK_FALSE(stage.harness.is_visible("strip_gets"));  // both directions are there at once
}

TEST_CASE("cross attention: panels about one text say why they are empty") {
    const Snapshot cross = sample_kinds({2, 3, 6, 0}, 3, AttentionKind::Cross);
    CHECK(state_of("flow", cross).find("Cross attention leads") == 0);
    CHECK(state_of("tags", cross).find("Patterns are of one text") == 0);
    CHECK(with_kind("Layer 0 · Head 1", cross) == "Cross · Layer 0 · Head 1");
    CHECK(with_kind("Layer 0 · Head 1", sample_snapshot({2, 3, 6, 0})) == "Layer 0 · Head 1");
}

TEST_CASE("top keys: the keys are the encoder's, and the sink is said apart from them") {
    {
        ViewStage cross("top_k", sample_kinds({2, 3, 8, 0}, 3, AttentionKind::Cross));
        cross.harness.click("top_L0H0_0");
        CHECK(cross.taken() == "key 0");
    }

    const Snapshot sink = with_trace(
        {2, 3, 6, 0}, [](TraceInfo& info) { info.has_sink = true; }, 0.75f);
    std::vector<float> row(6);
    mean_attention_row(*sink.text->trace, {{0, 0}}, 3, row);
    CHECK(sink_share(*sink.text->trace, row) == doctest::Approx(0.25));
    CHECK(sink_words(0.25) == "off-sequence sink 25 %");
    ViewStage stage("heatmap", sink);
    stage.harness.frames(3);
    stage.harness.click_at("##heatmap_area", 0.02f, 0.95f);
    CHECK(stage.shared.hover.sentence.find(" · off-sequence sink 25 %") != std::string::npos);
    const Snapshot whole = with_trace(
        {2, 3, 6, 0}, [](TraceInfo&) {}, 0.75f);
    mean_attention_row(*whole.text->trace, {{0, 0}}, 3, row);
    CHECK(sink_share(*whole.text->trace, row) == 0);  // only where the model has one
}

TEST_CASE("windows: the band is known where all chosen layers have it and it hides something") {
    const auto causal = with_trace({2, 2, 9, 0}, [](TraceInfo& info) { info.window = {4, 0}; });
    const AttentionTrace& trace = *causal.text->trace;
    const auto band = window_band(trace, {{0, 0}});
    REQUIRE(band);
    for (int query = 0; query < 9; ++query) {
        const KeyRange keys = trace.admissible(0, query);
        CHECK(std::max(0, band->begin(query)) == keys.begin);
        CHECK(std::min(9, band->end(query)) == keys.end);
    }
    CHECK_FALSE(window_band(trace, {{1, 0}}));
    CHECK_FALSE(window_band(trace, {{0, 0}, {1, 0}}));
    const auto both = with_trace({2, 2, 9, 0}, [](TraceInfo& info) {
        info.window = {2, 20};
        info.is_causal = false;
    });
    const auto sides = window_band(*both.text->trace, {{0, 1}});
    REQUIRE(sides);
    for (int query = 0; query < 9; ++query) {
        const KeyRange keys = both.text->trace->admissible(0, query);
        CHECK(std::max(0, sides->begin(query)) == keys.begin);
        CHECK(std::min(9, sides->end(query)) == keys.end);
    }
    CHECK_FALSE(window_band(*both.text->trace, {{1, 1}}));  // wider than the text
    CHECK(shows("heatmap", causal, "##window_band"));
    CHECK(shows("heatmap", both, "##window_band"));
    CHECK_FALSE(shows("heatmap", sample_snapshot({2, 2, 9, 0}), "##window_band"));

    ViewStage stage("heatmap", both);
    stage.harness.frames(3);
    stage.harness.click_at("##heatmap_area", 0.98f,
                           0.02f);  // a later token outside the window, not a causal mask
    CHECK(stage.shared.hover.sentence ==
          "“The” (0) cannot see “The” (8): it lies outside the layer's window");
}

TEST_CASE("layers without attention: they keep their number, say so and count in no mean") {
    const Snapshot snapshot = with_trace({3, 2, 6, 0}, [](TraceInfo& info) { info.absent_layers = {1}; });
    const AttentionTrace& trace = *snapshot.text->trace;
    CHECK(snapshot.text->analysis.num_invalid_rows == 0);
    CHECK_FALSE(snapshot.text->analysis.flow[1].is_valid);
    CHECK(snapshot.text->analysis.flow[2].is_valid);
    CHECK(absent_words(trace, {{1, 0}}) == "Layer 1 has no softmax attention");
    CHECK(absent_words(trace, {{1, 0}, {2, 0}}).empty());
    CHECK(mask_reason(trace, {{1, 0}}, 3, 1) == MaskReason::NoAttention);
    const Thumbnail absent = head_thumbnail(trace, {1, 0});
    for (const float value : absent.values)
        CHECK(value != value);
    for (const auto mode :
         {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        Snapshot chosen = snapshot;
        chosen.selection.head = {1, 0};
        ViewStage stage(nullptr, chosen, mode, 700, 500);
        CHECK(stage.harness.num_vertices() > 0);
    }
    ViewStage grid("head_grid", snapshot);
    grid.harness.click_at("##heads_area", 0.05f, 0.6f);
    CHECK(grid.taken() == "select 2 0");
}

TEST_CASE("means of thumbnails: masked in one picture counts as nothing, masked in all stays masked") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    ThumbnailMean mean(3);
    mean.add({0.5f, nan, nan});
    mean.add({0.25f, 0.5f, nan});
    const std::vector<float> values = mean.values();
    CHECK(values[0] == 0.375f);
    CHECK(values[1] == 0.25f);
    CHECK(values[2] != values[2]);
}

TEST_CASE("grouped heads: the bracket says what they share, and only where the trace is of those heads") {
    const Snapshot grouped = sample_snapshot({2, 6, 8, 2});
    CHECK(shows("head_grid", grouped, "##kv0"));
    CHECK(shows("head_grid", grouped, "##kv1"));
    CHECK_FALSE(shows("head_grid", grouped, "##kv2"));
    const Snapshot plain = sample_snapshot({2, 6, 8, 0});
    CHECK_FALSE(shows("head_grid", plain, "##kv0"));
    TraceInfo info = plain.text->trace->info();
    ModelSpec spec;
    spec.num_heads = 6;
    spec.num_kv_heads = 3;
    CHECK(shares_kv_heads(spec, info));
    info.kind = AttentionKind::Cross;
    CHECK_FALSE(shares_kv_heads(spec, info));
}

TEST_CASE("panels name the type of the weights") {
    Snapshot snapshot = sample_snapshot({2, 2, 6, 0});
    auto model = std::make_shared<ModelInfo>(*snapshot.model);
    model->spec.dtype = "Q4_K";
    snapshot.model = model;
    CHECK(with_run(snapshot, "L0H1") == "L0H1 · Q4_K");
    CHECK(with_run(snapshot, "") == "Q4_K");
}

TEST_CASE("parity: an empty panel asks for a file, a full one names the layer that departs") {
    Snapshot snapshot = sample_snapshot({2, 2, 6, 0});
    CHECK(state_of("parity", snapshot).find("docs/parity.md") != std::string::npos);
    {
        ViewStage empty("parity", snapshot);
        empty.harness.click("parity_choose");
        CHECK(empty.taken() == "parity");
    }
    put_parity(snapshot, SampleValues::Mode::Ready);
    {
        ViewStage full("parity", snapshot);
        full.harness.click("parity_0_1");
        CHECK(full.taken() == "select 1 1");
        CHECK(full.shared.hover.sentence.find("L1: largest difference 4e-3 at head 1, query 1, key 1") == 0);
        full.harness.click("parity_other");
        CHECK(full.taken() == "parity");
    }
    for (const auto mode : {SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
        put_parity(snapshot, mode);
        ViewStage stage("parity", snapshot, mode);
        CHECK(stage.harness.num_vertices() > 0);
    }
    snapshot.parts.put(ParityState{"somewhere/reference.safetensors", {}});  // it was stopped
    ViewStage again("parity", snapshot);
    again.harness.click("parity_again");
    CHECK(again.taken() == "parity somewhere/reference.safetensors");
}
