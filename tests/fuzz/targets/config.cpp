// config.json through every step from text to architecture.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.h"
#include "io/checkpoint_config.h"
#include "model/family.h"
#include "model/weight_table.h"

namespace headlight {
// Our own family lists its weights by LibTorch's tensors, which are not linked here; what it reads goes
// through the same ConfigReader as the others. It takes no config here.
extern const Family k_family_headlight;
const Family k_family_headlight = {
    .id = "headlight", .label = "Headlight", .prefix = "", .matches = [](const nlohmann::json&) {
        return false;
    }};

// What the files call their weights is checked against LibTorch's tensors too; here the tables stay empty.
WeightTable::WeightTable(const Architecture&) {}
void WeightTable::fused(const std::string&, const std::vector<std::string>&, Options) {}
void WeightTable::exact(FileWeight) {}
std::string layer_slot(int layer) { return "layers." + std::to_string(layer) + "."; }
}  // namespace headlight

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    Checkpoint checkpoint;
    HEADLIGHT_CHECK(read_checkpoint_config(path, path, checkpoint));
    HEADLIGHT_TRY(const Family* family, find_family(checkpoint.config, path));
    HEADLIGHT_TRY(const Architecture arch, read_architecture(*family, checkpoint.config, path));
    family->file_weights(arch);
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_config;
const FuzzTarget k_fuzz_config = {"config", "config.json", read};

}  // namespace headlight::fuzz
