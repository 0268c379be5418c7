#include "cli/model_source.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <future>

#include "base/paths.h"
#include "base/stopwatch.h"
#include "base/text_file.h"
#include "cli/byte_tokenizer.h"
#include "cli/terminal.h"
#include "io/checkpoint/model_path.h"
#include "io/torch/torch_file.h"
#include "session/text_job.h"

namespace headlight {
namespace {

struct TimedTokenizer {
    Result<TokenizerPtr> tokenizer;
    double elapsed_ms = 0;
};

TimedTokenizer open_timed(const std::string& path) {
    const Stopwatch start;
    Result<TokenizerPtr> tokenizer = open_tokenizer(path);
    return {std::move(tokenizer), start.milliseconds()};
}

/// A random model is as large as the tokenizer's vocabulary, so that every text has a row in the embedding.
Result<std::unique_ptr<ModelRunner>> make_random(Engine& engine, const ModelOptions& options,
                                                 const Tokenizer& tokenizer) {
    RandomModelRequest request;
    request.hidden_size = options.hidden_size.value_or(request.hidden_size);
    request.num_heads = options.num_heads.value_or(request.num_heads);
    request.num_layers = options.num_layers.value_or(request.num_layers);
    request.seed = options.seed.value_or(request.seed);
    request.vocab_size = tokenizer.vocab_size();
    say(fmt::format("Random weights: embedding {}, {} heads, {} layers, vocabulary {}, seed {}.",
                    request.hidden_size, request.num_heads, request.num_layers, request.vocab_size,
                    request.seed));
    return engine.random_model(request);
}

TokenizerPtr tokenizer_for_random() {
    if (const auto demo = demo_path()) {
        if (auto tokenizer = open_tokenizer(*demo)) return *tokenizer;
    }
    return make_byte_tokenizer();
}

Result<Engine*> load_timed(const ModelOptions& options, double& elapsed_ms) {
    const Stopwatch start;
    EngineOptions engine_options;
    engine_options.num_threads = options.num_threads;
    auto engine = load_engine(engine_options);
    if (engine) (*engine)->set_num_threads(options.num_threads);
    elapsed_ms = start.milliseconds();
    return engine;
}

Result<OpenedModel> open_random(const ModelOptions& options) {
    if (!options.path.empty()) {
        return fail(ErrorKind::InvalidInput,
                    "both a checkpoint and sizes of random weights were given; leave out --model, "
                    "or --embedding-dimension, --number-of-heads, --number-of-layers and --seed");
    }
    OpenedModel model;
    if (options.tokenizer_path.empty()) {
        model.tokenizer = tokenizer_for_random();
    } else {
        HEADLIGHT_TRY(model.tokenizer, open_tokenizer(options.tokenizer_path));
    }
    HEADLIGHT_TRY(model.engine, load_timed(options, model.engine_ms));
    HEADLIGHT_TRY(model.runner, make_random(*model.engine, options, *model.tokenizer));
    return model;
}

}  // namespace

Result<std::string> demo_path() {
    const std::string path = assets_dir() + "/demo";
    if (!assets_dir().empty() && std::filesystem::exists(path)) return path;
    return fail(ErrorKind::Missing,
                "the bundled demo model was not found; name a checkpoint with --model, or set "
                "HEADLIGHT_ASSETS to the folder that holds demo/");
}

Result<OpenedModel> open_model(const ModelOptions& options, const JobContext& job) {
    if (options.wants_random()) return open_random(options);
    std::string path = options.path;
    if (path.empty()) {
        HEADLIGHT_TRY(path, demo_path());
        say("No --model was given: using the bundled demo model.");
    }
    // A file or folder, or the name of a model in the Hugging Face cache.
    HEADLIGHT_TRY(path, resolve_model_path(path));
    if (options.trusts_torchscript && is_torchscript(path))
        say("warning: " + path + " is a TorchScript program; the code in it runs now, with all your rights.");
    // The tokenizer is read on another thread while LibTorch loads: both take a good part of a second.
    const std::string tokenizer_path = options.tokenizer_path.empty() ? path : options.tokenizer_path;
    auto reading = std::async(std::launch::async, open_timed, tokenizer_path);
    OpenedModel model;
    HEADLIGHT_TRY(model.engine, load_timed(options, model.engine_ms));
    const Stopwatch start;
    HEADLIGHT_TRY(model.runner,
                  model.engine->open_model({path, options.config_path, options.trusts_torchscript,
                                            static_cast<std::uint64_t>(options.memory_limit_mb) * 1'000'000},
                                           job));
    model.open_ms = start.milliseconds();
    TimedTokenizer read = reading.get();
    model.tokenizer_ms = read.elapsed_ms;
    if (read.tokenizer) {
        model.tokenizer = *std::move(read.tokenizer);
    } else if (!options.tokenizer_path.empty()) {
        return fail(std::move(read.tokenizer).error());
    } else {
        model.tokenizer_error = std::move(read.tokenizer).error();
    }
    return model;
}

void add_model_options(CLI::App& app, ModelOptions& options, bool has_random) {
    app.add_option(
        "--model,--checkpoint", options.path,
        "Checkpoint: Hugging Face folder, a file in it, or org/name in the local Hugging Face cache");
    app.add_option("--tokenizer", options.tokenizer_path,
                   "Tokenizer folder or file, if not the checkpoint's own");
    app.add_option("--config", options.config_path, "config.json to use in place of the checkpoint's own");
    app.add_option("--threads", options.num_threads, "Threads (0: as many as pay off)")
        ->check(CLI::Range(0, 1024));
    app.add_option("--memory-limit", options.memory_limit_mb,
                   "MB that half-precision weights may take as float32; above, they stay in the file (half "
                   "of what is free)")
        ->check(CLI::Range(1, 1 << 30));
    app.add_flag("--trust-torchscript", options.trusts_torchscript,
                 "Open a TorchScript file although that runs the code in it");
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

void add_text_options(CLI::App& app, TextOptions& options) {
    CLI::Option* text = app.add_option("--text", options.text, "The text to analyse");
    text->each([&options](const std::string&) { options.has_text = true; });
    CLI::Option* file = app.add_option("--text-file", options.text_file,
                                       "Read the text from a file or pipe (- for standard input)");
    CLI::Option* ids =
        app.add_option("--ids", options.ids, "Token ids in place of a text: 1,2,3")->delimiter(',');
    text->excludes(file)->excludes(ids);
    file->excludes(ids);
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

namespace {

/// Tokens that have nothing but their number.
TokenizedText nameless(std::span<const std::int32_t> ids) {
    TokenizedText out;
    for (const std::int32_t id : ids) {
        Token token;
        token.id = id;
        token.piece = fmt::format("<{}>", id);
        token.display = fmt::format("#{}", id);
        out.tokens.push_back(std::move(token));
    }
    return out;
}

}  // namespace

Result<TokenizedText> read_tokens(const TextOptions& options, const OpenedModel& model) {
    if (!options.ids.empty()) {
        if (!model.tokenizer) return nameless(options.ids);
        return model.tokenizer->from_ids(options.ids);
    }
    std::string text = options.text;
    if (!options.text_file.empty()) {
        HEADLIGHT_TRY(text, read_text(options.text_file));
    } else if (!options.has_text) {
        return fail(ErrorKind::InvalidInput,
                    "no text was given; use --text \"...\", --text-file FILE or --ids 1,2,3");
    }
    HEADLIGHT_CHECK(check_utf8(text, "--text"));
    if (!model.tokenizer) {
        Error error = model.tokenizer_error.value_or(Error{});
        error.message += " (a text needs a tokenizer: name one with --tokenizer, or give --ids)";
        return fail(std::move(error));
    }
    HEADLIGHT_TRY(TokenizedText tokens, model.tokenizer->try_encode(text));
    if (tokens.tokens.empty())
        return fail(ErrorKind::InvalidInput, "the text has no token; there is nothing to analyse");
    return tokens;
}

Result<TokenizedText> read_decoder_tokens(const DecoderOptions& options, const OpenedModel& model) {
    const ModelSpec& spec = model.runner->spec();
    if (!spec.has_decoder) {
        if (!options.is_given()) return TokenizedText{};
        return fail(
            ErrorKind::InvalidInput,
            "{} is no encoder-decoder; --decoder-text and --decoder-ids are for models with two texts",
            spec.name);
    }
    if (!options.ids.empty()) {
        if (!model.tokenizer) return nameless(options.ids);
        return model.tokenizer->from_ids(options.ids);
    }
    if (options.has_text && !model.tokenizer) {
        return fail(ErrorKind::Missing,
                    "--decoder-text needs a tokenizer: name one with --tokenizer, or give --decoder-ids");
    }
    if (options.has_text) {
        HEADLIGHT_CHECK(check_utf8(options.text, "--decoder-text"));
        ModelInfo info;
        info.spec = spec;
        info.tokenizer = model.tokenizer;
        HEADLIGHT_TRY(TokenizedText tokens, decoder_tokens_of_text(info, options.text));
        if (!tokens.tokens.empty()) return tokens;
    } else if (spec.decoder_start_id >= 0) {
        const std::int32_t start[] = {spec.decoder_start_id};
        return model.tokenizer ? model.tokenizer->from_ids(start) : nameless(start);
    }
    return fail(
        ErrorKind::InvalidInput,
        "the config of {} does not say what its decoder reads first; give --decoder-text or --decoder-ids",
        spec.name);
}

}  // namespace headlight
