// Everything that makes one figure, as plain values: of which model and text, what of it, and how it is
// printed. The fields, with their names in options, recipes and commands, are the table of figure_fields.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "figure/figure.h"
#include "run/cause/question_options.h"
#include "run/live_model.h"
#include "run/text_tokens.h"

namespace headlight {

struct FigureRequest {
    // What it is of.
    ModelOptions model;  // `path` may be stored attention, or a training log
    std::string dump_axes;
    TextOptions text;
    DecoderOptions decoder;
    std::string attention;  // "self", "encoder", "decoder", "cross"; empty: the most telling one

    // What of it. Indices are 0-based.
    std::optional<int> layer, head;
    std::string heads;     // "1.3,2.0"; empty: those of `layer` and `head`
    std::string together;  // several heads: "panels", "mean"
    std::optional<int> query, key;
    std::string tokens;        // "A..B", both included; empty: all
    std::string by = "token";  // unit of rows and columns
    std::string from_group = "mean";
    std::string weights = "raw";
    int top_k = 5;
    int max_heads = 0;    // 0: all
    std::string metrics;  // "entropy,first_token_mass"; empty: the kind's own
    int share = 70;       // of each row, per cent, that lines cover
    std::string method;   // of following attention across layers

    // What is changed, and which side is shown.
    std::string change;  // "zero 5.1,2.0; scale 1.3 factor=2"
    std::string show;    // "after", "before", "difference"
    QuestionOptions question;
    std::string corrupt_text;
    std::vector<std::int32_t> corrupt_ids;
    std::string site = "head", direction = "denoise", mlp = "recompute";
    std::string receiver;     // of paths; empty: the logits
    double threshold = 0.05;  // of a circuit's edges
    bool has_graph = false;   // the circuit that paths make

    // The other side of a comparison.
    std::string other_text, other_model, other_change, head_b;
    std::vector<std::int32_t> other_ids;

    // Writing on, and growing contexts.
    int max_new_tokens = 20;
    std::optional<double> temperature;
    std::uint64_t seed = 1;
    std::vector<int> lengths;
    std::string fact, fact_place = "start";

    // Print. `column` names a preset, which the numbers override.
    FigureStyle style;
    std::string column;
    double width_mm = 0, font_pt = 0;
};

/// The style with its preset. Errors: InvalidInput (no such preset).
Result<FigureStyle> print_style(const FigureRequest& request);

}  // namespace headlight
