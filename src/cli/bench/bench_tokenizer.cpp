#include "cli/bench/bench_tokenizer.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "base/measure/processor.h"
#include "base/text_file.h"
#include "cli/bench/bench_passes.h"
#include "cli/bench/reference_process.h"
#include "report/json_out.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

constexpr std::size_t kBytes = 1'000'000;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of the file that the text is the beginning of
constexpr int kRepeats = 3;

// Arguments: tokenizer.json, repeats. Reads the text as JSON, prints seconds of processor time and the number
// of tokens.
constexpr const char* kReferenceScript = R"(
import json, os, sys, time
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_truncation()
text = json.loads(sys.stdin.readline())
least, count = float("inf"), 0
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    count = len(tokenizer.encode(text).ids)
    least = min(least, time.process_time() - start)
print(least, count, flush=True)
)";

/// The text up to `kBytes`, cut where a character begins.
std::string first_part(std::string_view text) {
    std::size_t size = std::min(text.size(), kBytes);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return std::string(text.substr(0, size));
}

std::string json_words(const std::string& text) {
    std::string line = json_line(text);
    line.pop_back();
    return line;
}

Status measure_reference(TokenizerBench& bench, const std::string& tokenizer, const std::string& text,
                         const std::string& python) {
    namespace fs = std::filesystem;
    const fs::path path =
        fs::is_directory(tokenizer) ? fs::path(tokenizer) / "tokenizer.json" : fs::path(tokenizer);
    HEADLIGHT_TRY(const auto reference,
                  ReferenceProcess::start(python, kReferenceScript, {path.string(), std::to_string(kRepeats)},
                                          "the package tokenizers"));
    HEADLIGHT_TRY(const std::string words, reference->ask(json_words(text)));
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
