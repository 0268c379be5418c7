// Weights that a quantising library packed: four bits of bitsandbytes, GPTQ and AWQ become the numbers that
// these libraries compute with, eight bits of bitsandbytes get their scales.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Is this module ("h.0.attn.c_attn") one whose weight its library keeps as [in, out]? So do the layers of
/// GPT-1 and GPT-2 and their kin, which the reference calls Conv1D.
bool is_conv1d(const nlohmann::json& config, std::string_view module);

/// quantization_config of the config, else quantize_config.json beside the weights; an empty object where
/// there is neither.
nlohmann::json quantization_settings(const Checkpoint& checkpoint);

/// What takes the place of the packed tensors.
struct UnpackedTensors {
    std::vector<TensorInfo> weights;
    std::set<std::string> used;  // names that go
};

/// bitsandbytes: `<module>.weight` with its quant_state (NF4 and FP4, also with quantised scales) is rounded
/// to the state's dtype, as its library does; int8 rows with `<module>.SCB` keep their bytes and get scales.
/// Errors: Corrupt (sizes that do not fit, rows that bitsandbytes cannot have written), Unsupported.
Status unpack_bitsandbytes(const Checkpoint& checkpoint, UnpackedTensors& out);

/// GPTQ (2, 4 or 8 bits, any order of columns, both ways to store zeros) and AWQ (GEMM): `<module>.qweight`
/// with qzeros, scales and g_idx becomes `<module>.weight` [out, in] in the dtype of the scales. Errors:
/// Corrupt, Unsupported (names the setting).
Status unpack_gptq_and_awq(const Checkpoint& checkpoint, UnpackedTensors& out);

/// Both, in place; the checkpoint stays sorted. Call once, on the whole checkpoint.
Status unpack_weights(Checkpoint& checkpoint);

}  // namespace headlight
