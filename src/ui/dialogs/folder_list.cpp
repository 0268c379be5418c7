// Reading a folder for the browser.
#include <algorithm>
#include <cctype>
#include <cstdlib>
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

std::string absolute_path(const std::string& typed, const std::string& dir) {
    const char* home = std::getenv("HOME");
    if (home != nullptr && (typed == "~" || typed.starts_with("~/"))) return home + typed.substr(1);
    return typed.starts_with('/') ? typed : (dir == "/" ? "" : dir) + "/" + typed;
}

std::string complete_path(const std::string& typed, const std::string& dir) {
    const std::size_t slash = typed.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
    const std::string begun = typed.substr(parent.size());
    const auto entries = list_folder(parent.empty() ? dir : absolute_path(parent, dir));
    if (!entries) return typed;
    std::string common;
    int count = 0;
    bool is_folder = false;
    for (const FolderEntry& entry : *entries) {
        if (!entry.name.starts_with(begun)) continue;
        const auto same = std::mismatch(common.begin(), common.end(), entry.name.begin(), entry.name.end());
        common = count == 0 ? entry.name : std::string(common.begin(), same.first);
        is_folder = entry.is_folder;
        ++count;
    }
    if (count == 0) return typed;
    return parent + common + (count == 1 && is_folder ? "/" : "");
}

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
