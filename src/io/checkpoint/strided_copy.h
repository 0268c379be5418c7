// An array whose elements do not lie row after row, put in rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace headlight {

/// Where the elements of an array lie, in elements of its storage.
struct StridedView {
    std::uint64_t begin = 0;
    std::vector<std::int64_t> shape, stride;  // outermost axis first
};

/// The elements row by row, `element` bytes each. Every element of the view must be inside `storage`.
std::shared_ptr<const std::vector<std::byte>> copy_strided(std::span<const std::byte> storage,
                                                           const StridedView& view, std::size_t element);

}  // namespace headlight
