#include <algorithm>

#include "io/attention/attention_dump.h"
#include "io/checkpoint/safetensors_writer.h"
#include "io/domain_json.h"

namespace headlight {
namespace {

constexpr std::int64_t kBlockFloats = std::int64_t{1} << 20;  // 4 MiB of rows at a time

/// One trace with its names in the file and the lists of its axes.
struct WrittenKind {
    const AttentionTrace* trace = nullptr;
    const char* prefix = "attn";
    std::size_t num_queries = 0, num_keys = 0;  // of the token lists
};

std::vector<WrittenKind> written_kinds(const AttentionDump& dump) {
    std::vector<WrittenKind> kinds;
    const std::size_t n = dump.tokens.tokens.size(), m = dump.decoder_tokens.tokens.size();
    const bool has_decoder = dump.decoder_trace || dump.cross_trace;
    if (dump.trace) kinds.push_back({dump.trace.get(), has_decoder ? "enc_attn" : "attn", n, n});
    if (dump.decoder_trace) kinds.push_back({dump.decoder_trace.get(), "dec_attn", m, m});
    if (dump.cross_trace) kinds.push_back({dump.cross_trace.get(), "cross_attn", m, n});
    return kinds;
}

Status check_matrices(const char* what, std::span<const Matrix> matrices, std::size_t num_rows) {
    for (const Matrix& matrix : matrices) {
        const bool fits = matrix.rows == static_cast<std::int64_t>(num_rows) &&
                          matrix.values.size() == static_cast<std::size_t>(matrix.rows * matrix.cols);
        if (fits || matrix.empty()) continue;
        return fail(ErrorKind::InvalidInput, "cannot write a dump: {} of {} rows for {} tokens", what,
                    matrix.rows, num_rows);
    }
    return {};
}

Status check_sizes(const AttentionDump& dump) {
    const std::vector<WrittenKind> kinds = written_kinds(dump);
    if (kinds.empty()) return fail(ErrorKind::InvalidInput, "cannot write a dump without a trace");
    for (const WrittenKind& kind : kinds) {
        const auto queries = static_cast<std::size_t>(kind.trace->num_queries()),
                   keys = static_cast<std::size_t>(kind.trace->num_keys());
        if (queries == kind.num_queries && keys == kind.num_keys) continue;
        return fail(ErrorKind::InvalidInput,
                    "cannot write a dump: {} has {} queries and {} keys, but the token lists {} and {}",
                    kind.prefix, queries, keys, kind.num_queries, kind.num_keys);
    }
    const std::size_t n = dump.tokens.tokens.size(), m = dump.decoder_tokens.tokens.size();
    HEADLIGHT_CHECK(check_matrices("logits", std::span(&dump.logits, 1), m > 0 ? m : n));
    HEADLIGHT_CHECK(check_matrices("hidden state", dump.hidden, n));
    return check_matrices("hidden state of the decoder", dump.decoder_hidden, m);
}

Status write_layer(const AttentionTrace& trace, int layer, const JobContext& job, const ByteSink& sink) {
    job.report({"writing", static_cast<double>(layer) / trace.num_layers(), "attention"});
    const int n = trace.num_queries(), keys = trace.num_keys();
    const int block =
        static_cast<int>(std::clamp<std::int64_t>(kBlockFloats / std::max(1, keys), 1, std::max(1, n)));
    std::vector<float> rows(static_cast<std::size_t>(block) *
                            static_cast<std::size_t>(keys));  // [block, keys]
    for (int head = 0; head < trace.num_heads(); ++head) {
        for (int query = 0; query < n; query += block) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "writing the dump was stopped");
            const int end = std::min(n, query + block);
            const auto part =
                std::span(rows).first(static_cast<std::size_t>(end - query) * static_cast<std::size_t>(keys));
            trace.rows(layer, head, query, end, part);
            HEADLIGHT_CHECK(sink(std::as_bytes(part)));
        }
    }
    return {};
}

TensorToStream matrix_tensor(std::string name, const Matrix& matrix) {
    return {std::move(name), DType::Float32, {matrix.rows, matrix.cols}, [&matrix](const ByteSink& sink) {
                return sink(std::as_bytes(std::span(matrix.values)));
            }};
}

