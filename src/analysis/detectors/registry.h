// Declares one descriptor per line of detectors.def; each is defined in the file of its name.
#pragma once

#include "analysis/detector.h"

namespace headlight::detector_list {

#define HEADLIGHT_DETECTOR(name) extern const DetectorDescriptor name;
#include "analysis/detectors/detectors.def"
#undef HEADLIGHT_DETECTOR

}  // namespace headlight::detector_list
