// The two kinds of vocabulary behind train_codec() and open_codec().
#pragma once

#include "train/data/text_codec.h"

namespace headlight {

inline constexpr const char* kSentencePieceKind = "sentencepiece_bpe";
inline constexpr const char* kCharactersKind = "characters";

Result<std::unique_ptr<TextCodec>> train_sentencepiece(const TrainRequest& request,
                                                       std::span<const CorpusText> texts,
                                                       const JobContext& job);
Result<std::unique_ptr<TextCodec>> open_sentencepiece_codec(const std::string& folder);

/// <s>, <unk>, then the characters of the training text, the most frequent first (ties: lowest code point);
/// those beyond request.vocab_size are <unk>.
Result<std::unique_ptr<TextCodec>> train_characters(const TrainRequest& request,
                                                    std::span<const CorpusText> texts);
Result<std::unique_ptr<TextCodec>> open_characters(const std::string& folder);

/// The file that the `characters` tokenizer family reads; `unknown` and `bos` (may be empty) name entries.
CodecFile characters_file(const std::vector<std::string>& vocab, const std::string& unknown,
                          const std::string& bos);

}  // namespace headlight
