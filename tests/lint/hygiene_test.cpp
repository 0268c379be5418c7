// Habits that a machine can check: file sizes, unfinished work, machine paths.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "lint/source_tree.h"

using namespace headlight;

TEST_CASE("hygiene: source files stay readable in one sitting") {
    constexpr std::size_t kMostLines = 400;
    for (const auto& file :
         lint::read_sources({"src", "tests", "shaders"}, {".h", ".cpp", ".vert", ".frag", ".glsl"})) {
        CHECK_MESSAGE(file.lines.size() <= kMostLines, file.path, " has ", file.lines.size(), " lines");
    }
}

TEST_CASE("hygiene: no folder is too full to be looked through") {
    constexpr std::size_t kMostFiles = 40;
    std::map<std::string, std::size_t> num_files;
    for (const char* top : {"src", "tests", "docs", "assets", "shaders", "cmake", "third_party"}) {
        const std::filesystem::path root = test::source_dir();
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
            if (entry.is_regular_file())
                ++num_files[std::filesystem::relative(entry.path().parent_path(), root).generic_string()];
        }
    }
    REQUIRE(num_files.size() > 50);
    for (const auto& [folder, count] : num_files)
        CHECK_MESSAGE(count <= kMostFiles, folder, " has ", count, " files directly in it");
}

TEST_CASE("hygiene: nothing says that it is unfinished") {
    // Written so that this file does not match itself.
    const std::regex unfinished(
        "\\b(TO"
        "DO|FIX"
        "ME|XX"
        "X|HA"
        "CK)\\b|not impl"
        "emented");
    for (const auto& file :
         lint::read_sources({"src", "tests", "shaders"}, {".h", ".cpp", ".py", ".frag", ".vert"})) {
        for (const std::string& line : file.lines) {
            CHECK_MESSAGE(!std::regex_search(line, unfinished), file.path, ": ", line);
        }
    }
}

TEST_CASE("hygiene: no path of one machine") {
    const std::regex machine_path(
        "[\"' (]/(wo"
        "rk|ro"
        "ot|ho"
        "me/[a-z]+)/");
    const std::vector<std::string> extensions = {".h",  ".cpp", ".py",    ".sh",
                                                 ".md", ".txt", ".cmake", ".json"};
    for (const auto& file :
         lint::read_sources({"src", "tests", "docs", "assets", "third_party", "cmake"}, extensions)) {
        for (const std::string& line : file.lines) {
            CHECK_MESSAGE(!std::regex_search(line, machine_path), file.path, ": ", line);
        }
    }
}

TEST_CASE("hygiene: every header is included once only") {
    for (const auto& file : lint::read_sources({"src"}, {".h"})) {
        const bool has_guard =
            std::find(file.lines.begin(), file.lines.end(), "#pragma once") != file.lines.end();
        CHECK_MESSAGE(has_guard, file.path, " lacks #pragma once");
    }
}

TEST_CASE("hygiene: markup is written in one place, which escapes") {
    // figure/ writes pictures element by element with the same escaper.
    const std::set<std::string> writers = {"src/report/html/page.cpp", "src/figure/svg_canvas.cpp"};
    const std::regex pasted(R"re("[^"]*<(td|tr|th|table|div|span|section|html|svg|rect|text|path)[ >\\])re");
    for (const auto& file : lint::read_sources({"src"}, {".h", ".cpp"})) {
        if (writers.count(file.path) != 0) continue;
        for (const std::string& line : file.lines)
            CHECK_MESSAGE(!std::regex_search(line, pasted), file.path, ": ", line, " (report/html/markup.h)");
    }
}
