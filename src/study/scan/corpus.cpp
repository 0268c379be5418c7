#include "study/scan/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <tuple>

#include "base/mapped_file.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeadBytes = 4096;
constexpr std::uint32_t kMostStoredBytes = 4 * kMostSectionBytes;  // ASCII in UTF-32

bool has_text_name(const fs::path& path) {
    const std::string ending = path.extension().string();
    return ending == ".txt" || ending == ".jsonl";
}

Status append_folder(const std::string& folder, std::vector<std::string>& files) {
    std::error_code problem;
    const std::size_t before = files.size();
    for (auto entry = fs::directory_iterator(folder, problem); !problem && entry != fs::directory_iterator();
         entry.increment(problem)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored) && has_text_name(entry->path()))
            files.push_back(entry->path().string());
    }
    if (problem)
        return fail(make_error(ErrorKind::Missing, "the folder cannot be read: {}", problem.message())
                        .in_file(folder));
    if (files.size() == before)
        return fail(make_error(ErrorKind::Missing,
                               "the folder holds no .txt or .jsonl file; name the files of the corpus")
                        .in_file(folder));
    return {};
}

/// A file that is longer than any piece of it that is kept in memory, decoded piece by piece.
class PieceReader {
  public:
    explicit PieceReader(const CorpusFile& file)
        : in_(file.path, std::ios::binary), mark_(file.mark), path_(file.path) {
        in_.seekg(static_cast<std::streamoff>(mark_.size_bytes));
        offset_ = mark_.size_bytes;
    }
    bool is_open() const { return in_.is_open(); }
    /// Fills the window to at least `wanted` bytes; false when nothing is left.
    bool fill(std::size_t wanted) {
        while (window_.size() < wanted && status_ && in_)
            read_piece();
        return !window_.empty();
    }
    /// The next text, in UTF-8.
    std::string_view window() const { return window_; }
    /// Where the window begins in the file.
    std::uint64_t offset() const { return offset_; }
    /// Bytes in the file of a part of the window.
    std::uint64_t stored_bytes(std::size_t begin, std::size_t count) const {
        if (mark_.encoding == TextEncoding::Utf8) return count;
        const std::size_t unit = unit_bytes(mark_.encoding);
        std::uint64_t bytes = 0;
        for (const char c : window().substr(begin, count)) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte & 0xC0) != 0x80)
                bytes += byte >= 0xF0 ? 4 : unit;  // from U+10000 on two units of UTF-16
        }
        return bytes;
    }
    void drop(std::size_t count) {
        offset_ += stored_bytes(0, count);
        window_.erase(0, count);
    }
    /// Was everything so far what the mark promises?
    const Status& status() const { return status_; }

  private:
    void read_piece() {
        char piece[1 << 14];
        in_.read(piece, sizeof piece);
        undecoded_.append(piece, static_cast<std::size_t>(in_.gcount()));
        const std::size_t used = decode_up_to(undecoded_, mark_.encoding, window_);
        const bool is_cut_off = in_ && undecoded_.size() - used < kLongestCharacter;
        if (used < undecoded_.size() && !is_cut_off) {
            const std::uint64_t at = offset_ + stored_bytes(0, window_.size());
            status_ = fail(broken_text(mark_.encoding, at, undecoded_[used], path_));
        }
        undecoded_.erase(0, used);
    }

    static constexpr std::size_t kLongestCharacter = 4;
    std::ifstream in_;
    TextMark mark_;
    std::string path_, window_, undecoded_;
    std::uint64_t offset_ = 0;
    Status status_;
};

/// End of the last place of `window` where a blank line, a line or a word ends, in its second half; else
/// between characters.
std::size_t cut_of(std::string_view window) {
    for (const std::string_view end : {"\n\n", "\r\n\r\n", "\n", " "}) {
        const std::size_t found = window.rfind(end);
        if (found != std::string_view::npos && found + end.size() > window.size() / 2)
            return found + end.size();
    }
    std::size_t cut = window.size();
    for (int step = 0; step < 3 && cut > 1 && (static_cast<unsigned char>(window[cut - 1]) & 0xC0) == 0x80;
         ++step)
        --cut;
    // `cut` now stands after a lead byte or an ASCII character; a lead byte goes to the next section.
    if (cut > 1 && static_cast<unsigned char>(window[cut - 1]) >= 0xC0) --cut;
    return cut;
}

void cut_text(PieceReader& reader, int file, std::uint32_t section_bytes, const JobContext& job,
              const std::function<void(const CorpusSection&)>& on_section) {
    for (int number = 0; !job.should_stop() && reader.fill(section_bytes); ++number) {
        const bool is_last = reader.window().size() < section_bytes;
        const std::size_t size =
            is_last ? reader.window().size() : cut_of(reader.window().substr(0, section_bytes));
        on_section({file, number, reader.offset(), static_cast<std::uint32_t>(reader.stored_bytes(0, size))});
        reader.drop(size);
    }
}

