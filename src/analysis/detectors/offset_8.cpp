#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_8 =
    offset_detector<8>("offset_8", "eight back", "8", "attends to the token eight places before",
                       "P: j = i - 8, rows >= 8. Causal null (H_T - H_8) / (T - 8).");

}  // namespace headlight
