#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/generation_dump.h"
#include "report/cause/question_json.h"
#include "run/generate/end_tokens.h"
#include "run/generate/written_words.h"

namespace headlight {
namespace {

struct GenerateCommand : GenerateRequest {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    std::string json_path, dump_path;
    std::optional<double> temperature;
    bool has_processors = false;
};

Json generation_json(const ModelInfo& model, const TokenizedText& encoder, const TokenizedText& prompt,
                     const GeneratedText& text, const std::string& words) {
    Json written = Json::array();
    for (const WrittenToken& token : text.written) {
        Json entry = named_token_json(model, token.id);
        entry["probability"] = token.probability;
        written.push_back(std::move(entry));
    }
    Json out = {{"model", model.spec.name},
                {"prompt", named_tokens_json(prompt)},
                {"written", std::move(written)},
                {"text", words},
                {"ids", text.ids},
                {"ended", !text.written.empty() && text.written.back().is_end},
                {"stopped", text.was_stopped}};
    if (model.spec.has_decoder) out["encoder"] = named_tokens_json(encoder);
    return out;
}

Status generate(const GenerateCommand& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("generate");
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, JobContext(stop, bar.callback())));
    HEADLIGHT_TRY(const TokenizedText tokens, read_tokens(options.text, model));
    HEADLIGHT_TRY(const TokenizedText decoder, read_decoder_tokens(options.decoder, model));
    GenerateRequest request = options;
    request.is_greedy = !options.temperature;
    request.sampling.temperature = options.temperature.value_or(1);
    request.end_ids = end_tokens(*model.info);
    const TokenizedText& prompt = model.spec().has_decoder ? decoder : tokens;
    const WritingPrompt start = writing_prompt(model.spec(), tokens, decoder);
    HEADLIGHT_CHECK(check_writing(model, start, request.max_new_tokens));
    // Words go out as they are written; a bar beside them only where the two do not share a terminal.
    const bool prints = options.json_path != "-";
    const JobContext job =
        prints && is_terminal_stdout() ? JobContext(stop) : JobContext(stop, bar.callback());
    if (prints && is_terminal_stdout()) bar.finish();
    WrittenWords words(*model.info, prompt);
    if (prints) print(prompt.text);
    const auto on_token = [&](const WrittenToken& token) {
        const std::string more = words.add(token.id);
        if (prints && !more.empty()) print(more);
    };
    const auto text = generate_text(model, start, request, job, on_token);
    bar.finish();
    const std::string rest = words.finish();
    if (prints) print(rest + "\n");
    if (!text) return fail(text.error());
    if (!options.json_path.empty()) {
        HEADLIGHT_CHECK(write_json(options.json_path,
                                   generation_json(*model.info, tokens, prompt, *text, words.text().text)));
    }
    if (!options.dump_path.empty()) {
        TensorFile file;
        add_generation(*text, prompt.tokens.size(), request.sampling, options.has_processors, file);
        HEADLIGHT_CHECK(file.write(options.dump_path, model.spec()));
    }
    return text->was_stopped ? Status(fail(ErrorKind::Cancelled, "stopped")) : Status{};
}

void add_sampling(CLI::App& app, GenerateCommand& options) {
    const std::string group = "Sampling (greedy without a temperature)";
    app.add_option("--temperature", options.temperature, "Draws tokens; 0 is greedy")
        ->check(CLI::Range(0.0, 100.0))
        ->group(group);
    app.add_option("--top-k", options.sampling.top_k, "Only the K likeliest (0: all)")
        ->check(CLI::Range(0, 1 << 30))
        ->group(group);
    app.add_option("--top-p", options.sampling.top_p, "Only the likeliest that together hold this share")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group);
    app.add_option("--min-p", options.sampling.min_p,
                   "Only those with this share of the likeliest's probability")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group);
    app.add_option("--repetition-penalty", options.sampling.repetition_penalty,
                   "Divides the logits of tokens that the text has already (greedy too)")
        ->check(CLI::Range(1e-3, 1e3))
        ->group(group);
    app.add_option("--seed", options.seed, "Of the draws")->capture_default_str()->group(group);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<GenerateCommand>();
    add_model_options(app, options->model, false);
    add_text_options(app, options->text);
    add_decoder_options(app, options->decoder);
    app.add_option("--max-new-tokens", options->max_new_tokens, "Tokens to write")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_flag("--stop-at-end", options->stops_at_end, "Stop when the model writes one of its end tokens");
    add_sampling(app, *options);
    app.add_flag("--processors", options->has_processors,
                 "The dump also holds the distribution after the prompt, by each step of the sampling");
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--dump", options->dump_path, "Write ids (and distributions) as safetensors");
    return [options]() -> Status { return generate(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_generate = {
    "generate", "Tokens that the model writes behind a text: greedy, or drawn",
    "  headlight generate --text \"The cat sat on\" --max-new-tokens 20\n"
    "  headlight generate --model t5-small --text \"translate English to German: Good night\" --stop-at-end\n"
    "  headlight generate --model gpt2 --text \"Once\" --temperature 0.8 --top-p 0.9 --seed 7 --json -",
    add};

}  // namespace headlight
