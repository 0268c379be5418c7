// Order, tint and geometry of the head grid.
#include <doctest/doctest.h>

#include "views/grid_geometry.h"
#include "views/grid_model.h"
#include "views/sample_text.h"
#include "views/thumbnails.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("grid model: by layer, with a mean row and column") {
    const Snapshot snapshot = sample_snapshot({2, 3, 8, 0});
    const GridModel model = make_grid_model(snapshot.text->analysis, nullptr, 2, 3, "none", "layer");
    CHECK(model.rows == 3);
    CHECK(model.cols == 4);
    CHECK(model.at(1, 2).kind == GridCell::Kind::Head);
    CHECK(model.at(1, 2).head == HeadId{1, 2});
    CHECK(model.at(1, 3).kind == GridCell::Kind::LayerMean);
    CHECK(model.at(2, 1).kind == GridCell::Kind::HeadMean);
    CHECK(model.at(2, 3).kind == GridCell::Kind::OverallMean);
    CHECK(model.find({1, 2}) == std::pair{1, 2});
    CHECK(model.find({7, 2}) == std::pair{-1, -1});
    CHECK(model.at(0, 0).tint < 0);
}

TEST_CASE("grid model: sorted by a metric, the largest first; the tint spans its range") {
    const Snapshot snapshot = sample_snapshot({3, 4, 8, 0});
    const TextAnalysis& analysis = snapshot.text->analysis;
    const GridModel model = make_grid_model(analysis, nullptr, 3, 4, "entropy", "entropy");
    CHECK(model.is_sorted);
    REQUIRE(model.cells.size() == 12);
    const MetricDescriptor& entropy = *find_metric("entropy");
    double last = 1e9;
    for (const GridCell& cell : model.cells) {
        const double value = *head_metric(analysis, nullptr, cell.head, entropy);
        CHECK(value <= last);
        last = value;
    }
    CHECK(model.cells.front().tint == doctest::Approx(1));
    CHECK(model.cells.back().tint == doctest::Approx(0));
    CHECK(model.tint_lo == doctest::Approx(last));
    const auto [row, col] = model.find(model.cells[5].head);
    CHECK(row * model.cols + col == 5);
}

TEST_CASE("grid model: weights metrics wait for the weights") {
    const Snapshot snapshot = sample_snapshot({2, 2, 4, 0});
    const GridModel model = make_grid_model(snapshot.text->analysis, nullptr, 2, 2, "qk_top5", "layer");
    CHECK(model.tint != nullptr);
    CHECK_FALSE(model.at(0, 0).tint_value.has_value());
    CHECK(model.tint_lo == 0);
}

TEST_CASE("grid geometry: every cell is found where it is drawn") {
    GridGeometryInput input;
    input.area = {50, 60, 300, 700};
    input.rows = 31;
    input.cols = 10;
    const GridGeometry geometry = make_grid_geometry(input);
    CHECK(geometry.max_scroll_x() == 0);
    CHECK(geometry.max_scroll_y() == 0);
    for (int row = 0; row < 31; ++row) {
        for (int col = 0; col < 10; ++col) {
            const LayoutRect cell = geometry.cell(row, col);
            CHECK(geometry.hit(cell.x + cell.width / 2, cell.y + cell.height / 2) == std::pair{row, col});
        }
    }
    CHECK_FALSE(geometry.hit(49, 100).has_value());
    CHECK_FALSE(geometry.hit(100, 761).has_value());
}

TEST_CASE(
    "grid geometry: 48 x 25 heads never get smaller than readable; zoom keeps the cell under the pointer") {
    GridGeometryInput input;
    input.area = {0, 0, 260, 500};
    input.rows = 49;
    input.cols = 26;
    const GridGeometry plain = make_grid_geometry(input);
    CHECK(plain.cell_width >= 16);
    CHECK(plain.cell_height >= 16);
    CHECK(plain.max_scroll_y() > 0);
    const auto before = plain.hit(130, 250);
    input.zoom = 2.5f;
    std::tie(input.scroll_x, input.scroll_y) = scroll_for_zoom(plain, input, 130, 250);
    CHECK(make_grid_geometry(input).hit(130, 250) == before);
    input.scroll_y = 1e9f;
    const GridGeometry end = make_grid_geometry(input);
    CHECK(end.scroll_y == end.max_scroll_y());
}

TEST_CASE("thumbnails: structural zeros are marked, weights are those of the trace") {
    const TracePtr trace = sample_trace({1, 1, 8, 0});
    const Thumbnail small = head_thumbnail(*trace, {0, 0});
    REQUIRE(small.rows == 8);
    const std::vector<float> weights = trace->matrix(0, 0);
    for (int query = 0; query < 8; ++query) {
        for (int key = 0; key < 8; ++key) {
            const float value = small.values[static_cast<std::size_t>(query * 8 + key)];
            if (key > query) CHECK(value != value);
            if (key <= query) CHECK(value == weights[static_cast<std::size_t>(query * 8 + key)]);
        }
    }
    const TracePtr longer = sample_trace({1, 1, 150, 0});
    const Thumbnail pooled = head_thumbnail(*longer, {0, 0});
    REQUIRE(pooled.rows == 64);
    for (int row = 0; row < 64; ++row) {
        const float above = pooled.values[static_cast<std::size_t>(row * 64 + std::min(63, row + 1))];
        if (row < 63) CHECK(above != above);
        CHECK(pooled.values[static_cast<std::size_t>(row * 64 + row)] > 0);
    }
}
