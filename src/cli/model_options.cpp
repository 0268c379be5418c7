#include "cli/model_options.h"

#include <CLI/CLI.hpp>

#include "cli/terminal.h"

namespace headlight {

Result<LiveModel> open_model(const ModelOptions& options, const JobContext& job) {
    return open_model(engine_with_threads(options.num_threads), options, 0, say, job);
}

CLI::Option* add_device_option(CLI::App& app, std::string& device) {
    return app
        .add_option("--device", device,
                    "Where texts run: cpu, cuda, cuda:N, auto (a GPU where there is one), or cpu-torch "
                    "(what a GPU would do, on the processor) (cpu)")
        ->check(CLI::Validator(
            [](std::string& name) {
                return is_device_name(name)
                           ? std::string()
                           : "'" + name + "' is no device; known: auto, cpu, cpu-torch, cuda, cuda:0 ...";
            },
            "DEVICE"));
}

CLI::Option* add_base_option(CLI::App& app, std::string& base) {
    return app.add_option("--base", base,
                          "Base model of an adapter (PEFT's LoRA), if not where its settings say");
}

void add_model_options(CLI::App& app, ModelOptions& options, bool has_random) {
    app.add_option(
        "--model,--checkpoint", options.path,
        "Checkpoint: Hugging Face folder, a file in it, or org/name in the local Hugging Face cache");
    app.add_option("--tokenizer", options.tokenizer_path,
                   "Tokenizer folder or file, if not the checkpoint's own");
    app.add_option("--config", options.config_path, "config.json to use in place of the checkpoint's own");
    add_base_option(app, options.adapter.base);
    app.add_option("--threads", options.num_threads, "Threads (0: as many as pay off)")
        ->check(CLI::Range(0, 1024));
    add_device_option(app, options.device);
    app.add_flag("--trust-torchscript", options.trusts_torchscript,
                 "Open a TorchScript file although that runs the code in it");
    app.add_flag("--beyond", options.runs_beyond,
                 "Run texts longer than the model was made for, where its positions have no end (rotary, "
                 "ALiBi, buckets)");
    if (!has_random) return;
    const std::string group = "Random weights (when no checkpoint is given)";
    const auto size = CLI::Range(1, 1 << 16);
    app.add_option("--embedding-dimension", options.hidden_size, "Size of the embedding (256)")
        ->check(size)
        ->group(group);
    app.add_option("--number-of-heads", options.num_heads, "Heads of each layer (4)")
        ->check(size)
        ->group(group);
    app.add_option("--number-of-layers", options.num_layers, "Layers (4)")->check(size)->group(group);
    app.add_option("--seed", options.seed, "The same seed gives the same weights (0)")->group(group);
}

void add_plain_text_options(CLI::App& app, TextOptions& options) {
    CLI::Option* text = app.add_option("--text", options.text, "The text to analyse");
    text->each([&options](const std::string&) { options.has_text = true; });
    CLI::Option* file = app.add_option("--text-file", options.text_file,
                                       "Read the text from a file or pipe (- for standard input)");
    CLI::Option* ids =
        app.add_option("--ids", options.ids, "Token ids in place of a text: 1,2,3")->delimiter(',');
    CLI::Option* image = app.add_option(
        "--image", options.text, "A picture in place of a text (PNG, JPEG, WebP), for models of pictures");
    image->each([&options](const std::string&) { options.has_text = options.is_picture = true; });
    text->excludes(file)->excludes(ids)->excludes(image);
    file->excludes(ids)->excludes(image);
    ids->excludes(image);
    add_text_pair(app, options.pair)->excludes(ids)->excludes(image);
}

CLI::Option* add_text_pair(CLI::App& app, std::optional<std::string>& pair) {
    return app.add_option("--text-pair", pair,
                          "A second sentence, B: encoders such as BERT and RoBERTa read both as one text, "
                          "[CLS] A [SEP] B [SEP]");
}

void add_chat_options(CLI::App& app, bool& is_chat, ChatOptions& options) {
    CLI::Option* chat =
        app.add_flag("--chat", is_chat,
                     "The text is a conversation, put into the chat template that lies with the tokenizer: "
                     "JSON turns [{\"role\", \"content\"}], or lines 'user: ...', 'assistant: ...', "
                     "'system: ...'; anything else is one turn of the user");
    app.add_flag("--add-generation-prompt", options.adds_reply,
                 "End the conversation where the model would answer")
        ->needs(chat);
    app.add_option("--chat-template", options.name, "Which template, where the tokenizer has several by name")
        ->needs(chat);
}

void add_text_options(CLI::App& app, TextOptions& options) {
    add_plain_text_options(app, options);
    add_chat_options(app, options.is_chat, options.chat);
    for (const char* other : {"--ids", "--image", "--text-pair"})
        app.get_option("--chat")->excludes(app.get_option(other));
    const std::map<std::string, CutEnd> ends = {{"start", CutEnd::Start}, {"end", CutEnd::End}};
    app.add_option("--truncate", options.cut,
                   "Cut a text that is longer than the model takes: 'end' drops its last tokens, 'start' its "
                   "first; tokens "
                   "put around it stay")
        ->transform(CLI::CheckedTransformer(ends).description("start|end"));
}

void add_decoder_options(CLI::App& app, DecoderOptions& options) {
    CLI::Option* text =
        app.add_option("--decoder-text", options.text,
                       "What the decoder of an encoder-decoder reads (its start token goes first)");
    text->each([&options](const std::string&) { options.has_text = true; });
    app.add_option("--decoder-ids", options.ids, "Token ids that the decoder reads, as they are: 0,1,2")
        ->delimiter(',')
        ->excludes(text);
}

}  // namespace headlight
