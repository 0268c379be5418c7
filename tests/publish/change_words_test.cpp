// Replaced attention as words and back.
#include "publish/change_words.h"

#include <doctest/doctest.h>

using namespace headlight;

namespace {
ModelSpec small_model() {
    ModelSpec spec;
    spec.num_layers = 3;
    spec.num_heads = 2;
    return spec;
}
}  // namespace

TEST_CASE("changes: what is written is read as the same changes") {
    const ModelSpec spec = small_model();
    for (const std::string words :
         {"zero 0.1,2.0", "uniform all", "previous 1.*", "local 0.0 window=3", "scale 2.1 factor=1.5",
          "knock_out 1.1 edges=3>0,4>2", "zero mlp=1,2", "first 0.*,1.0; identity 2.1", "mean 1.0"}) {
        CAPTURE(words);
        const auto changes = parse_changes(words, spec);
        REQUIRE(changes);
        const auto again = change_words(*changes, spec.grid());
        REQUIRE(again);
        CHECK(*again == words);
    }
    const auto knocked = parse_changes("knock_out L1H1 edges=3>0,4>2", spec);
    REQUIRE(knocked);
    REQUIRE(knocked->size() == 1);
    CHECK(knocked->front().heads == std::vector<HeadId>{{1, 1}});
    CHECK(knocked->front().edges == std::vector<Edge>{{3, 0}, {4, 2}});
    CHECK(parse_changes("  ", spec)->empty());
}

TEST_CASE("changes: what cannot be read is named") {
    const ModelSpec spec = small_model();
    for (const std::string words : {"zero", "zero 3.0", "nothing 0.0", "pattern 0.0", "scale 0.0 factor=x",
                                    "knock_out 0.0", "knock_out 0.0 edges=3", "zero 0.0 size=2", "zero 0"}) {
        CAPTURE(words);
        const auto changes = parse_changes(words, spec);
        REQUIRE_FALSE(changes);
        CHECK(changes.error().kind == ErrorKind::InvalidInput);
    }
    Intervention given;
    given.mode = InterventionMode::Pattern;
    given.heads = {{0, 0}};
    CHECK_FALSE(change_words({given}, spec.grid()));
}
