// SentencePiece BPE vocabulary: trained by the library, one thread, no sampling, so the same text gives the
// same pieces.
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "train/data/codec_kinds.h"

namespace headlight {
namespace {

constexpr const char* kModelFile = "tokenizer.model";
constexpr std::size_t kMaxModelBytes = std::size_t{64} << 20;
constexpr int kNumPieceSpecial = 3;  // <unk> <s> </s>
constexpr int kNumBytes = 256;

nlohmann::json special_tokens() {
    return {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}};
}

class SentencePieceCodec final : public TextCodec {
  public:
    static Result<std::unique_ptr<TextCodec>> create(std::string model_bytes, const std::string& file) {
        auto codec = std::make_unique<SentencePieceCodec>();
        const auto status = codec->processor_.LoadFromSerializedProto(model_bytes);
        if (!status.ok()) {
            return fail(make_error(ErrorKind::Corrupt, "the vocabulary is no SentencePiece model: {}",
                                   status.ToString())
                            .in_file(file));
        }
        if (codec->processor_.bos_id() < 0) {
            return fail(make_error(ErrorKind::Unsupported,
                                   "the vocabulary has no BOS piece, which every training row "
                                   "begins with")
                            .in_file(file));
        }
        codec->model_bytes_ = std::move(model_bytes);
        return codec;
    }

    int vocab_size() const override { return processor_.GetPieceSize(); }
    std::int32_t bos_id() const override { return processor_.bos_id(); }
    std::int32_t eos_id() const override { return processor_.eos_id(); }
    bool is_text_piece(std::int32_t id) const override {
        return !processor_.IsControl(id) && !processor_.IsUnknown(id) && !processor_.IsByte(id) &&
               !processor_.IsUnused(id);
    }

    Result<std::vector<std::int32_t>> encode(std::string_view sentence) const override {
        std::vector<int> ids;
        const auto status = processor_.Encode(sentence, &ids);
        if (!status.ok())
            return fail(ErrorKind::Internal, "SentencePiece could not encode: {}", status.ToString());
        return std::vector<std::int32_t>(ids.begin(), ids.end());
    }

    std::vector<CodecFile> files(int context_length) const override {
        nlohmann::json config = special_tokens();
        config["tokenizer_class"] = "LlamaTokenizer";
        config["add_bos_token"] = true;
        config["add_eos_token"] = false;
        config["legacy"] =
            true;  // a space in front of the text, as in training, and after special tokens too
        config["clean_up_tokenization_spaces"] = false;
        config["model_max_length"] = context_length;
        return {{kModelFile, model_bytes_},
                {"tokenizer_config.json", config.dump(1) + "\n"},
                {"special_tokens_map.json", special_tokens().dump(1) + "\n"}};
    }

  private:
    sentencepiece::SentencePieceProcessor processor_;
    std::string model_bytes_;
};

// Feeds sentences to the library without a file of its own; ends early when the job is stopped.
class Sentences final : public sentencepiece::SentenceIterator {
  public:
    Sentences(std::span<const CorpusText> texts, const JobContext& job) : job_(job) {
        for (const CorpusText& text : texts) {
            for (const std::string_view sentence : split_sentences(text.train))
                sentences_.push_back(sentence);
        }
        load();
    }
    bool done() const override { return index_ >= sentences_.size() || job_.should_stop(); }
    void Next() override {
        ++index_;
        load();
    }
    const std::string& value() const override { return value_; }
    sentencepiece::util::Status status() const override { return {}; }

  private:
    void load() {
        if (index_ < sentences_.size()) value_ = sentences_[index_];
    }
    const JobContext& job_;
    std::vector<std::string_view> sentences_;
    std::size_t index_ = 0;
    std::string value_;
};

std::size_t count_distinct_characters(std::span<const CorpusText> texts) {
    std::set<char32_t> seen;
    for (const CorpusText& text : texts) {
        for (std::size_t byte = 0; byte < text.train.size();) {
            const utf8::Decoded decoded = utf8::decode(text.train, byte);
            seen.insert(decoded.code_point);
            byte += decoded.size_bytes;
        }
    }
    return seen.size();
}

}  // namespace

Result<std::unique_ptr<TextCodec>> train_sentencepiece(const TrainRequest& request,
                                                       std::span<const CorpusText> texts,
                                                       const JobContext& job) {
    const std::size_t num_needed = kNumPieceSpecial + kNumBytes + count_distinct_characters(texts) + 1;
    if (static_cast<std::size_t>(request.vocab_size) < num_needed) {
        return fail(ErrorKind::InvalidInput,
                    "a vocabulary of {} pieces is too small for this text: it needs {} for its "
                    "characters, the 256 bytes and 3 special tokens; ask for more",
                    request.vocab_size, num_needed);
    }
    Sentences sentences(texts, job);
    const std::unordered_map<std::string, std::string> options = {
        {"model_type", "bpe"},
        {"vocab_size", std::to_string(request.vocab_size)},
        {"byte_fallback", "true"},
        // Spaces are kept as typed (the corpus has single ones), as converters of this file for other
        // programs do.
        {"normalization_rule_name", "identity"},
        {"remove_extra_whitespaces", "false"},
        {"character_coverage", "1.0"},
        {"num_threads", "1"},
        {"unk_id", "0"},
        {"bos_id", "1"},
        {"eos_id", "2"},
        {"pad_id", "-1"},
        {"hard_vocab_limit", "false"},
        {"max_sentence_length", "20000"},
        {"minloglevel", "2"}};
    std::string model_bytes;
    const auto status = sentencepiece::SentencePieceTrainer::Train(options, &sentences, &model_bytes);
    if (job.should_stop())
        return fail(ErrorKind::Cancelled, "training was stopped while the vocabulary was learned");
    if (!status.ok()) {
        return fail(ErrorKind::InvalidInput,
                    "SentencePiece could not learn a vocabulary of {} pieces from this text: {}",
                    request.vocab_size, status.ToString());
    }
    return SentencePieceCodec::create(std::move(model_bytes), {});
}

Result<std::unique_ptr<TextCodec>> open_sentencepiece_codec(const std::string& folder) {
    const std::string path = folder + "/" + kModelFile;
    HEADLIGHT_TRY(std::string bytes, read_text_file(path, kMaxModelBytes));
    return SentencePieceCodec::create(std::move(bytes), path);
}

}  // namespace headlight
