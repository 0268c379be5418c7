#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_5 =
    offset_detector<5>("offset_5", "five back", "5", "attends to the token five places before",
                       "P: j = i - 5, rows >= 5. Causal null (H_T - H_5) / (T - 5).");

}  // namespace headlight
