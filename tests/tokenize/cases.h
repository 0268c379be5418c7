// Texts with the ids, pieces and offsets that the reference gives for them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/json_file.h"
#include "support/fixtures.h"
#include "tokenize/tokenizer.h"

namespace headlight::test {

/// Spans in code points, as the reference counts.
inline nlohmann::json code_point_offsets(const TokenizedText& tokens) {
    const auto index = utf8::code_point_index(tokens.text);
    nlohmann::json out = nlohmann::json::array();
    for (const Token& token : tokens.tokens)
        out.push_back({index[token.byte_begin], index[token.byte_end]});
    return out;
}

inline nlohmann::json pieces_of(const TokenizedText& tokens) {
    nlohmann::json out = nlohmann::json::array();
    for (const Token& token : tokens.tokens)
        out.push_back(token.piece);
    return out;
}

/// Compares every case of a cases.json; `what`: "ids", "tokens", "offsets" in any combination. `others`: ids by the number of the
/// text, where the reference gives others for the files in hand than for the tokenizer.json that the cases are of.
inline int check_cases(const Tokenizer& tokenizer, const std::string& file, const std::string& what,
                       const nlohmann::json& others = nlohmann::json::object()) {
    const auto cases = read_json_file(file);
    REQUIRE_MESSAGE(cases, file);
    const auto& texts = (*cases)["texts"];
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const TokenizedText tokens = tokenizer.encode(texts[i].get<std::string>());
        INFO(file, " text ", i, ": ", texts[i].dump());
        if (const auto other = others.find(std::to_string(i)); other != others.end()) {
            CHECK(nlohmann::json(tokens.ids()) == *other);
            continue;
        }
        CHECK_MESSAGE(nlohmann::json(tokens.ids()) == (*cases)["ids"][i], nlohmann::json(tokens.ids()).dump(),
                      " expected ", (*cases)["ids"][i].dump());
        if (what.find("tokens") != std::string::npos) CHECK(pieces_of(tokens) == (*cases)["tokens"][i]);
        if (what.find("offsets") != std::string::npos) {
            CHECK_MESSAGE(code_point_offsets(tokens) == (*cases)["offsets"][i],
                          code_point_offsets(tokens).dump(), " expected ", (*cases)["offsets"][i].dump(),
                          " pieces ", pieces_of(tokens).dump());
        }
        if (cases->contains("ids_without_special")) {
            const TokenizedText bare = tokenizer.encode(texts[i].get<std::string>(), false);
            CHECK(nlohmann::json(bare.ids()) == (*cases)["ids_without_special"][i]);
        }
    }
    return static_cast<int>(texts.size());
}

/// For models of shared/ whose class, with the SentencePiece model alone, does not do what its tokenizer.json does (docs/parity.md).
/// Ids of AutoTokenizer of transformers 5.24.
inline nlohmann::json ids_of_model_file(const std::string& model) {
    if (model == "llama")
        return {{"4", {1, 457, 320, 473, 462, 307, 458, 364, 297, 472, 260, 272, 458, 457, 457, 291, 464,
                       317, 458, 270, 378, 458, 320, 358, 373, 297, 457}},
                {"13", {1, 457}}};
    if (model == "deberta_v2")
        return {{"8", {1, 62, 15, 52, 350, 62, 15, 52, 350, 4, 24, 15, 3, 85, 4, 24, 15, 3, 85, 4, 3, 4, 3, 4, 3, 98, 4, 3, 4, 3, 2}},
                {"15", {1, 4, 24, 38, 7, 32, 3, 45, 47, 9, 4, 147, 47, 11, 3, 48, 16, 18, 39, 31, 12, 12,
                        3, 4, 14, 15, 38, 4, 24, 29, 12, 12, 411, 52, 80, 9, 4, 3, 38, 11, 17, 4, 12, 7, 2}}};
    return nlohmann::json::object();
}

}  // namespace headlight::test
