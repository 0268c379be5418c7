#include "analysis/detectors/offset.h"

namespace headlight {

const DetectorDescriptor detector_list::offset_4 =
    offset_detector<4>("offset_4", "four back", "4", "attends to the token four places before",
                       "P: j = i - 4, rows >= 4. Causal null (H_T - H_4) / (T - 4).");

}  // namespace headlight
