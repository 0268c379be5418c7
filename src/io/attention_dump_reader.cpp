#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/utf8.h"
#include "io/attention_dump.h"
#include "io/domain_json.h"
#include "io/json_file.h"
#include "io/safetensors_header.h"
#include "io/tensor_values.h"

namespace headlight {
namespace {

using nlohmann::json;

// A dump that is being read; every error carries the file.
class DumpReader {
  public:
    DumpReader(Checkpoint& file, const std::string& path) : file_(file), path_(path) {}

    Result<AttentionDump> read() {
        HEADLIGHT_CHECK(find_layers());
        HEADLIGHT_CHECK(read_own_metadata());
        HEADLIGHT_CHECK(read_tokens());
        HEADLIGHT_CHECK(read_attention());
        HEADLIGHT_CHECK(read_matrices());
        return std::move(dump_);
    }

  private:
    template <class... Args>
    tl::unexpected<Error> blame(const std::string& tensor, fmt::format_string<Args...> format,
                                Args&&... args) const {
        return fail(make_error(ErrorKind::Corrupt, format, std::forward<Args>(args)...)
                        .in_file(path_)
                        .at_tensor(tensor));
    }

    const std::string* metadata(const char* key) const {
        for (const auto& [name, value] : file_.metadata) {
            if (name == key) return &value;
        }
        return nullptr;
    }

    // Shape without leading axes of 1 (a batch of one).
    static std::vector<std::int64_t> squeezed(const TensorInfo& tensor, std::size_t rank) {
        std::vector<std::int64_t> shape = tensor.shape;
        while (shape.size() > rank && shape.front() == 1)
            shape.erase(shape.begin());
        return shape;
    }

    Status find_layers() {
        for (int layer = 0;; ++layer) {
            const TensorInfo* tensor = file_.find(fmt::format("attn.{}", layer));
            if (tensor == nullptr) break;
            layers_.push_back(tensor);
        }
        if (layers_.empty()) {
            return fail(
                make_error(
                    ErrorKind::Missing,
                    "this file holds no attention: looked for tensors attn.0, attn.1 ... of shape [heads, "
                    "tokens, tokens]; it has {}",
                    name_some())
                    .in_file(path_));
        }
        std::size_t named = 0;
        for (const TensorInfo& tensor : file_.tensors)
            named += tensor.name.starts_with("attn.") ? 1 : 0;
        if (named != layers_.size()) {
            return fail(make_error(ErrorKind::Missing,
                                   "there are {} tensors attn.*, but this one is not there", named)
                            .in_file(path_)
                            .at_tensor(fmt::format("attn.{}", layers_.size())));
        }
        shape_ = squeezed(*layers_.front(), 3);
        for (const TensorInfo* tensor : layers_)
            HEADLIGHT_CHECK(check_shape(*tensor));
        return {};
    }

    std::string name_some() const {
        std::string out;
        for (std::size_t i = 0; i < std::min<std::size_t>(file_.tensors.size(), 4); ++i) {
            out += fmt::format("{}'{}' {}", i > 0 ? ", " : "", file_.tensors[i].name.substr(0, 60),
                               shape_to_string(file_.tensors[i].shape));
        }
        if (file_.tensors.size() > 4) out += fmt::format(" and {} more", file_.tensors.size() - 4);
        return out.empty() ? "no tensors" : out;
    }

    Status check_shape(const TensorInfo& tensor) const {
        const auto shape = squeezed(tensor, 3);
        if (shape.size() != 3 || shape[1] != shape[2] || shape[0] < 1 || shape[1] < 1 || shape[0] > 1 << 20 ||
            shape[1] > 1 << 20) {
            return blame(tensor.name, "expected attention of shape [heads, tokens, tokens], found {}",
                         shape_to_string(tensor.shape));
        }
        if (shape != shape_) {
            return blame(tensor.name, "its shape is {}, but that of attn.0 is {}",
                         shape_to_string(tensor.shape), shape_to_string(shape_));
        }
        return {};
    }

