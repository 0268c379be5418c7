// Which of a folder's tokenizer files count, and what to say when none does.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// What tokenizer.json is by a quick look at its text, without parsing.
enum class TokenizerJsonKind { None, ByteLevelBpe, ByteFallbackBpe, WordPiece, Unigram, WordLevel, Other };

/// Path of tokenizer.json: the folder's, or the file itself if it is a .json that looks like one; empty if
/// none.
std::string tokenizer_json_path(const std::string& path);
TokenizerJsonKind tokenizer_json_kind(const std::string& path);

/// Files of a folder that may hold a tokenizer, in the order in which the reference would take them; only
/// files that are there.
std::vector<std::string> tokenizer_candidates(const std::string& folder);

/// Folder of the path (itself if it is one).
std::string tokenizer_folder(const std::string& path);
bool is_regular_file(const std::string& path);

/// Does a settings file (tokenizer_config.json, config.json ...) lie in the folder?
bool has_tokenizer_settings(const std::string& folder);

/// Text of a token entry: a string, or an object with "content"; empty otherwise.
std::string token_content(const nlohmann::json& entry);

/// The error for a path that no family takes: Corrupt or Unsupported if tokenizer.json is there, else Missing
/// with the names that were looked for.
Error describe_missing_tokenizer(const std::string& path);

}  // namespace headlight
