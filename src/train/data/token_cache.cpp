#include "train/data/token_cache.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "base/log.h"
#include "base/utf8.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/safetensors_writer.h"

namespace headlight {
namespace {

constexpr const char* kFingerprintKey = "headlight.corpus";

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return (hash ^ bytes.size()) * 0x100000001B3ULL;
}

std::string held_out_name(std::size_t index) {
    return fmt::format("held_out.{:04}", index);
}

TensorToWrite to_tensor(std::string name, std::span<const std::int32_t> ids) {
    return {std::move(name), DType::Int32, {static_cast<std::int64_t>(ids.size())}, std::as_bytes(ids)};
}

// Ids of a 1-D tensor; nothing if it is not one, or if an id is outside the vocabulary.
std::vector<std::int32_t> read_ids(const Checkpoint& file, const std::string& name, int vocab_size) {
    const TensorInfo* tensor = file.find(name);
    if (tensor == nullptr || tensor->dtype != DType::Int32 || tensor->shape.size() != 1) return {};
    const std::span<const std::byte> bytes = file.bytes(*tensor);
    std::vector<std::int32_t> ids(bytes.size() / sizeof(std::int32_t));
    if (!ids.empty()) std::memcpy(ids.data(), bytes.data(), ids.size() * sizeof(std::int32_t));
    const bool is_sound =
        std::all_of(ids.begin(), ids.end(), [&](int id) { return id >= 0 && id < vocab_size; });
    return is_sound ? ids : std::vector<std::int32_t>{};
}

// True if the cache was made from this text with this vocabulary; then all ids are filled in.
bool read_cache(const std::string& path, const TextCodec& codec, TokenizedCorpus& corpus) {
    if (!std::filesystem::exists(path)) return false;
    const Result<CheckpointPtr> file = open_checkpoint(path);
    if (!file) {
        log::warn("the token cache is not readable and is made again: {}", file.error().to_string());
        return false;
    }
    const auto& metadata = (*file)->metadata;
    const auto is_ours = [&](const auto& entry) {
        return entry.first == kFingerprintKey && entry.second == corpus.fingerprint;
    };
    if (std::none_of(metadata.begin(), metadata.end(), is_ours)) return false;
    corpus.train = read_ids(**file, "train", codec.vocab_size());
    for (std::size_t i = 0; i < corpus.held_out.size(); ++i) {
        corpus.held_out[i].ids = read_ids(**file, held_out_name(i), codec.vocab_size());
    }
    return !corpus.train.empty() && (*file)->check_unchanged();
}

Status write_cache(const std::string& path, const TokenizedCorpus& corpus) {
    std::vector<TensorToWrite> tensors = {to_tensor("train", corpus.train)};
    for (std::size_t i = 0; i < corpus.held_out.size(); ++i) {
        tensors.push_back(to_tensor(held_out_name(i), corpus.held_out[i].ids));
    }
    return write_safetensors(path, tensors, {{kFingerprintKey, corpus.fingerprint}});
}

Status append_encoded(const TextCodec& codec, std::string_view text, const JobContext& job,
                      std::vector<std::int32_t>& out) {
    if (!codec.takes_sentences()) {
        HEADLIGHT_TRY(const std::vector<std::int32_t> ids, codec.encode(text));
        out.insert(out.end(), ids.begin(), ids.end());
        return {};
    }
    for (const std::string_view sentence : split_sentences(text)) {
        if (job.should_stop())
            return fail(ErrorKind::Cancelled, "training was stopped while the text was encoded");
        HEADLIGHT_TRY(const std::vector<std::int32_t> ids, codec.encode(sentence));
        out.insert(out.end(), ids.begin(), ids.end());
    }
    return {};
}

std::vector<std::int32_t> pieces_by_frequency(const TextCodec& codec, std::span<const std::int32_t> ids) {
    std::vector<std::size_t> counts(static_cast<std::size_t>(codec.vocab_size()));
    for (const std::int32_t id : ids)
        ++counts[static_cast<std::size_t>(id)];
    std::vector<std::int32_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0);
    std::erase_if(order, [&](std::int32_t id) { return !codec.is_text_piece(id); });
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
    });
    return order;
}

}  // namespace

std::string corpus_fingerprint(std::span<const CorpusText> texts, const TextCodec& codec) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const CorpusText& text : texts) {
        hash = fnv1a(fnv1a(hash, text.train), text.held_out);
    }
    for (const CodecFile& file : codec.files(0))
        hash = fnv1a(hash, file.bytes);
    return fmt::format("{:016x}", hash);
}

Result<TokenizedCorpus> tokenize_corpus(std::span<const CorpusText> texts, const TextCodec& codec,
                                        const std::string& cache_file, std::size_t min_tokens,
                                        const JobContext& job) {
    TokenizedCorpus corpus;
    corpus.fingerprint = corpus_fingerprint(texts, codec);
    for (const CorpusText& text : texts) {
        corpus.held_out.push_back({text.name, {}, utf8::count_code_points(text.held_out)});
    }
    if (!read_cache(cache_file, codec, corpus)) {
        corpus.train.clear();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            corpus.held_out[i].ids.clear();
            HEADLIGHT_CHECK(append_encoded(codec, texts[i].train, job, corpus.train));
            HEADLIGHT_CHECK(append_encoded(codec, texts[i].held_out, job, corpus.held_out[i].ids));
        }
        HEADLIGHT_CHECK(write_cache(cache_file, corpus));
    }
    if (corpus.train.size() < min_tokens) {
        return fail(ErrorKind::InvalidInput,
                    "the corpus has {} tokens to train on, rows of this length need at least {}; "
                    "give more text or a shorter context",
                    corpus.train.size(), min_tokens);
    }
    corpus.by_frequency = pieces_by_frequency(codec, corpus.train);
    return corpus;
}

}  // namespace headlight
