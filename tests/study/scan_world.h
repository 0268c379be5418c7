// A model without weights whose heads do what their names say, and a tokenizer of bytes: for scans in tests.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/dense_trace.h"
#include "io/atlas/atlas_file.h"
#include "study/scan/scan.h"
#include "support/fixtures.h"
#include "tokenize/text/display_form.h"

namespace headlight::test {

/// Token id = byte + 1; 0 begins every text.
class ByteTokens : public Tokenizer {
  public:
    std::string family() const override { return "bytes"; }
    std::string source() const override { return "test"; }
    int vocab_size() const override { return 257; }
    std::int32_t bos_id() const override { return 0; }
    Result<Token> token(std::int32_t id) const override {
        Token token;
        token.id = id;
        token.is_special = id == 0;
        token.piece = id == 0 ? "<s>" : std::string(1, static_cast<char>(id - 1));
        token.display = id == 0 ? "<s>" : display_form(token.piece);
        return token;
    }
    TokenizedText encode(std::string_view text, bool add_special) const override {
        TokenizedText out;
        out.text = std::string(text);
        if (add_special) out.tokens.push_back(*token(0));
        for (std::size_t i = 0; i < text.size(); ++i) {
            Token one = *token(static_cast<unsigned char>(text[i]) + 1);
            one.byte_begin = i;
            one.byte_end = i + 1;
            out.tokens.push_back(std::move(one));
        }
        return out;
    }
};

/// Two layers of three heads: L0H0 previous token, L0H1 even, L0H2 first token; L1H0 induction, L1H1 full
/// stops, L1H2 even. With `is_random` all are nearly even, each in its own way that has nothing to do with
/// the text.
class ScanFake : public ModelRunner {
  public:
    explicit ScanFake(bool is_random = false) : is_random_(is_random) {
        spec_.name = "fake";
        spec_.family = "fake";
        spec_.num_layers = 2;
        spec_.num_heads = spec_.num_kv_heads = 3;
        spec_.head_dim = 2;
        spec_.hidden_size = 4;
        spec_.vocab_size = 257;
        spec_.dtype = "float32";
    }
    const ModelSpec& spec() const override { return spec_; }
    Result<HeadWeights> head_weights(int, int) const override {
        return fail(ErrorKind::Unsupported, "the fake has no weights");
    }
    Result<RunResult> run(const RunRequest& request, const JobContext& job) override {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        ++num_runs;
        const int n = static_cast<int>(request.ids.size());
        TraceInfo info;
        info.num_layers = 2;
        info.num_heads = 3;
        info.num_queries = info.num_keys = n;
        std::vector<float> weights(static_cast<std::size_t>(6 * n * n), 0.0f);
        for (int head = 0; head < 6; ++head) {
            for (int query = 0; query < n; ++query)
                fill(request.ids, head, query,
                     weights.data() + static_cast<std::size_t>((head * n + query) * n));
        }
        RunResult result;
        result.trace = make_dense_trace(info, std::move(weights));
        result.logit_positions = request.logit_positions;
        result.logits = Matrix(static_cast<std::int64_t>(request.logit_positions.size()), spec_.vocab_size);
        // Writes what followed the last token before: retrieval by induction.
        for (std::size_t row = 0; row < request.logit_positions.size(); ++row) {
            const int target = induction_target(request.ids, request.logit_positions[row]);
            result.logits.at(static_cast<std::int64_t>(row),
                             target < 0 ? 33 : request.ids[static_cast<std::size_t>(target)]) = 5.0f;
        }
        return result;
    }
    int num_runs = 0;

  private:
    /// Key after the latest earlier copy of the query's token; -1: none.
    static int induction_target(const std::vector<std::int32_t>& ids, int query) {
        for (int key = query - 1; key > 0; --key) {
            if (ids[static_cast<std::size_t>(key - 1)] == ids[static_cast<std::size_t>(query)]) return key;
        }
        return -1;
    }
    int target_of(const std::vector<std::int32_t>& ids, int head, int query) const {
        if (is_random_) return -1;
        if (head == 0) return query - 1;
        if (head == 2) return 0;
        if (head == 3) return std::max(0, induction_target(ids, query));
        if (head != 4) return -1;
        for (int key = query - 1; key > 0; --key) {
            if (ids[static_cast<std::size_t>(key)] == '.' + 1) return key;
        }
        return 0;
    }
    void fill(const std::vector<std::int32_t>& ids, int head, int query, float* row) const {
        const int target = query == 0 ? -1 : target_of(ids, head, query);
        // A trace of unevenness that differs from place to place, as weights have.
        double sum = 0;
        for (int key = 0; key <= query; ++key) {
            const unsigned wobble =
                static_cast<unsigned>(key * 2654435761u +
                                      static_cast<unsigned>(query * 40503 + head * 977)) >>
                16;
            row[key] = 1.0f + 0.2f * static_cast<float>(wobble & 255) / 255.0f;
            sum += row[key];
        }
        const double rest = target >= 0 ? 0.1 : 1.0;
        for (int key = 0; key <= query; ++key)
            row[key] = static_cast<float>(row[key] / sum * rest);
        if (target >= 0) row[target] += 0.9f;
    }
    ModelSpec spec_;
    bool is_random_;
};

/// English-like text that is the same everywhere; `number` makes another one.
inline std::string sample_text(int number, std::size_t num_bytes) {
    static const char* const words[] = {"the",   "house",  "of",     "letters", "was",    "quiet", "and",
                                        "her",   "sister", "walked", "to",      "town",   "with",  "a",
                                        "small", "dog",    "which",  "they",    "called", "hope"};
    std::string text;
    std::uint64_t state = 88172645463325252ull + static_cast<std::uint64_t>(number) * 7919;
    for (int word = 1; text.size() < num_bytes; ++word) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        text += words[(state >> 33) % 20];
        text += word % 9 == 0 ? ".\n\n" : word % 4 == 0 ? ". " : " ";
    }
    return text;
}

inline std::string write_text(const std::string& folder, const std::string& name, const std::string& text) {
    const std::string path = folder + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

/// A folder with four texts.
inline std::string corpus_folder(const std::string& name) {
    const std::string folder = fresh_dir(name);
    for (int i = 0; i < 4; ++i)
        write_text(folder, "text_" + std::to_string(i) + ".txt", sample_text(i, 60000));
    return folder;
}

struct ScanWorld {
    ScanFake runner;
    TokenizerPtr tokenizer = std::make_shared<ByteTokens>();
    ScanModel model() {
        ScanModel out;
        out.runner = &runner;
        out.tokenizer = tokenizer;
        out.random_copy = [](int) -> Result<std::unique_ptr<ModelRunner>> {
            return std::make_unique<ScanFake>(true);
        };
        return out;
    }
};

inline ScanRequest small_request(const std::string& corpus, const std::string& output) {
    ScanRequest request;
    request.corpus = {corpus};
    request.output_dir = output;
    request.num_sequences = 30;
    request.sequence_length = 64;
    request.num_random_models = 1;
    request.num_threads = 1;
    return request;
}

inline std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline Atlas merged(const std::vector<std::string>& folders) {
    auto atlas = merge_scan(folders, {});
    REQUIRE_MESSAGE(atlas.has_value(), (atlas ? "" : atlas.error().to_string()));
    return std::move(*atlas);
}

/// The atlas of these journals as a file has it.
inline std::string atlas_bytes(const std::vector<std::string>& folders) {
    const std::string path = folders[0] + "/written.json";
    REQUIRE(write_atlas(path, merged(folders)));
    return bytes_of(path);
}

}  // namespace headlight::test
