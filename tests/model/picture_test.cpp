// Models that read pictures: against the reference, against LibTorch's operations, and what they refuse.
#include "core/picture.h"
#include "model/family_files.h"
#include "model/model_support.h"
#include "model/text_families.h"

using namespace headlight;
using namespace headlight::test;

namespace {

PixelValues some_pixels(int height, int width, float shift = 0) {
    PixelValues out{3, height, width, {}};
    for (int i = 0; i < 3 * height * width; ++i)
        out.values.push_back(std::sin(0.37F * static_cast<float>(i) + shift));
    return out;
}

std::vector<const Family*> picture_families() {
    std::vector<const Family*> out;
    const std::vector<const Family*> of_texts = text_families();
    for (const Family* family : families()) {
        if (std::find(of_texts.begin(), of_texts.end(), family) == of_texts.end()) out.push_back(family);
    }
    return out;
}

RunResult run_picture(ModelRunner& runner, const PixelValues& pixels) {
    const auto tokens = runner.add_picture(pixels);
    REQUIRE_MESSAGE(tokens.has_value(), (tokens ? "" : tokens.error().to_string()));
    RunRequest request;
    request.ids = tokens->ids();
    request.wants_hidden = true;
    return run(runner, request);
}

}  // namespace

TEST_CASE("pictures: the ViT of the fixtures gives the reference's attention and hidden states") {
    HEADLIGHT_NEEDS(shared_fixture("models_image/vit/reference.safetensors"));
    const std::string folder = shared_fixture("models_image/vit");
    const Reference reference(folder + "/reference.safetensors");
    for (const char* device : {kProcessor, kProcessorByTorch}) {
        const auto runner = open(folder, {}, 0, device);
        for (int text = 0; text < 2; ++text) {
            const RunResult result =
                run_picture(*runner, {3, 32, 32, reference.floats(fmt::format("t{}.pixel_values", text))});
            for (int layer = 0; layer < 3; ++layer) {
                const std::vector<float> expected = reference.floats(fmt::format("t{}.attn.{}", text, layer));
                std::vector<float> found;
                for (int head = 0; head < 4; ++head) {
                    const std::vector<float> matrix = result.trace->matrix(layer, head);
                    found.insert(found.end(), matrix.begin(), matrix.end());
                }
                CHECK(largest_difference(found, expected) < 2e-5);
            }
            for (std::size_t state = 0; state < 4; ++state) {
                CHECK(largest_difference(result.hidden[state].values,
                                         reference.floats(fmt::format("t{}.hidden.{}", text, state))) < 1e-4);
            }
        }
    }
}

TEST_CASE(
    "pictures: every family, kernel and LibTorch alike, rows that sum to one, the same pixels the same ids") {
    REQUIRE(picture_families().size() >= 7);
    for (const Family* family : picture_families()) {
        INFO(family->id);
        RandomModelRequest sizes;
        sizes.family = family->id;
        sizes.hidden_size = 32;
        sizes.num_layers = 2;
        const auto kernel = random_runner(sizes);
        sizes.device = kProcessorByTorch;
        const auto torch = random_runner(sizes);
        CHECK(kernel->takes_pictures());
        const PixelValues pixels = some_pixels(32, 32);
        const RunResult result = run_picture(*kernel, pixels);
        CHECK(trace_difference(*result.trace, *run_picture(*torch, pixels).trace) < 2e-5);
        for (const float weight : result.trace->matrix(1, 2))
            CHECK(std::isfinite(weight));
        const auto again = kernel->add_picture(pixels), other = kernel->add_picture(some_pixels(32, 32, 1));
        CHECK(again->first_id == 0);
        CHECK(other->first_id == again->count());
        CHECK(again->rows == 4);
        CHECK(again->columns == 4);
    }
}

TEST_CASE("pictures: what is refused, by name") {
    RandomModelRequest sizes;
    sizes.family = "vit";
    sizes.hidden_size = 32;
    const auto vit = random_runner(sizes);
    const auto wrong = vit->add_picture(some_pixels(32, 40));
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().message.find("32 x 40") != std::string::npos);
    CHECK_FALSE(vit->add_picture({1, 32, 32, std::vector<float>(1024)}).has_value());
    CHECK_FALSE(vit->add_picture({3, 32, 32, {}}).has_value());
    RunRequest strange;
    strange.ids = {0, 1, 2};
    CHECK(vit->run(strange, {}).error().kind == ErrorKind::InvalidInput);
    sizes.family = "dinov2";
    const auto dinov2 = random_runner(sizes);
    const auto wide = dinov2->add_picture(some_pixels(19, 45));
    REQUIRE(wide.has_value());
    CHECK(wide->rows == 2);
    CHECK(wide->columns == 5);
    CHECK(wide->leading == std::vector<std::string>{"CLS"});
    sizes.family = "llama";
    CHECK(random_runner(sizes)->add_picture(some_pixels(8, 8)).error().kind == ErrorKind::Unsupported);
}
