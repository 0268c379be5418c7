// Reading a folder for the browser.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "ui/dialogs/dialogs.h"

namespace headlight::ui {
namespace {

constexpr std::size_t kMostEntries = 5000;

std::string folded(const std::string& name) {
    std::string out = name;
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

}  // namespace

Result<std::vector<FolderEntry>> list_folder(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (!fs::exists(path, error))
        return fail(
            make_error(ErrorKind::Missing, "Listing a folder: there is no such folder.").in_file(path));
    if (!fs::is_directory(path, error))
        return fail(make_error(ErrorKind::Unsupported, "Listing a folder: this is a file.").in_file(path));
    std::vector<FolderEntry> entries;
    fs::directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
    if (error)
        return fail(
            make_error(ErrorKind::Unsupported, "Listing a folder: {}.", error.message()).in_file(path));
    for (; it != fs::directory_iterator() && entries.size() < kMostEntries; it.increment(error)) {
        if (error) break;
        FolderEntry entry;
        entry.name = it->path().filename().string();
        if (entry.name.empty() || entry.name[0] == '.') continue;
        std::error_code ignored;
        entry.is_folder = it->is_directory(ignored);
        if (!entry.is_folder) {
            const auto size = it->file_size(ignored);
            entry.size_bytes = ignored ? 0 : size;
        }
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const FolderEntry& a, const FolderEntry& b) {
        if (a.is_folder != b.is_folder) return a.is_folder;
        const std::string x = folded(a.name), y = folded(b.name);
        return x != y ? x < y : a.name < b.name;
    });
    return entries;
}

}  // namespace headlight::ui
