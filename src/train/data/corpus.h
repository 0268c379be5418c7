// Corpus files as clean text: what is trained on, and the last tenth of each file, which is held out.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

/// What becomes of the line breaks of a corpus file.
enum class LineBreaks {
    Spaces,  // one line of prose
    Kept,    // a paragraph a line; in a file without blank lines, a line a line (verses)
};

struct CorpusText {
    std::string name;      // file name without folder and extension
    std::string train;     // first nine tenths
    std::string held_out;  // the rest, cut after a full stop
};

/// One line of prose: underscores (italics of plain-text books) removed, chapter and volume headings dropped,
/// every run of white space and control characters one space (or a line break, where those are kept). Invalid
/// UTF-8 becomes U+FFFD.
std::string clean_text(std::string_view raw, LineBreaks breaks = LineBreaks::Spaces);

/// Splits clean text at the last full stop within its first nine tenths (at the last space if there is none).
CorpusText split_held_out(std::string name, std::string_view clean);

/// Sentences of clean text: cut after . ! ? and a space. A stretch without an end is cut near `max_bytes`.
std::vector<std::string_view> split_sentences(std::string_view clean, std::size_t max_bytes = 4000);

/// Reads, cleans and splits all files. Errors: Missing, InvalidInput (no files, a file without text, over 1
/// GiB).
Result<std::vector<CorpusText>> read_corpus(std::span<const std::string> files,
                                            LineBreaks breaks = LineBreaks::Spaces);

}  // namespace headlight
