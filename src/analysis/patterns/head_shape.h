// A coarse label for the picture of a head, after the five classes of Kovaleva et al. 2019.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "analysis/detector.h"

namespace headlight {

/// Scores the label is made of: of one text, or means over many.
struct ShapeEvidence {
    std::optional<double> first;        // score of first_token
    std::optional<double> column;       // score of global_column
    std::optional<double> delimiter;    // score of delimiter
    std::optional<double> self;         // score of self
    std::optional<double> previous;     // score of previous_token
    std::optional<double> next;         // score of next_token
    std::optional<double> block_kappa;  // kappa of block
};

struct HeadShape {
    std::string
        label;  // "vertical", "diagonal", "vertical and diagonal", "block", "heterogeneous"; empty: not known
    std::string reason;  // "columns hold 0.62, diagonals 0.08, ..."
};

/// Vertical: the columns (first token, or one other key, or special tokens) hold half of the attention and
/// the diagonals (self, previous, next) less than a fifth. Diagonal: the other way round. Both: a fifth or
/// more each and 0.6 together. Block: neither, and kappa of the sentence is 0.5 or more. Heterogeneous:
/// everything else. The cuts are proposed here.
HeadShape head_shape(const ShapeEvidence& evidence);

/// The evidence in the tags of one head.
ShapeEvidence shape_evidence(std::span<const Tag> tags);

}  // namespace headlight
