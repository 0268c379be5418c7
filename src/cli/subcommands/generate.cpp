#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/generation_dump.h"
#include "report/cause/question_json.h"

namespace headlight {
namespace {

struct GenerateCommand : GenerateRequest {
    ModelOptions model;
    TextOptions text;
    std::string json_path, dump_path;
    std::optional<double> temperature;
    bool has_processors = false;
};

Json generation_json(const ModelInfo& model, const TokenizedText& prompt, const GeneratedText& text) {
    Json written = Json::array();
    for (const WrittenToken& token : text.written) {
        Json entry = named_token_json(model, token.id);
        entry["probability"] = token.probability;
        written.push_back(std::move(entry));
    }
    const TokenizedText all = tokens_of_ids(model, text.ids);
    return {{"model", model.spec.name},
            {"prompt", named_tokens_json(prompt)},
            {"written", std::move(written)},
            {"text", all.text},
            {"ids", text.ids},
            {"stopped", text.was_stopped}};
}

Status generate(const GenerateCommand& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("generate");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const TokenizedText prompt, read_tokens(options.text, model));
    GenerateRequest request = options;
    request.is_greedy = !options.temperature;
    request.sampling.temperature = options.temperature.value_or(1);
    HEADLIGHT_TRY(const GeneratedText text, generate_text(model, prompt, request, job));
    bar.finish();
    if (options.json_path != "-") print(tokens_of_ids(*model.info, text.ids).text + "\n");
    if (!options.json_path.empty())
        HEADLIGHT_CHECK(write_json(options.json_path, generation_json(*model.info, prompt, text)));
    if (!options.dump_path.empty()) {
        TensorFile file;
        add_generation(text, prompt.tokens.size(), request.sampling, options.has_processors, file);
        HEADLIGHT_CHECK(file.write(options.dump_path, model.spec()));
    }
    return text.was_stopped ? Status(fail(ErrorKind::Cancelled, "stopped")) : Status{};
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
    app.add_option("--max-new-tokens", options->max_new_tokens, "Tokens to write")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_flag("--stop-at-end", options->stops_at_end, "Stop when the model writes its end token");
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
    "  headlight generate --model gpt2 --text \"Once\" --temperature 0.8 --top-p 0.9 --seed 7 --json -",
    add};

}  // namespace headlight
