// Recipes: what is written comes back from every format, and strangers' recipes are refused with words.
#include "publish/recipe/recipe.h"

#include <doctest/doctest.h>

#include "base/atomic_file.h"
#include "figure/contents.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

FigureRecipe sample_recipe() {
    FigureRecipe out;
    out.program = "0.1.0";
    out.engine = "LibTorch 2.0, AVX2";
    out.model = {
        "gpt2", "gpt2", "/models/gpt 2", std::string(64, 'a'), std::string(64, 'b'), std::string(64, 'c')};
    out.options = {{"text", "It's (half) a \\ \"quote\" </metadata> & <b> %\nä 漢 \U0001F600 \x01"},
                   {"layer", "3"}};
    out.panels = {{"heatmap", {}}, {"lines", {{"head", "1"}}}};
    out.ids = {1, 2, 50000};
    out.decoder_ids = {0};
    return out;
}

void check_same(const FigureRecipe& a, const FigureRecipe& b) {
    CHECK(a.program == b.program);
    CHECK(a.engine == b.engine);
    CHECK(a.model == b.model);
    CHECK(a.options == b.options);
    CHECK(a.ids == b.ids);
    CHECK(a.decoder_ids == b.decoder_ids);
    REQUIRE(a.panels.size() == b.panels.size());
    for (std::size_t i = 0; i < a.panels.size(); ++i) {
        CHECK(a.panels[i].kind == b.panels[i].kind);
        CHECK(a.panels[i].options == b.panels[i].options);
    }
}

FigureContent small_figure() {
    FlowContent content;
    content.layers = {{0.25, 0.25, 0.25, 0.25, true}, {0.5, 0.2, 0.2, 0.1, true}};
    content.caption = {"model", "float32", ""};
    return flow_figure(std::move(content));
}

}  // namespace

TEST_CASE("recipe: one line of ASCII that reads as the same recipe") {
    const FigureRecipe recipe = sample_recipe();
    const std::string json = recipe_json(recipe);
    for (const char c : json)
        CHECK((c >= ' ' && c <= '~'));
    const auto again = parse_recipe(json, "test");
    REQUIRE(again);
    check_same(*again, recipe);
    CHECK(recipe_json(*again) == json);
    CHECK(recipe_text(*again).find("--layer 3") != std::string::npos);
}

TEST_CASE("recipe: comes back from a figure in every format, and is absent where it was left out") {
    const FigureRecipe recipe = sample_recipe();
    const std::string folder = fresh_dir("recipe_formats");
    for (const FigureFormat format :
         {FigureFormat::Png, FigureFormat::Svg, FigureFormat::Pdf, FigureFormat::Pgf}) {
        CAPTURE(extension(format));
        FigureStyle style;
        style.format = format;
        style.recipe = recipe_json(recipe);
        const FigureContent content = small_figure();
        const std::string path = folder + "/figure." + extension(format);
        REQUIRE(write_figure(path, std::span(&content, 1), style));
        const auto again = read_recipe(path);
        if (!again) FAIL(again.error().to_string());
        check_same(*again, recipe);
        style.recipe.clear();
        REQUIRE(write_figure(path, std::span(&content, 1), style));
        const auto none = read_recipe(path);
        REQUIRE_FALSE(none);
        CHECK(none.error().kind == ErrorKind::Missing);
    }
}

TEST_CASE("recipe: differences are told one by one, and options are none") {
    const FigureRecipe then = sample_recipe();
    FigureRecipe now = then;
    CHECK(recipe_differences(then, now).empty());
    now.options.clear();
    CHECK(recipe_differences(then, now).empty());
    now.model.weights = std::string(64, 'd');
    now.ids = {1, 3, 50000};
    now.program = "0.2.0";
    const auto told = recipe_differences(then, now);
    REQUIRE(told.size() == 3);
    CHECK(told[0].find("0.2.0") != std::string::npos);
    CHECK(told[1].find("weights") != std::string::npos);
    CHECK(told[2].find("token 1 has id 2 then, 3 now") != std::string::npos);
    now.ids = {1};
    CHECK(recipe_differences(then, now)[2].find("3 tokens then, 1 now") != std::string::npos);
}