    Status read_own_metadata() {
        ModelSpec& spec = dump_.spec;
        if (const std::string* own = metadata("headlight")) {
            HEADLIGHT_TRY(const json parsed, parse_json(*own, path_));
            if (!parsed.is_object() || !parsed.contains("spec"))
                return blame("headlight", "the metadata lacks 'spec'");
            HEADLIGHT_TRY(spec, model_spec_from_json(parsed["spec"], path_));
            HEADLIGHT_TRY(dump_.tokens, tokens_from_json(parsed, path_));
            has_own_tokens_ = true;
        } else {
            if (const std::string* model = metadata("model")) spec.name = *model;
            if (const std::string* family = metadata("family")) spec.family = spec.family_label = *family;
            if (const std::string* dtype = metadata("dtype")) spec.dtype = *dtype;
            knows_mask_ = false;
        }
        if (spec.name.empty()) spec.name = std::filesystem::path(path_).filename().string();
        spec.path = path_;
        spec.num_layers = static_cast<int>(layers_.size());
        spec.num_heads = static_cast<int>(shape_[0]);
        if (spec.num_kv_heads <= 0 || spec.num_heads % spec.num_kv_heads != 0)
            spec.num_kv_heads = spec.num_heads;
        if (!spec.window.empty() && spec.window.size() != layers_.size()) {
            return blame("headlight", "{} windows for {} layers", spec.window.size(), layers_.size());
        }
        return {};
    }

    Status read_tokens() {
        const auto count = static_cast<std::size_t>(shape_[1]);
        std::vector<std::int64_t> ids;
        if (const TensorInfo* tensor = file_.find("input_ids")) {
            HEADLIGHT_TRY(ids, tensor_as_integers(file_, *tensor));
            if (ids.size() != count)
                return blame("input_ids", "{} ids, but attention of {} tokens", ids.size(), count);
        }
        if (has_own_tokens_) {
            if (dump_.tokens.tokens.size() == count) return {};
            return blame("headlight", "{} tokens, but attention of {}", dump_.tokens.tokens.size(), count);
        }
        HEADLIGHT_TRY(const std::vector<std::string> pieces, read_pieces());
        if (!pieces.empty() && pieces.size() != count) {
            return blame("tokens", "{} tokens in the metadata, but attention of {}", pieces.size(), count);
        }
        for (std::size_t i = 0; i < count; ++i) {
            Token token;
            token.id =
                !ids.empty() && ids[i] >= 0 && ids[i] <= INT32_MAX ? static_cast<std::int32_t>(ids[i]) : -1;
            token.piece = !pieces.empty() ? pieces[i]
                          : !ids.empty()  ? fmt::format("#{}", ids[i])
                                          : fmt::format("{}", i);
            token.display = visible(token.piece);
            dump_.tokens.tokens.push_back(std::move(token));
        }
        return {};
    }

    Result<std::vector<std::string>> read_pieces() const {
        std::vector<std::string> pieces;
        const std::string* text = metadata("tokens");
        if (text == nullptr) return pieces;
        HEADLIGHT_TRY(const json list, parse_json(*text, path_));
        if (!list.is_array()) return blame("tokens", "expected a JSON list of strings in the metadata");
        for (const json& piece : list) {
            if (!piece.is_string()) return blame("tokens", "expected a JSON list of strings in the metadata");
            pieces.push_back(piece.get<std::string>());
        }
        return pieces;
    }

    // Vocabularies mark spaces with "Ġ" or "▁" and line ends with "Ċ"; without the tokenizer that is all we
    // can know.
    static std::string visible(std::string_view piece) {
        std::string out;
        for (std::size_t i = 0; i < piece.size();) {
            const utf8::Decoded c = utf8::decode(piece, i);
            if (c.code_point == U'\u0120' || c.code_point == U'\u2581' || c.code_point == U' ') {
                out += "·";
            } else if (c.code_point == U'\u010A' || c.code_point == U'\n') {
                out += "⏎";
            } else if (c.code_point < 0x20 || c.code_point == 0x7F) {
                out += fmt::format("⟨{:02X}⟩", static_cast<unsigned>(c.code_point));
            } else {
                utf8::append(out, c.code_point);
            }
            i += c.size_bytes;
        }
        return out.empty() ? "∅" : out;
    }

