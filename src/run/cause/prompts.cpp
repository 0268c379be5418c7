#include "run/cause/prompts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text_file.h"

namespace headlight {
namespace {

constexpr std::size_t kMostPrompts = 10000;

using LineJson = nlohmann::json;

/// Ids or a text under "ids"/"text", with a prefix.
TextOptions text_of(const LineJson& line, const std::string& text_key, const std::string& ids_key) {
    TextOptions out;
    if (line.contains(ids_key)) out.ids = line.at(ids_key).get<std::vector<std::int32_t>>();
    if (line.contains(text_key)) {
        out.text = line.at(text_key).get<std::string>();
        out.has_text = true;
    }
    return out;
}

QuestionOptions question_of_line(const LineJson& line) {
    QuestionOptions out;
    out.at = line.value("at", -1);
    out.answer = line.value("answer", "");
    out.rival = line.value("rival", "");
    if (line.contains("answer_id")) out.answer_id = line.at("answer_id").get<std::int32_t>();
    if (line.contains("rival_id")) out.rival_id = line.at("rival_id").get<std::int32_t>();
    return out;
}

/// Reads a text where one was given; empty otherwise.
Result<TokenizedText> optional_text(const TextOptions& text, const LiveModel& model) {
    if (!text.is_given()) return TokenizedText{};
    HEADLIGHT_TRY(TokenizedText tokens, read_tokens(text, model));
    HEADLIGHT_CHECK(check_tokens(*model.info, tokens));
    return tokens;
}

/// Of an encoder-decoder: its encoder reads the text, and what the decoder reads is asked about.
Status read_decoder_prompt(const PromptOptions& options, const LiveModel& model, Prompt& prompt) {
    prompt.source = std::move(prompt.tokens);
    prompt.corrupted_source = std::move(prompt.corrupted);
    HEADLIGHT_TRY(prompt.tokens, read_decoder_tokens(options.decoder, model));
    prompt.corrupted = prompt.corrupted_source.tokens.empty() ? TokenizedText{} : prompt.tokens;
    return {};
}

Result<Prompt> prompt_of(const PromptOptions& options, const LiveModel& model) {
    HEADLIGHT_TRY(Prompt prompt, read_texts(options, model));
    HEADLIGHT_TRY(prompt.question, question_of(options.question, *model.info, prompt.tokens.tokens.size()));
    return prompt;
}

Result<Prompt> prompt_of_line(const std::string& text, const LiveModel& model) {
    try {
        const LineJson line = LineJson::parse(text);
        PromptOptions options;
        options.text = text_of(line, "text", "ids");
        if (line.contains("text_pair")) options.text.pair = line.at("text_pair").get<std::string>();
        options.corrupted = text_of(line, "corrupt_text", "corrupt_ids");
        const TextOptions decoder = text_of(line, "decoder_text", "decoder_ids");
        options.decoder = {decoder.text, decoder.ids, decoder.has_text};
        options.question = question_of_line(line);
        return prompt_of(options, model);
    } catch (const LineJson::exception& error) {
        return fail(ErrorKind::Corrupt, "no prompt can be read from it ({})", error.what());
    }
}

}  // namespace

Result<Prompt> read_texts(const PromptOptions& options, const LiveModel& model) {
    Prompt prompt;
    HEADLIGHT_TRY(prompt.tokens, read_tokens(options.text, model));
    HEADLIGHT_CHECK(check_tokens(*model.info, prompt.tokens));
    HEADLIGHT_TRY(prompt.corrupted, optional_text(options.text.beside(options.corrupted), model));
    if (model.spec().has_decoder) {
        HEADLIGHT_CHECK(read_decoder_prompt(options, model, prompt));
    } else if (options.decoder.is_given()) {
        return fail(ErrorKind::InvalidInput, "{} has no decoder with a text of its own", model.spec().name);
    }
    return prompt;
}

Result<std::vector<Prompt>> read_prompts(const std::string& path, const LiveModel& model) {
    HEADLIGHT_TRY(const std::string text, read_text(path));
    std::istringstream in(text);
    std::vector<Prompt> prompts;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        Result<Prompt> prompt = prompt_of_line(line, model);
        if (!prompt) {
            Error error = std::move(prompt).error();
            error.message = fmt::format("prompt on line {}: {}", number, error.message);
            return fail(std::move(error).in_file(path));
        }
        prompts.push_back(std::move(*prompt));
        if (prompts.size() > kMostPrompts)
            return fail(
                make_error(ErrorKind::InvalidInput, "more than {} prompts", kMostPrompts).in_file(path));
    }
    if (prompts.empty())
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "no prompts; expected lines such as {{\"text\": \"...\", \"answer\": \" word\"}}")
                .in_file(path));
    return prompts;
}

Result<std::vector<Prompt>> choose_prompts(const PromptOptions& options, const LiveModel& model) {
    if (options.prompts_path.empty()) {
        HEADLIGHT_TRY(Prompt prompt, prompt_of(options, model));
        std::vector<Prompt> out;
        out.push_back(std::move(prompt));
        return out;
    }
    if (options.text.is_given() || options.corrupted.is_given() || options.question.is_given())
        return fail(ErrorKind::InvalidInput,
                    "--prompts brings texts and questions of its own; leave out the others");
    return read_prompts(options.prompts_path, model);
}

Result<std::unique_ptr<CausalRun>> explain_prompt(const LiveModel& model, const Prompt& prompt,
                                                  const JobContext& job) {
    if (prompt.source.tokens.empty()) return model.runner->start_causal(prompt.tokens.ids(), job);
    return model.runner->start_decoder_causal(prompt.source.ids(), prompt.tokens.ids(), job);
}

Result<std::unique_ptr<PatchingRun>> patch_prompt(const LiveModel& model, const Prompt& prompt,
                                                  const JobContext& job) {
    if (prompt.source.tokens.empty())
        return model.runner->start_patching(prompt.tokens.ids(), prompt.corrupted.ids(), prompt.question,
                                            job);
    return model.runner->start_decoder_patching(prompt.source.ids(), prompt.tokens.ids(),
                                                prompt.corrupted_source.ids(), prompt.corrupted.ids(),
                                                prompt.question, job);
}

HeadGrid explained_heads(const ModelSpec& spec) {
    return spec.has_decoder ? HeadGrid{spec.num_decoder_layers, spec.num_decoder_heads} : spec.grid();
}

PromptMean mean_over_prompts(const std::vector<double>& values) {
    PromptMean out;
    out.count = static_cast<int>(values.size());
    for (const double value : values)
        out.mean += value / static_cast<double>(values.size());
    if (values.size() > 1) out.interval = bootstrap_mean(values);
    return out;
}

std::string prompts_caveat(std::size_t num_prompts, bool is_pair) {
    const char* const what = is_pair ? "pair of prompts" : "prompt";
    if (num_prompts == 1) return fmt::format("One {}: no claim about others.", what);
    return fmt::format("Means over {} {}, with the 95 % bootstrap interval over them.", num_prompts,
                       is_pair ? "pairs of prompts" : "prompts");
}

}  // namespace headlight
