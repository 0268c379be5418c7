// The options of all commands that say which model and which text.
#pragma once

#include "run/live_model.h"
#include "run/text_tokens.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace headlight {

/// --device: where the passes of a model run (is_device_name).
CLI::Option* add_device_option(CLI::App& app, std::string& device);

/// --base: where the base model of an adapter lies.
CLI::Option* add_base_option(CLI::App& app, std::string& base);

/// --model/--checkpoint, --config, --base, --tokenizer, --threads, --device, --trust-torchscript;
/// with `has_random` also --embedding-dimension and the like.
void add_model_options(CLI::App& app, ModelOptions& options, bool has_random);

/// --text, --text-file, --ids, --image; at most one of them. --text-pair goes with the first two.
void add_plain_text_options(CLI::App& app, TextOptions& options);

/// --chat, --add-generation-prompt, --chat-template.
void add_chat_options(CLI::App& app, bool& is_chat, ChatOptions& options);

/// Those of add_plain_text_options(), those of add_chat_options(), and --truncate.
void add_text_options(CLI::App& app, TextOptions& options);

/// --text-pair alone.
CLI::Option* add_text_pair(CLI::App& app, std::optional<std::string>& pair);

/// --decoder-text, --decoder-ids; at most one of them.
void add_decoder_options(CLI::App& app, DecoderOptions& options);

/// open_model() with the engine of the options, told to the user on stderr.
Result<LiveModel> open_model(const ModelOptions& options, const JobContext& job);

}  // namespace headlight
