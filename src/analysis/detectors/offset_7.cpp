#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_7 =
    offset_detector<7>("offset_7", "seven back", "7", "attends to the token seven places before",
                       "P: j = i - 7, rows >= 7. Causal null (H_T - H_7) / (T - 7).");

}  // namespace headlight
