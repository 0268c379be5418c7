#include "io/torch/torch_file.h"

#include <algorithm>
#include <cstring>

#include "base/mapped_file.h"
#include "io/checkpoint/strided_copy.h"
#include "io/torch/pickle_globals.h"
#include "io/torch/pickled_array.h"
#include "io/zip_archive.h"

namespace headlight {
namespace {

constexpr std::size_t kLongestPickle = std::size_t{256} << 20;
constexpr std::string_view kLegacyMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);

tl::unexpected<Error> broken(const TorchFile& torch, const std::string& what, const std::string& name = {}) {
    Error error = make_error(ErrorKind::Corrupt, "broken PyTorch file: {}", what).in_file(torch.file->path());
    error.tensor = name;
    return fail(std::move(error));
}

/// Parts of a persistent id: ("storage", type, key, location, count, ...).
struct StorageId {
    std::string key;
    DType dtype = DType::UInt8;
    std::uint64_t count = 0;  // elements
};

std::optional<StorageId> storage_id(const PickleTree& tree, const PickleNode& node) {
    if (node.kind != PickleKind::Storage || node.items.size() < 5) return std::nullopt;
    const PickleNode &type = tree[node.items[1]], &key = tree[node.items[2]], &count = tree[node.items[4]];
    if (type.kind != PickleKind::Global || key.kind != PickleKind::Text || count.kind != PickleKind::Int)
        return std::nullopt;
    if (count.number < 0) return std::nullopt;
    // An untyped storage counts bytes; its tensors spell their type.
    return StorageId{key.text, torch_dtype(type.text).value_or(DType::UInt8),
                     static_cast<std::uint64_t>(count.number)};
}

/// Of a storage that lies in the pickle itself, as Python's own pickle.dump writes tensors: the key that it
/// gets here, "@" and the place of its bytes. Empty for all others.
std::string inner_key(const PickleTree& tree, const PickleNode& storage) {
    const bool is_inner = storage.kind == PickleKind::Storage && storage.items.size() == 1;
    return is_inner ? fmt::format("@{}", tree[storage.items[0]].number) : std::string();
}

/// Every storage that the pickle mentions, with the bytes that it claims.
Result<std::map<std::string, StorageId>> mentioned_storages(const TorchFile& torch) {
    std::map<std::string, StorageId> all;
    for (const PickleNode& node : torch.tree.nodes) {
        if (node.kind != PickleKind::Storage || node.items.size() == 1) continue;
        const auto id = storage_id(torch.tree, node);
        if (!id) return broken(torch, "a storage is described in an unknown form");
        if (id->count > torch.file->size_bytes() / size_bytes(id->dtype))
            return broken(torch, fmt::format("storage '{}' claims {} elements, more than the file holds",
                                             id->key, id->count));
        all.emplace(id->key, *id);
    }
    return all;
}

/// The zip form: the values first, then the places of the numbers.
class ZipReader {
  public:
    explicit ZipReader(TorchFile& torch) : torch_(torch) {}

    Status read_values() {
        HEADLIGHT_TRY(archive_, ZipArchive::open(torch_.file));
        const ZipMember* data = archive_.find_ending("/data.pkl");
        if (archive_.find_ending("/constants.pkl") != nullptr) {
            return fail(
                make_error(ErrorKind::Unsupported,
                           "this is a TorchScript program; its code is not run. Open it with "
                           "--trust-torchscript if you trust where it comes from, or save the module's "
                           "state_dict() instead")
                    .in_file(torch_.file->path()));
        }
        if (data == nullptr)
            return broken(torch_, "the zip archive has no data.pkl; expected a file of torch.save");
        folder_ = data->name.substr(0, data->name.size() - std::string("data.pkl").size());
        if (const ZipMember* order = archive_.find(folder_ + "byteorder")) {
            HEADLIGHT_TRY(const std::string text, archive_.read(*order, 64));
            if (!text.starts_with("little")) {
                return fail(make_error(ErrorKind::Unsupported,
                                       "the numbers are stored in '{}' byte order; only "
                                       "little-endian files are read",
                                       text)
                                .in_file(torch_.file->path()));
            }
        }
        HEADLIGHT_TRY(const std::string pickle, archive_.read(*data, kLongestPickle));
        HEADLIGHT_TRY(torch_.tree,
                      read_pickle(std::as_bytes(std::span(pickle)), torch_.file->path(), data->offset_bytes));
        return {};
    }

    Status place() {
        HEADLIGHT_TRY(const auto ids, mentioned_storages(torch_));
        for (const auto& [key, id] : ids) {
            const ZipMember* member = archive_.find(folder_ + "data/" + key);
            if (member == nullptr)
                return broken(torch_, fmt::format("the numbers of storage '{}' are missing", key));
            if (!member->is_stored)
                return broken(torch_,
                              fmt::format("storage '{}' is compressed, which torch.save never does", key));
            const std::uint64_t expected = id.count * size_bytes(id.dtype);
            if (member->length_bytes < expected) {
                return broken(torch_, fmt::format("storage '{}' holds {} bytes, its description asks for {}",
                                                  key, member->length_bytes, expected));
            }
            HEADLIGHT_CHECK(archive_.check(*member));
            torch_.storages[key] = {id.dtype, member->offset_bytes, expected};
        }
        return {};
    }

