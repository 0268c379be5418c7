#include "tokenize/bpe_from_vocab.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "io/json_file.h"
#include "tokenize/bpe_model.h"
#include "tokenize/tokenizer_json.h"
#include "tokenize/tokenizer_class.h"
#include "tokenize/tokenizer_files.h"
#include "tokenize/word_patterns.h"

namespace headlight {
namespace {

using nlohmann::json;
using Pair = std::pair<std::string, std::string>;

constexpr std::size_t kMaxMergesBytes = std::size_t{256} << 20;
constexpr std::int64_t kMaxId = 1 << 26;

Result<BpeModel::Vocabulary> read_vocabulary(const std::string& path) {
    HEADLIGHT_TRY(const json parsed, read_json_file(path));
    BpeModel::Vocabulary vocabulary;
    if (!parsed.is_object())
        return fail(make_error(ErrorKind::Corrupt, "expected an object of pieces to ids").in_file(path));
    for (const auto& [piece, id] : parsed.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kMaxId) {
            return fail(make_error(ErrorKind::Corrupt, "the id of '{}' is no whole number in range",
                                   piece.substr(0, 60))
                            .in_file(path));
        }
        vocabulary.emplace(piece, id.get<std::int32_t>());
    }
    return vocabulary;
}

// One merge a line, two pieces with a space between; a first line "#version: ..." is none.
Result<std::vector<Pair>> read_merges(const std::string& path) {
    HEADLIGHT_TRY(const std::string text, read_text_file(path, kMaxMergesBytes));
    std::vector<Pair> merges;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty() || line.starts_with("#version")) continue;
        const auto space = line.find(' ');
        if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
            return fail(make_error(ErrorKind::Corrupt,
                                   "line {} is '{}', expected two pieces with a space between", number + 1,
                                   line.substr(0, 60))
                            .in_file(path));
        }
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return merges;
}

void add(TokenizerParts& parts, std::int32_t id, const std::string& content, bool is_special, const json& flags) {
    if (id < 0 || id > kMaxId || content.empty()) return;
    AddedToken token;
    token.id = id;
    token.content = content;
    token.is_special = is_special;
    if (flags.is_object()) {
        token.strips_left = flags.value("lstrip", false);
        token.strips_right = flags.value("rstrip", false);
        token.is_single_word = flags.value("single_word", false);
    }
    parts.added.add(std::move(token), content);
}

json read_added_tokens(const std::string& folder) {
    const std::string path = folder + "/added_tokens.json";
    if (!is_regular_file(path)) return json::object();
    auto parsed = read_json_file(path);
    return parsed && parsed->is_object() ? std::move(*parsed) : json::object();
}

void read_special_tokens(const std::string& folder, const json& config, TokenizerParts& parts) {
    if (const auto listed = config.find("added_tokens_decoder");
        listed != config.end() && listed->is_object()) {
        for (const auto& [key, entry] : listed->items()) {
            if (key.empty() || key.size() > 8 || key.find_first_not_of("0123456789") != std::string::npos)
                continue;
            const bool is_special = entry.is_object() && entry.value("special", true);
            add(parts, std::stoi(key), token_content(entry), is_special, entry);
        }
    }
    const json added = read_added_tokens(folder);
    for (const char* role :
         {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
        if (!config.contains(role)) continue;
        const std::string content = token_content(config[role]);
        std::int32_t id = parts.model->id_of(content);
        if (id < 0 && added.contains(content) && added[content].is_number_integer())
            id = added[content].get<int>();
        json flags = config[role];
        // RoBERTa's and BART's classes let the mask take the space before it where the files say nothing of it.
        if (std::string_view(role) == "mask_token" && !flags.is_object()) flags = json{{"lstrip", true}};
        add(parts, id, content, true, flags);
    }
    for (const auto& [content, id] : added.items()) {
        if (id.is_number_integer()) add(parts, id.get<std::int32_t>(), content, false, {});
    }
    // GPT-2's own default, where the folder holds nothing but the two files.
    add(parts, parts.model->id_of("<|endoftext|>"), "<|endoftext|>", true, {});
}

std::int32_t special_id(const TokenizerParts& parts, const json& config, const char* role, const char* fallback) {
    std::string content = config.contains(role) ? token_content(config[role]) : std::string();
    if (content.empty()) content = fallback;
    const AddedToken* added = parts.added.find(std::string_view(content));
    return added != nullptr ? added->id : parts.model->id_of(content);
}

// RoBERTa and BART wrap the text; others put BOS first only where their files say so.
PostProcessor make_post_processor(const TokenizerParts& parts, const json& config, const std::string& name) {
    const bool is_roberta =
        name.find("Roberta") != std::string::npos || name.find("Bart") != std::string::npos;
    std::vector<std::int32_t> before, after;
    const auto put = [&](std::vector<std::int32_t>& list, std::int32_t id) {
        if (id >= 0) list.push_back(id);
    };
    if (is_roberta) {
        put(before, special_id(parts, config, "cls_token", "<s>"));
        put(after, special_id(parts, config, "sep_token", "</s>"));
    } else {
        if (config.value("add_bos_token", false))
            put(before, special_id(parts, config, "bos_token", "<|endoftext|>"));
        if (config.value("add_eos_token", false))
            put(after, special_id(parts, config, "eos_token", "<|endoftext|>"));
    }
    return PostProcessor::around(std::move(before), std::move(after), is_roberta);
}

Result<TokenizerPtr> build(const std::string& folder, const std::string& family) {
    TokenizerParts parts;
    parts.family = family;
    parts.source = folder + "/vocab.json";
    HEADLIGHT_TRY(BpeModel::Vocabulary vocabulary, read_vocabulary(parts.source));
    HEADLIGHT_TRY(const std::vector<Pair> merges, read_merges(folder + "/merges.txt"));
    BpeModel::Options options;
    options.is_byte_level = true;
    auto model = BpeModel::create(std::move(vocabulary), merges, std::move(options));
    if (!model) return fail(std::move(model).error().in_file(folder + "/merges.txt"));
    parts.model = std::make_shared<BpeModel>(std::move(*model));
    const json config = read_tokenizer_settings(folder);
    const std::string name = tokenizer_class_of(folder);
    if (name.starts_with("Qwen2")) {
        parts.normalizer = TextNormalizer::nfc();
        HEADLIGHT_TRY(parts.pre_tokenizer, PreTokenizer::split_then_bytes(kQwenWords));
    } else {
        parts.pre_tokenizer = PreTokenizer::gpt2(config.value("add_prefix_space", false));
    }
    read_special_tokens(folder, config, parts);
    parts.post_processor = make_post_processor(parts, config, name);
    note_named_ids(parts, config);
    return std::make_shared<PipelineTokenizer>(std::move(parts));
}

}  // namespace

Result<TokenizerPtr> open_bpe_vocab(const std::string& folder, const std::string& family) {
    Result<TokenizerPtr> opened;
    try {
        opened = build(folder, family);
    } catch (const json::exception& problem) {
        opened = fail(ErrorKind::Corrupt, "a tokenizer file of this folder is malformed: {}", problem.what());
    } catch (const std::bad_alloc&) {
        opened = fail(ErrorKind::OutOfMemory, "no memory to open the tokenizer");
    }
    if (opened) return opened;
    Error error = std::move(opened).error();
    if (error.file.empty()) error.file = folder;
    return fail(std::move(error));
}

}  // namespace headlight