    Status read_attention() {
        const auto n = static_cast<std::size_t>(shape_[1]);
        const auto layer_size = static_cast<std::size_t>(shape_[0]) * n * n;
        std::vector<float> weights;  // [layer, head, query, key]
        weights.reserve(layer_size * layers_.size());
        bool is_causal = true;
        for (const TensorInfo* tensor : layers_) {
            HEADLIGHT_TRY(const std::vector<float> layer, tensor_as_floats(file_, *tensor));
            HEADLIGHT_CHECK(check_rows(*tensor, layer, n, is_causal));
            weights.insert(weights.end(), layer.begin(), layer.end());
        }
        if (!knows_mask_) dump_.spec.is_causal = is_causal;
        if (knows_mask_ && dump_.spec.is_causal && !is_causal) {
            return blame("headlight", "the model is said to be causal, but tokens attend to later ones");
        }
        TraceInfo info;
        info.num_layers = dump_.spec.num_layers;
        info.num_heads = dump_.spec.num_heads;
        info.num_queries = info.num_keys = static_cast<int>(n);
        info.is_causal = dump_.spec.is_causal;
        info.window = dump_.spec.window;
        info.dtype = to_string(layers_.front()->dtype);
        info.source = path_;
        dump_.trace = make_dense_trace(std::move(info), std::move(weights));
        return {};
    }

    Status check_rows(const TensorInfo& tensor, std::span<const float> layer, std::size_t n,
                      bool& is_causal) const {
        const bool is_short = tensor.dtype == DType::Float16 || tensor.dtype == DType::BFloat16;
        const double tolerance = is_short ? 0.05 : 1e-3;  // bfloat16 keeps 8 bits of each weight
        for (std::size_t row = 0; row < layer.size() / n; ++row) {
            const auto weights = layer.subspan(row * n, n);
            double sum = 0;
            for (const float weight : weights)
                sum += weight;
            const bool is_negative =
                std::any_of(weights.begin(), weights.end(), [](float w) { return w < 0; });
            if (is_negative || !(std::abs(sum - 1.0) <= tolerance)) {
                return blame(tensor.name, "head {}, query {}: {}, not attention after softmax", row / n,
                             row % n,
                             is_negative ? std::string("a weight is negative")
                                         : fmt::format("the weights sum to {:.4g}", sum));
            }
            const auto later = weights.subspan(row % n + 1);
            is_causal = is_causal && std::all_of(later.begin(), later.end(), [](float w) { return w == 0; });
        }
        return {};
    }

    Result<Matrix> read_matrix(const TensorInfo& tensor) const {
        const auto shape = squeezed(tensor, 2);
        if (shape.size() != 2 || shape[0] != shape_[1]) {
            return blame(tensor.name, "expected one row for each of {} tokens, found shape {}", shape_[1],
                         shape_to_string(tensor.shape));
        }
        Matrix matrix;
        matrix.rows = shape[0];
        matrix.cols = shape[1];
        HEADLIGHT_TRY(matrix.values, tensor_as_floats(file_, tensor));
        return matrix;
    }

    Status read_matrices() {
        if (const TensorInfo* tensor = file_.find("logits")) {
            HEADLIGHT_TRY(dump_.logits, read_matrix(*tensor));
        }
        for (int l = 0;; ++l) {
            const TensorInfo* tensor = file_.find(fmt::format("hidden.{}", l));
            if (tensor == nullptr) return {};
            HEADLIGHT_TRY(Matrix matrix, read_matrix(*tensor));
            dump_.hidden.push_back(std::move(matrix));
        }
    }

    Checkpoint& file_;
    const std::string& path_;
    AttentionDump dump_;
    std::vector<const TensorInfo*> layers_;
    std::vector<std::int64_t> shape_;  // [heads, queries, keys]
    bool has_own_tokens_ = false;
    bool knows_mask_ = true;
};

}  // namespace

Result<AttentionDump> read_attention_dump(const std::string& path) {
    try {
        HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
        HEADLIGHT_TRY(SafetensorsHeader header, read_safetensors_header(*mapped));
        Checkpoint file;
        file.files.push_back(std::move(mapped));
        file.tensors = std::move(header.tensors);
        file.metadata = std::move(header.metadata);
        std::sort(file.tensors.begin(), file.tensors.end(),
                  [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
        return DumpReader(file, path).read();
    } catch (const std::bad_alloc&) {
        return fail(make_error(ErrorKind::OutOfMemory, "no memory to read the attention").in_file(path));
    }
}

bool looks_like_attention_dump(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code) || !looks_like_safetensors(path)) return false;
    const auto mapped = MappedFile::open(path);
    if (!mapped) return false;
    const auto header = read_safetensors_header(**mapped);
    return header && std::any_of(header->tensors.begin(), header->tensors.end(),
                                 [](const TensorInfo& tensor) { return tensor.name == "attn.0"; });
}

}  // namespace headlight
