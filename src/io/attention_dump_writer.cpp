#include <algorithm>

#include "io/attention_dump.h"
#include "io/domain_json.h"
#include "io/safetensors_writer.h"

namespace headlight {
namespace {

constexpr std::int64_t kBlockFloats = std::int64_t{1} << 20;  // 4 MiB of rows at a time

Status check_sizes(const AttentionDump& dump) {
    if (dump.trace == nullptr) return fail(ErrorKind::InvalidInput, "cannot write a dump without a trace");
    const std::int64_t n = dump.trace->num_queries();
    if (dump.trace->num_keys() != n) {
        return fail(ErrorKind::InvalidInput, "cannot write a dump: {} queries but {} keys", n,
                    dump.trace->num_keys());
    }
    if (static_cast<std::int64_t>(dump.tokens.tokens.size()) != n) {
        return fail(ErrorKind::InvalidInput, "cannot write a dump: {} tokens but attention of {}",
                    dump.tokens.tokens.size(), n);
    }
    const auto fits = [n](const Matrix& matrix) {
        return matrix.rows == n &&
               matrix.values.size() == static_cast<std::size_t>(matrix.rows * matrix.cols);
    };
    if (!dump.logits.empty() && !fits(dump.logits)) {
        return fail(ErrorKind::InvalidInput, "cannot write a dump: logits of {} rows for {} tokens",
                    dump.logits.rows, n);
    }
    for (const Matrix& hidden : dump.hidden) {
        if (!fits(hidden)) {
            return fail(ErrorKind::InvalidInput, "cannot write a dump: hidden state of {} rows for {} tokens",
                        hidden.rows, n);
        }
    }
    return {};
}

Status write_layer(const AttentionTrace& trace, int layer, const JobContext& job, const ByteSink& sink) {
    job.report({"writing", static_cast<double>(layer) / trace.num_layers(), "attention"});
    const int n = trace.num_queries();
    const int block =
        static_cast<int>(std::clamp<std::int64_t>(kBlockFloats / std::max(1, n), 1, std::max(1, n)));
    std::vector<float> rows(static_cast<std::size_t>(block) * n);  // [block, keys]
    for (int head = 0; head < trace.num_heads(); ++head) {
        for (int query = 0; query < n; query += block) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "writing the dump was stopped");
            const int end = std::min(n, query + block);
            const auto part = std::span(rows).first(static_cast<std::size_t>(end - query) * n);
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

std::map<std::string, std::string> make_metadata(const AttentionDump& dump) {
    using nlohmann::json;
    json pieces = json::array();
    for (const Token& token : dump.tokens.tokens)
        pieces.push_back(token.piece);
    json own = tokens_to_json(dump.tokens);
    own["spec"] = model_spec_to_json(dump.spec);
    const auto text_of = [](const json& value) {
        return value.dump(-1, ' ', false, json::error_handler_t::replace);
    };
    return {{"model", dump.spec.name},   {"family", dump.spec.family},
            {"dtype", dump.spec.dtype},  {"tokens", text_of(pieces)},
            {"headlight", text_of(own)}, {"headlight_version", HEADLIGHT_VERSION}};
}

}  // namespace

Status write_attention_dump(const std::string& path, const AttentionDump& dump, const JobContext& job) {
    HEADLIGHT_CHECK(check_sizes(dump));
    const AttentionTrace& trace = *dump.trace;
    const std::int64_t n = trace.num_queries();
    std::vector<std::int64_t> ids;
    for (const Token& token : dump.tokens.tokens)
        ids.push_back(token.id);
    std::vector<TensorToStream> tensors;
    tensors.push_back({"input_ids", DType::Int64, {n}, [&ids](const ByteSink& sink) {
                           return sink(std::as_bytes(std::span(ids)));
                       }});
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        tensors.push_back(
            {fmt::format("attn.{}", layer),
             DType::Float32,
             {trace.num_heads(), n, n},
             [&trace, &job, layer](const ByteSink& sink) { return write_layer(trace, layer, job, sink); }});
    }
    for (std::size_t l = 0; l < dump.hidden.size(); ++l) {
        tensors.push_back(matrix_tensor(fmt::format("hidden.{}", l), dump.hidden[l]));
    }
    if (!dump.logits.empty()) tensors.push_back(matrix_tensor("logits", dump.logits));
    return stream_safetensors(path, tensors, make_metadata(dump));
}

}  // namespace headlight
