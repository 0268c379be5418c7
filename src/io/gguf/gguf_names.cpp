#include "io/gguf/gguf_names.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostExperts = 4096;
constexpr std::int64_t kMostHeads = 65536;
// Scalings that set_gguf_rope has put into the config.
constexpr std::string_view kInConfig[] = {"rope_freqs.weight", "rope_factors_long.weight",
                                          "rope_factors_short.weight"};

const json* find(const GgufFile& gguf, const std::string& key) {
    const auto found = gguf.metadata.find(key);
    return found == gguf.metadata.end() ? nullptr : &*found;
}

void copy_token_ids(const GgufFile& gguf, json& config) {
    for (const char* name : {"bos", "eos", "padding"}) {
        const json* id = find(gguf, fmt::format("tokenizer.ggml.{}_token_id", name));
        if (id != nullptr)
            config[std::string_view(name) == "padding" ? "pad_token_id" : std::string(name) + "_token_id"] =
                *id;
    }
}

/// Rows of the embedding table, where the metadata does not say the size of the vocabulary.
void count_vocabulary(const GgufFile& gguf, json& config) {
    const auto shape = gguf_shape(gguf, "token_embd.weight");
    if (!config.contains("vocab_size") && shape.size() == 2) config["vocab_size"] = shape[0];
}

const GgufArchitecture* find_architecture(const GgufFile& gguf) {
    const json* id = find(gguf, "general.architecture");
    if (id == nullptr || !id->is_string()) return nullptr;
    for (const GgufArchitecture& entry : gguf_architectures()) {
        if (entry.id == id->get_ref<const std::string&>() &&
            (entry.marker.empty() || has_gguf_tensor(gguf, entry.marker)))
            return &entry;
    }
    return nullptr;
}

/// The layer number where `name` has the form of `pattern`; "" for a pattern without a layer.
std::optional<std::string> match(std::string_view pattern, std::string_view name) {
    const std::size_t hole = pattern.find("{}");
    if (hole == std::string_view::npos)
        return pattern == name ? std::optional<std::string>("") : std::nullopt;
    const std::string_view head = pattern.substr(0, hole), tail = pattern.substr(hole + 2);
    if (name.size() <= head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
        return std::nullopt;
    const std::string_view number = name.substr(head.size(), name.size() - head.size() - tail.size());
    const bool is_number = number.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number ? std::optional<std::string>(number) : std::nullopt;
}

std::string filled(std::string_view pattern, std::string_view hole, const std::string& value) {
    std::string out(pattern);
    if (const std::size_t at = out.find(hole); at != std::string::npos) out.replace(at, hole.size(), value);
    return out;
}

/// The first of these settings that the config has.
std::int64_t first_count(const json& config, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        if (const std::int64_t count = config_count(config, key); count > 0) return count;
    }
    return 0;
}

struct HeadCounts {
    std::int64_t heads = 0, kv_heads = 0;
};

HeadCounts head_counts(const json& config) {
    HeadCounts out;
    out.heads = first_count(config, {"num_attention_heads", "n_head"});
    out.kv_heads = first_count(config, {"num_key_value_heads", "num_kv_heads"});
    if (out.kv_heads == 0) out.kv_heads = out.heads;
    return out;
}

/// Row i of the checkpoint (groups of queries, then their key and value) out of all queries, all keys, all
/// values.
std::shared_ptr<const std::vector<std::uint32_t>> fused_rows(std::int64_t rows, std::int64_t heads,
                                                             std::int64_t groups) {
    // Rows that do not divide are left alone: the loader will refuse their shape.
    if (heads <= 0 || groups <= 0 || heads > kMostHeads || heads % groups != 0 ||
        rows % (heads + 2 * groups) != 0 || rows > UINT32_MAX)
        return nullptr;
    const std::int64_t width = rows / (heads + 2 * groups), per_group = heads / groups;
    auto order = std::make_shared<std::vector<std::uint32_t>>();
    for (std::int64_t group = 0; group < groups; ++group) {
        for (std::int64_t part = 0; part < per_group + 2; ++part) {
            const std::int64_t head = part < per_group    ? group * per_group + part
                                      : part == per_group ? heads + group
                                                          : heads + groups + group;
            for (std::int64_t row = 0; row < width; ++row)
                order->push_back(static_cast<std::uint32_t>(head * width + row));
        }
    }
    return order;
}

void apply_order(TensorInfo& info, GgufOrder order, const json& config) {
    const HeadCounts counts = head_counts(config);
    const std::int64_t rows = info.shape.empty() ? 0 : info.shape[0];
    switch (order) {
        case GgufOrder::Transposed:
            if (info.shape.size() != 2) return;
            std::swap(info.shape[0], info.shape[1]);
            info.is_transposed = true;
            return;
        case GgufOrder::QueryHalves:
        case GgufOrder::KeyHalves: {
            const std::int64_t heads = order == GgufOrder::KeyHalves ? counts.kv_heads : counts.heads;
            if (heads > 0 && heads < kMostHeads && rows % (2 * heads) == 0)
                info.num_rotary_heads = static_cast<int>(heads);
            return;
        }
        case GgufOrder::PlusOne:
            info.added = -1;
            return;
        case GgufOrder::FusedPerHead:
            info.row_order = fused_rows(rows, counts.heads, counts.heads);
            return;
        case GgufOrder::FusedPerGroup:
            info.row_order = fused_rows(rows, counts.heads, counts.kv_heads);
            return;
        case GgufOrder::OneRow:
            if (info.shape.size() == 1) info.shape.insert(info.shape.begin(), 1);
            return;
        case GgufOrder::AsIs:
        case GgufOrder::Experts:
            return;
    }
}

