// Tokenizer classes of the reference that are written in Python: a function each, which opens a folder's.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/files/class_build.h"
#include "tokenize/tokenizer.h"

namespace headlight {

struct PythonClass {
    const char* name;
    bool needs_no_vocabulary;  // there is no file of one
    Result<TokenizerPtr> (*open)(ClassBuild& build, const std::string& folder);
};

/// A character is a token, its code point the id.
Result<TokenizerPtr> open_canine(ClassBuild& build, const std::string& folder);
/// Residues and the like, one a line of vocab.txt: found in the text wherever they stand.
Result<TokenizerPtr> open_esm(ClassBuild& build, const std::string& folder);
/// Words between spaces, merged by bpe.codes; vocab.txt gives the ids of pieces, those that go on with "@@".
/// Bertweet's own clean-up of tweets is refused by its key.
Result<TokenizerPtr> open_phobert(ClassBuild& build, const std::string& folder);
Result<TokenizerPtr> open_bertweet(ClassBuild& build, const std::string& folder);
/// sentencepiece.bpe.model cuts, vocab.json gives the ids; the language stands in front.
Result<TokenizerPtr> open_m2m_100(ClassBuild& build, const std::string& folder);
/// Japanese words by MeCab (its ipadic) or between spaces and signs, then WordPiece or characters of
/// vocab.txt. Sudachi, Juman++, SentencePiece and other dictionaries are refused by their key.
Result<TokenizerPtr> open_bert_japanese(ClassBuild& build, const std::string& folder);

}  // namespace headlight
