// FNV-1a over plain values: keys that say "nothing changed since the last draw".
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace headlight::gfx {

class Hash {
  public:
    void add_bytes(const void* bytes, std::size_t size) {
        const auto* byte = static_cast<const unsigned char*>(bytes);
        for (std::size_t i = 0; i < size; ++i)
            value_ = (value_ ^ byte[i]) * 0x100000001b3ull;
    }
    template <class T>
    void add(const T& value) {
        static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                      std::has_unique_object_representations_v<T>);
        add_bytes(&value, sizeof value);
    }
    template <class... Values>
    void add_all(const Values&... values) {
        (add(values), ...);
    }
    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325ull;
};

}  // namespace headlight::gfx
