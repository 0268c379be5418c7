// Figures of a dilution: curves of heads over the length of the context, with the uniform head's dashed.
#pragma once

#include <string>

#include "figure/figure.h"
#include "report/dilute/dilution_report.h"

namespace headlight {

/// `dilution_start.*`, `dilution_near.*` in a folder, which is made.
Status draw_dilution(const DilutionResult& result, const DilutionScope& scope, const std::string& folder,
                     const FigureStyle& style);

}  // namespace headlight
