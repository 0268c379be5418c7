// What the check of snapshots finds: one thing after the other is made not to belong.
#include <functional>

#include "session/belonging.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("belonging: what does not belong together is found") {
    ManyModels f("belonging_faults");
    f.session.open(f.words);
    f.session.set_text("a b c");
    REQUIRE(f.settle());
    REQUIRE(snapshot_faults(f.now()).empty());
    const auto faults_after = [&f](const std::function<void(Snapshot&)>& change) {
        Snapshot broken = f.now();
        change(broken);
        return snapshot_faults(broken).size();
    };
    CHECK(faults_after([](Snapshot& now) { now.model = nullptr; }) == 1);
    CHECK(faults_after([](Snapshot& now) { now.text = nullptr; }) > 0);
    CHECK(faults_after([](Snapshot& now) { now.kinds.clear(); }) > 0);
    CHECK(faults_after([](Snapshot& now) { now.typed_text = "a b"; }) == 1);
    CHECK(faults_after([](Snapshot& now) { now.selection.query = 3; }) == 1);
    CHECK(faults_after([](Snapshot& now) { now.selection.key = 3; }) == 1);
    CHECK(faults_after([](Snapshot& now) { now.selection.others = {{0, 0}, {2, 0}}; }) == 1);
    CHECK(faults_after([](Snapshot& now) { now.training_model_id = 12345; }) == 1);
    CHECK(faults_after([](Snapshot& now) {
              auto other = std::make_shared<ModelInfo>(*now.model);
              other->id += 1;
              now.model = other;
          }) > 0);
    CHECK(faults_after([](Snapshot& now) {
              now.interventions = std::make_shared<std::vector<Intervention>>(
                  1, Intervention{.mode = InterventionMode::ZeroOutput, .heads = {{5, 0}}});
          }) == 1);
}
