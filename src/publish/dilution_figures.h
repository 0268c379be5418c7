// Figures of a dilution: curves of heads over the length of the context, with the uniform head's dashed.
#pragma once

#include "publish/cause_figures.h"
#include "report/dilute/dilution_report.h"

namespace headlight {

/// `dilution_start`, `dilution_near`: one an experiment.
std::vector<NamedFigure> dilution_figures(const DilutionResult& result, const DilutionScope& scope);

}  // namespace headlight
