#include "tokenize/files/tiktoken_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <span>

#include "base/base64.h"
#include "base/mapped_file.h"
#include "base/utf8.h"
#include "tokenize/pipeline_tokenizer.h"
#include "tokenize/text/byte_alphabet.h"
#include "tokenize/text/word_patterns.h"
#include "tokenize/words/bpe_model.h"

namespace headlight {
namespace {

constexpr std::size_t kLongestFile = std::size_t{64} << 20;
constexpr std::size_t kLongestToken = 1024;  // bytes; published ones are some hundred spaces at most
constexpr std::int32_t kMaxRank = 1 << 24;

struct Special {
    std::int32_t id;
    const char* text;
};

/// A published vocabulary: what its file leaves out.
struct Known {
    const char* name;        // in the file's name, lower case
    std::size_t num_tokens;  // in the file
    const char* words;       // null: GPT-2's, by ByteLevel
    std::span<const Special> specials;
    int num_reserved;       // further ids behind the last special one
    const char* reserved;   // their name, before a number; null if there are none
    bool puts_first;        // the first special token stands before every text
    bool composes = false;  // the text is brought into NFC first
};

constexpr Special kGpt2Specials[] = {{50256, "<|endoftext|>"}};
constexpr Special kCl100kSpecials[] = {{100257, "<|endoftext|>"},
                                       {100258, "<|fim_prefix|>"},
                                       {100259, "<|fim_middle|>"},
                                       {100260, "<|fim_suffix|>"},
                                       {100276, "<|endofprompt|>"}};
constexpr Special kO200kSpecials[] = {{199999, "<|endoftext|>"}, {200018, "<|endofprompt|>"}};
constexpr Special kQwenSpecials[] = {
    {151643, "<|endoftext|>"}, {151644, "<|im_start|>"}, {151645, "<|im_end|>"}};
constexpr Special kLlama3Specials[] = {{128000, "<|begin_of_text|>"},
                                       {128001, "<|end_of_text|>"},
                                       {128002, "<|reserved_special_token_0|>"},
                                       {128003, "<|reserved_special_token_1|>"},
                                       {128004, "<|finetune_right_pad_id|>"},
                                       {128005, "<|reserved_special_token_2|>"},
                                       {128006, "<|start_header_id|>"},
                                       {128007, "<|end_header_id|>"},
                                       {128008, "<|eom_id|>"},
                                       {128009, "<|eot_id|>"},
                                       {128010, "<|python_tag|>"}};

// Names come first, sizes after: two vocabularies of one size would still be told apart by their files'
// names.
constexpr Known kVocabularies[] = {
    {"cl100k", 100256, kGpt4Words, kCl100kSpecials, 0, nullptr, false},
    {"o200k", 199998, kGpt4oWords, kO200kSpecials, 0, nullptr, false},
    {"p50k", 50280, nullptr, kGpt2Specials, 0, nullptr, false},
    {"r50k", 50256, nullptr, kGpt2Specials, 0, nullptr, false},
    {"gpt2", 50256, nullptr, kGpt2Specials, 0, nullptr, false},
    {"llama3", 128000, kGpt4Words, kLlama3Specials, 245, "<|reserved_special_token_", true},
    {"qwen", 151643, kQwenWords, kQwenSpecials, 205, "<|extra_", false, true},
};
constexpr int kFirstReservedOfLlama3 = 3;

const Known* known_vocabulary(const std::string& file, std::size_t num_tokens) {
    std::string name = std::filesystem::path(file).filename().string();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const Known& known : kVocabularies) {
        if (name.find(known.name) != std::string::npos) return &known;
    }
    for (const Known& known : kVocabularies) {
        if (num_tokens == known.num_tokens) return &known;
    }
    return nullptr;
}

std::string in_byte_alphabet(std::string_view bytes) {
    std::string piece;
    for (const char c : bytes)
        utf8::append(piece, byte_to_char(static_cast<unsigned char>(c)));
    return piece;
}

/// One line, "IGNpdA== 8415", into the vocabulary. False if it is none.
bool read_line(std::string_view line, PieceTable& vocabulary) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return false;
    const auto bytes = from_base64(line.substr(0, space));
    const std::string_view digits = line.substr(space + 1);
    std::int32_t rank = -1;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
    const bool is_number =
        code == std::errc() && end == digits.data() + digits.size() && rank >= 0 && rank <= kMaxRank;
    if (!bytes || bytes->empty() || bytes->size() > kLongestToken || !is_number) return false;
    return vocabulary.add(in_byte_alphabet(*bytes), rank);
}

