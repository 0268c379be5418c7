// Pictures against Pillow and the reference's image processors: colours, resizing, preparation, broken files.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "io/json_file.h"
#include "io/picture/preprocessor.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

std::string picture_file(const std::string& name) {
    return own_fixture("pictures/" + name);
}

nlohmann::json expected() {
    return read_json_file(picture_file("expected.json")).value();
}

template <class T>
std::string digest(const std::vector<T>& values) {
    Sha256 hash;
    hash.add(std::as_bytes(std::span(values)));
    return hash.finish();
}

Raster picture(const std::string& name) {
    auto read = read_picture(picture_file(name));
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().to_string()));
    return std::move(*read);
}

}  // namespace

TEST_CASE("pictures: colours are Pillow's, byte for byte, also over white") {
    const nlohmann::json all = expected();
    for (const auto& item : all["pictures"].items()) {
        const std::string name = item.key();
        const nlohmann::json& values = item.value();
        INFO(name);
        const Raster raster = picture(name);
        CHECK(raster.width == values["width"]);
        CHECK(raster.height == values["height"]);
        CHECK(digest(raster.rgb) == values["rgb"]);
        CHECK(digest(over_white(raster).rgb) == values["over_white"]);
        CHECK(is_picture(picture_file(name)));
    }
}

TEST_CASE("pictures: every filter resizes as Pillow does, byte for byte") {
    const nlohmann::json all = expected();
    const Raster house = picture("house.png");
    for (const auto& one : all["resized"]) {
        INFO(one.dump());
        const Raster made =
            resize(house, one["height"], one["width"], static_cast<Resampling>(one["filter"]));
        CHECK(digest(made.rgb) == one["rgb"]);
    }
}

TEST_CASE("pictures: prepared as the reference's processors do it") {
    const nlohmann::json all = expected();
    for (const auto& one : all["prepared"]) {
        INFO(one.dump());
        const auto steps = parse_preprocessor(one["config"], "preprocessor_config.json", "");
        REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().to_string()));
        const auto seen = preprocess(*steps, picture(one["picture"]));
        REQUIRE(seen.has_value());
        CHECK(seen->pixels.is_sound());
        CHECK(std::vector<int>{3, seen->pixels.height, seen->pixels.width} == one["shape"]);
        CHECK(digest(seen->pixels.values) == one["values"]);
    }
}

TEST_CASE("pictures: a preparation that is not understood is refused by its key") {
    const auto refused = [](const nlohmann::json& config, const char* family = "vit") {
        const auto steps = parse_preprocessor(config, "file.json", family);
        REQUIRE_FALSE(steps.has_value());
        return steps.error().message;
    };
    CHECK(refused({{"image_processor_type", "OwlViTImageProcessor"}}).find("OwlViT") != std::string::npos);
    CHECK(refused({{"do_pad", true}}).find("do_pad") != std::string::npos);
    CHECK(refused({{"size", {{"shortest_edge", 3}, {"longest_edge", 9}}}}).find("size") != std::string::npos);
    CHECK(refused({{"size", -4}}).find("size") != std::string::npos);
    CHECK(refused({{"size", "large"}}).find("large") != std::string::npos);
    CHECK(refused({{"resample", 9}}).find("resample") != std::string::npos);
    CHECK(refused({{"image_mean", {1, 2}}}).find("image_mean") != std::string::npos);
    CHECK(refused(nlohmann::json::array()).find("object") != std::string::npos);
    CHECK(refused(nlohmann::json::object(), "nobody").find("known") != std::string::npos);
    CHECK(read_preprocessor(fresh_dir("no_preprocessor"), "vit").error().kind == ErrorKind::Missing);
    const auto silent = parse_preprocessor(nlohmann::json::object(), "file.json", "dinov2");
    CHECK(silent->shortest_edge == 224);
    CHECK(silent->crops);
}

TEST_CASE("pictures: cut off, huge and foreign files are refused") {
    for (const char* name : {"house.png", "small.jpg", "progressive.jpg", "small.webp", "alpha.webp"}) {
        INFO(name);
        const std::string whole = read_text_file(picture_file(name)).value();
        for (const double share : {0.05, 0.3, 0.7, 0.95}) {
            const auto size = static_cast<std::size_t>(static_cast<double>(whole.size()) * share);
            const auto cut = decode_picture(whole.substr(0, size), name);
            REQUIRE_FALSE(cut.has_value());
            CHECK(cut.error().file == name);
        }
    }
    CHECK(read_picture(picture_file("cmyk.jpg")).error().message.find("CMYK") != std::string::npos);
    CHECK(decode_picture("GIF89a", "x.gif").error().kind == ErrorKind::Unsupported);
    CHECK(read_picture(picture_file("absent.png")).error().kind == ErrorKind::Missing);
    std::string huge = read_text_file(picture_file("small.png")).value();
    huge[16] = '\x7f';  // the width
    CHECK_FALSE(decode_picture(huge, "huge.png").has_value());
    Preprocessor steps;
    steps.shortest_edge = kMostPictureSide;
    CHECK(preprocess(steps, picture("small.png")).error().kind == ErrorKind::InvalidInput);
}
