// Circuits of heads for people, for programs, and as tensors.
#pragma once

#include "report/cause/tensor_file.h"
#include "report/json_out.h"
#include "run/cause/read_circuits.h"

namespace headlight {

std::string circuit_text(const CircuitResult& result);
Json circuit_json(const CircuitResult& result);
/// `ov.*`, `qk.*`: the first eight of each end.
void add_circuits(const CircuitResult& result, TensorFile& file);

}  // namespace headlight
