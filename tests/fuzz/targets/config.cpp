// config.json through every step from text to architecture.
#include <nlohmann/json.hpp>

#include "family/family.h"
#include "family/weight_table.h"
#include "fuzz/fuzz_target.h"
#include "io/checkpoint/checkpoint_config.h"

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

extern const FuzzTarget k_fuzz_config = {"config", "config.json", read};

}  // namespace headlight::fuzz
