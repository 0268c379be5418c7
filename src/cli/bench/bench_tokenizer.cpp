#include "cli/bench/bench_tokenizer.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>

#include "base/text_file.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

constexpr std::size_t kBytes = 1'000'000;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of the file that the text is the beginning of
constexpr int kRepeats = 3;

// Arguments: tokenizer.json, repeats; standard input: the text. Prints seconds of processor time and the
// number of tokens.
constexpr const char* kReferenceScript = R"(
import sys, time
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_truncation()
text = sys.stdin.buffer.read().decode("utf-8")
least, count = float("inf"), 0
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    count = len(tokenizer.encode(text).ids)
    least = min(least, time.process_time() - start)
print(least, count)
)";

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The text up to `kBytes`, cut where a character begins.
std::string first_part(std::string_view text) {
    std::size_t size = std::min(text.size(), kBytes);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return std::string(text.substr(0, size));
}

/// Runs a program without a shell with `input` as its standard input; what it prints. Errors: Unsupported (it
/// cannot be run, or it fails).
Result<std::string> output_of(const std::vector<std::string>& arguments, const std::string& input) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> given(std::tmpfile(), std::fclose);
    if (!given || std::fwrite(input.data(), 1, input.size(), given.get()) != input.size() ||
        std::fflush(given.get()) != 0)
        return fail(ErrorKind::Internal, "cannot write the text for the reference");
    std::rewind(given.get());
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return fail(ErrorKind::Internal, "cannot make a pipe");
    const pid_t child = fork();
    if (child < 0) return fail(ErrorKind::Internal, "cannot start a process");
    if (child == 0) {
        dup2(fileno(given.get()), STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        setenv("TOKENIZERS_PARALLELISM", "false", 1);
        setenv("RAYON_NUM_THREADS", "1", 1);
        std::vector<char*> raw;
        for (const std::string& argument : arguments)
            raw.push_back(const_cast<char*>(argument.c_str()));
        raw.push_back(nullptr);
        execvp(raw[0], raw.data());
        _exit(127);
    }
    close(ends[1]);
    std::string out;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return out;
    return fail(ErrorKind::Unsupported,
                "'{}' could not measure the reference (it needs the package tokenizers): {}",
                arguments.front(), out.substr(out.size() > 300 ? out.size() - 300 : 0));
}

Status measure_reference(TokenizerBench& bench, const std::string& tokenizer, const std::string& text,
                         const std::string& python) {
    namespace fs = std::filesystem;
    const fs::path path =
        fs::is_directory(tokenizer) ? fs::path(tokenizer) / "tokenizer.json" : fs::path(tokenizer);
    HEADLIGHT_TRY(const std::string words,
                  output_of({python, "-c", kReferenceScript, path.string(), std::to_string(kRepeats)}, text));
    double seconds = 0;
    std::size_t count = 0;
    if (std::sscanf(words.c_str(), "%lf %zu", &seconds, &count) != 2) {
        return fail(ErrorKind::Unsupported, "'{}' printed no times: {}", python, words.substr(0, 300));
    }
    bench.reference_seconds = seconds;
    bench.reference_tokens = count;
    return {};
}

}  // namespace

Result<TokenizerBench> bench_tokenizer(const std::string& tokenizer, const std::string& text_file,
                                       const std::string& python) {
    HEADLIGHT_TRY(const TokenizerPtr opened, open_tokenizer(tokenizer));
    HEADLIGHT_TRY(const std::string whole, read_text(text_file, kMostBytes));
    const std::string text = first_part(whole);
    if (text.empty())
        return fail(make_error(ErrorKind::InvalidInput, "there is no text to encode").in_file(text_file));
    TokenizerBench bench;
    bench.family = opened->family();
    bench.num_bytes = text.size();
    bench.seconds = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRepeats; ++i) {
        const double start = processor_seconds();
        {  // giving the tokens back is part of it
            HEADLIGHT_TRY(const TokenizedText tokens, opened->try_encode(text));
            bench.num_tokens = tokens.tokens.size();
        }
        bench.seconds = std::min(bench.seconds, processor_seconds() - start);
    }
    if (!python.empty()) HEADLIGHT_CHECK(measure_reference(bench, tokenizer, text, python));
    return bench;
}

}  // namespace headlight
