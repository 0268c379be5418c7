// Bytes of every stored type, made at random, and what they are in float32 by the readers of files.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "kernel/product/stored_matrix.h"

namespace headlight::test {

using Random = std::mt19937;

std::vector<StoredType> all_stored_types();

/// `count` numbers (a multiple of the type's block) in so many bytes.
std::size_t stored_bytes(StoredType type, std::int64_t count);

/// Any bytes at all: scales of every size, infinite ones, some that are no number.
std::vector<std::byte> any_bytes(StoredType type, std::int64_t count, Random& random);
/// The same, but numbers of weights: finite, of moderate size.
std::vector<std::byte> weight_bytes(StoredType type, std::int64_t count, Random& random);
/// Writes the half of `bits` over all scales of the type's block, or its only byte of a scale (MXFP4).
void set_scales(StoredType type, std::byte* block, std::uint16_t bits);

/// What `bytes` say, through io/checkpoint.
std::vector<float> numbers_of(StoredType type, std::span<const std::byte> bytes);

/// The same bits, or both no number.
bool is_same_number(float a, float b);

}  // namespace headlight::test
