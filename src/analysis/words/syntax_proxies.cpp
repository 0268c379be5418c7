// Relations without a parser: closed lists of English words stand for word classes.
#include <algorithm>
#include <cctype>
#include <string_view>

#include "analysis/words/syntax.h"
#include "analysis/words/token_classes.h"
#include "analysis/words/token_text.h"

namespace headlight {
namespace {

constexpr std::string_view kDeterminers[] = {"the",  "a",    "an",   "this",  "that", "these", "those",
                                             "my",   "your", "his",  "her",   "its",  "our",   "their",
                                             "some", "any",  "each", "every", "no",   "such"};
constexpr std::string_view kPrepositions[] = {"of",     "in",      "to",    "for",    "with",    "on",
                                              "at",     "from",    "by",    "about",  "into",    "through",
                                              "after",  "over",    "under", "before", "between", "against",
                                              "during", "without", "upon",  "towards"};
constexpr std::string_view kPronouns[] = {"i", "he", "she", "it", "we", "they", "you", "who"};
constexpr std::string_view kVerbs[] = {
    "is",   "was",  "are",   "were", "be",    "been",  "has",     "have", "had",    "do",   "does",
    "did",  "will", "would", "can",  "could", "shall", "should",  "may",  "might",  "must", "said",
    "says", "went", "came",  "made", "saw",   "knew",  "thought", "felt", "looked", "began"};
constexpr std::string_view kOthers[] = {"and",   "or",    "but",  "if",  "as",  "than",  "then",  "when",
                                        "while", "not",   "so",   "yet", "nor", "which", "whose", "what",
                                        "how",   "there", "here", "me",  "him", "them",  "us"};

template <std::size_t N>
bool is_one_of(const std::string_view (&list)[N], const std::string& word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

enum class WordKind { Determiner, Preposition, Pronoun, Verb, Other, Open };

struct Word {
    std::string text;
    bool starts_after_break = false;  // punctuation before it
    bool is_capitalised = false;

    WordKind kind() const {
        if (is_one_of(kDeterminers, text)) return WordKind::Determiner;
        if (is_one_of(kPrepositions, text)) return WordKind::Preposition;
        if (is_one_of(kPronouns, text)) return WordKind::Pronoun;
        if (is_one_of(kVerbs, text)) return WordKind::Verb;
        return is_one_of(kOthers, text) ? WordKind::Other : WordKind::Open;
    }
};

/// The text in words; fills word_of_token.
std::vector<Word> read_words(std::span<const Token> tokens, RelationText& text) {
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    text.word_of_token = word_indices(labels);
    std::vector<Word> words;
    bool is_break = true;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const int word = text.word_of_token[i];
        if (word < 0) {
            is_break = is_break || !labels[i].is_whitespace;
            continue;
        }
        if (static_cast<std::size_t>(word) == words.size()) {
            words.push_back({"", is_break, false});
            is_break = false;
        }
        for (const char c : token_text(tokens[i])) {
            if (c == ' ' || c == '\n' || c == '\t') continue;
            const auto byte = static_cast<unsigned char>(c);
            if (words.back().text.empty()) words.back().is_capitalised = std::isupper(byte) != 0;
            words.back().text += byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c;
        }
    }
    text.num_words = static_cast<int>(words.size());
    return words;
}

/// Last word of the run of open words behind `word` (determiners too if `passes_determiners`), at most four
/// of them; -1 for none.
int end_of_run(const std::vector<Word>& words, std::size_t word, bool passes_determiners) {
    constexpr std::size_t kMostWords = 4;
    int last = -1;
    std::size_t num_open = 0;
    for (std::size_t w = word + 1; w < words.size() && num_open < kMostWords; ++w) {
        if (words[w].starts_after_break) break;
        const WordKind kind = words[w].kind();
        if (passes_determiners && kind == WordKind::Determiner && last < 0) continue;
        if (kind != WordKind::Open) break;
        last = static_cast<int>(w);
        ++num_open;
    }
    return last;
}

/// Nearest pronoun or capitalised open word before a verb, at most six words back in the same clause; -1 for
/// none.
int subject_of(const std::vector<Word>& words, std::size_t verb) {
    constexpr std::size_t kMostBack = 6;
    for (std::size_t back = 1; back <= std::min(kMostBack, verb); ++back) {
        if (words[verb - back + 1].starts_after_break) return -1;
        const Word& word = words[verb - back];
        const bool is_name = word.is_capitalised && !word.starts_after_break && word.kind() == WordKind::Open;
        if (word.kind() == WordKind::Pronoun || is_name) return static_cast<int>(verb - back);
    }
    return -1;
}

}  // namespace

RelationText find_relations(std::span<const Token> tokens) {
    RelationText text;
    const std::vector<Word> words = read_words(tokens, text);
    RelationPairs determiners{"noun to determiner", {}}, subjects{"verb to subject", {}},
        prepositions{"object to preposition", {}};
    for (std::size_t w = 0; w < words.size(); ++w) {
        const auto index = static_cast<int>(w);
        const WordKind kind = words[w].kind();
        if (kind == WordKind::Determiner) {
            const int noun = end_of_run(words, w, false);
            if (noun >= 0) determiners.pairs.emplace_back(noun, index);
        } else if (kind == WordKind::Preposition) {
            const int object = end_of_run(words, w, true);
            if (object >= 0) prepositions.pairs.emplace_back(object, index);
        } else if (kind == WordKind::Verb) {
            const int subject = subject_of(words, w);
            if (subject >= 0) subjects.pairs.emplace_back(index, subject);
        }
    }
    text.relations = {std::move(determiners), std::move(subjects), std::move(prepositions)};
    return text;
}

}  // namespace headlight
