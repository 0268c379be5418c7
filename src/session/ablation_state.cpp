#include "session/ablation_state.h"

#include <algorithm>

namespace headlight {

const char* to_string(Compare compare) {
    switch (compare) {
        case Compare::Before:
            return "before";
        case Compare::After:
            return "after";
        case Compare::Difference:
            return "difference";
    }
    return "before";
}

const AblationEffect* SweepState::find(HeadId head) const {
    const auto found = std::find_if(effects.begin(), effects.end(), [head](const AblationEffect& effect) {
        return effect.heads.size() == 1 && effect.heads.front() == head;
    });
    return found == effects.end() ? nullptr : &*found;
}

}  // namespace headlight