  private:
    TorchFile& torch_;
    ZipArchive archive_;
    std::string folder_;
};

/// The stream form: magic number, protocol, system, the object, the keys, then the storages in the order of
/// the keys. A pickle without that mark is read as it is.
class LegacyReader {
  public:
    explicit LegacyReader(TorchFile& torch, std::size_t begin = 0) : torch_(torch), at_(begin) {}

    Status read_values() {
        HEADLIGHT_TRY(PickleTree first, next());
        is_plain_ = first[first.root].kind != PickleKind::Int || first[first.root].text != kLegacyMagic;
        if (is_plain_) {
            torch_.tree = std::move(first);
            return {};
        }
        HEADLIGHT_TRY(const PickleTree protocol, next());
        HEADLIGHT_TRY(const PickleTree system, next());
        const PickleNode* is_little = system.find(system[system.root], "little_endian");
        if (protocol[protocol.root].kind != PickleKind::Int || is_little == nullptr ||
            is_little->number != 1) {
            return fail(make_error(ErrorKind::Unsupported, "the file is not in little-endian byte order")
                            .in_file(path()));
        }
        HEADLIGHT_TRY(torch_.tree, next());
        return {};
    }
    Status place() {
        if (is_plain_) return place_inner();
        HEADLIGHT_TRY(const PickleTree keys, next());
        return place_in_order(keys);
    }

  private:
    const std::string& path() const { return torch_.file->path(); }
    /// Storages that lie in the pickle, each a stream of this form by itself.
    Status place_inner() {
        for (const PickleNode& node : torch_.tree.nodes) {
            const std::string key = inner_key(torch_.tree, node);
            if (key.empty() || torch_.storages.count(key) != 0) continue;
            TorchFile inner{torch_.file, {}, {}};
            LegacyReader reader(inner, static_cast<std::size_t>(torch_.tree[node.items[0]].number));
            HEADLIGHT_CHECK(reader.read_values());
            if (reader.is_plain_) return broken(torch_, "a storage in the pickle has no mark of PyTorch");
            HEADLIGHT_CHECK(reader.place());
            const auto id = storage_id(inner.tree, inner.tree[inner.tree.root]);
            const auto found = id ? inner.storages.find(id->key) : inner.storages.end();
            if (found == inner.storages.end()) return broken(torch_, "a storage in the pickle is none");
            torch_.storages[key] = found->second;
        }
        return {};
    }
    Result<PickleTree> next() {
        auto tree = read_pickle(torch_.file->bytes().subspan(at_), path(), at_);
        if (tree) at_ += tree->length_bytes;
        return tree;
    }
    Status place_in_order(const PickleTree& keys) {
        HEADLIGHT_TRY(const auto ids, mentioned_storages(torch_));
        const auto bytes = torch_.file->bytes();
        for (const PickleId item : keys[keys.root].items) {
            const auto found = ids.find(keys[item].text);
            if (found == ids.end()) return broken(torch_, "a storage follows that nothing mentions");
            std::uint64_t count = 0;
            if (bytes.size() - at_ < sizeof count) return broken(torch_, "it ends before its last storage");
            std::memcpy(&count, bytes.data() + at_, sizeof count);
            at_ += sizeof count;
            const std::uint64_t length = found->second.count * size_bytes(found->second.dtype);
            if (count != found->second.count || length > bytes.size() - at_) {
                return broken(torch_, fmt::format("storage '{}' was announced with {} elements, found {}",
                                                  found->first, found->second.count, count));
            }
            torch_.storages[found->first] = {found->second.dtype, at_, length};
            at_ += length;
        }
        return {};
    }

    TorchFile& torch_;
    std::size_t at_;
    bool is_plain_ = false;  // one pickle, as Python's own pickle.dump writes it
};

bool is_zip(std::span<const std::byte> bytes) {
    return bytes.size() > 4 && std::memcmp(bytes.data(), "PK\x03\x04", 4) == 0;
}

/// Offset, sizes and strides of a tensor, in elements of its storage.
struct Layout {
    std::uint64_t begin = 0;
    std::vector<std::int64_t> shape, stride;
    std::uint64_t count = 1;  // elements
    std::uint64_t reach = 0;  // elements from begin to one past the last
    bool is_contiguous = true;
};

constexpr std::size_t kMostAxes = 16;
constexpr std::int64_t kLargestAxis = std::int64_t{1} << 40;

std::optional<Layout> read_layout(const PickleTree& tree, const PickleNode& node) {
    Layout layout;
    const PickleNode &offset = tree[node.items[1]], &size = tree[node.items[2]],
                     &stride = tree[node.items[3]];
    if (offset.number < 0 || size.items.size() != stride.items.size() || size.items.size() > kMostAxes)
        return std::nullopt;
    layout.begin = static_cast<std::uint64_t>(offset.number);
    std::uint64_t last = 0;
    for (std::size_t axis = 0; axis < size.items.size(); ++axis) {
        const PickleNode &length = tree[size.items[axis]], &step = tree[stride.items[axis]];
        if (length.kind != PickleKind::Int || step.kind != PickleKind::Int) return std::nullopt;
        if (length.number < 0 || length.number > kLargestAxis || step.number < 0 ||
            step.number > kLargestAxis)
            return std::nullopt;
        layout.shape.push_back(length.number);
        layout.stride.push_back(step.number);
        const auto extent = static_cast<std::uint64_t>(length.number);
        std::uint64_t part = 0;
        if (__builtin_mul_overflow(layout.count, extent, &layout.count)) return std::nullopt;
        if (extent > 0 &&
            (__builtin_mul_overflow(extent - 1, static_cast<std::uint64_t>(step.number), &part) ||
             __builtin_add_overflow(last, part, &last)))
            return std::nullopt;
    }
    layout.reach = layout.count == 0 ? 0 : last + 1;
    std::int64_t expected = 1;
    for (std::size_t axis = layout.shape.size(); axis-- > 0;) {
        if (layout.shape[axis] != 1 && layout.stride[axis] != expected) layout.is_contiguous = false;
        expected *= std::max<std::int64_t>(1, layout.shape[axis]);
    }
    return layout;
}

}  // namespace

