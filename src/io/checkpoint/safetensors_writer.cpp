#include "io/checkpoint/safetensors_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include "base/atomic_file.h"
#include "io/checkpoint/safetensors_header.h"

namespace headlight {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

Result<std::uint64_t> byte_count(const TensorToStream& tensor) {
    std::uint64_t total = size_bytes(tensor.dtype);
    for (const std::int64_t size : tensor.shape) {
        if (size < 0 || __builtin_mul_overflow(total, static_cast<std::uint64_t>(size), &total)) {
            return fail(make_error(ErrorKind::InvalidInput, "cannot write a tensor of shape {}",
                                   shape_to_string(tensor.shape))
                            .at_tensor(tensor.name));
        }
    }
    return total;
}

// Length and JSON, padded with spaces so that the data begins at a multiple of 8.
Result<std::string> make_header(std::span<const TensorToStream> tensors,
                                const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::set<std::string> names = {"__metadata__"};
    std::uint64_t offset = 0;
    for (const TensorToStream& tensor : tensors) {
        if (!names.insert(tensor.name).second) {
            return fail(make_error(ErrorKind::InvalidInput, "two tensors of one name cannot be written")
                            .at_tensor(tensor.name));
        }
        HEADLIGHT_TRY(const std::uint64_t length, byte_count(tensor));
        auto& entry = header[tensor.name];
        entry["dtype"] = safetensors_dtype_name(tensor.dtype);
        entry["shape"] = tensor.shape;
        entry["data_offsets"] = {offset, offset + length};
        offset += length;
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception& problem) {  // a name or a metadata value that is no UTF-8
        return fail(ErrorKind::InvalidInput, "cannot write the header: {}", problem.what());
    }
    text.append((8 - text.size() % 8) % 8, ' ');
    if (text.size() > kMaxSafetensorsHeaderBytes) {
        return fail(ErrorKind::InvalidInput, "the header would have {} bytes, at most {} are allowed",
                    text.size(), kMaxSafetensorsHeaderBytes);
    }
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = static_cast<char>(text.size() >> (8 * i));
    return out + text;
}

Status write_bytes(std::FILE* file, std::span<const std::byte> bytes) {
    if (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return {};
    return fail(ErrorKind::Internal, "cannot write: {}", std::strerror(errno));
}

Status write_tensor(std::FILE* file, const TensorToStream& tensor) {
    HEADLIGHT_TRY(const std::uint64_t expected, byte_count(tensor));
    std::uint64_t written = 0;
    HEADLIGHT_CHECK(tensor.write([&](std::span<const std::byte> bytes) -> Status {
        written += bytes.size();
        return write_bytes(file, bytes);
    }));
    if (written == expected) return {};
    return fail(make_error(ErrorKind::Internal, "{} of shape {} takes {} bytes, but {} were given",
                           to_string(tensor.dtype), shape_to_string(tensor.shape), expected, written)
                    .at_tensor(tensor.name));
}

Status write_whole(const std::string& temporary, const std::string& header,
                   std::span<const TensorToStream> tensors) {
    FilePtr file(std::fopen(temporary.c_str(), "wbe"));
    if (file == nullptr) return fail(ErrorKind::Internal, "cannot create the file: {}", std::strerror(errno));
    HEADLIGHT_CHECK(write_bytes(file.get(), std::as_bytes(std::span(header))));
    for (const TensorToStream& tensor : tensors)
        HEADLIGHT_CHECK(write_tensor(file.get(), tensor));
    if (std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0) {
        return fail(ErrorKind::Internal, "cannot write: {}", std::strerror(errno));
    }
    return {};
}

}  // namespace

Status stream_safetensors(const std::string& path, std::span<const TensorToStream> tensors,
                          const std::map<std::string, std::string>& metadata) {
    const auto named = [&path](Error error) {
        if (error.file.empty()) error.file = path;
        return error;
    };
    auto header = make_header(tensors, metadata);
    if (!header) return fail(named(std::move(header).error()));
    Status status = write_file_atomic(
        path, [&](const std::string& temporary) { return write_whole(temporary, *header, tensors); });
    if (!status) return fail(named(std::move(status).error()));
    return {};
}

Status write_safetensors(const std::string& path, std::span<const TensorToWrite> tensors,
                         const std::map<std::string, std::string>& metadata) {
    std::vector<TensorToStream> streams;
    streams.reserve(tensors.size());
    for (const TensorToWrite& tensor : tensors) {
        const auto bytes = tensor.bytes;
        streams.push_back(
            {tensor.name, tensor.dtype, tensor.shape, [bytes](const ByteSink& sink) { return sink(bytes); }});
    }
    return stream_safetensors(path, streams, metadata);
}

}  // namespace headlight
