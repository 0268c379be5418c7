#include "io/checkpoint/strided_copy.h"

#include <cstring>

namespace headlight {

std::shared_ptr<const std::vector<std::byte>> copy_strided(std::span<const std::byte> storage,
                                                           const StridedView& view, std::size_t element) {
    std::size_t count = 1;
    for (const std::int64_t size : view.shape)
        count *= static_cast<std::size_t>(size);
    auto out = std::make_shared<std::vector<std::byte>>(count * element);
    std::vector<std::int64_t> index(view.shape.size(), 0);
    std::uint64_t from = view.begin;
    for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(out->data() + i * element, storage.data() + from * element, element);
        for (std::size_t axis = index.size(); axis-- > 0;) {
            from += static_cast<std::uint64_t>(view.stride[axis]);
            if (++index[axis] < view.shape[axis]) break;
            from -= static_cast<std::uint64_t>(view.stride[axis] * view.shape[axis]);
            index[axis] = 0;
        }
    }
    return out;
}

}  // namespace headlight