bool looks_like_torch_file(const std::string& path) {
    const std::string first = first_bytes(path, 16);
    if (first.starts_with("PK\x03\x04")) return true;
    // PROTO, then the magic number as a long of ten bytes.
    return first.size() > 4 && first[0] == '\x80' && first[1] >= 2 && first[1] <= 5;
}

namespace {

template <class TorchFileReader>
Status read_with(TorchFile& torch, bool wants_storages) {
    TorchFileReader reader(torch);
    HEADLIGHT_CHECK(reader.read_values());
    return wants_storages ? reader.place() : Status{};
}

Result<TorchFile> read_file(const std::string& path, bool wants_storages) {
    TorchFile torch;
    HEADLIGHT_TRY(torch.file, MappedFile::open(path));
    const Status status = is_zip(torch.file->bytes()) ? read_with<ZipReader>(torch, wants_storages)
                                                      : read_with<LegacyReader>(torch, wants_storages);
    HEADLIGHT_CHECK(torch.file->check_unchanged());
    HEADLIGHT_CHECK(status);
    return torch;
}

}  // namespace

Result<TorchFile> read_torch_file(const std::string& path) {
    return read_file(path, true);
}

Result<TorchFile> peek_torch_file(const std::string& path) {
    return read_file(path, false);
}

bool is_torchscript(const std::string& path) {
    auto file = MappedFile::open(path);
    if (!file || !is_zip((*file)->bytes())) return false;
    const auto archive = ZipArchive::open(std::move(*file));
    return archive && archive->find_ending("/constants.pkl") != nullptr;
}

Result<TensorInfo> torch_tensor(const TorchFile& torch, const PickleNode& node, const std::string& name,
                                std::size_t file_index) {
    if (node.kind == PickleKind::Array) {
        HEADLIGHT_TRY(TensorInfo array, pickled_array(torch.tree, node, name, torch.file->path()));
        array.file_index = file_index;
        return array;
    }
    const PickleNode& stored = torch.tree[node.items[0]];
    const auto id = storage_id(torch.tree, stored);
    const auto storage = torch.storages.find(id ? id->key : inner_key(torch.tree, stored));
    if (storage == torch.storages.end()) return broken(torch, "the tensor's numbers are missing", name);
    TensorInfo info;
    info.name = name;
    info.file_index = file_index;
    info.dtype = storage->second.dtype;
    if (node.items.size() > 4) {
        const auto spelled = torch_dtype(torch.tree[node.items[4]].text);
        if (!spelled) {
            return fail(make_error(ErrorKind::Unsupported, "element type '{}' is not supported",
                                   torch.tree[node.items[4]].text)
                            .in_file(torch.file->path())
                            .at_tensor(name));
        }
        info.dtype = *spelled;
    }
    const std::size_t element = size_bytes(info.dtype);
    const auto layout = read_layout(torch.tree, node);
    if (!layout) return broken(torch, "the tensor's offset, sizes or strides make no sense", name);
    std::uint64_t end = 0;
    const std::uint64_t num_stored = storage->second.length_bytes / element;
    if (__builtin_add_overflow(layout->begin, layout->reach, &end) || end > num_stored) {
        return broken(torch,
                      fmt::format("the tensor {} reaches past its {} stored elements",
                                  shape_to_string(layout->shape), num_stored),
                      name);
    }
    info.shape = layout->shape;
    info.length_bytes = layout->count * element;
    info.offset_bytes = storage->second.offset_bytes + layout->begin * element;
    if (layout->is_contiguous || layout->count == 0) return info;
    // A view that repeats elements could grow without bound.
    if (layout->count > torch.file->size_bytes() / element)
        return broken(torch, "the tensor repeats its elements to more than the file holds", name);
    info.copy =
        copy_strided(torch.file->bytes().subspan(storage->second.offset_bytes, storage->second.length_bytes),
                     {layout->begin, layout->shape, layout->stride}, element);
    return info;
}

}  // namespace headlight
