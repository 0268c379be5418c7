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

/// Compares every case of a cases.json; `what`: "ids", "tokens", "offsets" in any combination.
inline int check_cases(const Tokenizer& tokenizer, const std::string& file, const std::string& what) {
    const auto cases = read_json_file(file);
    REQUIRE_MESSAGE(cases, file);
    const auto& texts = (*cases)["texts"];
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const TokenizedText tokens = tokenizer.encode(texts[i].get<std::string>());
        INFO(file, " text ", i, ": ", texts[i].dump());
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

}  // namespace headlight::test
