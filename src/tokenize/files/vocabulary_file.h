// Vocabularies as text files: vocab.txt, vocab.json and merges.txt.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// A line is a piece, its number the id; white space at its end is no part of it, and of two equal ones the
/// later counts. Errors: Missing, Corrupt (no UTF-8, too many lines).
Result<nlohmann::json> read_vocab_txt(const std::string& file);

/// The lines themselves, without the white space at their ends. Errors: as above.
Result<std::vector<std::string>> read_vocab_lines(const std::string& file);

/// Pieces with their ids. Errors: Missing, Corrupt (no object, an id that is no whole number).
Result<nlohmann::json> read_vocab_json(const std::string& file);

/// [[left, right], ...] in order: one merge a line with a space between; lines that begin with "#version" are
/// none. Errors: Missing, Corrupt (names the line; a piece that `vocabulary` has not).
Result<nlohmann::json> read_merges_txt(const std::string& file, const nlohmann::json& vocabulary);

}  // namespace headlight
