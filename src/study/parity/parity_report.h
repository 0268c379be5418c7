// What a comparison with reference attention found, and what it says as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

struct ParityOptions {
    std::vector<int> texts;   // t of the keys `t{t}.`, ascending; empty: every text of the file
    double tolerance = 2e-5;  // absolute, of attention: the reference itself is within 3e-6 of float64
    double relative_tolerance = 1e-3;  // of hidden states and logits
};

/// One layer, all heads of all texts.
struct LayerParity {
    AttentionKind kind = AttentionKind::Self;
    int layer = 0;
    double max_difference = 0;   // absolute; infinity where a weight is no finite number
    double mean_difference = 0;  // absolute, over all entries, forbidden keys included
    bool departs = false;        // max_difference > tolerance
    int text = 0, head = 0, query = 0,
        key = 0;  // where max_difference lies (text: index into ParityReport::texts)
};

/// What leaves a block, or the logits.
struct StateParity {
    AttentionKind kind = AttentionKind::Self;  // Self, Encoder or Decoder
    int state = 0;                             // l of hidden.{l}: 0 enters block 0, l leaves block l - 1
    double max_relative = 0;  // largest |ours - theirs| over the largest |theirs| of the same text
    bool departs = false;
};

struct ParityText {
    int text = -1;  // t of the keys `t{t}.`; -1: the file holds one text without prefix
    std::vector<std::int32_t> ids, decoder_ids;  // that the model was run on
};

struct ParityReport {
    std::string reference_file;
    std::string model, family;
    ParityOptions options;
    std::vector<ParityText> texts;
    std::vector<LayerParity>
        layers;  // in the order of computation: encoder, then decoder and cross layer by layer
    std::vector<StateParity> hidden;  // encoder's, then decoder's; empty if the file has none
    std::optional<double>
        logits_max_relative;         // as StateParity::max_relative; none if file or model have no logits
    std::vector<int> absent_layers;  // layers of the model without softmax attention: not compared
    std::optional<std::size_t> first_departing;  // index into `layers`
    bool has_guessed_segments = false;  // sentence pairs, whose segments were told by their separators

    double max_difference() const;  // of all layers
    std::optional<double> hidden_max_relative() const;
    bool departs() const;  // attention, hidden states or logits beyond their tolerance
    /// One sentence: "agrees: ..." or "departs first at layer 3 (cross attention): ...".
    std::string verdict() const;
};

}  // namespace headlight
