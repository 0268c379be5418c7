#include "io/torch/pickle.h"

namespace headlight {

const PickleNode* PickleTree::find(const PickleNode& dict, std::string_view key) const {
    if (dict.kind != PickleKind::Dict && dict.kind != PickleKind::Object) return nullptr;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleNode& name = nodes[dict.items[i]];
        if (name.kind == PickleKind::Text && name.text == key) return &nodes[dict.items[i + 1]];
    }
    return nullptr;
}

Error pickled_code(const PickleNode& object, const std::string& file) {
    Error error = make_error(ErrorKind::Unsupported,
                             "the file holds '{}', which is code and is never run; only tensors, arrays, "
                             "containers, numbers and text are read. Save the state dict alone, or as "
                             "safetensors",
                             object.text.substr(0, 200))
                      .in_file(file);
    error.offset = static_cast<std::uint64_t>(object.number);
    return error;
}

}  // namespace headlight
