#include "family/weight_slots.h"

#include <algorithm>

#include "family/slot_list.h"

namespace headlight {
namespace {

struct NoTensor {};
struct NamesOnly : WeightsOf<NoTensor, NoTensor, NamesOnly> {};

}  // namespace

std::vector<WeightSlot> weight_slots(const Architecture& arch) {
    NamesOnly weights;
    const auto slots = list_slots(arch, weights);
    return {slots.begin(), slots.end()};
}

int first_with_weights_of(const Architecture& arch, int index) {
    if (arch.stored_layer.empty()) return index;
    const auto wanted = arch.stored_layer.begin() + index;
    return static_cast<int>(std::find(arch.stored_layer.begin(), wanted, *wanted) -
                            arch.stored_layer.begin());
}

int relative_span(const Architecture& arch) {
    return arch.num_buckets > 0 ? arch.num_buckets : arch.max_distance;
}

std::int64_t grid_steps(const PatchSettings& patches) {
    return (2 * std::int64_t{patches.rows()} - 1) * (2 * std::int64_t{patches.columns()} - 1) + 3;
}

std::int64_t count_parameters(const Architecture& arch) {
    std::int64_t total = 0;
    for (const WeightSlot& slot : weight_slots(arch)) {
        std::int64_t elements = 1;
        for (const std::int64_t size : slot.shape)
            elements *= size;
        total += elements;
    }
    return total;
}

}  // namespace headlight
