#include "tokenize/files/vocabulary_file.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/json_file.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestText = std::size_t{256} << 20;
constexpr std::size_t kMostVocabularyPieces = 1 << 22;
constexpr std::int64_t kMaxVocabularyId = 1 << 26;

void drop_end_spaces(std::string& line) {
    while (!line.empty()) {
        std::size_t last = line.size() - 1;
        while (last > 0 && (static_cast<unsigned char>(line[last]) & 0xC0) == 0x80)
            --last;
        if (!u_isUWhiteSpace(static_cast<UChar32>(utf8::decode(line, last).code_point))) return;
        line.resize(last);
    }
}

/// Calls visit(line) for each line, without its end.
template <class VisitLine>
Status for_each_line(const std::string& text, VisitLine&& visit) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.pop_back();
        HEADLIGHT_CHECK(visit(std::move(line)));
        begin = end + 1;
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> read_vocab_lines(const std::string& file) {
    HEADLIGHT_TRY(const std::string text, read_text_file(file, kLongestText));
    if (!utf8::is_valid(text))
        return fail(make_error(ErrorKind::Corrupt, "the vocabulary is no UTF-8 text").in_file(file));
    std::vector<std::string> lines;
    HEADLIGHT_CHECK(for_each_line(text, [&](std::string line) -> Status {
        if (lines.size() >= kMostVocabularyPieces)
            return fail(
                make_error(ErrorKind::Corrupt, "the vocabulary has more than {} lines", kMostVocabularyPieces)
                    .in_file(file));
        drop_end_spaces(line);
        lines.push_back(std::move(line));
        return {};
    }));
    return lines;
}

Result<json> read_vocab_txt(const std::string& file) {
    HEADLIGHT_TRY(const std::vector<std::string> lines, read_vocab_lines(file));
    json vocabulary = json::object();
    std::size_t id = 0;
    for (const std::string& line : lines)
        vocabulary[line] = id++;
    return vocabulary;
}

Result<json> read_vocab_json(const std::string& file) {
    HEADLIGHT_TRY(json parsed, read_json_file(file));
    if (!parsed.is_object())
        return fail(make_error(ErrorKind::Corrupt, "expected an object of pieces to ids").in_file(file));
    for (const auto& [piece, id] : parsed.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 ||
            id.get<std::int64_t>() > kMaxVocabularyId)
            return fail(make_error(ErrorKind::Corrupt, "the id of '{}' is no whole number in range",
                                   piece.substr(0, 60))
                            .in_file(file));
    }
    return parsed;
}

Result<json> read_merges_txt(const std::string& file, const json& vocabulary) {
    HEADLIGHT_TRY(const std::string text, read_text_file(file, kLongestText));
    json merges = json::array();
    std::size_t number = 0;
    HEADLIGHT_CHECK(for_each_line(text, [&](std::string line) -> Status {
        ++number;
        if (line.starts_with("#version")) return {};
        const auto space = line.find(' ');
        if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
            return fail(make_error(ErrorKind::Corrupt,
                                   "line {} is '{}', expected two pieces with a space between", number,
                                   line.substr(0, 60))
                            .in_file(file));
        }
        const std::string left = line.substr(0, space), right = line.substr(space + 1);
        for (const std::string& piece : {left, right, left + right}) {
            if (vocabulary.contains(piece)) continue;
            return fail(make_error(ErrorKind::Corrupt,
                                   "line {} merges into or out of '{}', which is not in the vocabulary",
                                   number, piece.substr(0, 60))
                            .in_file(file));
        }
        merges.push_back(json::array({left, right}));
        return {};
    }));
    return merges;
}

}  // namespace headlight
