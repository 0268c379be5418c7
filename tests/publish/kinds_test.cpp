// Every kind of figure that stored attention is enough for, in every format and preset; and the numbers that
// are drawn.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"
#include "core/dense_trace.h"
#include "io/attention/attention_dump.h"
#include "publish/make_figure.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr int kTokens = 6, kLayers = 2, kHeads = 3;

/// Causal rows: head h of layer l gives its own share to the first key, the rest to itself.
float weight_of(int layer, int head, int query, int key) {
    if (query == 0) return key == 0 ? 1.0f : 0.0f;
    const float first = 0.2f + 0.1f * static_cast<float>(head) + 0.3f * static_cast<float>(layer);
    return key == 0 ? first : key == query ? 1 - first : 0.0f;
}

std::string stored_attention(const std::string& name) {
    AttentionDump dump;
    dump.spec.name = "tiny";
    dump.spec.num_layers = kLayers;
    dump.spec.num_heads = kHeads;
    for (int i = 0; i < kTokens; ++i) {
        const std::string piece = "t" + std::to_string(i);
        dump.tokens.tokens.push_back({i, piece, piece, 0, 0, false});
    }
    TraceInfo info;
    info.num_layers = kLayers;
    info.num_heads = kHeads;
    info.num_queries = info.num_keys = kTokens;
    std::vector<float> weights;
    for (int layer = 0; layer < kLayers; ++layer)
        for (int head = 0; head < kHeads; ++head)
            for (int query = 0; query < kTokens; ++query)
                for (int key = 0; key < kTokens; ++key)
                    weights.push_back(weight_of(layer, head, query, key));
    dump.trace = make_dense_trace(info, std::move(weights));
    const std::string path = fresh_dir(name) + "/attention.safetensors";
    REQUIRE(write_attention_dump(path, dump));
    return path;
}

FigureSource source_of() {
    return FigureSource(
        []() -> Result<Engine*> { return fail(ErrorKind::Missing, "no engine in this test"); },
        [](const std::string&) {});
}

Result<MadeFigure> make_stored(const std::string& path, const std::string& kinds, FieldWords options) {
    options.emplace_back("model", path);
    HEADLIGHT_TRY(const FigurePage page, make_page(kinds, options, {}));
    FigureSource source = source_of();
    return make_figure(page, source, {});
}

std::string svg_of(const MadeFigure& made, const FieldWords& print = {}) {
    FigureRequest request;
    REQUIRE(set_words(request, print));
    FigureStyle style = *print_style(request);
    style.format = FigureFormat::Svg;
    const auto file = render_figure(made.panels, style);
    if (!file) FAIL(file.error().to_string());
    return file->bytes;
}

/// How often a text stands in the figure.
int count_texts(const std::string& svg, const std::string& text) {
    int count = 0;
    for (std::size_t at = svg.find(">" + text + "<"); at != std::string::npos;
         at = svg.find(">" + text + "<", at + 1))
        ++count;
    return count;
}

bool needs_attention_only(const FigureKindDescriptor& kind) {
    return kind.need == FigureNeed::Attention && std::string_view(kind.id) != "qk";
}

}  // namespace

TEST_CASE("kinds: stored attention in every format and preset, with its recipe, the same bytes twice") {
    const std::string path = stored_attention("kinds_formats");
    const std::string folder = fresh_dir("kinds_files");
    for (const FigureKindDescriptor* const kind : figure_kinds()) {
        if (!needs_attention_only(*kind)) continue;
        CAPTURE(kind->id);
        const auto made = make_stored(path, kind->id, {});
        if (!made) FAIL(made.error().to_string());
        REQUIRE(made->captions.size() == made->panels.size());
        CHECK(made->captions.front().find("tiny") != std::string::npos);
        std::vector<std::string> columns = {""};
        for (const PrintPreset& preset : print_presets())
            columns.emplace_back(preset.name);
        for (const std::string& column : columns) {
            for (const char* ending : {"png", "svg", "pdf", "pgf"}) {
                CAPTURE(column);
                CAPTURE(ending);
                FigureRequest print;
                print.column = column;
                print.style.scale = 0.5;
                const std::string file = folder + "/" + kind->id + column + "." + ending;
                if (const auto status = write_figure_file(*made, print, {file, true, false}); !status)
                    FAIL(status.error().to_string());
                const std::string first = *read_text_file(file);
                const auto again = make_stored(path, kind->id, {});
                REQUIRE(write_figure_file(*again, print, {file, true, false}));
                CHECK(*read_text_file(file) == first);
                const auto recipe = read_recipe(file);
                REQUIRE(recipe);
                CHECK(recipe->model.name == "tiny");
                CHECK(recipe->panels.front().kind == kind->id);
                CHECK(recipe->ids == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5});
            }
        }
    }
}

TEST_CASE("kinds: kinds that need a model say so of stored attention") {
    const std::string path = stored_attention("kinds_refused");
    for (const FigureKindDescriptor* const kind : figure_kinds()) {
        if (kind->need == FigureNeed::Attention || kind->need == FigureNeed::Other) continue;
        CAPTURE(kind->id);
        const auto made = make_stored(path, kind->id, {});
        REQUIRE_FALSE(made);
        CHECK(made.error().kind == ErrorKind::InvalidInput);
        CHECK(made.error().message.find(kind->need == FigureNeed::Log ? "training log" : "needs a model") !=
              std::string::npos);
    }
}

