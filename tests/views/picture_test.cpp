// The picture of an image model: chips and patches that are pointed at and clicked, and why there is none.
#include <doctest/doctest.h>

#include "core/engine.h"
#include "run/picture/picture_tokenizer.h"
#include "support/fixtures.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// A runner that takes pictures and runs nothing.
class PictureRunner final : public ModelRunner {
  public:
    PictureRunner() { spec_.family = "vit"; }
    const ModelSpec& spec() const override { return spec_; }
    Result<RunResult> run(const RunRequest&, const JobContext&) override {
        return fail(ErrorKind::Unsupported, "it runs nothing");
    }
    Result<HeadWeights> head_weights(int, int) const override {
        return fail(ErrorKind::Unsupported, "it has no weights");
    }
    Result<PictureTokens> add_picture(const PixelValues&) override { return PictureTokens{0, {"CLS"}, 4, 4}; }
    bool takes_pictures() const override { return true; }

  private:
    ModelSpec spec_;
};

struct PictureSample {
    std::shared_ptr<ModelRunner> runner = std::make_shared<PictureRunner>();
    Snapshot snapshot = sample_snapshot({2, 3, 17});

    PictureSample() {
        auto info = std::make_shared<ModelInfo>(*snapshot.model);
        info->tokenizer = open_picture_tokenizer(own_fixture("hand_vit"), runner).value();
        auto text = std::make_shared<AnalyzedText>(*snapshot.text);
        text->tokens = info->tokenizer->try_encode(own_fixture("pictures/house.png")).value();
        snapshot.model = info;
        snapshot.text = snapshot.base_text = text;
    }
};

}  // namespace

TEST_CASE("picture: patches are shown, pointed at and chosen") {
    PictureSample sample;
    ViewStage stage("picture", sample.snapshot);
    const auto* area = stage.harness.kit().recorder.find("##picture_area");
    REQUIRE(area != nullptr);
    const float step_x = (area->max.x - area->min.x) / 4, step_y = (area->max.y - area->min.y) / 4;
    CHECK(step_x == doctest::Approx(step_y));  // the processor made it square
    stage.harness.move_mouse({area->min.x + step_x * 2.5F, area->min.y + step_y * 1.5F});
    stage.harness.frames(2);
    CHECK(stage.shared.hover.token == 1 + 4 + 2);
    CHECK(stage.shared.hover.sentence.find("patch 2,3") != std::string::npos);
    stage.taken();
    stage.harness.click_at("##picture_area", 0.125F, 0.875F);
    CHECK(stage.taken() == "query 13");
}

TEST_CASE("picture: text models have none, and words are no patches") {
    ViewStage text("picture", sample_snapshot({2, 3, 8}));
    CHECK(text.harness.kit().recorder.find("##picture_area") == nullptr);
    CHECK_FALSE(find_view("picture")->has_content(text.snapshot));
    PictureSample sample;
    CHECK(find_view("picture")->has_content(sample.snapshot));
    CHECK(find_view("picture")->subject(sample.snapshot).ends_with("house.png"));
}
