#include "analysis/detector_examples.h"

#include <functional>

namespace headlight::test {
namespace {

constexpr int kBlock = 12;  // BOS X X with blocks of 12: 25 tokens

/// In the second copy to the key `offset` before, else to the first token.
WeightOf repeat_head(int offset) {
    return [=](int query, int key) { return key == (query > kBlock ? query - offset : 0) ? 1.0 : 0.0; };
}

WeightOf back(int offset) {
    return [=](int query, int key) { return key == std::max(0, query - offset) ? 1.0 : 0.0; };
}

double local_six(int query, int key) {
    return query - key <= 5 ? 1.0 / std::min(6, query + 1) : 0.0;
}

using Examples = std::map<std::string, DetectorExample>;

void add_positional(Examples& examples) {
    const std::vector<Token> tokens = repeated_block(kBlock);
    examples["previous_token"] = {tokens, previous};
    for (int offset = 2; offset <= 8; ++offset)
        examples["offset_" + std::to_string(offset)] = {tokens, back(offset)};
    examples["next_token"] = {tokens,
                              [](int query, int key) { return key == std::min(24, query + 1) ? 1.0 : 0.0; }};
    examples["next_token"].is_causal = false;
    examples["first_token"] = {tokens, first};
    examples["self"] = {tokens, identity, first};
    examples["local_window"] = {tokens, local_six, first};
    examples["global_column"] = {tokens,
                                 [](int query, int key) { return key == (query > 3 ? 3 : 0) ? 1.0 : 0.0; }};
    examples["uniform"] = {tokens, uniform};
    examples["duplicate_token"] = {tokens, repeat_head(kBlock), repeat_head(kBlock - 1)};
    examples["induction"] = {tokens, repeat_head(kBlock - 1), repeat_head(kBlock)};
}

void add_classes(Examples& examples) {
    std::vector<Token> tokens = text_tokens({"<s>", "Rain", ",", " wind", " and", " snow", ".", " Who",
                                             " goes", " there", "?", " No", " one", ";"});
    const auto is_mark = [](const Token&, const Token& key) {
        return std::string(",.?;").find(key.piece) != std::string::npos;
    };
    examples["punctuation"] = {tokens, points_to_last(tokens, is_mark), previous};
    const auto is_special = [](const Token&, const Token& key) { return key.is_special; };
    tokens =
        text_tokens({"<s>", "one", " two", " three", "<sep>", " four", " five", " six", "<sep>", " seven"});
    examples["delimiter"] = {tokens, points_to_last(tokens, is_special), identity};
    tokens = character_tokens("a big red dog ran by");
    examples["whitespace"] = {
        tokens, points_to_last(tokens, [](const Token&, const Token& key) { return key.piece == " "; })};
    const auto is_vowel = [](const Token& token) {
        return token.piece.size() == 1 && std::string("aeiou").find(token.piece) != std::string::npos;
    };
    const auto is_other = [&](const Token& query, const Token& key) {
        return !key.is_special && key.piece != " " && is_vowel(query) != is_vowel(key);
    };
    examples["vowel_consonant"] = {tokens, points_to_last(tokens, is_other)};
    examples["vowel_consonant"].can_tag = false;
}

void add_words(Examples& examples) {
    std::vector<Token> tokens =
        text_tokens({"<s>", "un", "believ", "able", " re", "act", "ion", "s", " of", " a"});
    const std::vector<int> previous_piece = {0, 0, 1, 2, 0, 4, 5, 6, 0, 0};
    examples["within_word"] = {tokens, points_to(previous_piece)};
    tokens = tokens_of({0, 5, 3, 9, 2, 4, 11, 1, 6, 7, 30, 8, 10, 12}, 0);
    std::vector<int> rarest(tokens.size(), 0);
    for (std::size_t query = 2; query < tokens.size(); ++query) {
        for (std::size_t key = 1; key < query; ++key) {
            if (tokens[key].id > tokens[static_cast<std::size_t>(rarest[query])].id)
                rarest[query] = static_cast<int>(key);
        }
    }
    examples["rare_token"] = {tokens, points_to(rarest), first};
    tokens = text_tokens({"<s>", "It", " rains", ".", " We", " stay", " in", "!", " Why", " go", "?"});
    examples["block"] = {tokens,
                         [](int query, int key) {
                             const int starts[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8, 8};
                             return key >= starts[query] ? 1.0 / (query - starts[query] + 1) : 0.0;
                         },
                         first};
    examples["block"].can_tag = false;
}

void add_structure(Examples& examples) {
    std::vector<Token> tokens = text_tokens(
        {"<s>", "f", "(", "a", ")", " [", "b", " c", "]", " {", "d", " (", "e", " f", " g", ")", " h", " }"});
    examples["bracket"] = {tokens, points_to({0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 11, 0, 9}),
                           previous};
    tokens = text_tokens({"<s>", "He", " said", " \"", "yes", "\"", " and", " \"", "no", " more", "\"",
                          " and", " \"", "so", " it", " goes", "\""});
    examples["quote"] = {tokens, points_to({0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 12}), previous};
    tokens = text_tokens({"<s>", "if", " a", ":", "\n", "  ", "b", "\n", "  ", "c", " d", "\n", "e", "\n",
                          "  ", "f", "\n", "g", " h"});
    // Lines start at 1, 6, 9, 12, 15 and 17; far in are 6, 9 and 15.
    examples["indent"] = {tokens, points_to({0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 9, 0, 12, 0}),
                          previous};
}

/// The order of the weights of a row is that of the cosines, so the rank correlation is 1.
void add_semantic(Examples& examples) {
    constexpr int kTokens = 24, kHidden = 6;
    DetectorExample example;
    std::vector<std::int32_t> ids;
    for (int i = 0; i < kTokens; ++i)
        ids.push_back(i);
    example.tokens = tokens_of(ids, 0);
    example.embeddings = Matrix(kTokens, kHidden);
    for (std::size_t i = 0; i < example.embeddings.values.size(); ++i)
        example.embeddings.values[i] = static_cast<float>((i * 2654435761u >> 7) % 1000) / 1000.0f;
    std::vector<double> mean(kHidden, 0.0);
    for (int token = 0; token < kTokens; ++token) {
        for (int h = 0; h < kHidden; ++h)
            mean[static_cast<std::size_t>(h)] +=
                example.embeddings.at(token, h) / static_cast<double>(kTokens);
    }
    std::vector<std::vector<double>> cosine(kTokens, std::vector<double>(kTokens));
    const auto product = [&](int a, int b) {
        double sum = 0;
        for (int h = 0; h < kHidden; ++h) {
            const double m = mean[static_cast<std::size_t>(h)];
            sum += (example.embeddings.at(a, h) - m) * (example.embeddings.at(b, h) - m);
        }
        return sum;
    };
    const auto like = [=](int a, int b) { return product(a, b) / std::sqrt(product(a, a) * product(b, b)); };
    for (int a = 0; a < kTokens; ++a) {
        for (int b = 0; b < kTokens; ++b)
            cosine[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] = std::exp(8 * like(a, b));
    }
    example.perfect = [cosine](int query, int key) {
        const auto row = static_cast<std::size_t>(query);
        double sum = 0;
        for (int j = 0; j < query; ++j)
            sum += cosine[row][static_cast<std::size_t>(j)];
        if (query == 0) return key == 0 ? 1.0 : 0.0;
        return key < query ? cosine[row][static_cast<std::size_t>(key)] / sum : 0.0;
    };
    example.wrong = noise(3);
    examples["semantic"] = example;
}

}  // namespace

std::map<std::string, DetectorExample> detector_examples() {
    Examples examples;
    add_positional(examples);
    add_classes(examples);
    add_words(examples);
    add_structure(examples);
    add_semantic(examples);
    return examples;
}

}  // namespace headlight::test
