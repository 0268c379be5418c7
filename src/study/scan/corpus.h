// The corpus of a scan as a stream of documents. Memory does not grow with the corpus: files are read a
// section at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "base/text_file.h"

namespace headlight {

struct CorpusFile {
    std::string path, name;  // name: without the folder
    std::uint64_t size_bytes = 0;
    bool is_json_lines = false;  // each line an object whose "text" is a document
    TextMark mark;               // sections lie behind it, in its encoding
};

/// Where one document lies; the text itself is read when it is needed.
struct CorpusSection {
    int file = 0;                  // index into the files
    int number = 0;                // of the section in its file, from 0
    std::uint64_t offset = 0;      // bytes in the file
    std::uint32_t size_bytes = 0;  // the same; at most kMostSectionBytes in UTF-8
};

inline constexpr std::uint32_t kMostSectionBytes = 1 << 16;
/// Where a text file is long enough, sections have this length and end with a paragraph.
inline constexpr std::uint32_t kSectionBytes = 1 << 14;

/// The files of `paths`, sorted by name (a folder stands for the .txt and .jsonl files in it).
/// Errors: Missing (no such file, no text in the folder), InvalidInput (no path, an empty file).
Result<std::vector<CorpusFile>> list_corpus(const std::vector<std::string>& paths);

/// Calls `on_section` for each section of a file, front to back. A text is cut at the last paragraph end
/// before `section_bytes` (else at a line, a space, or between characters), a JSON-lines file between lines;
/// lines beyond kMostSectionBytes are left out. UTF-16 and UTF-32 are told by their mark. Errors: Missing,
/// Cancelled, Corrupt (the byte from which on it is no text).
Status for_each_section(const CorpusFile& file, int file_index, std::uint32_t section_bytes,
                        const JobContext& job, const std::function<void(const CorpusSection&)>& on_section);

/// The text of a section. Errors: Missing (the file is gone or shorter than it was), Corrupt (a line that is
/// no JSON object with "text").
Result<std::string> read_section(const CorpusFile& file, const CorpusSection& section);

}  // namespace headlight
