// Places of heads in a row.
#include "core/head_grid.h"

#include <doctest/doctest.h>

using namespace headlight;

TEST_CASE("head grid: layer by layer, and back") {
    const HeadGrid grid{3, 4};
    CHECK(grid.size() == 12);
    CHECK(grid.index({0, 0}) == 0);
    CHECK(grid.index({1, 2}) == 6);
    CHECK(grid.at(6) == HeadId{1, 2});
    CHECK(grid.at(11) == HeadId{2, 3});
    for (std::size_t i = 0; i < grid.size(); ++i)
        CHECK(grid.index(grid.at(i)) == i);
}
