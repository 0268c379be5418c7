// Models that come in several GGUF files: "name-00001-of-00003.gguf" and so on. The first holds all settings
// and the tokenizer, each its share of the tensors (split.no from 0, split.count, split.tensors.count).
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "io/checkpoint/folder/weight_files.h"
#include "io/gguf/gguf_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

/// What the name of a part says.
struct PartName {
    std::string beginning;  // with the folder
    int number = 0, count = 0;

    std::string of(int wanted) const {
        return fmt::format("{}-{:05}-of-{:05}.gguf", beginning, wanted, count);
    }
};

std::optional<PartName> part_name(const std::string& path) {
    constexpr std::string_view kShape = "-00000-of-00000.gguf";
    if (path.size() < kShape.size()) return std::nullopt;
    const std::size_t begin = path.size() - kShape.size();
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        const char found = path[begin + i];
        const bool fits = kShape[i] == '0' ? found >= '0' && found <= '9' : found == kShape[i];
        if (!fits) return std::nullopt;
    }
    PartName out{path.substr(0, begin), std::stoi(path.substr(begin + 1, 5)),
                 std::stoi(path.substr(begin + 10, 5))};
    const bool is_part = out.number >= 1 && out.number <= out.count;
    return is_part ? std::optional(std::move(out)) : std::nullopt;
}

/// The first part of the same model that is there; `path` itself if it is no part.
std::string first_part(const std::string& path) {
    const auto name = part_name(path);
    std::error_code code;
    for (int number = 1; name && number < name->number; ++number) {
        if (const std::string part = name->of(number); fs::is_regular_file(part, code)) return part;
    }
    return path;
}

std::int64_t whole_number(const GgufFile& gguf, const char* key, std::int64_t otherwise) {
    const auto found = gguf.metadata.find(key);
    return found != gguf.metadata.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                      : otherwise;
}

tl::unexpected<Error> strange_part(const GgufFile& gguf, const std::string& what) {
    return fail(
        make_error(ErrorKind::Corrupt, "a part of a GGUF model: {}", what).in_file(gguf.file->path()));
}

Status check_part(const GgufFile& part, const PartName& name, int number) {
    const std::int64_t count = whole_number(part, "split.count", 0), no = whole_number(part, "split.no", -1);
    if (count == name.count && no == number - 1) return {};
    return strange_part(
        part, fmt::format("its name says that it is part {} of {}, but inside it is part {} of {}", number,
                          name.count, no + 1, count));
}

}  // namespace

std::vector<std::string> gguf_files(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
        return looks_like_gguf(path) ? std::vector<std::string>{first_part(path)}
                                     : std::vector<std::string>{};
    }
    std::set<std::string> files;
    for (const std::string& file : weight_files_in(path, {".gguf"}))
        files.insert(first_part(file));
    return {files.begin(), files.end()};
}

Result<GgufFile> read_gguf_whole(const std::string& path) {
    HEADLIGHT_TRY(GgufFile out, read_gguf(path));
    const std::int64_t count = whole_number(out, "split.count", 1);
    if (count <= 1) return out;
    const auto name = part_name(path);
    if (!name) {
        return fail(
            make_error(ErrorKind::Missing,
                       "this is one of {} parts of a model, but its name does not say which: expected "
                       "NAME-{:05}-of-{:05}.gguf beside the others. Give the parts their names back",
                       count, whole_number(out, "split.no", 0) + 1, count)
                .in_file(path));
    }
    for (int number = 1; number <= name->count; ++number) {
        const std::string file = name->of(number);
        std::error_code code;
        if (!fs::is_regular_file(file, code)) {
            return fail(make_error(ErrorKind::Missing,
                                   "the model comes in {} parts, and part {} is not there; download it too",
                                   name->count, number)
                            .in_file(file));
        }
        if (number == 1) {
            HEADLIGHT_CHECK(check_part(out, *name, number));
            continue;
        }
        HEADLIGHT_TRY(GgufFile part, read_gguf(file));
        HEADLIGHT_CHECK(check_part(part, *name, number));
        out.parts.push_back(part.file);
        for (TensorInfo& tensor : part.tensors) {
            tensor.file_index = out.parts.size();
            out.tensors.push_back(std::move(tensor));
        }
    }
    const std::int64_t promised =
        whole_number(out, "split.tensors.count", static_cast<std::int64_t>(out.tensors.size()));
    if (promised != static_cast<std::int64_t>(out.tensors.size()))
        return strange_part(
            out, fmt::format("the parts hold {} tensors, {} were promised", out.tensors.size(), promised));
    return out;
}

}  // namespace headlight
