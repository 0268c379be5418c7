#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "base/text_file.h"
#include "base/utf8.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "io/checkpoint/model_path.h"
#include "io/json_file.h"
#include "report/tokens/token_report.h"

namespace headlight {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;
const std::string kStandardInput = "-";

struct TokenizeOptions {
    std::string model_path, tokenizer_path, text_file;
    std::vector<std::string> texts;
    std::optional<std::string> pair;
    bool is_jsonl = false;
    bool counts_bytes = false;
    bool skips_special = false;
    bool is_chat = false;
    ChatOptions chat;
};

void print(const TokenizedText& tokens, const TokenizeOptions& options) {
    const std::string out = options.is_jsonl ? json_line(token_ids_json(tokens, options.counts_bytes))
                                             : token_table(tokens, options.counts_bytes);
    std::fwrite(out.data(), 1, out.size(), stdout);
}

Result<TokenizedText> tokens_of(const Tokenizer& tokenizer, const std::string& text,
                                const std::optional<std::string>& pair, const TokenizeOptions& options) {
    const bool is_pair = pair && !pair->empty();
    if (options.is_chat && is_pair)
        return fail(ErrorKind::InvalidInput, "--text-pair is a second sentence, which a chat does not have");
    if (options.is_chat) return encode_chat(tokenizer, text, options.chat);
    if (!is_pair) return tokenizer.try_encode(text, !options.skips_special);
    HEADLIGHT_CHECK(check_utf8(*pair, "--text-pair"));
    return tokenizer.encode_pair(text, *pair, !options.skips_special);
}

/// A line {"text": ...}, maybe with a "text_pair"; of a conversation also its turns, or {"messages": [...]}.
/// Errors: Corrupt with the line's number, the tokenizer's.
Result<TokenizedText> tokens_of_line(const Tokenizer& tokenizer, const std::string& line, std::size_t number,
                                     const TokenizeOptions& options) {
    const std::string where = fmt::format("line {} of standard input", number);
    HEADLIGHT_TRY(const nlohmann::json json, parse_json(line, where));
    if (options.is_chat && (json.is_array() || (json.is_object() && json.contains("messages"))))
        return encode_chat(tokenizer, line, options.chat);
    const auto is_text = [&](const char* key) { return json.contains(key) && json[key].is_string(); };
    if (!json.is_object() || !is_text("text") || (json.contains("text_pair") && !is_text("text_pair")))
        return fail(ErrorKind::Corrupt, "{}: expected {{\"text\": \"...\"}}, maybe with \"text_pair\"",
                    where);
    std::optional<std::string> pair = options.pair;
    if (json.contains("text_pair")) pair = json["text_pair"].get<std::string>();
    return tokens_of(tokenizer, json["text"].get<std::string>(), pair, options);
}

Status tokenize_lines(const Tokenizer& tokenizer, const TokenizeOptions& options) {
    std::string line;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        HEADLIGHT_TRY(const TokenizedText tokens, tokens_of_line(tokenizer, line, number, options));
        print(tokens, options);
    }
    return {};
}

Status tokenize(const TokenizeOptions& options) {
    std::string path = options.tokenizer_path;
    if (path.empty() && options.model_path.empty()) {
        HEADLIGHT_TRY(path, demo_path());
    } else if (path.empty()) {
        HEADLIGHT_TRY(path, resolve_model_path(options.model_path));
        path = tokenizer_place(path, {});
    }
    HEADLIGHT_TRY(const TokenizerPtr tokenizer, open_tokenizer(path));
    std::vector<std::string> texts = options.texts;
    if (texts.empty() && options.text_file.empty() && options.is_jsonl)
        return tokenize_lines(*tokenizer, options);
    if (texts.empty()) {
        const std::string& file = options.text_file.empty() ? kStandardInput : options.text_file;
        HEADLIGHT_TRY(texts.emplace_back(), read_text(file, kMostBytes));
    }
    for (const std::string& text : texts) {
        HEADLIGHT_CHECK(check_utf8(text, "TEXT"));
        HEADLIGHT_TRY(const TokenizedText tokens, tokens_of(*tokenizer, text, options.pair, options));
        print(tokens, options);
    }
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<TokenizeOptions>();
    app.add_option("--model,--checkpoint", options->model_path,
                   "Checkpoint whose tokenizer to use: a folder, or its weights file (the demo's)");
    app.add_option("--tokenizer", options->tokenizer_path, "Tokenizer folder or file");
    app.add_flag(
        "--jsonl", options->is_jsonl,
        "Read lines {\"text\": ...} (and \"text_pair\"), write lines {\"ids\", \"tokens\", \"offsets\"}");
    add_text_pair(app, options->pair);
    CLI::Option* file = app.add_option("--text-file", options->text_file,
                                       "Read the text from a file or pipe (- for standard input)");
    app.add_flag("--bytes", options->counts_bytes, "Offsets in bytes in place of code points");
    app.add_flag("--no-special", options->skips_special, "Add no BOS and the like");
    add_chat_options(app, options->is_chat, options->chat);
    app.add_option("TEXT", options->texts, "Texts; without any, standard input is read")->excludes(file);
    return [options] { return tokenize(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_tokenize = {
    "tokenize", "Ids, pieces and offsets of texts, as a table or JSON lines",
    "  headlight tokenize --model gpt2 \"The cat sat.\"\n"
    "  echo '{\"text\": \"The cat sat.\"}' | headlight tokenize --model gpt2 --jsonl\n"
    "  headlight tokenize --model DIR --chat --add-generation-prompt \"What is attention?\"\n"
    "  headlight tokenize --model bert-base-uncased --text-pair \"It slept.\" \"The cat sat.\"\n"
    "  headlight tokenize --tokenizer tokenizer.json --bytes < story.txt",
    add};

}  // namespace headlight
