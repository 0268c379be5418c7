#include "io/attention/dump_tokens.h"

#include <array>

#include "base/utf8.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr std::array kKeyIds = {"input_ids", "token_ids", "encoder_input_ids", "encoder_ids", "key_ids",
                                "ids",       "tokens"};
constexpr std::array kKeyPieces = {"tokens",     "input_tokens",  "encoder_tokens", "key_tokens",
                                   "key_labels", "token_strings", "str_tokens",     "labels"};
constexpr std::array kQueryIds = {"decoder_input_ids", "decoder_ids", "query_ids", "target_ids"};
constexpr std::array kQueryPieces = {"decoder_tokens", "query_tokens", "query_labels", "target_tokens",
                                     "output_tokens"};

constexpr std::array kSegments = {"token_type_ids", "segment_ids"};
constexpr std::int64_t kMostSegments = 1 << (31 - kSegmentShift);

bool is_whole_number(DType dtype) {
    switch (dtype) {
        case DType::Int64:
        case DType::Int32:
        case DType::Int16:
        case DType::Int8:
        case DType::UInt8:
        case DType::UInt16:
        case DType::UInt32:
        case DType::UInt64:
            return true;
        default:
            return false;
    }
}

tl::unexpected<Error> blame_tokens(const DumpContents& contents, const std::string& name,
                                   const std::string& what) {
    return fail(make_error(ErrorKind::Corrupt, "{}", what).in_file(contents.arrays.path).at_tensor(name));
}

/// The first of the names under which there are ids; [1, N] counts as [N].
Status find_ids(const DumpContents& contents, std::span<const char* const> names,
                std::vector<std::int64_t>& ids, std::string& found) {
    for (const char* name : names) {
        const TensorInfo* array = contents.arrays.find(name);
        if (array == nullptr || !is_whole_number(array->dtype)) continue;
        const bool is_list = array->shape.size() == 1 || (array->shape.size() == 2 && array->shape[0] == 1);
        if (!is_list) {
            return blame_tokens(contents, name,
                                fmt::format("expected the token ids of one text, found shape {}",
                                            shape_to_string(array->shape)));
        }
        HEADLIGHT_TRY(ids, tensor_as_integers(contents.arrays, *array));
        found = name;
        return {};
    }
    return {};
}

Result<DumpTokens> find_tokens(const DumpContents& contents, std::span<const char* const> id_names,
                               std::span<const char* const> piece_names) {
    DumpTokens out;
    HEADLIGHT_CHECK(find_ids(contents, id_names, out.ids, out.name));
    for (const char* name : piece_names) {
        const std::vector<std::string>* list = contents.list(name);
        if (list == nullptr) continue;
        if (!out.ids.empty() && list->size() != out.ids.size()) {
            return blame_tokens(
                contents, name,
                fmt::format("{} tokens, but {} ids in '{}'", list->size(), out.ids.size(), out.name));
        }
        out.pieces = *list;
        out.name = name;
        break;
    }
    return out;
}

// Vocabularies mark spaces with "Ġ" or "▁" and line ends with "Ċ"; without the tokenizer that is all we
// can know.
std::string visible(std::string_view piece) {
    std::string out;
    for (std::size_t i = 0; i < piece.size();) {
        const utf8::Decoded c = utf8::decode(piece, i);
        if (c.code_point == U'\u0120' || c.code_point == U'\u2581' || c.code_point == U' ') {
            out += "·";
        } else if (c.code_point == U'\u010A' || c.code_point == U'\n') {
            out += "⏎";
        } else if (c.code_point < 0x20 || c.code_point == 0x7F) {
            out += fmt::format("⟨{:02X}⟩", static_cast<unsigned>(c.code_point));
        } else {
            utf8::append(out, c.code_point);
        }
        i += c.size_bytes;
    }
    return out.empty() ? "∅" : out;
}

}  // namespace

Result<DumpTokens> find_key_tokens(const DumpContents& contents) {
    HEADLIGHT_TRY(DumpTokens out, find_tokens(contents, kKeyIds, kKeyPieces));
    std::string name;
    HEADLIGHT_CHECK(find_ids(contents, kSegments, out.segments, name));
    return out;
}

Result<DumpTokens> find_query_tokens(const DumpContents& contents) {
    return find_tokens(contents, kQueryIds, kQueryPieces);
}

Status mark_segments(const DumpTokens& tokens, TokenizedText& text, const std::string& path) {
    const std::vector<std::int64_t>& segments = tokens.segments;
    const auto blame = [&](const std::string& what) {
        return fail(make_error(ErrorKind::Corrupt, "{}", what).in_file(path).at_tensor(kSegments[0]));
    };
    if (segments.empty()) return {};
    if (segments.size() != text.tokens.size())
        return blame(fmt::format("{} segments, but {} tokens", segments.size(), text.tokens.size()));
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i] < 0 || segments[i] >= kMostSegments)
            return blame(
                fmt::format("expected segments from 0 to {}, found {}", kMostSegments - 1, segments[i]));
        text.tokens[i].segment = static_cast<std::uint8_t>(segments[i]);
        if (segments[i] == 1 && !text.is_pair()) text.second_token = static_cast<int>(i);
    }
    if (!text.is_pair()) return {};
    text.text += "\n";  // the file does not say where B's words begin
    text.second_byte = text.text.size();
    return {};
}

Result<TokenizedText> make_tokens(const DumpTokens& tokens, std::size_t count, const std::string& path) {
    if (!tokens.empty() && tokens.size() != count) {
        return fail(make_error(ErrorKind::Corrupt, "{} tokens, but attention of {}", tokens.size(), count)
                        .in_file(path)
                        .at_tensor(tokens.name));
    }
    TokenizedText out;
    for (std::size_t i = 0; i < count; ++i) {
        Token token;
        const std::int64_t id = tokens.ids.empty() ? -1 : tokens.ids[i];
        token.id = id >= 0 && id <= INT32_MAX ? static_cast<std::int32_t>(id) : -1;
        token.piece = !tokens.pieces.empty() ? tokens.pieces[i]
                      : !tokens.ids.empty()  ? fmt::format("#{}", id)
                                             : fmt::format("{}", i);
        token.display = visible(token.piece);
        out.tokens.push_back(std::move(token));
    }
    return out;
}

}  // namespace headlight
