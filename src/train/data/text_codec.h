// How training text becomes ids: SentencePiece pieces or single characters.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/train_request.h"
#include "train/data/corpus.h"

namespace headlight {

/// A file of the checkpoint folder.
struct CodecFile {
    std::string name;  // "tokenizer.model"
    std::string bytes;
};

class TextCodec {
  public:
    virtual ~TextCodec() = default;
    virtual int vocab_size() const = 0;
    virtual std::int32_t bos_id() const = 0;
    virtual std::int32_t eos_id() const = 0;  // -1: none
    /// An ordinary piece of text: no control token and no byte.
    virtual bool is_text_piece(std::int32_t id) const = 0;
    /// Encodes sentence by sentence, and puts back itself what was between them; otherwise the text as a
    /// whole.
    virtual bool takes_sentences() const { return true; }
    /// Ids of clean text (of one sentence, where the codec takes those), nothing added.
    virtual Result<std::vector<std::int32_t>> encode(std::string_view text) const = 0;
    /// What a reader of the checkpoint needs to tokenize the same way. `context_length` in tokens.
    virtual std::vector<CodecFile> files(int context_length) const = 0;
};

/// Learns the vocabulary that the request asks for ("sentencepiece_bpe" or "characters", vocab_size pieces at
/// most; a small corpus may give fewer). The same text gives the same vocabulary. Errors: InvalidInput (too
/// few pieces for the text's characters), Unsupported (kind), Cancelled.
Result<std::unique_ptr<TextCodec>> train_codec(const TrainRequest& request, std::span<const CorpusText> texts,
                                               const JobContext& job);

/// Opens the vocabulary that an earlier run left in `folder`. Errors: Missing, Corrupt, Unsupported.
Result<std::unique_ptr<TextCodec>> open_codec(const TrainRequest& request, const std::string& folder);

/// How this vocabulary wants the corpus: line breaks are characters, but subword pieces do without them.
LineBreaks line_breaks_for(const TrainRequest& request);

}  // namespace headlight
