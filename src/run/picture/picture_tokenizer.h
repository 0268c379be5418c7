// What an image model has in place of a tokenizer: its text is the path of a picture, its tokens are the
// patches of that picture and the learned tokens in front of them.
#pragma once

#include <memory>
#include <string>

#include "core/model_runner.h"
#include "core/token.h"
#include "io/picture/preprocessor.h"
#include "tokenize/tokenizer.h"

namespace headlight {

inline constexpr const char* kPictureTokenizer = "picture";

/// A picture as the model saw it, and where its tokens lie on it.
struct ShownPicture {
    std::string path;
    Raster raster;  // resized and cropped; tokens of patches lie on it row by row from the top left corner
    PictureTokens tokens;
};

/// Prepares pictures as the model's folder says and gives them to `runner` while that lives. Errors: those of
/// read_preprocessor().
Result<TokenizerPtr> open_picture_tokenizer(const std::string& model_path,
                                            const std::shared_ptr<ModelRunner>& runner);

/// The picture that these tokens are of; null: they are of no picture, or the model was closed.
std::shared_ptr<const ShownPicture> picture_of(const Tokenizer* tokenizer, const TokenizedText& text);

/// Is this an image model's? Then a text is the path of a picture.
bool takes_pictures(const Tokenizer* tokenizer);

/// "patch 3,4" of the row and column, from 1; "CLS" and the like for the tokens in front.
std::string picture_token_name(const PictureTokens& tokens, int index);

}  // namespace headlight
