// Models of pictures through the binary: a ViT made by hand, whose heads are known, and what is refused.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::own_fixture;
using test::quoted;
using test::run_headlight;

namespace {

std::string with_picture(const std::string& picture = "house.png") {
    return " --model " + quoted(own_fixture("hand_vit")) + " --image " +
           quoted(own_fixture("pictures/" + picture));
}

/// Index of the key that a head's row gives most.
int strongest(const nlohmann::json& json, std::size_t head, std::size_t query) {
    return json["heads"][head]["top_keys"][query][0]["key"].get<int>();
}

}  // namespace

TEST_CASE("pictures: the heads of the ViT by hand look where they were made to look") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = run_headlight("analyze --no-plots --json - --top-k 2" + with_picture());
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    REQUIRE(json["tokens"].size() == 257);
    CHECK(json["tokens"][0]["piece"] == "CLS");
    CHECK(json["tokens"][0]["special"] == true);
    CHECK(json["tokens"][1]["piece"] == "patch 1,1");
    CHECK(json["tokens"][87]["piece"] == "patch 6,7");
    CHECK(json["tokens"][256]["piece"] == "patch 16,16");
    REQUIRE(json["heads"].size() == 8);
    constexpr std::size_t kPatch = 87;             // on the wall
    CHECK(strongest(json, 0, kPatch) == 87);       // near patches
    CHECK(strongest(json, 4, kPatch) == 87 - 16);  // the patch above
    CHECK(strongest(json, 5, kPatch) == 87 - 1);   // the patch to the left
}

TEST_CASE("pictures: text, a dump and figures as for texts") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_picture_files");
    const auto text = run_headlight("analyze --top-k 1 --layer 0 --head 1 --output-dir " + quoted(folder) +
                                    " --dump " + quoted(folder + "/dump.safetensors") + with_picture());
    REQUIRE_MESSAGE(text.code == 0, text.err);
    CHECK(has(text.out, "'patch 3,4'"));
    CHECK(std::filesystem::exists(folder + "/dump.safetensors"));
    const auto figure = run_headlight("figure heatmap --output " + quoted(folder + "/map.svg") +
                                      " --layer 0 --head 0 --model " + quoted(own_fixture("hand_vit")) +
                                      " --text " + quoted(own_fixture("pictures/small.jpg")));
    CHECK_MESSAGE(figure.code == 0, figure.err);
    CHECK(run_headlight("analyze --no-plots --top-k 1" + with_picture("alpha.webp")).code == 0);
    const auto compared =
        run_headlight("compare --other-text " + quoted(own_fixture("pictures/small.png")) + with_picture());
    CHECK_MESSAGE(compared.code == 0, compared.err);
    CHECK(has(compared.out, "The same tokens on both sides"));  // by their places
}

TEST_CASE("pictures: attention of given pixel values against the reference") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models_image/vit/reference.safetensors"));
    const std::string folder = test::shared_fixture("models_image/vit");
    const auto outcome = run_headlight("verify --model " + quoted(folder) + " --reference " +
                                       quoted(folder + "/reference.safetensors"));
    CHECK_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.out, "Verdict: agrees"));
}

TEST_CASE("pictures: what does not fit is refused in words") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = " --model " + quoted(own_fixture("hand_vit"));
    const auto says = [](const std::string& arguments, const char* words) {
        const auto outcome = run_headlight(arguments);
        CHECK_MESSAGE(outcome.code != 0, arguments);
        CHECK_MESSAGE(has(outcome.err, words), outcome.err);
    };
    says("analyze --no-plots --text 'a cat'" + model, "this model reads pictures");
    says("analyze --no-plots --ids 3,4" + model, "of no picture");
    says("analyze --no-plots --image " + quoted(own_fixture("pictures/small.png")),
         "reads text, no pictures");
    says("ablate" + with_picture(), "predicts nothing");
    says("analyze --no-plots" + with_picture("cmyk.jpg"), "CMYK");
    says("analyze --no-plots" + with_picture("expected.json"), "PNG, JPEG or WebP");
    says("inspect " + quoted(own_fixture("pictures/small.png")), "picture");
}
