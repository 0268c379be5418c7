// The messages between a window and programs of the same user: a prefix of 16 bytes ("HDLT", bytes of the
// header as u32, bytes of the payload as u64, little-endian), a header (a JSON object) and the payload as it
// is. The first message of each side is `hello` with the version.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "base/memory_file.h"
#include "base/result.h"

namespace headlight {

inline constexpr int kRemoteVersion = 1;
inline constexpr std::size_t kRemotePrefixBytes = 16;

/// What a reader takes at most.
struct MessageLimits {
    std::uint32_t header_bytes = std::uint32_t{1} << 20;
    std::uint64_t payload_bytes = std::uint64_t{8} << 30;
};

struct RemoteMessage {
    nlohmann::json header;                // an object
    std::shared_ptr<MemoryFile> payload;  // sealed; null: none came
};

/// Prefix and header of a message whose payload of `payload_bytes` follows. Bytes that are no UTF-8 are
/// replaced.
std::string message_head(const nlohmann::json& header, std::uint64_t payload_bytes = 0);

/// {"ok": false, "error": message, "details": further lines, "kind": "corrupt"}
nlohmann::json error_header(const Error& error);
/// The error that such a header tells; nullopt where it says "ok": true.
std::optional<Error> error_of(const nlohmann::json& header);

/// A text of the header. Errors: InvalidInput (not there, not a text).
Result<std::string> text_of(const nlohmann::json& header, const char* key);

/// Puts messages together from bytes as they arrive. Keeps at most a header and what went into the payload's
/// memory. After an error nothing more can be read from the same source.
class MessageReader {
  public:
    /// Asked when the header is there and before memory is taken for the payload.
    using Accept = std::function<Status(const nlohmann::json& header, std::uint64_t payload_bytes)>;

    explicit MessageReader(MessageLimits limits = {}, Accept accept = {});

    /// Takes bytes up to the end of a message; the rest belongs to the next. The number of bytes taken.
    /// Errors: Corrupt (no such message), InvalidInput (too long), those of `accept`, OutOfMemory.
    Result<std::size_t> take(std::span<const std::byte> bytes);
    /// The message that is whole, once; nullopt while it is not.
    std::optional<RemoteMessage> message();
    /// Inside a message: something of it was taken, and it is not whole.
    bool is_inside() const;
    /// Bytes of an accepted payload that are still to come.
    std::uint64_t missing_bytes() const {
        return stage_ == Stage::Payload ? payload_bytes_ - message_.payload->size_bytes() : 0;
    }

  private:
    enum class Stage { Prefix, Header, Payload, Whole };
    Status read_prefix();
    Status read_header();
    Status begin_payload();

    MessageLimits limits_;
    Accept accept_;
    Stage stage_ = Stage::Prefix;
    std::string text_;  // of the prefix, then of the header
    std::uint32_t header_bytes_ = 0;
    std::uint64_t payload_bytes_ = 0;
    RemoteMessage message_;
};

}  // namespace headlight
