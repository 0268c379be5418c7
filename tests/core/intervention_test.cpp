// Rows that take the place of measured attention: what each mode puts where, at the edges of the mask too.
#include "core/intervention.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace headlight;

namespace {

std::vector<float> row_of(InterventionMode mode, int query, KeyRange keys, int window = 5, int num_keys = 8) {
    std::vector<float> row(static_cast<std::size_t>(num_keys), -1.0f);
    write_replacement_row(mode, query, keys, window, row);
    return row;
}

std::vector<float> one_at(int key, int num_keys = 8) {
    std::vector<float> row(static_cast<std::size_t>(num_keys), 0.0f);
    row[static_cast<std::size_t>(key)] = 1.0f;
    return row;
}

}  // namespace

TEST_CASE("intervention: names go to modes and back, and each has a label") {
    for (const InterventionMode mode : kInterventionModes) {
        CHECK(intervention_mode(to_string(mode)) == mode);
        CHECK(std::string(label_of(mode)).size() > 3);
    }
    CHECK(std::string(to_string(InterventionMode::KnockOut)) == "knock_out");
    CHECK_FALSE(intervention_mode("uniforms").has_value());
}

TEST_CASE("intervention: rows of the modes in a causal mask") {
    CHECK(row_of(InterventionMode::Uniform, 3, {0, 4}) ==
          std::vector<float>{.25f, .25f, .25f, .25f, 0, 0, 0, 0});
    CHECK(row_of(InterventionMode::LocalWindow, 3, {0, 4}, 1) ==
          std::vector<float>{0, 0, .5f, .5f, 0, 0, 0, 0});
    CHECK(row_of(InterventionMode::LocalWindow, 3, {0, 4}, 0) == one_at(3));
    CHECK(row_of(InterventionMode::PreviousToken, 3, {0, 4}) == one_at(2));
    CHECK(row_of(InterventionMode::PreviousToken, 0, {0, 1}) == one_at(0));
    CHECK(row_of(InterventionMode::FirstToken, 6, {0, 7}) == one_at(0));
    CHECK(row_of(InterventionMode::Identity, 6, {0, 7}) == one_at(6));
}

TEST_CASE("intervention: rows stay inside a sliding window and use both sides without causality") {
    CHECK(row_of(InterventionMode::Uniform, 5, {4, 6}) == std::vector<float>{0, 0, 0, 0, .5f, .5f, 0, 0});
    CHECK(row_of(InterventionMode::FirstToken, 5, {4, 6}) == one_at(4));
    CHECK(row_of(InterventionMode::PreviousToken, 5, {5, 6}) ==
          one_at(5));  // the window holds the token alone
    CHECK(row_of(InterventionMode::LocalWindow, 4, {0, 8}, 1) ==
          std::vector<float>{0, 0, 0, 1.0f / 3, 1.0f / 3, 1.0f / 3, 0, 0});
    for (int window = 0; window < 9; ++window) {
        for (int query = 0; query < 8; ++query) {
            const std::vector<float> row =
                row_of(InterventionMode::LocalWindow, query, {0, query + 1}, window);
            CHECK(std::accumulate(row.begin(), row.end(), 0.0) == doctest::Approx(1.0));
        }
    }
}

TEST_CASE("intervention: cut edges leave the rest in its proportions") {
    const std::vector<Edge> edges = {{2, 0}, {3, 1}, {3, 9}};
    std::vector<float> row = {0.5f, 0.25f, 0.25f, 0};
    knock_out_row(2, {0, 3}, edges, row);
    CHECK(row == std::vector<float>{0, 0.5f, 0.5f, 0});
    const std::vector<float> before = row;
    knock_out_row(1, {0, 2}, edges, row);  // no edge of this query
    CHECK(row == before);
    std::vector<float> all_cut = {1.0f, 0, 0, 0};
    knock_out_row(2, {0, 1}, edges, all_cut);  // the only key: left as it was
    CHECK(all_cut[0] == 1.0f);
    std::vector<float> nothing_left = {1.0f, 0, 0, 0};
    knock_out_row(2, {0, 3}, edges, nothing_left);  // all its mass was on the cut key
    CHECK(nothing_left == std::vector<float>{0, 0.5f, 0.5f, 0});
}

TEST_CASE("intervention: descriptions name heads and mode") {
    const auto text = [](InterventionMode mode, std::vector<HeadId> heads) {
        Intervention change;
        change.mode = mode;
        change.heads = std::move(heads);
        change.edges = {{5, 2}};
        change.factor = 0.5;
        return describe(change, 2, 2);
    };
    CHECK(text(InterventionMode::Uniform, {{1, 1}}) == "L1H1: uniform attention");
    CHECK(text(InterventionMode::ZeroOutput, {{1, 0}, {1, 1}}) == "layer 1: zero output");
    CHECK(text(InterventionMode::Scale, {{0, 0}, {0, 1}, {1, 0}, {1, 1}}) == "all heads: output × 0.5");
    CHECK(text(InterventionMode::KnockOut, {{0, 1}}).find("5 → 2") != std::string::npos);
    CHECK(text(InterventionMode::Identity, {{0, 1}, {1, 0}}).find("L0H1, L1H0") == 0);
}