TEST_CASE("recipe: strangers' recipes are refused with the reason") {
    const std::string many = std::string(R"({"recipe":1,"panels":[)") + [] {
        std::string out;
        for (int i = 0; i < 200; ++i)
            out += std::string(i == 0 ? "" : ",") + R"({"kind":"heatmap"})";
        return out;
    }() + "]}";
    for (const std::string& text :
         {std::string("{}"), std::string("[]"), std::string("nonsense"), std::string("{\"recipe\":\"1\"}"),
          std::string(R"({"recipe":1})"), std::string(R"({"recipe":1,"panels":[]})"),
          std::string(R"({"recipe":1,"panels":[3]})"), std::string(R"({"recipe":1,"panels":"heatmap"})"),
          std::string(R"({"recipe":1,"panels":[{"kind":7}]})"),
          std::string(R"({"recipe":1,"panels":[{"kind":"heatmap"}],"ids":[-1]})"),
          std::string(R"({"recipe":1,"panels":[{"kind":"heatmap"}],"ids":[1.5]})"),
          std::string(R"({"recipe":1,"panels":[{"kind":"heatmap"}],"ids":[99999999999]})"),
          std::string(R"({"recipe":1,"panels":[{"kind":"heatmap"}],"options":{"layer":3}})"),
          std::string(R"({"recipe":1,"panels":[{"kind":"heatmap"}],"options":[]})"),
          std::string(R"({"recipe":1,"recipe":1,"panels":[{"kind":"heatmap"}]})"), many,
          "{\"recipe\":1,\"panels\":" + std::string(500, '[') + std::string(500, ']') + "}"}) {
        CAPTURE(text.substr(0, 100));
        const auto recipe = parse_recipe(text, "stranger.pdf");
        REQUIRE_FALSE(recipe);
        CHECK(recipe.error().kind == ErrorKind::Corrupt);
        CHECK(recipe.error().file == "stranger.pdf");
        CHECK_FALSE(recipe.error().message.empty());
    }
    const auto newer = parse_recipe(R"({"recipe":2})", "f");
    REQUIRE_FALSE(newer);
    CHECK(newer.error().kind == ErrorKind::Unsupported);
    // A recipe that this version reads may still name what it does not have.
    const auto strange =
        parse_recipe(R"({"recipe":1,"panels":[{"kind":"hologram"}],"options":{"depth":"3"}})", "f");
    REQUIRE(strange);
    CHECK_FALSE(page_of(*strange));
}

TEST_CASE("recipe: broken files are refused, whatever their lengths say") {
    const std::string png = "\x89PNG\r\n\x1a\n";
    const auto chunk = [](const std::string& type, const std::string& data, std::uint32_t length) {
        std::string out;
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(length >> shift & 0xff);
        return out + type + data + "1234";
    };
    const std::string word = "headlight-recipe";
    const std::string text = word + std::string("\0\0\0\0\0", 5) + "{}";
    CHECK(find_recipe(png + chunk("iTXt", text, static_cast<std::uint32_t>(text.size())), "f").value() ==
          "{}");
    CHECK_FALSE(find_recipe(png + chunk("iTXt", text, 0xffffffff), "f"));
    CHECK_FALSE(find_recipe(png + chunk("iTXt", text, 5), "f"));
    CHECK_FALSE(find_recipe(png + chunk("iTXt", word + std::string("\0\0\0x", 4), 20), "f"));
    CHECK_FALSE(find_recipe(png + chunk("iTXt", word + std::string("\0\1\0\0\0x", 6), 22), "f"));
    CHECK_FALSE(find_recipe(png, "f"));
    CHECK_FALSE(find_recipe("", "f"));
    CHECK_FALSE(find_recipe("hello", "f"));
    CHECK_FALSE(find_recipe("<svg><metadata id=\"headlight-recipe\">{", "f"));
    CHECK_FALSE(find_recipe("%PDF-1.5 /Keywords (headlight-recipe {\\", "f"));
    CHECK_FALSE(find_recipe("%PDF-1.5 /Keywords", "f"));
    CHECK(find_recipe("%PDF-1.5 /Keywords (headlight-recipe {\\(a\\)\\\\ \\101(b)})", "f").value() ==
          "{(a)\\ A(b)}");
    CHECK(find_recipe("<svg><metadata id=\"headlight-recipe\">{&quot;a&amp;lt;&quot;}</metadata>", "f")
              .value() == "{\"a&lt;\"}");
    CHECK(find_recipe("% pgf\n% headlight-recipe {}\nx", "f").value() == "{}");
}
