#include "io/attention/dump_contents.h"

#include <algorithm>
#include <filesystem>

#include "base/guard.h"
#include "io/attention/generated_steps.h"

namespace headlight {

#define HEADLIGHT_DUMP(name, ...) extern const DumpFormat k_dump_##name;
#include "io/dumps/dumps.def"
#undef HEADLIGHT_DUMP

std::span<const DumpFormat* const> dump_formats() {
    static constexpr const DumpFormat* kAll[] = {
#define HEADLIGHT_DUMP(name, ...) &k_dump_##name,
#include "io/dumps/dumps.def"
#undef HEADLIGHT_DUMP
    };
    return kAll;
}

namespace {

Result<const DumpFormat*> find_format(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return fail(make_error(ErrorKind::Missing, "cannot read the attention: no such file").in_file(path));
    }
    std::string known;
    for (const DumpFormat* format : dump_formats()) {
        if (std::filesystem::is_regular_file(path, code) && format->can_open(path)) return format;
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", format->label, format->extensions);
    }
    return fail(make_error(ErrorKind::Unsupported,
                           "cannot read the attention: this is none of the kinds of file that are "
                           "read: {}",
                           known)
                    .in_file(path));
}

template <class Read>
Result<DumpContents> guarded(const std::string& path, const Read& read) {
    return translate_exceptions({"reading the attention", path}, [&]() -> Result<DumpContents> {
        HEADLIGHT_TRY(DumpContents contents, read());
        HEADLIGHT_CHECK(join_generated_steps(contents));
        HEADLIGHT_CHECK(contents.arrays.check_unchanged());
        auto& tensors = contents.arrays.tensors;
        std::sort(tensors.begin(), tensors.end(),
                  [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
        const auto twin =
            std::adjacent_find(tensors.begin(), tensors.end(),
                               [](const TensorInfo& a, const TensorInfo& b) { return a.name == b.name; });
        if (twin == tensors.end()) return contents;
        return fail(
            make_error(ErrorKind::Corrupt, "two arrays have one name").in_file(path).at_tensor(twin->name));
    });
}

}  // namespace

const std::string* DumpContents::text(std::string_view name) const {
    for (const auto& [key, value] : arrays.metadata) {
        if (key == name) return &value;
    }
    return nullptr;
}

const std::vector<std::string>* DumpContents::list(std::string_view name) const {
    const auto found = lists.find(std::string(name));
    return found != lists.end() ? &found->second : nullptr;
}

Result<DumpContents> read_dump_contents(const std::string& path) {
    HEADLIGHT_TRY(const DumpFormat* format, find_format(path));
    return guarded(path, [&] { return format->read(path); });
}

Result<DumpContents> peek_dump_contents(const std::string& path) {
    HEADLIGHT_TRY(const DumpFormat* format, find_format(path));
    return guarded(path, [&] { return format->peek != nullptr ? format->peek(path) : format->read(path); });
}

}  // namespace headlight
