// Order, tint and geometry of the head grid.
#include <doctest/doctest.h>

#include "views/grid/grid_geometry.h"
#include "views/grid/grid_model.h"
#include "views/grid/thumbnails.h"
#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("grid model: by layer, with a mean row and column") {
    const Snapshot snapshot = sample_snapshot({2, 3, 8, 0});
    const GridModel model = make_grid_model({snapshot, nullptr, "none", "layer"});
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
    const GridModel model = make_grid_model({snapshot, nullptr, "entropy", "entropy"});
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
    const GridModel model = make_grid_model({snapshot, nullptr, "qk_top5", "layer"});
    CHECK(model.is_tinted);
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

TEST_CASE("grid model: effects of a sweep tint around zero; an atlas brings its own tags") {
    Snapshot snapshot = sample_ablation({2, 3, 8, 0}, Compare::Before);
    const GridModel model = make_grid_model({snapshot, nullptr, kAblationTint, "layer"});
    CHECK(model.is_tint_signed);
    CHECK(model.tint_lo == doctest::Approx(-0.03));
    CHECK(model.tint_hi == doctest::Approx(0.03));
    CHECK(model.at(0, 1).tint == doctest::Approx(0.5));
    CHECK(*model.at(0, 0).tint_value == doctest::Approx(-0.01));

    snapshot.atlas = sample_atlas({2, 3, 8, 0});
    const GridModel tagged = make_grid_model({snapshot, nullptr, "none", "layer"});
    REQUIRE(tagged.groups.size() == 1);
    CHECK(tagged.groups[0].heads == std::vector<HeadId>{{0, 1}});
    REQUIRE(tagged.at(0, 1).tags.size() == 1);
    CHECK(tagged.at(0, 1).tags[0].sentence.find("n = 32") != std::string::npos);
    CHECK(tagged.tag_source.find("atlas") != std::string::npos);
    snapshot.atlas_mismatch = "another model";
    CHECK(make_grid_model({snapshot, nullptr, "none", "layer"}).tag_source == "patterns on this text");
}

TEST_CASE("thumbnails: differences are after minus before, cell by cell or by the tiles' means") {
    for (const int tokens : {8, 150}) {
        const TracePtr after = sample_trace({1, 1, tokens, 0}, 3),
                       before = sample_trace({1, 1, tokens, 0}, 4);
        const Thumbnail picture = difference_thumbnail(*after, *before, {0, 0});
        const int side = std::min(tokens, 64);
        REQUIRE(picture.rows == side);
        const auto a = after->matrix(0, 0), b = before->matrix(0, 0);
        // Independent of the overview: sums over the admissible cells of each tile.
        std::vector<double> sum(static_cast<std::size_t>(side * side), 0.0), count(sum.size(), 0.0);
        for (int query = 0; query < tokens; ++query) {
            for (int key = 0; key <= query; ++key) {
                const auto tile =
                    static_cast<std::size_t>(query * side / tokens * side + key * side / tokens);
                const auto cell = static_cast<std::size_t>(query * tokens + key);
                sum[tile] += a[cell] - b[cell];
                count[tile] += 1;
            }
        }
        for (std::size_t i = 0; i < sum.size(); ++i) {
            if (count[i] == 0) {
                CHECK(picture.values[i] != picture.values[i]);
            } else {
                CHECK(picture.values[i] == doctest::Approx(sum[i] / count[i]).epsilon(1e-4));
            }
        }
    }
}
