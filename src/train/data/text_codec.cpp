#include "train/data/text_codec.h"

#include "train/data/codec_kinds.h"

namespace headlight {
namespace {

Error unknown_kind(const TrainRequest& request) {
    return make_error(ErrorKind::Unsupported,
                      "there is no tokenizer of kind '{}' to train with; known: {}, {}", request.tokenizer,
                      kSentencePieceKind, kCharactersKind);
}

}  // namespace

Result<std::unique_ptr<TextCodec>> train_codec(const TrainRequest& request, std::span<const CorpusText> texts,
                                               const JobContext& job) {
    if (request.tokenizer == kSentencePieceKind) return train_sentencepiece(request, texts, job);
    if (request.tokenizer == kCharactersKind) return train_characters(request, texts);
    return fail(unknown_kind(request));
}

Result<std::unique_ptr<TextCodec>> open_codec(const TrainRequest& request, const std::string& folder) {
    if (request.tokenizer == kSentencePieceKind) return open_sentencepiece_codec(folder);
    if (request.tokenizer == kCharactersKind) return open_characters(folder);
    return fail(unknown_kind(request));
}

LineBreaks line_breaks_for(const TrainRequest& request) {
    return request.tokenizer == kCharactersKind ? LineBreaks::Kept : LineBreaks::Spaces;
}

}  // namespace headlight
