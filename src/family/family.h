// A model family as data: which config is its own, what the config says, and how its files name the weights.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/open_request.h"
#include "family/architecture.h"
#include "family/config_reader.h"

namespace headlight {

/// One tensor of a family's file and the canonical weights in it (weight_slots), stacked along the output
/// axis. A tensor that serves two slots as it is (shared layers) stands in the table twice.
struct FileWeight {
    std::string name;                // without the family's prefix
    std::vector<std::string> slots;  // one, or several for a fused projection
    bool is_transposed = false;      // stored [in, out]
    bool has_prefix = true;          // false: never carries the family's prefix
    int num_groups =
        1;  // > 1: rows lie group by group (heads, key heads), in each the slots' shares one after the other
    int num_stacked =
        0;  // > 0: a first axis counts experts; `slots` are those of expert 0, then of expert 1 ...
    float offset = 0;  // added to what the file holds: 1 for norms that are stored as gain - 1
    int part =
        -1;  // >= 0: the tensor is this one of `num_parts` equal shares of its one slot (a norm per head)
    int num_parts = 1;
    int num_columns = 0;  // > 0: stored with so many columns in all, of each head as many; those that the
                          // slot has beyond them are zeros (values narrower than keys)
    int num_rows = 0;     // > 0: stored [num_rows, size / num_rows] where the slot has one axis
    std::vector<std::int64_t> axes =
        {};              // stored with these, the same values in the same order; empty: the slots' own
    int num_blocks = 1;  // > 1: only the blocks along the diagonal are stored, [blocks, out / blocks, in /
                         // blocks] (last two the other way round where is_transposed)
    bool has_columns = false;                   // `slots` lie side by side along the input axis
    std::vector<std::string> other_names = {};  // what other files call it; the first name that is there
                                                // counts. They may carry the prefix or not
};

class Checkpoint;
struct Family;

/// The tensors of a checkpoint, asked by names with or without the family's prefix.
class HasTensor {
  public:
    HasTensor(const Family& family, const Checkpoint& checkpoint)
        : family_(family), checkpoint_(checkpoint) {}
    bool operator()(std::string_view name) const;
    /// Are both there, with other values? Two tensors of a file may be copies of one that a config ties.
    bool differ(std::string_view a, std::string_view b) const;

  private:
    const Family& family_;
    const Checkpoint& checkpoint_;
};

struct Family {
    const char* id;
    const char* label;
    const char* prefix;  // "model.": stands before the names of models with a head, may be absent;
                         // several are separated by '|'
    bool (*matches)(const nlohmann::json& config);
    /// Fills in the Architecture; the reader keeps the first thing that is wrong.
    Architecture (*read_config)(ConfigReader& config);
    std::vector<FileWeight> (*file_weights)(const Architecture& arch);
    /// Tensors of the file that hold nothing to load (masks, tables): `name` without prefix.
    bool (*is_ignored)(std::string_view name, const Architecture& arch);
    /// A config.json of this family for random weights.
    nlohmann::json (*random_config)(const RandomModelRequest& request);
    /// What the config does not say but the tensors do (is there a head?); null: nothing. `arch` is what
    /// read_config gave.
    void (*adapt)(Architecture& arch, const HasTensor& has) = nullptr;
};

/// All families in the order of families.def.
std::span<const Family* const> families();

/// The family that a config belongs to. Errors: Unsupported, with the model type and the families that are
/// known.
Result<const Family*> find_family(const nlohmann::json& config, const std::string& file);

/// By registry id; null if unknown.
const Family* family_by_id(std::string_view id);

/// Reads and checks a config. Errors: Missing, Corrupt, Unsupported, each naming key and value.
Result<Architecture> read_architecture(const Family& family, const nlohmann::json& config,
                                       const std::string& file);

/// Does the config say `model_type`, or name one of its classes ("LlamaForCausalLM")?
bool config_says(const nlohmann::json& config, std::string_view model_type, std::string_view class_prefix);

}  // namespace headlight
