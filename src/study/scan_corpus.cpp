#include "study/scan_corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <tuple>

#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

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

/// A file that is longer than any piece of it that is kept in memory.
class PieceReader {
  public:
    explicit PieceReader(const std::string& path) : in_(path, std::ios::binary) {}
    bool is_open() const { return in_.is_open(); }
    /// Fills the window up to `wanted` bytes; false when nothing is left.
    bool fill(std::size_t wanted) {
        while (window_.size() < wanted && in_) {
            char piece[1 << 14];
            in_.read(piece, static_cast<std::streamsize>(std::min(sizeof piece, wanted - window_.size())));
            window_.append(piece, static_cast<std::size_t>(in_.gcount()));
        }
        return !window_.empty();
    }
    std::string_view window() const { return window_; }
    std::uint64_t offset() const { return offset_; }
    void drop(std::size_t count) {
        window_.erase(0, count);
        offset_ += count;
    }

  private:
    std::ifstream in_;
    std::string window_;
    std::uint64_t offset_ = 0;
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
        const std::size_t size = is_last ? reader.window().size() : cut_of(reader.window());
        on_section({file, number, reader.offset(), static_cast<std::uint32_t>(size)});
        reader.drop(size);
    }
}

void cut_lines(PieceReader& reader, int file, const JobContext& job,
               const std::function<void(const CorpusSection&)>& on_section) {
    int number = 0;
    bool is_too_long = false;
    while (!job.should_stop() && reader.fill(kMostSectionBytes)) {
        const std::string_view window = reader.window();
        std::size_t begin = 0;
        for (std::size_t end = window.find('\n'); end != std::string_view::npos;
             end = window.find('\n', begin)) {
            const bool is_blank =
                window.substr(begin, end - begin).find_first_not_of(" \t\r") == std::string_view::npos;
            if (!is_blank && !is_too_long)
                on_section({file, number, reader.offset() + begin, static_cast<std::uint32_t>(end - begin)});
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
                on_section({file, number, reader.offset(), static_cast<std::uint32_t>(window.size())});
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
        files.push_back(
            {path, fs::path(path).filename().string(), size, fs::path(path).extension() == ".jsonl"});
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
    PieceReader reader(file.path);
    if (!reader.is_open())
        return fail(make_error(ErrorKind::Missing, "the corpus file cannot be read").in_file(file.path));
    if (file.is_json_lines) {
        cut_lines(reader, file_index, job, on_section);
    } else {
        cut_text(reader, file_index, std::clamp<std::uint32_t>(section_bytes, 64, kMostSectionBytes), job,
                 on_section);
    }
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading the corpus");
    return {};
}

Result<std::string> read_section(const CorpusFile& file, const CorpusSection& section) {
    std::ifstream in(file.path, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(section.offset));
    std::string text(std::min(section.size_bytes, kMostSectionBytes), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in) {
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
