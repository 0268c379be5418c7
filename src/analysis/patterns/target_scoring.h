// Detectors whose rows have one right answer, against the best fixed offset (Voita et al. 2019).
#pragma once

#include "analysis/detector.h"

namespace headlight {

/// Score and tag of a detector whose rows have one right answer: the share of rows whose largest key (but the
/// first and the token itself) is in the set must be `margin` above the best fixed offset.
DetectorScore score_targets(const DetectorInput& input, double margin);

}  // namespace headlight
