// safetensors: arrays, and texts in the metadata (JSON lists, or as they are). Ours and those of other
// programs.
#include "io/attention/dump_contents.h"
#include "io/checkpoint/safetensors_header.h"
#include "io/json_file.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    return looks_like_safetensors(path);
}

/// A metadata text that is a JSON list of texts is such a list.
void add_lists(DumpContents& contents) {
    for (const auto& [key, text] : contents.arrays.metadata) {
        if (!text.starts_with('[')) continue;
        const auto parsed = parse_json(text, {});
        if (!parsed || !parsed->is_array()) continue;
        std::vector<std::string> list;
        for (const nlohmann::json& item : *parsed) {
            if (item.is_string()) list.push_back(item.get<std::string>());
        }
        if (list.size() == parsed->size()) contents.lists[key] = std::move(list);
    }
}

Result<DumpContents> read(const std::string& path) {
    DumpContents contents;
    HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
    HEADLIGHT_TRY(SafetensorsHeader header, read_safetensors_header(*mapped));
    contents.arrays.path = path;
    contents.arrays.files.push_back(std::move(mapped));
    contents.arrays.tensors = std::move(header.tensors);
    contents.arrays.metadata = std::move(header.metadata);
    add_lists(contents);
    return contents;
}

}  // namespace

extern const DumpFormat k_dump_safetensors = {"safetensors", "safetensors", ".safetensors",
                                              can_open,      read,          nullptr};

}  // namespace headlight
