#include "tokenize/files/sentencepiece_proto.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>

namespace headlight {
namespace {

constexpr std::size_t kMostPieces = 1 << 22;

/// One field of a message: a number, or the bytes of a text or of a message within.
struct Field {
    std::uint64_t number = 0;  // which field
    std::uint64_t value = 0;   // of a varint or a fixed width
    std::string_view bytes;    // of a length-delimited one
};

class MessageReader {
  public:
    explicit MessageReader(std::string_view bytes) : bytes_(bytes) {}

    /// Next field; nothing at the end or where the message is malformed (is_broken() then).
    std::optional<Field> next() {
        if (bytes_.empty() || is_broken_) return std::nullopt;
        const std::uint64_t tag = varint();
        Field field;
        field.number = tag >> 3;
        switch (tag & 7) {
            case 0:
                field.value = varint();
                break;
            case 1:
                field.value = fixed<std::uint64_t>();
                break;
            case 2:
                field.bytes = take(varint());
                break;
            case 5:
                field.value = fixed<std::uint32_t>();
                break;
            default:
                is_broken_ = true;  // groups are not used by this format
        }
        if (is_broken_ || field.number == 0) {
            is_broken_ = true;
            return std::nullopt;
        }
        return field;
    }
    bool is_broken() const { return is_broken_; }

  private:
    std::string_view take(std::uint64_t size) {
        if (size > bytes_.size()) {
            is_broken_ = true;
            return {};
        }
        const std::string_view taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }
    template <class T>
    T fixed() {
        T value = 0;
        const std::string_view taken = take(sizeof(T));
        if (!is_broken_) std::memcpy(&value, taken.data(), sizeof(T));
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const std::string_view byte = take(1);
            if (is_broken_) return 0;
            const auto bits = static_cast<unsigned char>(byte[0]);
            value |= static_cast<std::uint64_t>(bits & 0x7F) << shift;
            if ((bits & 0x80) == 0) return value;
        }
        is_broken_ = true;
        return 0;
    }

    std::string_view bytes_;
    bool is_broken_ = false;
};

bool read_piece(std::string_view bytes, SentencePiece& piece) {
    MessageReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == 1) piece.text = field->bytes;
        if (field->number == 2) {
            const auto bits = static_cast<std::uint32_t>(field->value);
            std::memcpy(&piece.score, &bits, sizeof(bits));
        }
        if (field->number == 3 && field->value >= 1 && field->value <= 6)
            piece.type = static_cast<PieceType>(field->value);
    }
    return !reader.is_broken() && std::isfinite(piece.score);
}

bool read_trainer(std::string_view bytes, SentencePieceProto& proto) {
    MessageReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == 3) proto.is_unigram = field->value == 1;
        if (field->number == 35) proto.has_byte_fallback = field->value != 0;
        if (field->number == 40) proto.unknown_id = static_cast<int>(field->value);
        if (field->number == 41) proto.bos_id = static_cast<int>(field->value);
        if (field->number == 42) proto.eos_id = static_cast<int>(field->value);
        if (field->number == 45 && !field->bytes.empty()) proto.unknown_piece = field->bytes;
        if (field->number == 46 && !field->bytes.empty()) proto.bos_piece = field->bytes;
        if (field->number == 47 && !field->bytes.empty()) proto.eos_piece = field->bytes;
    }
    return !reader.is_broken();
}

bool read_normalizer(std::string_view bytes, SentencePieceProto& proto) {
    MessageReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == 2) proto.character_map = field->bytes;
        if (field->number == 3) proto.adds_prefix_space = field->value != 0;
        if (field->number == 4) proto.removes_extra_spaces = field->value != 0;
        if (field->number == 5) proto.escapes_spaces = field->value != 0;
    }
    return !reader.is_broken();
}

}  // namespace

Result<SentencePieceProto> parse_sentencepiece(std::string_view bytes) {
    SentencePieceProto proto;
    MessageReader reader(bytes);
    while (const auto field = reader.next()) {
        bool is_good = true;
        if (field->number == 1) {
            if (proto.pieces.size() >= kMostPieces)
                return fail(ErrorKind::Corrupt, "the SentencePiece model has more than {} pieces",
                            kMostPieces);
            is_good = read_piece(field->bytes, proto.pieces.emplace_back());
        } else if (field->number == 2) {
            is_good = read_trainer(field->bytes, proto);
        } else if (field->number == 3) {
            is_good = read_normalizer(field->bytes, proto);
        }
        if (!is_good) {
            return fail(ErrorKind::Corrupt,
                        "SentencePiece does not take this as a model: piece {} or the settings after it are "
                        "malformed",
                        proto.pieces.size());
        }
    }
    if (reader.is_broken() || proto.pieces.empty()) {
        return fail(ErrorKind::Corrupt,
                    "SentencePiece does not take this as a model: it ends within a field, or has no pieces "
                    "({} were read)",
                    proto.pieces.size());
    }
    if (proto.unknown_id < 0 || static_cast<std::size_t>(proto.unknown_id) >= proto.pieces.size()) {
        return fail(ErrorKind::Corrupt, "the SentencePiece model's unknown piece {} is none of its {} pieces",
                    proto.unknown_id, proto.pieces.size());
    }
    return proto;
}

}  // namespace headlight
