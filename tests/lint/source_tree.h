// Reading the project's own files, for the lint tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/fixtures.h"

namespace headlight::lint {

struct SourceFile {
    std::string path;  // relative to the clone, with '/'
    std::vector<std::string> lines;
};

inline std::string read_all(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Files under the named top-level folders whose names end in one of `extensions`, sorted.
inline std::vector<SourceFile> read_sources(const std::vector<std::string>& folders,
                                            const std::vector<std::string>& extensions) {
    const std::filesystem::path root = test::source_dir();
    std::vector<SourceFile> files;
    for (const std::string& folder : folders) {
        if (!std::filesystem::exists(root / folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            if (!entry.is_regular_file()) continue;
            if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) continue;
            SourceFile file{std::filesystem::relative(entry.path(), root).generic_string(), {}};
            std::istringstream in(read_all(entry.path()));
            for (std::string line; std::getline(in, line);)
                file.lines.push_back(line);
            files.push_back(std::move(file));
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

/// Names in the HEADLIGHT_...(name[, file]) lines of a registry list.
inline std::vector<std::string> read_registry(const std::string& relative) {
    std::istringstream in(read_all(std::filesystem::path(test::source_dir()) / relative));
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("HEADLIGHT_", 0) != 0) continue;
        const auto open = line.find('('), close = line.find_first_of(",)");
        names.push_back(line.substr(open + 1, close - open - 1));
    }
    return names;
}

}  // namespace headlight::lint
