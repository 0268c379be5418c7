// Runs the built binary as a user would, and keeps what it said.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>

#include "support/fixtures.h"

namespace headlight::test {

struct Outcome {
    int code = -1;
    std::string out, err;
};

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline std::string binary_path() {
    return test::binary_dir() + "/headlight";
}
inline std::string engine_path() {
    return test::binary_dir() + "/libheadlight_engine.so";
}
inline std::string demo_path() {
    return source_dir() + "/assets/demo";
}

/// A word for the shell, whatever it holds.
inline std::string quoted(const std::string& word) {
    std::string out = "'";
    for (const char c : word)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// `arguments` as in a shell; standard input from `input`.
inline Outcome run_headlight(const std::string& arguments, const std::string& input = {}) {
    static int number = 0;
    static const std::string folder = fresh_dir("run");
    const std::string base = folder + "/" + std::to_string(number++);
    write_file(base + ".in", input);
    const std::string command = quoted(binary_path()) + " " + arguments + " <" + quoted(base + ".in") + " >" +
                                quoted(base + ".out") + " 2>" + quoted(base + ".err");
    const int status = std::system(command.c_str());
    Outcome outcome;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.out = read_file(base + ".out");
    outcome.err = read_file(base + ".err");
    for (const char* suffix : {".in", ".out", ".err"})
        std::filesystem::remove(base + suffix);
    return outcome;
}

/// Runs a line of bash in which $headlight is the binary; its exit code.
inline int bash(const std::string& line) {
    const int status =
        std::system(("headlight=" + quoted(binary_path()) + " bash -c " + quoted(line)).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline std::string make_fifo(const std::string& folder) {
    const std::string path = folder + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    return path;
}

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A report without the times in it ("run in 12 ms"), which no two runs share.
inline std::string without_times(const std::string& report) {
    static const std::regex time("[0-9.]+ (ms|s)\\b");
    return std::regex_replace(report, time, "# $1");
}

inline nlohmann::json parse(const std::string& text) {
    return nlohmann::json::parse(text);
}

/// A small random model: needs the engine, but no file.
inline const char* tiny_random() {
    return " --embedding-dimension 32 --number-of-heads 2 --number-of-layers 3 --seed 7 ";
}

}  // namespace headlight::test
