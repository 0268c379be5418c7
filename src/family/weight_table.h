// Helps a family to write its table of file names: conditions on what the architecture has stand here, once.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "family/family.h"

namespace headlight {

class WeightTable {
  public:
    struct Options {
        bool is_transposed = false;  // matrices are stored [in, out]
        bool has_prefix = true;
        int num_groups = 1;  // see FileWeight
        float offset = 0;    // of the weight, not of its bias
    };

    explicit WeightTable(const Architecture& arch);

    /// Does the architecture have this slot?
    bool has(const std::string& slot) const { return slots_.count(slot) != 0; }
    /// `file`.weight for `slot` and `file`.bias for `slot`_bias, each only if the architecture has that slot.
    void add(const std::string& file, const std::string& slot) { add(file, slot, {}); }
    void add(const std::string& file, const std::string& slot, Options options) {
        fused(file, {slot}, options);
    }
    /// The same for several slots in one tensor, such as q, k and v.
    void fused(const std::string& file, const std::vector<std::string>& slots) { fused(file, slots, {}); }
    void fused(const std::string& file, const std::vector<std::string>& slots, Options options);
    /// One tensor under exactly this name, if the architecture has its (first) slot.
    void exact(FileWeight entry);

    std::vector<FileWeight> take() { return std::move(list_); }

  private:
    std::set<std::string> slots_;  // names of weight_slots
    std::vector<FileWeight> list_;
};

/// "layers.3."
std::string layer_slot(int layer);

}  // namespace headlight
