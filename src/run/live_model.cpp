#include "run/live_model.h"

#include <filesystem>
#include <future>
#include <utility>

#include "base/measure/start_log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/stopwatch.h"
#include "family/names/weight_names.h"
#include "io/checkpoint/adapter/open_adapter.h"
#include "io/checkpoint/fetch_weights.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "io/torch/torch_file.h"
#include "run/picture/picture_tokenizer.h"
#include "tokenize/byte_tokenizer.h"
#include "tokenize/chat/chat_template.h"

namespace headlight {
namespace {

/// What is read beside the engine's start, on a thread of its own.
struct ReadTokenizer {
    ModelInfo info;
    std::optional<Error> error;
    double elapsed_ms = 0;
};

ReadTokenizer read_tokenizer(const std::string& path) {
    const Stopwatch watch;
    ReadTokenizer out;
    out.error = add_tokenizer(out.info, path);
    out.elapsed_ms = watch.milliseconds();
    note_start("the tokenizer is read");
    return out;
}

/// The checkpoint and the pages of its weights, read on threads of their own until nobody waits for them.
class WeightsBeside {
  public:
    WeightsBeside(const std::string& path, const ModelOptions& options, const JobContext& job)
        : with_caller_(job.stop_token(), [this] { ends_.request_stop(); }),
          job_(ends_.get_token(), [&job](const ProgressUpdate& update) { job.report(update); }),
          opened_(std::async(std::launch::async,
                             [path, config = options.config_path, adapter = options.adapter] {
                                 return open_quietly(path, config, adapter);
                             })),
          fetched_(std::async(std::launch::async, [this, opened = opened_] { return fetch(opened); })) {}
    ~WeightsBeside() { ends_.request_stop(); }
    WeightsBeside(const WeightsBeside&) = delete;
    WeightsBeside& operator=(const WeightsBeside&) = delete;

    /// Waits for the headers. Null: the engine finds out what is wrong, or another way in.
    CheckpointPtr checkpoint() const { return opened_.get(); }
    /// Waits for the pages. What it costs that they do not fit, as LiveModel has it. Errors: Cancelled.
    Result<std::string> warning() { return fetched_.get(); }

  private:
    static CheckpointPtr open_quietly(const std::string& path, const std::string& config_path,
                                      const AdapterChoice& adapter) {
        auto opened = open_checkpoint(path, config_path, adapter);
        if (opened) opened = name_weights(*opened);
        note_start("the headers are read");
        return opened ? *opened : nullptr;
    }

    Result<std::string> fetch(const std::shared_future<CheckpointPtr>& opened) const {
        const CheckpointPtr checkpoint = opened.get();
        if (!checkpoint) return std::string();
        std::string warning = weights_beyond_memory(weight_bytes(*checkpoint), available_memory());
        if (warning.empty()) HEADLIGHT_CHECK(fetch_weights(*checkpoint, job_));
        note_start("the weights are in memory");
        return warning;
    }

