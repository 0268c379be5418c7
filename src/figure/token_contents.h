// Figures whose marks stand between tokens or beside them: lines, ribbons, bars, the pieces of scores.
#pragma once

#include <string>
#include <vector>

#include "figure/drawing.h"

namespace headlight {

/// Heads as lines between two columns of tokens: from queries at the left to keys at the right.
struct LinesContent {
    struct Line {
        int query = 0, key = 0;  // of the axes
        float value = 0;         // below 0: dashed
    };
    struct Head {
        std::string name;  // "L3H1"
        std::vector<Line> lines;
    };
    std::vector<Head> heads;  // at most kNumCurveColours, one colour each
    FigureAxes axes;
    float largest = 1;  // value of the thickest line
    std::string what;
    FigureCaption caption;
    std::string rule;  // "the fewest keys that hold 70 % of each row": under the title
};
FigureContent lines_figure(LinesContent content);

/// Where a token gets its content from: layers from left to right, tokens from top to bottom.
struct RibbonsContent {
    struct Row {
        std::string label;          // "·cat 3"
        double share = 0;           // of the input, 0..1
        double uniform = 0;         // of uniform attention
        std::vector<double> nodes;  // [levels] what passes through the token below each layer
    };
    struct Link {
        int level = 0;             // leads from the token below layer `level` to one above it
        int below = 0, above = 0;  // rows
        double weight = 0;
    };
    struct Way {
        std::string words;
        double weight = 0;
        std::vector<int> rows;  // [levels]; -1: not drawn
    };
    std::vector<Row> rows;  // in text order
    std::vector<Link> links;
    std::vector<Way> ways;  // heaviest first; the first is drawn over the ribbons
    int query_row = 0, num_levels = 2;
    std::string what, ways_title;
    FigureCaption caption;
};
FigureContent ribbons_figure(RibbonsContent content);

/// Lists of values as bars, one panel a list.
struct BarsContent {
    struct Bar {
        std::string label;   // "·cat 3"
        double value = 0;    // below 0: in the other colour
        std::string number;  // "45 %"
    };
    struct Panel {
        std::string name;  // "Layer 3 · Head 1"
        std::vector<Bar> bars;
        double largest = 1;  // value of a full bar
        std::string note;    // under the bars; may be empty
    };
    std::vector<Panel> panels;
    std::string what;
    FigureCaption caption;
};
FigureContent bars_figure(BarsContent content);

/// What a query gives to keys: products by dimension, their sum, the score, the weight.
struct ScoresContent {
    struct Row {
        std::string key;              // "·cat 3"
        std::vector<float> products;  // [dimensions]
        double product = 0, score = 0, weight = 0;
        bool is_masked = false;
    };
    std::vector<int> dimensions;  // numbers of the columns
    std::vector<Row> rows;
    std::string score_name;  // "× 0.125 + bias"
    std::string caveat;
    std::string what;
    FigureCaption caption;
};
FigureContent scores_figure(ScoresContent content);

}  // namespace headlight
