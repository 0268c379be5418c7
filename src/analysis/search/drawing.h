// A drawing on an empty matrix: strokes, each of which sets pairs or takes them away.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/search/pair_template.h"

namespace headlight {

struct Stroke {
    enum class Kind {
        Box,     // queries first_query .. last_query, keys first_key .. last_key
        Stripe,  // query - key within `width` around `offset`, of those queries
        Brush    // squares of `width` cells around points
    };
    Kind kind = Kind::Box;
    bool erases = false;
    int first_query = 0, last_query = kLast;  // included
    int first_key = 0, last_key = kLast;
    int offset = 0, width = 1;
    std::vector<std::pair<int, int>> points;  // query, key

    static constexpr int kLast = -1;  // the last of the text
    bool operator==(const Stroke&) const = default;
};

inline constexpr std::size_t kMostStrokes = 500, kMostStrokePoints = 5000;

/// The strokes one over another; of a causal text nothing above the diagonal. What lies outside is cut off.
PairTemplate draw_strokes(std::span<const Stroke> strokes, int num_queries, int num_keys, bool is_causal);

/// "box Q0 Q1 K0 K1", "stripe OFFSET [WIDTH [Q0 Q1]]", "column K [Q0 Q1]", "row Q", "diagonal [WIDTH]",
/// "brush WIDTH Q K [Q K ...]", each also behind "erase"; a place may be "last". Errors: InvalidInput with
/// what is expected.
Result<Stroke> parse_stroke(std::span<const std::string> words);
/// The words that parse_stroke() reads as this stroke.
std::vector<std::string> stroke_words(const Stroke& stroke);

/// The rule that says the same on every text, of a drawing that holds whole stripes only: "offset 1..2 or
/// offset 4"; empty for any other drawing.
std::string rule_of_strokes(std::span<const Stroke> strokes);

}  // namespace headlight