    std::stop_source ends_;
    std::stop_callback<std::function<void()>> with_caller_;
    JobContext job_;
    std::shared_future<CheckpointPtr> opened_;
    std::future<Result<std::string>> fetched_;  // the last member: its thread uses the others
};

Status start_engine(const EngineProvider& engine, LiveModel& model) {
    const Stopwatch watch;
    HEADLIGHT_TRY(model.engine, engine());
    model.engine_ms = watch.milliseconds();
    return {};
}

std::shared_ptr<const ModelInfo> finish_info(ModelInfo info, const ModelRunner& runner,
                                             const ModelOptions& options, std::uint64_t model_id) {
    info.id = info.tokenizer_id = model_id;
    info.runs_beyond = options.runs_beyond;
    info.spec = runner.spec();
    info.is_live = true;
    return std::make_shared<const ModelInfo>(std::move(info));
}

/// What stands for a tokenizer where the model reads pictures. Why there is none is kept, not fatal:
/// attention of given pixels can still be compared.
void read_pictures(const std::string& path, LiveModel& model, ModelInfo& info) {
    info.tokenizers.clear();
    info.tokenizer = nullptr;
    model.tokenizer_error.reset();
    auto opened = open_picture_tokenizer(path, model.runner);
    if (!opened) {
        info.tokenizer_note = opened.error().to_string();
        model.tokenizer_error = std::move(opened).error();
        return;
    }
    info.tokenizer = std::move(*opened);
    info.tokenizer_note = info.tokenizer->source();
}

TokenizerPtr tokenizer_for_random() {
    if (const auto demo = demo_path()) {
        if (auto tokenizer = open_tokenizer(*demo)) return *tokenizer;
    }
    return make_byte_tokenizer();
}

/// A random model is as large as the tokenizer's vocabulary, so that every text has a row in the embedding.
Result<LiveModel> open_random(const EngineProvider& engine, const ModelOptions& options,
                              std::uint64_t model_id, const TellUser& tell) {
    if (!options.path.empty()) {
        return fail(ErrorKind::InvalidInput,
                    "both a checkpoint and sizes of random weights were given; leave out --model, "
                    "or --embedding-dimension, --number-of-heads, --number-of-layers and --seed");
    }
    ModelInfo info;
    if (options.tokenizer_path.empty()) {
        info.tokenizer = tokenizer_for_random();
    } else {
        HEADLIGHT_TRY(info.tokenizer, open_tokenizer(options.tokenizer_path));
    }
    LiveModel model;
    HEADLIGHT_CHECK(start_engine(engine, model));
    RandomModelRequest request;
    request.hidden_size = options.hidden_size.value_or(request.hidden_size);
    request.num_heads = options.num_heads.value_or(request.num_heads);
    request.num_layers = options.num_layers.value_or(request.num_layers);
    request.seed = options.seed.value_or(request.seed);
    request.device = options.device;
    request.vocab_size = info.tokenizer->vocab_size();
    tell(fmt::format("Random weights: embedding {}, {} heads, {} layers, vocabulary {}, seed {}.",
                     request.hidden_size, request.num_heads, request.num_layers, request.vocab_size,
                     request.seed));
    HEADLIGHT_TRY(model.runner, model.engine->random_model(request));
    model.info = finish_info(std::move(info), *model.runner, options, model_id);
    return model;
}

}  // namespace

EngineProvider engine_with_threads(int num_threads) {
    return [num_threads]() -> Result<Engine*> {
        auto engine = load_engine();
        if (engine) (*engine)->set_num_threads(num_threads);
        return engine;
    };
}

Result<std::string> demo_path() {
    const std::string path = assets_dir() + "/demo";
    if (!assets_dir().empty() && std::filesystem::exists(path)) return path;
    return fail(ErrorKind::Missing,
                "the bundled demo model was not found; name a checkpoint with --model, or set "
                "HEADLIGHT_ASSETS to the folder that holds demo/");
}

std::optional<Error> add_tokenizer(ModelInfo& info, const std::string& path) {
    info.tokenizers = list_tokenizers(path);
    auto tokenizer = open_tokenizer(path);
    if (!tokenizer) {
        info.tokenizer_note = tokenizer.error().to_string();
        return std::move(tokenizer).error();
    }
    info.tokenizer = std::move(*tokenizer);
    info.has_chat_template = has_chat_template(*info.tokenizer);
    info.tokenizer_note = info.tokenizer->source();
    return std::nullopt;
}

std::string tokenizer_place(const std::string& path, const AdapterChoice& adapter) {
    if (!is_adapter(path) || !list_tokenizers(path).empty()) return path;
    return find_base(path, adapter).value_or(path);
}

std::string name_of_path(const std::string& path) {
    std::filesystem::path cleaned = std::filesystem::path(path).lexically_normal();
    if (!cleaned.has_filename()) cleaned = cleaned.parent_path();  // a trailing slash
    const std::string name = cleaned.filename().string();
    const bool is_generic = name == "model.safetensors" || name == "config.json";
    return is_generic && cleaned.has_parent_path() ? name_of_path(cleaned.parent_path().string()) : name;
}

Result<LiveModel> open_model(const EngineProvider& engine, const ModelOptions& options,
                             std::uint64_t model_id, const TellUser& tell, const JobContext& job) {
    if (options.wants_random()) return open_random(engine, options, model_id, tell);
    std::string path = options.path;
    if (path.empty()) {
        HEADLIGHT_TRY(path, demo_path());
        tell("No --model was given: using the bundled demo model.");
    }
    // A file or folder, or the name of a model in the Hugging Face cache.
    // What is found nowhere is for the engine's reader, which says where it looked.
    if (auto found = resolve_model_path(path)) {
        if (std::error_code code; *found != path && std::filesystem::is_directory(path, code))
            tell(fmt::format("note: the model of {} lies in {}", path, *found));
        path = std::move(*found);
    } else if (found.error().kind != ErrorKind::Missing) {
        return fail(std::move(found).error());
    }
    if (options.trusts_torchscript && is_torchscript(path))
        tell("warning: " + path +
             " is a TorchScript program; the code in it runs now, with all your rights.");
    // Tokenizer, headers and weights are read on other threads while LibTorch loads.
    // Of a model that lies below the folder that was named, the tokenizer may lie beside it or there.
    const bool lies_above = path != options.path && list_tokenizers(path).empty();
    const std::string tokenizer_path = !options.tokenizer_path.empty() ? options.tokenizer_path
                                       : is_adapter(path) ? tokenizer_place(path, options.adapter)
                                       : lies_above       ? options.path
                                                          : path;
    auto reading = std::async(std::launch::async, read_tokenizer, tokenizer_path);
    WeightsBeside weights(path, options, job);
    LiveModel model;
    HEADLIGHT_CHECK(start_engine(engine, model));
    const Stopwatch watch;
    const OpenModelRequest request{.path = path,
                                   .config_path = options.config_path,
                                   .trusts_torchscript = options.trusts_torchscript,
                                   .device = options.device,
                                   .adapter = options.adapter,
                                   .checkpoint = weights.checkpoint()};
    HEADLIGHT_TRY(model.runner, model.engine->open_model(request, job));
    model.open_ms = watch.milliseconds();
    note_start("the model is open");
    if (request.checkpoint) model.notes = request.checkpoint->notes;
    for (const std::string& note : model.notes)
        tell("note: " + note);
    HEADLIGHT_TRY(model.memory_warning, weights.warning());
    if (!model.memory_warning.empty()) tell("warning: " + model.memory_warning);
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while opening");
    ReadTokenizer read = reading.get();
    if (read.error && !options.tokenizer_path.empty()) return fail(*std::move(read.error));
    model.tokenizer_ms = read.elapsed_ms;
    model.tokenizer_error = std::move(read.error);
    if (model.runner->takes_pictures()) read_pictures(path, model, read.info);
    model.info = finish_info(std::move(read.info), *model.runner, options, model_id);
    return model;
}

}  // namespace headlight
