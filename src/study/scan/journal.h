// The journal of a scan on disk: a header that says of which scan, then one record per measured sequence,
// each with its length and checksum. A process may be killed at any moment: what is torn at the end is cut
// off when the scan goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

struct JournalContents {
    std::string header;             // JSON text
    std::uint64_t sound_bytes = 0;  // up to the end of the last whole record
    std::uint64_t size_bytes = 0;
};

/// "journal-0-of-1.bin"
std::string journal_name(int shard, int num_shards);
/// All journals in a folder, sorted.
std::vector<std::string> find_journals(const std::string& folder);

/// Reads a journal record by record; stops quietly at the first one that is not whole. An error of
/// `on_record` ends the reading. Errors: Missing, Corrupt (no journal, a broken header), the callback's.
Result<JournalContents> read_journal(const std::string& path,
                                     const std::function<Status(std::string_view record)>& on_record);

/// Appends records. Each is handed to the disk before append() returns.
class JournalWriter {
  public:
    JournalWriter() = default;
    ~JournalWriter();
    JournalWriter(JournalWriter&& other) noexcept;
    JournalWriter& operator=(JournalWriter&&) = delete;

    /// A new journal with this header; in place of nothing. Errors: Internal with the system's words.
    static Result<JournalWriter> create(const std::string& path, std::string_view header);
    /// Goes on after `sound_bytes` of an old one.
    static Result<JournalWriter> resume(const std::string& path, std::uint64_t sound_bytes);
    Status append(std::string_view record);

  private:
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace headlight