/// `number(token)` of each token.
template <class Number>
TensorToStream token_tensor(std::string name, const TokenizedText& tokens, const Number& number) {
    std::vector<std::int64_t> ids;
    for (const Token& token : tokens.tokens)
        ids.push_back(number(token));
    const auto count = static_cast<std::int64_t>(ids.size());
    return {std::move(name), DType::Int64, {count}, [ids = std::move(ids)](const ByteSink& sink) {
                return sink(std::as_bytes(std::span(ids)));
            }};
}

std::string text_of(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string pieces_of(const TokenizedText& tokens) {
    nlohmann::json pieces = nlohmann::json::array();
    for (const Token& token : tokens.tokens)
        pieces.push_back(token.piece);
    return text_of(pieces);
}

std::map<std::string, std::string> make_metadata(const AttentionDump& dump) {
    nlohmann::json own = tokens_to_json(dump.tokens);
    own["spec"] = model_spec_to_json(dump.spec);
    std::map<std::string, std::string> out = {
        {"model", dump.spec.name},          {"name", dump.spec.name},
        {"family", dump.spec.family},       {"dtype", dump.spec.dtype},
        {"tokens", pieces_of(dump.tokens)}, {"headlight_version", HEADLIGHT_VERSION}};
    if (dump.decoder_trace || dump.cross_trace) {
        own["decoder"] = tokens_to_json(dump.decoder_tokens);
        out["decoder_tokens"] = pieces_of(dump.decoder_tokens);
    }
    for (const WrittenKind& kind : written_kinds(dump)) {
        if (kind.trace->info().has_sink) out["has_sink"] = "true";
    }
    if (!dump.weights.empty()) out["weights"] = dump.weights;
    out["headlight"] = text_of(own);
    return out;
}

void add_states(const char* prefix, const std::vector<Matrix>& states, std::vector<TensorToStream>& out) {
    for (std::size_t l = 0; l < states.size(); ++l)
        out.push_back(matrix_tensor(fmt::format("{}.{}", prefix, l), states[l]));
}

}  // namespace

Status write_attention_dump(const std::string& path, const AttentionDump& dump, const JobContext& job,
                            std::span<const DumpedArray> more) {
    HEADLIGHT_CHECK(check_sizes(dump));
    const bool has_decoder = dump.decoder_trace || dump.cross_trace;
    std::vector<TensorToStream> tensors;
    const auto id = [](const Token& token) { return std::int64_t{token.id}; };
    tensors.push_back(token_tensor("input_ids", dump.tokens, id));
    if (dump.tokens.is_pair()) {
        tensors.push_back(token_tensor("token_type_ids", dump.tokens,
                                       [](const Token& token) { return std::int64_t{token.segment}; }));
    }
    if (has_decoder) tensors.push_back(token_tensor("decoder_input_ids", dump.decoder_tokens, id));
    for (const WrittenKind& kind : written_kinds(dump)) {
        const AttentionTrace& trace = *kind.trace;
        for (int layer = 0; layer < trace.num_layers(); ++layer) {
            if (trace.is_absent(layer)) continue;
            tensors.push_back({fmt::format("{}.{}", kind.prefix, layer),
                               DType::Float32,
                               {trace.num_heads(), trace.num_queries(), trace.num_keys()},
                               [&trace, &job, layer](const ByteSink& sink) {
                                   return write_layer(trace, layer, job, sink);
                               }});
        }
    }
    add_states(has_decoder ? "enc_hidden" : "hidden", dump.hidden, tensors);
    add_states("dec_hidden", dump.decoder_hidden, tensors);
    if (!dump.logits.empty()) tensors.push_back(matrix_tensor("logits", dump.logits));
    for (const DumpedArray& array : more) {
        tensors.push_back({array.name, DType::Float32, array.shape,
                           [&array](const ByteSink& sink) { return sink(std::as_bytes(array.values)); }});
    }
    return stream_safetensors(path, tensors, make_metadata(dump));
}

}  // namespace headlight
