// A folder that holds a model and what lies beside it: both open, and both go with the model.
#include "session/belonging.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("folder: a model and its training log open together, and the log goes with the model") {
    ManyModels f("folder_log");
    f.session.open(f.sums);
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "sums");
    REQUIRE(f.now().training);
    CHECK(f.now().training->log.rows.size() == 1);
    CHECK(f.now().training->log.title == "sums");
    CHECK(f.now().training_model_id == f.now().model->id);
    f.session.take_notices();
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().training);
    bool is_told = false;
    for (const Notice& notice : f.session.take_notices())
        is_told |= notice.text == "Closed the training log of sums";
    CHECK(is_told);

    std::ofstream(f.words + "/metrics.jsonl") << "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"loss\": 1}\n";
    f.session.open(f.words);  // beside config.json itself, too
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "words");
    REQUIRE(f.now().training);
    CHECK(f.now().training->log.rows.size() == 2);
    f.world->models[f.words + "/model.safetensors"] = f.world->models[f.words];
    std::ofstream(f.words + "/model.safetensors") << "x";
    f.session.open(f.words + "/model.safetensors");  // a weights file stands for its folder
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.path == f.words);
    CHECK(f.now().training);
}

TEST_CASE("folder: a log alone stays open beside any model; that of the open model goes with it") {
    ManyModels f("folder_alone");
    f.session.open(f.log);
    REQUIRE(f.settle());
    REQUIRE(f.now().training);
    CHECK_FALSE(f.now().model);
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK(f.now().training);
    f.session.open(f.sums + "/training");
    REQUIRE(f.settle());
    CHECK(f.now().training_model_id == 0);  // of another model's folder, opened by itself
    f.session.open(f.sums);
    f.session.open(f.sums + "/training");
    REQUIRE(f.settle());
    f.session.open(f.ids);
    REQUIRE(f.settle());
    belongs_together(f.session);
}

TEST_CASE("folder: an atlas of the open model goes with it, one that waits for its model stays") {
    ManyModels f("folder_atlas");
    f.session.open(f.atlas);
    REQUIRE(f.settle());
    f.session.open(f.ids);
    REQUIRE(f.settle());
    REQUIRE(f.now().atlas);
    CHECK_FALSE(f.now().atlas_mismatch.empty());
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK(f.now().atlas_mismatch.empty());
    CHECK(f.now().atlas_model_id == f.now().model->id);
    f.session.open(f.words);  // the same again: it still fits
    REQUIRE(f.settle());
    CHECK(f.now().atlas_model_id == f.now().model->id);
    f.session.open(f.ids);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().atlas);
    belongs_together(f.session);

    REQUIRE(write_atlas(f.ids + "/atlas.json", atlas_of(f.world->models[f.ids])));
    f.session.open(f.ids);
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "ids");
    REQUIRE(f.now().atlas);
    CHECK(f.now().atlas_mismatch.empty());
}

TEST_CASE("folder: a log beside a model that cannot be read is a warning") {
    ManyModels f("folder_corrupt");
    std::ofstream(f.words + "/metrics.jsonl") << "no json\n";
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "words");
    CHECK_FALSE(f.now().training);
    bool is_told = false;
    for (const Notice& notice : f.session.take_notices())
        is_told |= notice.text.find("beside the model") != std::string::npos && !notice.details.empty();
    CHECK(is_told);
}
