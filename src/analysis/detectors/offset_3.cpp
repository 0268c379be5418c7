#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_3 =
    offset_detector<3>("offset_3", "three back", "3", "attends to the token three places before",
                       "P: j = i - 3, rows >= 3. Causal null (H_T - H_3) / (T - 3).");

}  // namespace headlight
