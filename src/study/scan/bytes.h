// Little-endian numbers in and out of byte strings, for the journal of a scan.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace headlight {

static_assert(std::endian::native == std::endian::little, "the journal is written in the machine's order");

class ByteWriter {
  public:
    template <class T>
    void put(T value) {
        static_assert(std::is_arithmetic_v<T>);
        char bytes[sizeof(T)];
        std::memcpy(bytes, &value, sizeof(T));
        out_.append(bytes, sizeof(T));
    }
    void put_text(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        out_.append(text);
    }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

/// Reads what ByteWriter wrote. After the first read beyond the end everything is zero and is_sound() false.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
    bool is_sound() const { return is_sound_; }
    std::size_t num_left() const { return bytes_.size(); }
    template <class T>
    T get() {
        T value{};
        if (bytes_.size() < sizeof(T)) {
            is_sound_ = false;
            bytes_ = {};
            return value;
        }
        std::memcpy(&value, bytes_.data(), sizeof(T));
        bytes_.remove_prefix(sizeof(T));
        return value;
    }
    /// A count of items of at least `least_bytes` each; 0 and unsound when they cannot be there.
    std::uint32_t get_count(std::size_t least_bytes) {
        const auto count = get<std::uint32_t>();
        if (count <= bytes_.size() / least_bytes) return count;
        is_sound_ = false;
        bytes_ = {};
        return 0;
    }
    std::string get_text() {
        const std::uint32_t size = get_count(1);
        std::string text(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return text;
    }

  private:
    std::string_view bytes_;
    bool is_sound_ = true;
};

}  // namespace headlight
