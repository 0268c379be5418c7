#include <algorithm>
#include <filesystem>

#include "base/guard.h"
#include "core/dense_trace.h"
#include "io/attention/attention_dump.h"
#include "io/attention/dump_layers.h"
#include "io/attention/dump_tokens.h"
#include "io/checkpoint/tensor_values.h"
#include "io/domain_json.h"
#include "io/json_file.h"

namespace headlight {
namespace {

using nlohmann::json;

bool says_yes(const std::string* text) {
    return text != nullptr && (*text == "true" || *text == "True" || *text == "1");
}

// A dump that is being read; every error carries the file.
class DumpReader {
  public:
    DumpReader(const DumpContents& contents, const DumpOptions& options, const std::string& path)
        : contents_(contents), options_(options), path_(path) {}

    Result<AttentionDump> read() {
        dump_.notes = contents_.notes;
        HEADLIGHT_CHECK(find_parts());
        HEADLIGHT_CHECK(read_own_metadata());
        HEADLIGHT_CHECK(find_tokens());
        HEADLIGHT_CHECK(read_traces());
        HEADLIGHT_CHECK(name_tokens());
        fill_spec();
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

    Status find_parts() {
        for (const TensorInfo& array : contents_.arrays.tensors) {
            const auto name = parse_attention_name(array.name);
            if (name && array.shape.size() >= 2) parts_[name->kind].push_back({*name, &array});
        }
        // Beside those of a decoder the attention without a kind is the encoder's.
        if (parts_.size() > 1 && parts_.contains(AttentionKind::Self) &&
            !parts_.contains(AttentionKind::Encoder)) {
            parts_[AttentionKind::Encoder] = std::move(parts_[AttentionKind::Self]);
            parts_.erase(AttentionKind::Self);
        }
        if (!parts_.empty()) return {};
        std::string notes;
        for (const std::string& note : contents_.notes)
            notes += "; " + note;
        return fail(
            make_error(
                ErrorKind::Missing,
                "this file holds no attention: looked for arrays attention, attn, attentions [layers, heads, "
                "queries, keys], or attn.0, layer_0 ... [heads, queries, keys]; it has {}{}",
                name_some(), notes)
                .in_file(path_));
    }

    std::string name_some() const {
        const std::vector<TensorInfo>& arrays = contents_.arrays.tensors;
        std::string out;
        for (std::size_t i = 0; i < std::min<std::size_t>(arrays.size(), 4); ++i) {
            out += fmt::format("{}'{}' {}", i > 0 ? ", " : "", arrays[i].name.substr(0, 60),
                               shape_to_string(arrays[i].shape));
        }
        if (arrays.size() > 4) out += fmt::format(" and {} more", arrays.size() - 4);
        return out.empty() ? "no arrays" : out;
    }

    Status read_own_metadata() {
        ModelSpec& spec = dump_.spec;
        has_sink_ = says_yes(contents_.text("has_sink"));
        if (const std::string* own = contents_.text("headlight")) {
            HEADLIGHT_TRY(const json parsed, parse_json(*own, path_));
            if (!parsed.is_object() || !parsed.contains("spec"))
                return blame("headlight", "the metadata lacks 'spec'");
            HEADLIGHT_TRY(spec, model_spec_from_json(parsed["spec"], path_));
            HEADLIGHT_TRY(dump_.tokens, tokens_from_json(parsed, path_));
            if (const auto decoder = parsed.find("decoder"); decoder != parsed.end()) {
                HEADLIGHT_TRY(dump_.decoder_tokens, tokens_from_json(*decoder, path_));
            }
            is_own_ = true;
        } else {
            if (const std::string* model = contents_.text("model")) spec.name = *model;
            if (const std::string* family = contents_.text("family"))
                spec.family = spec.family_label = *family;
            if (const std::string* dtype = contents_.text("dtype")) spec.dtype = *dtype;
            spec.prediction = Prediction::None;
        }
        if (spec.name.empty()) spec.name = std::filesystem::path(path_).filename().string();
        spec.path = path_;
        return {};
    }

    Status find_tokens() {
        HEADLIGHT_TRY(keys_, find_key_tokens(contents_));
        HEADLIGHT_TRY(queries_, find_query_tokens(contents_));
        // Two equal lists are one text.
        if (queries_.pieces == keys_.pieces && queries_.ids == keys_.ids && !has_decoder()) queries_ = {};
        return {};
    }
    bool has_decoder() const {
        return parts_.contains(AttentionKind::Decoder) || parts_.contains(AttentionKind::Cross);
    }

    /// Number of tokens if some two axes have it: a list of another text must not hide what is wrong.
    LayersRequest request_for(AttentionKind kind) const {
        LayersRequest request;
        request.parts = parts_.at(kind);
        request.axes = is_own_ ? "hqk" : options_.axes;
        request.may_sum_less = has_sink_;
        request.is_sealed = options_.is_sealed;
        const auto num_keys = static_cast<std::int64_t>(keys_.size()),
                   num_queries = static_cast<std::int64_t>(queries_.size());
        if (kind == AttentionKind::Cross || (kind == AttentionKind::Self && num_queries > 0)) {
            request.is_square = false;
            request.num_keys = num_keys;
            request.num_queries = num_queries;
        } else if (kind == AttentionKind::Decoder) {
            request.num_keys = request.num_queries = num_queries;
        } else {
            const auto& shape = request.parts.front().array->shape;
            if (std::count(shape.begin(), shape.end(), num_keys) > 1)
                request.num_keys = request.num_queries = num_keys;
        }
        const bool is_decoder = kind == AttentionKind::Decoder || kind == AttentionKind::Cross;
        if (is_own_) request.num_layers = is_decoder ? dump_.spec.num_decoder_layers : dump_.spec.num_layers;
        return request;
    }

    Status read_traces() {
        for (const auto& [kind, parts] : parts_) {
            HEADLIGHT_TRY(DumpLayers layers, read_dump_layers(contents_, request_for(kind)));
            if (!layers.note.empty()) dump_.notes.push_back(layers.note);
            // Queries of another text than the keys, whatever the file calls it.
            const bool is_cross = kind == AttentionKind::Cross || layers.num_queries != layers.num_keys ||
                                  (kind == AttentionKind::Self && !queries_.empty());
            HEADLIGHT_CHECK(add_trace(is_cross ? AttentionKind::Cross : kind, std::move(layers),
                                      parts.front().array->name));
        }
        return {};
    }

    Status add_trace(AttentionKind kind, DumpLayers layers, const std::string& name) {
        TracePtr& place = kind == AttentionKind::Cross     ? dump_.cross_trace
                          : kind == AttentionKind::Decoder ? dump_.decoder_trace
                                                           : dump_.trace;
        if (place != nullptr)
            return blame(name, "its queries and keys differ in number, which only cross attention has");
        TraceInfo info;
        info.num_layers = layers.num_layers;
        info.num_heads = layers.num_heads;
        info.num_queries = layers.num_queries;
        info.num_keys = layers.num_keys;
        info.kind = kind;
        info.is_causal = kind != AttentionKind::Cross && layers.is_causal;
        info.has_sink = has_sink_;
        info.absent_layers = std::move(layers.absent_layers);
        info.dtype = to_string(layers.dtype);
        info.source = path_;
        const bool is_first = kind == AttentionKind::Self || kind == AttentionKind::Encoder;
        if (is_first && is_own_) {
            if (dump_.spec.is_causal && !layers.is_causal)
                return blame("headlight", "the model is said to be causal, but tokens attend to later ones");
            info.is_causal = dump_.spec.is_causal;
            info.window = dump_.spec.window;
            if (!info.window.empty() && info.window.size() != static_cast<std::size_t>(layers.num_layers))
                return blame("headlight", "{} windows for {} layers", info.window.size(), layers.num_layers);
        }
        place = layers.owner ? make_dense_trace(std::move(info), layers.in_place, layers.owner)
                             : make_dense_trace(std::move(info), std::move(layers.weights));
        return {};
    }

    /// Lists for the traces' axes; the file's own must fit.
    Status name_tokens() {
        const TracePtr& over_keys = dump_.trace ? dump_.trace : dump_.cross_trace;
        const TracePtr& over_queries = dump_.decoder_trace ? dump_.decoder_trace : dump_.cross_trace;
        const auto num_keys = static_cast<std::size_t>(over_keys ? over_keys->num_keys() : 0);
        const auto num_queries = static_cast<std::size_t>(over_queries ? over_queries->num_queries() : 0);
        if (dump_.cross_trace &&
            (static_cast<std::size_t>(dump_.cross_trace->num_keys()) != num_keys ||
             static_cast<std::size_t>(dump_.cross_trace->num_queries()) != num_queries)) {
            return blame(
                "cross_attn",
                "its {} queries and {} keys are not the {} tokens of the decoder and {} of the encoder",
                dump_.cross_trace->num_queries(), dump_.cross_trace->num_keys(), num_queries, num_keys);
        }
        if (is_own_) {
            if (dump_.tokens.tokens.size() != num_keys)
                return blame("headlight", "{} tokens, but attention of {}", dump_.tokens.tokens.size(),
                             num_keys);
            if (dump_.decoder_tokens.tokens.size() != num_queries)
                return blame("headlight", "{} tokens of the decoder, but attention of {}",
                             dump_.decoder_tokens.tokens.size(), num_queries);
            if (!keys_.empty() && keys_.size() != num_keys)
                return blame(keys_.name, "{} ids, but attention of {} tokens", keys_.size(), num_keys);
            return {};
        }
        // A single list may be that of the queries.
        if (queries_.empty() && num_queries > 0 && keys_.size() == num_queries && keys_.size() != num_keys)
            std::swap(keys_, queries_);
        HEADLIGHT_TRY(dump_.tokens, make_tokens(keys_, num_keys, path_));
        HEADLIGHT_TRY(dump_.decoder_tokens, make_tokens(queries_, num_queries, path_));
        if (const std::string* text = contents_.text("text")) dump_.tokens.text = *text;
        return mark_segments(keys_, dump_.tokens, path_);
    }

    /// Sizes come from the arrays, whatever the metadata says.
    void fill_spec() {
        ModelSpec& spec = dump_.spec;
        const TracePtr& main = dump_.trace         ? dump_.trace
                               : dump_.cross_trace ? dump_.cross_trace
                                                   : dump_.decoder_trace;
        spec.num_layers = main->num_layers();
        spec.num_heads = main->num_heads();
        spec.layers_without_attention = main->info().absent_layers;
        if (spec.num_kv_heads <= 0 || spec.num_heads % spec.num_kv_heads != 0)
            spec.num_kv_heads = spec.num_heads;
        if (!is_own_) spec.is_causal = main->info().is_causal;
        const TracePtr& decoder = dump_.decoder_trace ? dump_.decoder_trace : dump_.cross_trace;
        spec.has_decoder = decoder != nullptr;
        if (!decoder) return;
        spec.num_decoder_layers = decoder->num_layers();
        spec.num_decoder_heads = decoder->num_heads();
    }

    Result<Matrix> read_matrix(const TensorInfo& tensor, std::size_t num_rows) const {
        std::vector<std::int64_t> shape = tensor.shape;
        while (shape.size() > 2 && shape.front() == 1)
            shape.erase(shape.begin());  // a batch of one
        if (shape.size() != 2 || shape[0] != static_cast<std::int64_t>(num_rows)) {
            return blame(tensor.name, "expected one row for each of {} tokens, found shape {}", num_rows,
                         shape_to_string(tensor.shape));
        }
        Matrix matrix;
        matrix.rows = shape[0];
        matrix.cols = shape[1];
        HEADLIGHT_TRY(matrix.values, tensor_as_floats(contents_.arrays, tensor));
        return matrix;
    }

    Status read_states(const char* prefix, std::size_t num_rows, std::vector<Matrix>& out) const {
        for (int l = 0;; ++l) {
            const TensorInfo* tensor = contents_.arrays.find(fmt::format("{}.{}", prefix, l));
            if (tensor == nullptr) return {};
            HEADLIGHT_TRY(Matrix matrix, read_matrix(*tensor, num_rows));
            out.push_back(std::move(matrix));
        }
    }

    Status read_matrices() {
        const std::size_t num_tokens = dump_.tokens.tokens.size(),
                          num_decoder = dump_.decoder_tokens.tokens.size();
        if (const TensorInfo* tensor = contents_.arrays.find("logits")) {
            HEADLIGHT_TRY(dump_.logits, read_matrix(*tensor, num_decoder > 0 ? num_decoder : num_tokens));
        }
        HEADLIGHT_CHECK(read_states("hidden", num_tokens, dump_.hidden));
        if (dump_.hidden.empty()) HEADLIGHT_CHECK(read_states("enc_hidden", num_tokens, dump_.hidden));
        return read_states("dec_hidden", num_decoder, dump_.decoder_hidden);
    }

    const DumpContents& contents_;
    const DumpOptions& options_;
    const std::string& path_;
    std::map<AttentionKind, std::vector<DumpPart>> parts_;
    DumpTokens keys_, queries_;
    AttentionDump dump_;
    bool is_own_ = false, has_sink_ = false;
};

}  // namespace

Result<AttentionDump> read_attention_dump(const std::string& path, const DumpOptions& options) {
    HEADLIGHT_TRY(const DumpContents contents, read_dump_contents(path));
    return translate_exceptions({"reading the attention", path}, [&] {
        const std::string& name = options.name.empty() ? path : options.name;
        return DumpReader(contents, options, name).read();
    });
}

bool looks_like_attention_dump(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) return false;
    const auto contents = peek_dump_contents(path);
    if (!contents) return false;
    return std::any_of(
        contents->arrays.tensors.begin(), contents->arrays.tensors.end(), [](const TensorInfo& array) {
            // A shape that was not read is no reason to think otherwise.
            return parse_attention_name(array.name) && (array.shape.empty() || array.shape.size() >= 2);
        });
}

}  // namespace headlight
