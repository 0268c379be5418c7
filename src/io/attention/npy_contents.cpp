#include "io/attention/npy_contents.h"

namespace headlight {

Status add_npy(Result<NpyArray> array, const std::string& name, DumpContents& contents) {
    if (!array && array.error().kind == ErrorKind::Unsupported) {
        contents.notes.push_back(fmt::format("'{}' was left out: {}", name, array.error().message));
        return {};
    }
    if (!array) return fail(std::move(array).error());
    if (!array->is_text) {
        contents.arrays.tensors.push_back(std::move(array->tensor));
    } else if (array->tensor.shape.empty() && !array->texts.empty()) {
        contents.arrays.metadata.emplace_back(name, array->texts.front());
    } else {
        contents.lists[name] = std::move(array->texts);
    }
    return {};
}

}  // namespace headlight
