#include "views/panels/flow_ribbons.h"

#include <doctest/doctest.h>

using namespace headlight;

TEST_CASE("ribbons: the query and the heaviest tokens are shown, in text order") {
    Rollout rollout;
    rollout.input_share = {0.5, 0.0, 0.3, 0.0, 0.2};
    rollout.uniform_share = {0.2, 0.2, 0.2, 0.2, 0.2};
    rollout.links = {{0, 3, 1, 0.4}};
    const RibbonTokens all = choose_ribbon_tokens(rollout, 5, 3, 10);
    CHECK(all.tokens == std::vector<int>{0, 1, 2, 3, 4});
    const RibbonTokens few = choose_ribbon_tokens(rollout, 5, 3, 3);
    CHECK(few.tokens.size() == 3);
    CHECK(few.row_of[3] >= 0);
    CHECK(few.row_of[0] == 0);
    rollout.links.clear();
    const RibbonTokens without = choose_ribbon_tokens(rollout, 5, 3, 10);
    CHECK(without.tokens == std::vector<int>{0, 2, 3, 4});
    CHECK(without.share == std::vector<double>{0.5, 0.3, 0.0, 0.2});
}
