#include "io/torch/pickle_globals.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace headlight {
namespace {

struct TorchType {
    std::string_view storage, dtype;
    DType type;
};

constexpr std::array kStorageTypes = {
    TorchType{"torch.FloatStorage", "torch.float32", DType::Float32},
    TorchType{"torch.HalfStorage", "torch.float16", DType::Float16},
    TorchType{"torch.BFloat16Storage", "torch.bfloat16", DType::BFloat16},
    TorchType{"torch.DoubleStorage", "torch.float64", DType::Float64},
    TorchType{"torch.LongStorage", "torch.int64", DType::Int64},
    TorchType{"torch.IntStorage", "torch.int32", DType::Int32},
    TorchType{"torch.ShortStorage", "torch.int16", DType::Int16},
    TorchType{"torch.CharStorage", "torch.int8", DType::Int8},
    TorchType{"torch.ByteStorage", "torch.uint8", DType::UInt8},
    TorchType{"torch.BoolStorage", "torch.bool", DType::Bool},
    // Types that came after the typed storages have a name of their dtype only.
    TorchType{"", "torch.float8_e4m3fn", DType::Float8E4M3},
    TorchType{"", "torch.float8_e5m2", DType::Float8E5M2},
    TorchType{"", "torch.uint16", DType::UInt16},
    TorchType{"", "torch.uint32", DType::UInt32},
    TorchType{"", "torch.uint64", DType::UInt64},
};

// Names that only stand for something: they are never called.
constexpr std::array<std::string_view, 6> kValues = {
    "torch.storage.UntypedStorage", "torch.UntypedStorage", "torch.storage.TypedStorage",
    "torch.nn.parameter.Parameter", "torch.Tensor",         "numpy.ndarray"};

constexpr std::array<std::string_view, 19> kDangerousModules = {
    "posix",  "nt",  "os",  "subprocess", "sys",    "shutil",   "socket",     "importlib", "runpy",  "pty",
    "ctypes", "pdb", "bdb", "code",       "codeop", "commands", "webbrowser", "timeit",    "marshal"};
constexpr std::array<std::string_view, 9> kDangerousBuiltins = {
    "eval", "exec", "execfile", "compile", "open", "__import__", "apply", "breakpoint", "input"};

using Evaluate = Result<PickleNode> (*)(const PickleTree&, const std::vector<PickleId>&);

tl::unexpected<Error> wrong_arguments(const char* name) {
    return fail(ErrorKind::Corrupt, "{} has arguments of another form", name);
}

/// Nothing, or one list of pairs.
Result<PickleNode> make_dict(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    PickleNode dict{PickleKind::Dict};
    if (arguments.empty()) return dict;
    const PickleNode& pairs = tree[arguments[0]];
    if (pairs.kind != PickleKind::List && pairs.kind != PickleKind::Tuple)
        return wrong_arguments("OrderedDict");
    for (const PickleId id : pairs.items) {
        const PickleNode& pair = tree[id];
        const bool is_pair =
            (pair.kind == PickleKind::List || pair.kind == PickleKind::Tuple) && pair.items.size() == 2;
        if (!is_pair) return wrong_arguments("OrderedDict");
        dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
    }
    return dict;
}

/// (storage, offset, size, stride, requires_grad, hooks[, dtype, ...])
Result<PickleNode> make_tensor(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    const bool is_tensor = arguments.size() >= 4 && tree[arguments[0]].kind == PickleKind::Storage &&
                           tree[arguments[1]].kind == PickleKind::Int &&
                           tree[arguments[2]].kind == PickleKind::Tuple &&
                           tree[arguments[3]].kind == PickleKind::Tuple;
    if (!is_tensor) return wrong_arguments("_rebuild_tensor");
    PickleNode tensor{PickleKind::Tensor};
    tensor.items.assign(arguments.begin(), arguments.begin() + 4);
    if (arguments.size() > 6 && tree[arguments[6]].kind == PickleKind::Global)
        tensor.items.push_back(arguments[6]);
    return tensor;
}

Result<PickleNode> first_tensor(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    if (arguments.empty() || tree[arguments[0]].kind != PickleKind::Tensor)
        return wrong_arguments("_rebuild_parameter");
    return tree[arguments[0]];
}

/// (function, type, arguments, state)
Result<PickleNode> rebuild_from_type(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    const bool is_call = arguments.size() == 4 && tree[arguments[0]].kind == PickleKind::Global &&
                         tree[arguments[2]].kind == PickleKind::Tuple;
    // One level only: the function of a rebuilt type is a tensor constructor.
    if (!is_call || tree[arguments[0]].text == "torch._tensor._rebuild_from_type_v2")
        return wrong_arguments("_rebuild_from_type_v2");
    return evaluate_global(tree, tree[arguments[0]].text, tree[arguments[2]].items);
}

Result<PickleNode> make_tuple(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    PickleNode tuple{PickleKind::Tuple};
    if (arguments.empty()) return tuple;
    const PickleNode& items = tree[arguments[0]];
    if (items.kind != PickleKind::List && items.kind != PickleKind::Tuple)
        return wrong_arguments("torch.Size");
    tuple.items = items.items;
    return tuple;
}

Result<PickleNode> make_list(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    HEADLIGHT_TRY(PickleNode list, make_tuple(tree, arguments));
    list.kind = PickleKind::List;
    return list;
}

Result<PickleNode> first_text(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    if (arguments.empty() || tree[arguments[0]].kind != PickleKind::Text)
        return wrong_arguments("torch.device");
    return tree[arguments[0]];
}

/// The bytes of a storage of their own, as pickle.dump writes them.
Result<PickleNode> inner_storage(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    if (arguments.size() != 1 || tree[arguments[0]].kind != PickleKind::Bytes)
        return wrong_arguments("_load_from_bytes");
    PickleNode storage{PickleKind::Storage};
    storage.items = arguments;
    return storage;
}

/// The values that a default would be made by are never asked for.
Result<PickleNode> make_empty_dict(const PickleTree&, const std::vector<PickleId>&) {
    return PickleNode{PickleKind::Dict};
}

/// Of NumPy: an array whose state follows.
Result<PickleNode> make_empty_array(const PickleTree&, const std::vector<PickleId>&) {
    return PickleNode{PickleKind::Array};
}

/// Of NumPy: ("f4", is_aligned, is_copied); the order of bytes follows as state.
Result<PickleNode> element_type(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    if (arguments.empty() || tree[arguments[0]].kind != PickleKind::Text)
        return wrong_arguments("numpy.dtype");
    return tree[arguments[0]];
}

/// Of NumPy: (bytes, dtype, shape, order "C" or "F")
Result<PickleNode> array_of_buffer(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    const bool is_array = arguments.size() == 4 && tree[arguments[0]].kind == PickleKind::Bytes &&
                          tree[arguments[1]].kind == PickleKind::Text &&
                          tree[arguments[2]].kind == PickleKind::Tuple;
    if (!is_array) return wrong_arguments("_frombuffer");
    PickleNode array{PickleKind::Array};
    array.items = {arguments[2], arguments[1], arguments[3], arguments[0]};
    return array;
}

/// How bytes were written before pickles had them: (text, "latin1").
Result<PickleNode> bytes_of_text(const PickleTree& tree, const std::vector<PickleId>& arguments) {
    if (arguments.empty() || tree[arguments[0]].kind != PickleKind::Text)
        return wrong_arguments("_codecs.encode");
    PickleNode bytes{PickleKind::Bytes};
    const std::string& text = tree[arguments[0]].text;
    for (std::size_t at = 0; at < text.size();) {
        const utf8::Decoded letter = utf8::decode(text, at);
        if (letter.code_point > 0xff) return wrong_arguments("_codecs.encode");
        bytes.text += static_cast<char>(letter.code_point);
        at += letter.size_bytes;
    }
    return bytes;
}

struct Function {
    std::string_view name;
    Evaluate evaluate;
};

constexpr std::array kFunctions = {
    Function{"collections.OrderedDict", make_dict},
    Function{"torch._utils._rebuild_tensor", make_tensor},
    Function{"torch._utils._rebuild_tensor_v2", make_tensor},
    Function{"torch._utils._rebuild_tensor_v3", make_tensor},
    Function{"torch._utils._rebuild_parameter", first_tensor},
    Function{"torch._utils._rebuild_parameter_with_state", first_tensor},
    Function{"torch._tensor._rebuild_from_type_v2", rebuild_from_type},
    Function{"torch.storage._load_from_bytes", inner_storage},
    Function{"torch.Size", make_tuple},
    Function{"torch.device", first_text},
    Function{"builtins.set", make_list},
    Function{"__builtin__.set", make_list},
    Function{"collections.defaultdict", make_empty_dict},
    Function{"numpy.core.multiarray._reconstruct", make_empty_array},
    Function{"numpy._core.multiarray._reconstruct", make_empty_array},
    Function{"numpy.core.numeric._frombuffer", array_of_buffer},
    Function{"numpy._core.numeric._frombuffer", array_of_buffer},
    Function{"numpy.dtype", element_type},
    Function{"_codecs.encode", bytes_of_text},
};

template <std::size_t N>
const Function* find_in(const std::array<Function, N>& functions, std::string_view name) {
    const auto found = std::find_if(functions.begin(), functions.end(),
                                    [&](const Function& function) { return function.name == name; });
    return found != functions.end() ? &*found : nullptr;
}

}  // namespace

bool is_known_global(std::string_view name) {
    return torch_dtype(name) || find_in(kFunctions, name) != nullptr ||
           std::find(kValues.begin(), kValues.end(), name) != kValues.end();
}

bool is_dangerous_global(std::string_view name) {
    const std::string_view module = name.substr(0, name.find('.')), last = name.substr(name.rfind('.') + 1);
    const auto is_in = [](std::string_view word, const auto& words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (module == "builtins" || module == "__builtin__") return is_in(last, kDangerousBuiltins);
    return is_in(module, kDangerousModules);
}

Result<PickleNode> evaluate_global(const PickleTree& tree, std::string_view name,
                                   const std::vector<PickleId>& arguments) {
    const Function* function = find_in(kFunctions, name);
    if (function == nullptr) return fail(ErrorKind::Corrupt, "'{}' is called, but is no function", name);
    return function->evaluate(tree, arguments);
}

std::optional<DType> torch_dtype(std::string_view global) {
    for (const TorchType& type : kStorageTypes) {
        if ((global == type.storage && !global.empty()) || global == type.dtype) return type.type;
    }
    return std::nullopt;
}

}  // namespace headlight
