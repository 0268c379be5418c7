// merges.txt beside a small vocab.json.
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const auto vocab = std::filesystem::path(path).parent_path() / "vocab.json";
    if (!std::filesystem::exists(vocab))
        std::ofstream(vocab) << R"({"a":0,"b":1,"ab":2,"c":3,"abc":4,"<|endoftext|>":5})";
    const auto opened = open_tokenizer(path);
    if (!opened) return fail(opened.error());
    return use_tokenizer(**opened);
}

}  // namespace

extern const FuzzTarget k_fuzz_merges = {"merges", "merges.txt", read};

}  // namespace headlight::fuzz