Result<PieceTable> read_vocabulary(const std::string& file) {
    HEADLIGHT_TRY(const std::string text, read_text_file(file, kLongestFile));
    PieceTable vocabulary;
    std::size_t number = 1;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = std::string_view(text).substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && !read_line(line, vocabulary)) {
            return fail(
                make_error(ErrorKind::Corrupt,
                           "line {} of the token list is no token in base64 of at most {} bytes, a space and "
                           "its rank, or stands there twice",
                           number, kLongestToken)
                    .in_file(file)
                    .at_offset(begin));
        }
        begin = end + 1;
    }
    return vocabulary;
}

void add_special_tokens(const Known& known, TokenizerParts& parts) {
    const auto add = [&parts](std::int32_t id, const std::string& content) {
        AddedToken token;
        token.id = id;
        token.content = content;
        token.is_special = true;
        parts.added.add(std::move(token), content);
    };
    for (const Special& special : known.specials)
        add(special.id, special.text);
    const int first = known.puts_first ? kFirstReservedOfLlama3 : 0;
    for (int i = 0; i < known.num_reserved; ++i)
        add(known.specials.back().id + 1 + i, known.reserved + std::to_string(first + i) + "|>");
}

}  // namespace

bool looks_like_tiktoken(const std::string& path) {
    const std::string start = first_bytes(path, 2 * kLongestToken);
    std::string_view line = std::string_view(start).substr(0, start.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    PieceTable vocabulary;
    return read_line(line, vocabulary);
}

Result<TokenizerPtr> open_tiktoken(const std::string& file, const std::string& family) {
    HEADLIGHT_TRY(PieceTable vocabulary, read_vocabulary(file));
    const Known* known = known_vocabulary(file, static_cast<std::size_t>(vocabulary.num_pieces()));
    if (known == nullptr) {
        return fail(
            make_error(ErrorKind::Unsupported,
                       "a list of {} ranked tokens does not say how texts are cut into words, and neither "
                       "its name nor its length is one that is known (cl100k, o200k, p50k, r50k, gpt2, "
                       "llama3, qwen): rename the "
                       "file to the one that it is like, or use the model's tokenizer.json",
                       vocabulary.num_pieces())
                .in_file(file));
    }
    TokenizerParts parts;
    parts.family = family;
    parts.source = file;
    auto model = BpeModel::from_ranks(std::move(vocabulary));
    if (!model) return fail(std::move(model).error().in_file(file));
    parts.model = std::make_shared<BpeModel>(std::move(*model));
    parts.pre_tokenizer = PreTokenizer::gpt2(false);
    if (known->composes) parts.normalizer = TextNormalizer::nfc();
    if (known->words != nullptr) {
        HEADLIGHT_TRY(parts.pre_tokenizer, PreTokenizer::split_then_bytes(known->words));
    }
    add_special_tokens(*known, parts);
    parts.bos_id = parts.eos_id = known->specials.front().id;
    if (known->puts_first) {
        parts.eos_id = known->specials[1].id;
        parts.post_processor = PostProcessor::around({parts.bos_id}, {}, false);
    }
    return std::make_shared<PipelineTokenizer>(std::move(parts));
}

}  // namespace headlight
