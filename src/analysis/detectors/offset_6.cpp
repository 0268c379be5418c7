#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_6 =
    offset_detector<6>("offset_6", "six back", "6", "attends to the token six places before",
                       "P: j = i - 6, rows >= 6. Causal null (H_T - H_6) / (T - 6).");

}  // namespace headlight
