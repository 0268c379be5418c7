// A kind of figure: one file in kinds/ and one line in kinds.def each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "figure/drawing.h"
#include "publish/figure_fields.h"
#include "publish/figure_source.h"

namespace headlight {

/// What a kind gives: one figure, or one panel a head.
struct KindFigure {
    FigureContent content;
    std::string caption;  // a sentence for the text under the figure: what was measured
};
using KindFigures = std::vector<KindFigure>;

/// What must be there before a figure of the kind can be made.
enum class FigureNeed {
    Attention,  // a model with a text, or stored attention
    Model,      // a model that runs
    Question,   // and a question
    Pair,       // and a corrupted text
    Other,      // another side
    Log,        // a training log
};

struct FigureKindDescriptor {
    const char* id;     // "heatmap"
    const char* title;  // "Heatmap"
    const char* help;   // one sentence
    FigureNeed need;
    std::vector<FieldGroup> groups;  // whose fields say something to it, beside Model, Text and Print
    const char* view;                // of the window, which shows the same; "": none
    Result<KindFigures> (*make)(const FigureRequest& request, FigureSource& source, const JobContext& job);
};

/// All of kinds.def, in that order.
std::span<const FigureKindDescriptor* const> figure_kinds();
/// Null: there is none of that id.
const FigureKindDescriptor* find_figure_kind(std::string_view id);
/// Errors: InvalidInput with all kinds.
Result<const FigureKindDescriptor*> figure_kind(const std::string& id);

/// Does the field say something to figures of this kind?
bool speaks_to(const FigureField& field, const FigureKindDescriptor& kind);

}  // namespace headlight
