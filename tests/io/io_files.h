// Files made in memory for the tests of io/.
#pragma once

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "io/checkpoint/checkpoint.h"
#include "support/fixtures.h"

namespace headlight::test {

inline void write_bytes(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// A safetensors file with the given header text and `data_bytes` of zeros after it.
inline std::string safetensors_bytes(const std::string& header, std::size_t data_bytes) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = static_cast<char>(header.size() >> (8 * i));
    return out + header + std::string(data_bytes, '\0');
}

/// Opens such a file; the path is of this name in a fresh folder.
inline Result<CheckpointPtr> open_bytes(const std::string& name, std::string_view bytes) {
    const std::string path = fresh_dir("io_" + name) + "/model.safetensors";
    write_bytes(path, bytes);
    return open_checkpoint(path);
}

}  // namespace headlight::test