TEST_CASE("kinds: the numbers in the cells are those of the trace") {
    const std::string path = stored_attention("kinds_numbers");
    for (int layer = 0; layer < kLayers; ++layer) {
        for (int head = 0; head < kHeads; ++head) {
            CAPTURE(layer);
            CAPTURE(head);
            const auto made = make_stored(path, "heatmap",
                                          {{"layer", std::to_string(layer)}, {"head", std::to_string(head)}});
            REQUIRE(made);
            const std::string svg = svg_of(*made);
            const auto percent = [](float weight) {
                return std::to_string(static_cast<int>(std::lround(100 * weight)));
            };
            const float first = weight_of(layer, head, 1, 0);
            const int expected = kTokens - 1;  // rows 1 .. 5 of each column
            const int same = percent(first) == percent(1 - first) ? 2 : 1;
            CHECK(count_texts(svg, percent(first)) == same * expected);
            CHECK(count_texts(svg, percent(1 - first)) == same * expected);
            CHECK(count_texts(svg, "100") >= 1);
        }
    }
    // The mean of two heads.
    const auto mean = make_stored(path, "heatmap", {{"heads", "0.0,1.0"}, {"together", "mean"}});
    REQUIRE(mean);
    CHECK(mean->panels.size() == 1);
    CHECK(count_texts(svg_of(*mean), "35") == kTokens - 1);
    const auto panels = make_stored(path, "heatmap", {{"heads", "0.0,1.0"}});
    REQUIRE(panels);
    CHECK(panels->panels.size() == 2);
    CHECK(count_texts(svg_of(*panels), "(b)") == 1);
}

TEST_CASE("kinds: a part of the text keeps the numbers of its tokens") {
    const std::string path = stored_attention("kinds_part");
    const auto part = make_stored(path, "heatmap", {{"tokens", "2..4"}});
    REQUIRE(part);
    const std::string svg = svg_of(*part);
    CHECK(count_texts(svg, "t1") == 0);
    CHECK(count_texts(svg, "t2") == 2);
    CHECK(count_texts(svg, "t4") == 2);
    CHECK(count_texts(svg, "2") == 1);   // its number, beside the row
    CHECK(count_texts(svg, "80") == 3);  // 1 - 0.2 on the diagonal; the first key is not in the part
    for (const char* wrong : {"4..2", "0..6", "x", "3", "-1..2"}) {
        CAPTURE(wrong);
        CHECK_FALSE(make_stored(path, "heatmap", {{"tokens", wrong}}));
    }
}

TEST_CASE("kinds: lists and lines hold the heaviest keys") {
    const std::string path = stored_attention("kinds_rows");
    const auto list = make_stored(path, "topk", {{"layer", "1"}, {"head", "2"}, {"query", "3"}});
    REQUIRE(list);
    const std::string svg = svg_of(*list);
    CHECK(count_texts(svg, "70.0 %") == 1);  // 0.2 + 0.2 + 0.3 on the first key
    CHECK(count_texts(svg, "30.0 %") == 1);
    const auto lines = make_stored(path, "lines", {{"layer", "0"}, {"head", "1"}, {"share", "90"}});
    REQUIRE(lines);
    // Each row but the first has one line, to itself: the sink is left out.
    const std::string drawn = svg_of(*lines);
    int num_lines = 0;
    for (std::size_t at = drawn.find("<polyline"); at != std::string::npos;
         at = drawn.find("<polyline", at + 1))
        ++num_lines;
    CHECK(num_lines == kTokens - 1);
    CHECK(drawn.find("without the sink (30 % on average)") != std::string::npos);
}

TEST_CASE("kinds: heads, layers and queries that there are not are named") {
    const std::string path = stored_attention("kinds_wrong");
    for (const FieldWords& options : std::vector<FieldWords>{
             {{"layer", "2"}}, {{"head", "3"}}, {{"heads", "0.9"}}, {{"heads", "zero"}}}) {
        CAPTURE(options.front().first);
        CAPTURE(options.front().second);
        const auto made = make_stored(path, "heatmap", options);
        REQUIRE_FALSE(made);
        CHECK(made.error().kind == ErrorKind::InvalidInput);
    }
    CHECK_FALSE(make_stored(path, "topk", {{"query", "6"}}));
    CHECK_FALSE(make_stored(path, "heatmap", {{"text", "another"}}));
    CHECK_FALSE(make_stored(path, "heatmap", {{"show", "difference"}}));
}

TEST_CASE("kinds: without a recipe no text and no path is in the file") {
    const std::string path = stored_attention("kinds_no_recipe");
    const std::string folder = fresh_dir("kinds_no_recipe_files");
    const auto made = make_stored(path, "flow", {});
    REQUIRE(made);
    for (const char* ending : {"png", "svg", "pdf", "pgf"}) {
        const std::string file = folder + "/flow." + ending;
        REQUIRE(write_figure_file(*made, {}, {file, false, false}));
        const std::string bytes = *read_text_file(file);
        CHECK(bytes.find("attention.safetensors") == std::string::npos);
        CHECK(bytes.find("headlight-recipe") == std::string::npos);
        CHECK_FALSE(read_recipe(file));
    }
}
