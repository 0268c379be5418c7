// A dilution as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "report/json_out.h"
#include "run/dilute/dilution.h"

namespace headlight {

/// What is told of heads: those that are named, else those that see the fact, first `most` of them.
struct DilutionScope {
    std::vector<HeadId> heads;
    int most = 10;
};

/// The heads whose curves are shown: the scope's, else of the ranked ones as many that hold on as let go;
/// without a fact the first heads of the model.
std::vector<HeadId> shown_heads(const DilutionResult& result, const DilutionExperiment& experiment,
                                const DilutionScope& scope);

/// Loss by length, which heads hold on and which let go with the rule, curves as tables.
std::string dilution_text(const DilutionResult& result, const DilutionScope& scope);

/// {"model", "target", "fact", "rows": [{"experiment", "length", "layer", "head", "sink", "sink_null",
/// "sink_sd", ..}], "losses": [..], "heads": [..], "rule", "notes"}; what does not exist is null.
Json dilution_json(const DilutionResult& result);

}  // namespace headlight
