#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_2 =
    offset_detector<2>("offset_2", "two back", "2", "attends to the token two places before",
                       "P: j = i - 2, rows >= 2. Causal null (H_T - H_2) / (T - 2).");

}  // namespace headlight
