// Curves of a head over the length of its context.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/dilute/dilution.h"
#include "views/view.h"

namespace headlight {

/// What is drawn: one of the kinds, or one of what is made of them.
struct DilutionQuantity {
    const char* id;
    const char* label;
    std::optional<DilutionKind> kind;  // none: the lift of the fact, or the loss
    bool needs_fact = false;
};
/// Effective keys first: entropy / ln n falls for a head that keeps theirs.
std::span<const DilutionQuantity> dilution_quantities();

struct DilutionCurve {
    std::vector<std::optional<double>> own, null, deviation;  // [length]; null empty: chance gives none
};
/// Of one head; the loss is the same for all.
DilutionCurve dilution_curve(const DilutionExperiment& experiment, std::size_t head,
                             const DilutionQuantity& quantity);

struct DilutionPlot {
    const DilutionResult& result;
    const DilutionExperiment& experiment;
    HeadId head;
    const DilutionQuantity& quantity;
};
/// Axes (x = log2 of the length), the head's curve with its spread, the uniform head's dashed, the loss under
/// the lengths, and what the pointer is over.
void draw_dilution_plot(ViewContext& context, const DilutionPlot& plot, ImVec2 pos, ImVec2 size);

}  // namespace headlight
