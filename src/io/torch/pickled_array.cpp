#include "io/torch/pickled_array.h"

#include <array>

#include "io/attention/npy_array.h"

namespace headlight {
namespace {

/// The same array as a file of NumPy, whose reader knows element types and orders; empty where the node says
/// no array.
std::string as_npy(const PickleTree& tree, const PickleNode& node) {
    if (node.items.size() != 4) return {};
    const PickleNode &shape = tree[node.items[0]], &type = tree[node.items[1]], &order = tree[node.items[2]],
                     &bytes = tree[node.items[3]];
    const bool is_array = shape.kind == PickleKind::Tuple && type.kind == PickleKind::Text &&
                          (bytes.kind == PickleKind::Bytes || bytes.kind == PickleKind::Text) &&
                          shape.items.size() <= 16 && type.text.size() <= 16 &&
                          type.text.find('\'') == std::string::npos;
    if (!is_array) return {};
    std::string axes;
    for (const PickleId id : shape.items) {
        if (tree[id].kind != PickleKind::Int || tree[id].number < 0) return {};
        axes += fmt::format("{}, ", tree[id].number);
    }
    const bool is_fortran = order.kind == PickleKind::Text ? order.text == "F" : order.number != 0;
    const std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}",
                                           type.text, is_fortran ? "True" : "False", axes);
    std::string out = "\x93NUMPY\x01";
    out += '\0';
    out += static_cast<char>(header.size() & 0xff);
    out += static_cast<char>(header.size() >> 8);
    return out + header + bytes.text;
}

}  // namespace

Result<TensorInfo> pickled_array(const PickleTree& tree, const PickleNode& node, const std::string& name,
                                 const std::string& file) {
    const std::string npy = as_npy(tree, node);
    const auto bytes = std::as_bytes(std::span(npy));
    if (npy.empty()) {
        return fail(make_error(ErrorKind::Corrupt, "the pickled array says nothing of its numbers")
                        .in_file(file)
                        .at_tensor(name));
    }
    HEADLIGHT_TRY(NpyArray array, read_npy(bytes, name, file, 0));
    if (array.is_text) {
        return fail(make_error(ErrorKind::Unsupported, "the pickled array holds texts, expected numbers")
                        .in_file(file)
                        .at_tensor(name));
    }
    TensorInfo tensor = std::move(array.tensor);
    tensor.name = name;
    if (!tensor.copy) {
        const auto values = bytes.subspan(tensor.offset_bytes, tensor.length_bytes);
        tensor.copy = std::make_shared<const std::vector<std::byte>>(values.begin(), values.end());
    }
    return tensor;
}

}  // namespace headlight
