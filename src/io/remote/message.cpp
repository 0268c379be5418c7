#include "io/remote/message.h"

#include <algorithm>
#include <utility>

#include "io/json_file.h"

namespace headlight {
namespace {

constexpr std::string_view kRemoteMark = "HDLT";

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i)
        value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
    return value;
}

ErrorKind remote_kind(const std::string& word) {
    for (const ErrorKind kind :
         {ErrorKind::NotThisFormat, ErrorKind::Corrupt, ErrorKind::Unsupported, ErrorKind::Missing,
          ErrorKind::InvalidInput, ErrorKind::OutOfMemory, ErrorKind::Cancelled}) {
        if (word == to_string(kind)) return kind;
    }
    return ErrorKind::Internal;
}

/// Name of what was sent, for messages and the window.
std::string name_of(const nlohmann::json& header) {
    constexpr std::size_t kMostNameBytes = 200;
    const auto name = header.find("name");
    if (name == header.end() || !name->is_string()) return "what was sent";
    return name->get<std::string>().substr(0, kMostNameBytes);
}

}  // namespace

std::string message_head(const nlohmann::json& header, std::uint64_t payload_bytes) {
    const std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string out(kRemoteMark);
    append_little_endian(out, text.size(), 4);
    append_little_endian(out, payload_bytes, 8);
    return out + text;
}

nlohmann::json error_header(const Error& error) {
    const std::string whole = error.to_string();
    const std::size_t line = whole.find('\n');
    nlohmann::json out = {{"ok", false}, {"error", whole.substr(0, line)}, {"kind", to_string(error.kind)}};
    if (line != std::string::npos) out["details"] = whole.substr(line + 1);
    if (!error.choices.empty()) out["choices"] = error.choices;
    return out;
}

std::optional<Error> error_of(const nlohmann::json& header) {
    const auto ok = header.find("ok");
    if (ok != header.end() && ok->is_boolean() && ok->get<bool>()) return std::nullopt;
    const auto text = [&header](const char* key) { return text_of(header, key).value_or(std::string()); };
    std::string said = text("error");
    if (said.empty()) said = "the window gave an answer that says neither yes nor why not";
    if (const std::string details = text("details"); !details.empty()) said += "\n" + details;
    return Error{remote_kind(text("kind")), std::move(said), {}, {}, {}, {}};
}

Result<std::string> text_of(const nlohmann::json& header, const char* key) {
    const auto found = header.find(key);
    if (found != header.end() && found->is_string()) return found->get<std::string>();
    return fail(ErrorKind::InvalidInput, "the message has no text '{}'", key);
}

MessageReader::MessageReader(MessageLimits limits, Accept accept)
    : limits_(limits), accept_(std::move(accept)) {}

Result<std::size_t> MessageReader::take(std::span<const std::byte> bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && stage_ != Stage::Whole) {
        const auto rest = bytes.subspan(taken);
        if (stage_ == Stage::Payload) {
            const auto part = rest.first(std::min<std::uint64_t>(rest.size(), missing_bytes()));
            HEADLIGHT_CHECK(message_.payload->append(part));
            taken += part.size();
            if (missing_bytes() == 0) {
                HEADLIGHT_CHECK(message_.payload->seal());
                stage_ = Stage::Whole;
            }
            continue;
        }
        const std::size_t wanted = stage_ == Stage::Prefix ? kRemotePrefixBytes : header_bytes_;
        const std::size_t count = std::min(rest.size(), wanted - text_.size());
        text_.append(reinterpret_cast<const char*>(rest.data()), count);
        taken += count;
        if (text_.size() < wanted) break;
        HEADLIGHT_CHECK(stage_ == Stage::Prefix ? read_prefix() : read_header());
    }
    return taken;
}

Status MessageReader::read_prefix() {
    const std::string_view prefix = text_;
    if (!prefix.starts_with(kRemoteMark))
        return fail(ErrorKind::Corrupt, "this is no message of Headlight: it does not begin with '{}'",
                    kRemoteMark);
    header_bytes_ = static_cast<std::uint32_t>(little_endian(prefix.substr(4, 4)));
    payload_bytes_ = little_endian(prefix.substr(8, 8));
    if (header_bytes_ == 0 || header_bytes_ > limits_.header_bytes) {
        return fail(ErrorKind::InvalidInput, "a header of {} bytes was announced; expected 1 to {}",
                    header_bytes_, limits_.header_bytes);
    }
    if (payload_bytes_ > limits_.payload_bytes) {
        return fail(ErrorKind::InvalidInput, "{} bytes were announced; at most {} are taken", payload_bytes_,
                    limits_.payload_bytes);
    }
    text_.clear();
    stage_ = Stage::Header;
    return {};
}

Status MessageReader::read_header() {
    HEADLIGHT_TRY(message_.header, parse_json(text_, "the header of a message"));
    text_.clear();
    if (!message_.header.is_object())
        return fail(ErrorKind::Corrupt, "the header of a message is no JSON object");
    if (accept_) HEADLIGHT_CHECK(accept_(message_.header, payload_bytes_));
    return begin_payload();
}

Status MessageReader::begin_payload() {
    stage_ = payload_bytes_ > 0 ? Stage::Payload : Stage::Whole;
    if (payload_bytes_ == 0) return {};
    HEADLIGHT_TRY(message_.payload, MemoryFile::create(name_of(message_.header)));
    return {};
}

std::optional<RemoteMessage> MessageReader::message() {
    if (stage_ != Stage::Whole) return std::nullopt;
    stage_ = Stage::Prefix;
    header_bytes_ = 0;
    payload_bytes_ = 0;
    return std::exchange(message_, {});
}

bool MessageReader::is_inside() const {
    return stage_ != Stage::Whole && (stage_ != Stage::Prefix || !text_.empty());
}

}  // namespace headlight
