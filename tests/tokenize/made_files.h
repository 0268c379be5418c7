// Small tokenizer files that tests put together: formats whose vocabularies are other tokenizers' in another
// spelling.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/base64.h"
#include "support/fixtures.h"
#include "tokenize/text/byte_alphabet.h"
#include "tokenize/tokenizer.h"

namespace headlight::test {

/// Every byte, and a few words of several bytes, as ranked tokens under the name of GPT-2's words.
inline std::string tiktoken_folder() {
    const std::string folder = fresh_dir("tokenize_tiktoken");
    std::ofstream out(folder + "/gpt2.tiktoken", std::ios::binary);
    int rank = 0;
    for (int byte = 0; byte < 256; ++byte)
        out << to_base64(std::string(1, static_cast<char>(byte))) << ' ' << rank++ << '\n';
    for (const char* token : {"th", "he", "the", " c", "at", " cat", "\xC3\xA9"})
        out << to_base64(token) << ' ' << rank++ << '\n';
    return folder;
}

/// The project's SentencePiece model as source.spm, with ids counted from its end in vocab.json.
inline std::string marian_folder() {
    const std::string folder = fresh_dir("tokenize_marian");
    const std::string model = source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model";
    std::filesystem::copy(model, folder + "/source.spm");
    const auto opened = open_tokenizer(model);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    nlohmann::json vocab = nlohmann::json::object();
    const int size = (*opened)->vocab_size();
    for (int id = 0; id < size; ++id)
        vocab[(*opened)->token(id)->piece] = size - 1 - id;
    vocab["<pad>"] = size;
    vocab[">>fra<<"] = size + 1;
    std::ofstream(folder + "/vocab.json") << vocab.dump();
    return folder;
}

/// A tiktoken file with the vocabulary of a byte-level tokenizer.json, whose ids are ranks; ids from `end` on
/// are left out.
inline void write_as_tiktoken(const nlohmann::json& vocab, int end, const std::string& path) {
    std::ofstream out(path, std::ios::binary);
    for (const auto& [piece, id] : vocab.items()) {
        const auto bytes = piece_to_bytes(piece);
        if (id.get<int>() < end && bytes) out << to_base64(*bytes) << ' ' << id.get<int>() << '\n';
    }
}

}  // namespace headlight::test