/// A stack [experts, rows, cols] as one tensor each; their bytes lie one after the other.
void split_experts(const TensorInfo& stack, const std::string& name, std::vector<TensorInfo>& out) {
    const std::int64_t count = stack.shape[0];
    for (std::int64_t expert = 0; expert < count; ++expert) {
        TensorInfo one = stack;
        one.name = filled(name, "{e}", std::to_string(expert));
        one.shape.erase(one.shape.begin());
        one.length_bytes = stack.length_bytes / static_cast<std::uint64_t>(count);
        one.offset_bytes = stack.offset_bytes + one.length_bytes * static_cast<std::uint64_t>(expert);
        out.push_back(std::move(one));
    }
}

/// The tensor under our name into `out`; false if no module of the table has it.
bool rename(const TensorInfo& info, const GgufArchitecture& architecture, const json& config,
            std::vector<TensorInfo>& out) {
    for (const char* suffix : {".weight", ".bias"}) {
        if (!info.name.ends_with(suffix)) continue;
        const std::string_view stem =
            std::string_view(info.name).substr(0, info.name.size() - std::string_view(suffix).size());
        for (const GgufModule& module : architecture.modules) {
            const auto layer = match(module.gguf, stem);
            if (!layer) continue;
            const std::string name = filled(module.ours, "{}", *layer) + suffix;
            const bool is_stack =
                info.shape.size() >= 2 && info.shape[0] >= 1 && info.shape[0] <= kMostExperts;
            if (module.order == GgufOrder::Experts && is_stack) {
                split_experts(info, name, out);
                return true;
            }
            out.push_back(info);
            out.back().name = name;
            const bool is_plain = module.order == GgufOrder::PlusOne && std::string_view(suffix) == ".bias";
            apply_order(out.back(), is_plain ? GgufOrder::AsIs : module.order, config);
            return true;
        }
    }
    return false;
}

}  // namespace

const std::vector<GgufArchitecture>& gguf_architectures() {
    static const std::vector<GgufArchitecture> all = [] {
        std::vector<GgufArchitecture> out;
        add_llama_architectures(out);
        add_gemma_architectures(out);
        add_gpt_architectures(out);
        add_encoder_architectures(out);
        return out;
    }();
    return all;
}

const json* gguf_value(const GgufFile& gguf, std::string_view key) {
    const json* id = find(gguf, "general.architecture");
    if (id == nullptr || !id->is_string()) return nullptr;
    return find(gguf, id->get_ref<const std::string&>() + "." + std::string(key));
}

bool has_gguf_tensor(const GgufFile& gguf, std::string_view name) {
    return std::any_of(gguf.tensors.begin(), gguf.tensors.end(),
                       [&](const TensorInfo& info) { return info.name == name; });
}

std::vector<std::int64_t> gguf_shape(const GgufFile& gguf, std::string_view name) {
    for (const TensorInfo& info : gguf.tensors) {
        if (info.name == name) return info.shape;
    }
    return {};
}

void copy_gguf_value(const GgufFile& gguf, std::string_view key, json& config, const char* to) {
    if (const json* value = gguf_value(gguf, key)) config[to] = *value;
}

std::int64_t config_count(const json& config, const char* key) {
    const auto found = config.find(key);
    const bool is_count =
        found != config.end() && found->is_number_integer() && *found >= 0 && *found <= INT32_MAX;
    return is_count ? found->get<std::int64_t>() : 0;
}

Result<json> gguf_config(const GgufFile& gguf) {
    const GgufArchitecture* architecture = find_architecture(gguf);
    if (architecture == nullptr) {
        const json* id = find(gguf, "general.architecture");
        std::set<std::string_view> names;
        for (const GgufArchitecture& entry : gguf_architectures())
            names.insert(entry.id);
        std::string known;
        for (const std::string_view name : names)
            known += (known.empty() ? "" : ", ") + std::string(name);
        return fail(make_error(ErrorKind::Unsupported,
                               "the GGUF file is of architecture '{}'; these are read: {}",
                               id != nullptr && id->is_string() ? id->get<std::string>().substr(0, 60)
                                                                : "(not given)",
                               known)
                        .in_file(gguf.file->path()));
    }
    json config = {{"model_type", architecture->model_type}};
    for (const GgufSetting& setting : architecture->settings) {
        const json* value = gguf_value(gguf, setting.gguf);
        if (value == nullptr && setting.is_needed) {
            return fail(make_error(ErrorKind::Missing, "the GGUF file does not say '{}.{}'", architecture->id,
                                   setting.gguf)
                            .in_file(gguf.file->path()));
        }
        if (value != nullptr) config[std::string(setting.ours)] = *value;
    }
    count_vocabulary(gguf, config);
    copy_token_ids(gguf, config);
    architecture->finish(gguf, config);
    return config;
}

std::vector<TensorInfo> gguf_tensors(const GgufFile& gguf, const json& config) {
    const GgufArchitecture* architecture = find_architecture(gguf);
    std::vector<TensorInfo> tensors;
    for (const TensorInfo& info : gguf.tensors) {
        if (std::find(std::begin(kInConfig), std::end(kInConfig), info.name) != std::end(kInConfig)) continue;
        if (!rename(info, *architecture, config, tensors)) tensors.push_back(info);
    }
    return tensors;
}

}  // namespace headlight
