// Keys and values of a text on a device, and attention there by LibTorch's operations.
#pragma once

#include "model/forward/key_value_store.h"

namespace headlight {

/// Attends block by block of query rows: nothing as large as a whole matrix is ever there. `block_floats`:
/// scores that lie on the device at once; 0: what suits it.
std::unique_ptr<KeyValueStore> make_device_store(const Architecture& arch, torch::Device device,
                                                 std::int64_t block_floats = 0);

}  // namespace headlight
