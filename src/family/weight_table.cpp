#include "family/weight_table.h"

#include "family/weight_slots.h"

namespace headlight {

WeightTable::WeightTable(const Architecture& arch) {
    for (const WeightSlot& slot : weight_slots(arch))
        slots_.insert(slot.name);
}

void WeightTable::fused(const std::string& file, const std::vector<std::string>& slots, Options options) {
    FileWeight weight{file + ".weight", slots, options.is_transposed, options.has_prefix, options.num_groups};
    weight.offset = options.offset;
    exact(std::move(weight));
    FileWeight bias{file + ".bias", slots, false, options.has_prefix, options.num_groups};
    for (std::string& slot : bias.slots)
        slot += "_bias";
    exact(std::move(bias));
}

void WeightTable::exact(FileWeight entry) {
    if (has(entry.slots.front())) list_.push_back(std::move(entry));
}

std::string layer_slot(int layer) {
    return "layers." + std::to_string(layer) + ".";
}

}  // namespace headlight