void cut_lines(PieceReader& reader, int file, const JobContext& job,
               const std::function<void(const CorpusSection&)>& on_section) {
    int number = 0;
    bool is_too_long = false;
    while (!job.should_stop() && reader.fill(kMostSectionBytes)) {
        const std::string_view window = reader.window().substr(0, kMostSectionBytes);
        std::size_t begin = 0;
        for (std::size_t end = window.find('\n'); end != std::string_view::npos;
             end = window.find('\n', begin)) {
            const bool is_blank =
                window.substr(begin, end - begin).find_first_not_of(" \t\r") == std::string_view::npos;
            if (!is_blank && !is_too_long)
                on_section({file, number, reader.offset() + reader.stored_bytes(0, begin),
                            static_cast<std::uint32_t>(reader.stored_bytes(begin, end - begin))});
            number += is_blank ? 0 : 1;
            is_too_long = false;
            begin = end + 1;
        }
        if (begin > 0) {
            reader.drop(begin);
            continue;
        }
        if (window.size() < kMostSectionBytes) {  // the last line, without an end
            if (!is_too_long)
                on_section({file, number, reader.offset(),
                            static_cast<std::uint32_t>(reader.stored_bytes(0, window.size()))});
            return;
        }
        is_too_long = true;
        reader.drop(window.size());
    }
}

}  // namespace

Result<std::vector<CorpusFile>> list_corpus(const std::vector<std::string>& paths) {
    if (paths.empty())
        return fail(ErrorKind::InvalidInput, "no corpus was given; name text files with --corpus");
    std::vector<std::string> names;
    for (const std::string& path : paths) {
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) {
            HEADLIGHT_CHECK(append_folder(path, names));
        } else {
            names.push_back(path);
        }
    }
    std::vector<CorpusFile> files;
    for (const std::string& path : names) {
        std::error_code problem;
        if (!fs::is_regular_file(path, problem))
            return fail(make_error(ErrorKind::Missing, "there is no text file of this name for --corpus")
                            .in_file(path));
        const std::uint64_t size = fs::file_size(path, problem);
        if (problem || size == 0)
            return fail(
                make_error(ErrorKind::InvalidInput, "the corpus file is empty; leave it out").in_file(path));
        const std::string head = first_bytes(path, kHeadBytes);
        const TextMark mark = text_mark(head);
        if (mark.size_bytes == 0) HEADLIGHT_CHECK(check_not_unmarked(head, path));
        files.push_back(
            {path, fs::path(path).filename().string(), size, fs::path(path).extension() == ".jsonl", mark});
    }
    // The order in which a shell lists them must not matter.
    std::sort(files.begin(), files.end(), [](const CorpusFile& a, const CorpusFile& b) {
        return std::tie(a.name, a.path) < std::tie(b.name, b.path);
    });
    const auto same = std::unique(files.begin(), files.end(),
                                  [](const CorpusFile& a, const CorpusFile& b) { return a.path == b.path; });
    files.erase(same, files.end());
    return files;
}

Status for_each_section(const CorpusFile& file, int file_index, std::uint32_t section_bytes,
                        const JobContext& job, const std::function<void(const CorpusSection&)>& on_section) {
    PieceReader reader(file);
    if (!reader.is_open())
        return fail(make_error(ErrorKind::Missing, "the corpus file cannot be read").in_file(file.path));
    if (file.is_json_lines) {
        cut_lines(reader, file_index, job, on_section);
    } else {
        cut_text(reader, file_index, std::clamp<std::uint32_t>(section_bytes, 64, kMostSectionBytes), job,
                 on_section);
    }
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading the corpus");
    return reader.status();
}

Result<std::string> read_section(const CorpusFile& file, const CorpusSection& section) {
    std::ifstream in(file.path, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(section.offset));
    std::string stored(std::min(section.size_bytes, kMostStoredBytes), '\0'), text;
    in.read(stored.data(), static_cast<std::streamsize>(stored.size()));
    if (!in || decode_up_to(stored, file.mark.encoding, text) != stored.size()) {
        return fail(make_error(ErrorKind::Missing,
                               "the corpus file cannot be read at section {}; it is gone or was changed",
                               section.number)
                        .in_file(file.path)
                        .at_offset(section.offset));
    }
    if (!file.is_json_lines) return text;
    HEADLIGHT_TRY(const nlohmann::json line, parse_json(text, file.path));
    if (!line.is_object() || !line.contains("text") || !line["text"].is_string()) {
        return fail(
            make_error(ErrorKind::Corrupt, "line {} is no JSON object with a \"text\"", section.number + 1)
                .in_file(file.path)
                .at_offset(section.offset));
    }
    return line["text"].get<std::string>();
}

}  // namespace headlight
