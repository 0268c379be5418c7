// A dict (or a tuple, or one tensor) of torch.save or pickle.dump. Read as data: no pickle is ever run.
#include <algorithm>
#include <array>
#include <filesystem>

#include "base/memory_file.h"
#include "io/attention/dump_contents.h"
#include "io/torch/torch_file.h"

namespace headlight {
namespace {

constexpr int kDeepest = 3;
constexpr std::array kEndings = {".pt", ".pth", ".bin", ".ckpt", ".pkl", ".torch"};

bool can_open(const std::string& path) {
    const std::string ending = std::filesystem::path(path).extension().string();
    const bool is_named_so = std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
    return (is_named_so || is_memory_path(path)) && looks_like_torch_file(path);
}

class Walker {
  public:
    Walker(const TorchFile& torch, bool has_storages, DumpContents& out)
        : torch_(torch), has_storages_(has_storages), out_(out) {}

    Status add(const PickleNode& node, const std::string& name, int depth) {
        switch (node.kind) {
            case PickleKind::Tensor:
            case PickleKind::Array:
                return add_tensor(node, name);
            case PickleKind::Text:
                out_.arrays.metadata.emplace_back(name, node.text);
                return {};
            case PickleKind::Bool:
                out_.arrays.metadata.emplace_back(name, node.number != 0 ? "true" : "false");
                return {};
            case PickleKind::Object:  // a library's own output: its fields are data
            case PickleKind::Dict:
                return add_dict(node, name, depth);
            case PickleKind::Tuple:
            case PickleKind::List:
                return add_list(node, name, depth);
            default:
                return {};
        }
    }

  private:
    Status add_tensor(const PickleNode& node, const std::string& name) {
        TensorInfo info;
        info.name = name;
        if (has_storages_) {
            HEADLIGHT_TRY(info, torch_tensor(torch_, node, name, 0));
        }
        out_.arrays.tensors.push_back(std::move(info));
        return {};
    }

    Status add_dict(const PickleNode& node, const std::string& name, int depth) {
        if (depth > kDeepest) return {};
        for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
            const PickleNode& key = torch_.tree[node.items[i]];
            // A dict by layer number is as good as a list.
            const std::string part = key.kind == PickleKind::Text  ? key.text
                                     : key.kind == PickleKind::Int ? fmt::format("{}", key.number)
                                                                   : std::string();
            if (part.empty()) continue;
            HEADLIGHT_CHECK(
                add(torch_.tree[node.items[i + 1]], name.empty() ? part : name + "." + part, depth + 1));
        }
        return {};
    }

    /// Texts, whole numbers, or values of their own by number (a layer without attention is None).
    Status add_list(const PickleNode& node, const std::string& name, int depth) {
        const auto all_are = [&](PickleKind kind) {
            return !node.items.empty() && std::all_of(node.items.begin(), node.items.end(), [&](PickleId id) {
                return torch_.tree[id].kind == kind;
            });
        };
        if (all_are(PickleKind::Text)) {
            for (const PickleId id : node.items)
                out_.lists[name].push_back(torch_.tree[id].text);
        } else if (all_are(PickleKind::Int)) {
            add_integers(node, name);
        } else if (depth <= kDeepest) {
            const std::string base = name.empty() ? "attention" : name;
            for (std::size_t i = 0; i < node.items.size(); ++i) {
                HEADLIGHT_CHECK(add(torch_.tree[node.items[i]], fmt::format("{}.{}", base, i), depth + 1));
            }
        }
        return {};
    }

    void add_integers(const PickleNode& node, const std::string& name) {
        std::vector<std::int64_t> values;
        for (const PickleId id : node.items)
            values.push_back(torch_.tree[id].number);
        const auto bytes = std::as_bytes(std::span(values));
        TensorInfo info;
        info.name = name;
        info.dtype = DType::Int64;
        info.shape = {static_cast<std::int64_t>(values.size())};
        info.length_bytes = bytes.size();
        info.copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
        out_.arrays.tensors.push_back(std::move(info));
    }

    const TorchFile& torch_;
    bool has_storages_;
    DumpContents& out_;
};

Result<DumpContents> walk(const TorchFile& torch, bool has_storages) {
    DumpContents contents;
    contents.arrays.path = torch.file->path();
    contents.arrays.files.push_back(torch.file);
    const PickleNode& root = torch.tree[torch.tree.root];
    const std::string name =
        root.kind == PickleKind::Tensor || root.kind == PickleKind::Array ? "attention" : "";
    HEADLIGHT_CHECK(Walker(torch, has_storages, contents).add(root, name, 0));
    return contents;
}

Result<DumpContents> read(const std::string& path) {
    HEADLIGHT_TRY(const TorchFile torch, read_torch_file(path));
    return walk(torch, true);
}

Result<DumpContents> peek(const std::string& path) {
    HEADLIGHT_TRY(const TorchFile torch, peek_torch_file(path));
    return walk(torch, false);
}

}  // namespace

extern const DumpFormat k_dump_pytorch = {"pytorch", "PyTorch file", ".pt .pth .bin .ckpt",
                                          can_open,  read,           peek};

}  // namespace headlight
