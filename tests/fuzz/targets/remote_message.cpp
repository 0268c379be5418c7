// Messages to the window, in one piece and byte by byte: both must give the same.
#include "base/mapped_file.h"
#include "fuzz/fuzz_target.h"
#include "io/remote/message.h"

namespace headlight::fuzz {
namespace {

constexpr MessageLimits kLimits{std::uint32_t{1} << 16, std::uint64_t{1} << 20};

struct Heard {
    std::string told;  // headers and payloads
    Status end;
};

Heard hear(std::span<const std::byte> bytes, std::size_t step) {
    Heard out;
    MessageReader reader(kLimits);
    while (!bytes.empty()) {
        const auto taken = reader.take(bytes.first(std::min(step, bytes.size())));
        if (!taken) {
            out.end = fail(taken.error());
            return out;
        }
        bytes = bytes.subspan(*taken);
        if (auto message = reader.message()) {
            out.told += message->header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            if (const auto error = error_of(message->header)) out.told += error->to_string();
            if (message->payload) out.told += fmt::format(" {} bytes", message->payload->size_bytes());
        }
    }
    if (reader.is_inside()) out.end = fail(ErrorKind::Corrupt, "the last message is not whole");
    return out;
}

Status read(const std::string& path) {
    auto text = read_text_file(path);
    if (!text) return fail(std::move(text).error());
    const auto bytes = std::as_bytes(std::span(*text));
    const Heard whole = hear(bytes, bytes.size()), pieces = hear(bytes, 1);
    const bool is_same = whole.told == pieces.told && whole.end.has_value() == pieces.end.has_value();
    if (!is_same)
        return fail(ErrorKind::Internal, "in pieces it reads differently");  // names no file: a fault
    if (!whole.end) return fail(Error(whole.end.error()).in_file(path));
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_remote_message = {"remote_message", "message.bin", read};

}  // namespace headlight::fuzz
