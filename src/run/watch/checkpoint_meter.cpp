#include "run/watch/checkpoint_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include "analysis/probes/probe.h"
#include "analysis/weights/checkpoint_metrics.h"
#include "base/parallel.h"
#include "io/checkpoint/adapter/open_adapter.h"
#include "io/checkpoint/model_files.h"

namespace headlight {
namespace {

constexpr int kProbeRepeats = 4;
constexpr int kLeastRepeatTokens = 9;  // BOS and twice four
constexpr std::size_t kMostTexts = 4096;
constexpr std::int32_t kRandomSeed = 1;

// Written for this program, so that it needs no file and no one else's text.
constexpr const char* kPassage =
    "The keeper of the light climbed the stairs every evening, and every evening he counted them. There were "
    "two "
    "hundred and twelve. He had counted them as a boy, when his father kept the light, and he counted them "
    "still, "
    "though he knew the number well. At the top he cleaned the lamp, trimmed it, and lit it; then he looked "
    "out over "
    "the water. If a ship was there, he wrote down its name, its course and the hour. If no ship was there, "
    "he wrote "
    "down the wind. \"What do you write when there is neither?\" his daughter asked him once. \"There is "
    "always the "
    "wind,\" said the keeper, \"and when there is no wind, I write that there is no wind.\"\n";

/// The one folder directly below `folder` that holds a tokenizer (a run of the Hugging Face trainer may have
/// it there); empty if there is none, or more than one.
std::string tokenizer_below(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
        std::error_code ignored;
        if (entry->is_directory(ignored) && !list_tokenizers(entry->path().string()).empty())
            found.push_back(entry->path().string());
    }
    return found.size() == 1 ? found.front() : std::string();
}

/// config.json of the series where the checkpoint has none beside it; empty: the checkpoint's own.
std::string config_of_checkpoint(const std::string& path, const std::string& series_folder) {
    const auto config_in = [](const std::string& folder) {
        std::error_code code;
        const auto file = std::filesystem::path(folder) / "config.json";
        return std::filesystem::is_regular_file(file, code) ? file.string() : std::string();
    };
    return config_in(folder_of_path(path)).empty() ? config_in(series_folder) : std::string();
}

/// Texts of ids for a model without a tokenizer: the same for each checkpoint.
std::vector<std::int32_t> probe_ids(int vocab_size, int count) {
    ProbeSettings settings;
    settings.num_sequences = 1;
    settings.seed = kRandomSeed;
    settings.block_length = std::max(2, count / 2);
    const auto texts = random_repeat_sequences(vocab_size, -1, {}, settings);
    if (texts.empty()) return {0};
    std::vector<std::int32_t> ids = texts.front();
    ids.resize(std::max<std::size_t>(1, ids.size() / 2));  // once, not twice
    return ids;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// Special tokens are no part of a random text.
std::vector<bool> special_ids(const Tokenizer* tokenizer, int vocab_size) {
    std::vector<bool> excluded(static_cast<std::size_t>(vocab_size));
    if (tokenizer == nullptr) return excluded;
    for (std::int32_t id = 0; id < std::min(vocab_size, tokenizer->vocab_size()); ++id) {
        const auto token = tokenizer->token(id);
        excluded[static_cast<std::size_t>(id)] = !token || token->is_special;
    }
    for (int id = tokenizer->vocab_size(); id < vocab_size; ++id)
        excluded[static_cast<std::size_t>(id)] = true;
    return excluded;
}

Result<TracePtr> trace_of_ids(ModelRunner& runner, const std::vector<std::int32_t>& ids,
                              const JobContext& job) {
    RunRequest request;
    request.ids = ids;
    request.capture = CaptureMode::Auto;
    request.may_reuse_prefix = false;
    HEADLIGHT_TRY(RunResult result, runner.run(request, job));
    return result.trace;
}

Result<std::vector<TracePtr>> traces_of(ModelRunner& runner,
                                        const std::vector<std::vector<std::int32_t>>& texts,
                                        const JobContext& job) {
    std::vector<TracePtr> traces;
    for (const auto& ids : texts) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "watching was stopped");
        HEADLIGHT_TRY(TracePtr trace, trace_of_ids(runner, ids, job));
        traces.push_back(std::move(trace));
    }
    return traces;
}

/// Spectra of all heads, on all threads.
Result<WeightAnalysis> spectra_of(const ModelRunner& runner, int num_threads, const JobContext& job) {
    const HeadGrid grid = runner.spec().grid();
    WeightAnalysis spectra(grid.size());
    std::mutex mutex;
    std::optional<Error> error;
    std::atomic<bool> is_over{false};
    parallel_for(grid.size(), num_threads > 0 ? num_threads : default_num_threads(), [&](std::size_t index) {
        if (is_over || job.should_stop()) return;
        const HeadId head = grid.at(index);
        const std::vector<int>& absent = runner.spec().layers_without_attention;
        if (std::binary_search(absent.begin(), absent.end(), head.layer)) return;
        const auto weights = runner.head_weights(head.layer, head.head);
        if (weights) {
            spectra[index] = observed_spectrum(*weights);
            return;
        }
        const std::lock_guard lock(mutex);
        error = weights.error();
        is_over = true;
    });
    if (error) return fail(std::move(*error));
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "watching was stopped");
    return spectra;
}

/// Mean over all predicted tokens of the texts, nats.
Result<std::optional<double>> loss_of(ModelRunner& runner,
                                      const std::vector<std::vector<std::int32_t>>& texts,
                                      const JobContext& job) {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& ids : texts) {
        HEADLIGHT_TRY(const std::unique_ptr<AblationRun> run, runner.start_ablation(ids, job));
        for (const float loss : run->base_loss())
            sum += loss;
        count += run->base_loss().size();
    }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

}  // namespace

Result<TokenizerPtr> CheckpointMeter::find_tokenizer(const std::string& path) const {
    if (!settings_.tokenizer_path.empty()) return open_tokenizer(settings_.tokenizer_path);
    auto own = open_tokenizer(path);
    if (own || own.error().kind != ErrorKind::Missing || settings_.series_folder.empty()) return own;
    auto shared = open_tokenizer(settings_.series_folder);
    if (shared || shared.error().kind != ErrorKind::Missing) return shared;
    const std::string below = tokenizer_below(settings_.series_folder);
    return below.empty() ? std::move(shared) : open_tokenizer(below);
}

Status CheckpointMeter::prepare_sample(const std::string& path, const ModelSpec& spec) {
    if (spec.vocab_size == vocab_size_ && spec.max_positions == max_positions_) return {};
    const int room =
        spec.max_positions > 0 ? std::min(settings_.seq_length, spec.max_positions) : settings_.seq_length;
    const auto opened = find_tokenizer(path);
    // Random ids are a sample where none was asked for, but never in place of a text.
    if (!opened && settings_.ids.empty() && (settings_.has_text || !settings_.tokenizer_path.empty())) {
        Error error = opened.error();
        error.kind = ErrorKind::InvalidInput;
        error.message += " (the sample text needs a tokenizer: name one with --tokenizer, or give --ids)";
        return fail(std::move(error));
    }
    const Tokenizer* tokenizer = opened ? opened->get() : nullptr;
    texts_.clear();
    if (!settings_.ids.empty()) {
        texts_.push_back(settings_.ids);
    } else if (tokenizer == nullptr) {
        texts_.push_back(probe_ids(spec.vocab_size, room));
    } else {
        const std::string text = settings_.has_text ? settings_.text : kPassage;
        for (const std::string& part :
             settings_.is_line_by_line ? lines_of(text) : std::vector<std::string>{text}) {
            std::vector<std::int32_t>& ids = texts_.emplace_back();
            HEADLIGHT_TRY(const TokenizedText tokens, tokenizer->try_encode(part));
            ids = tokens.ids();
        }
    }
    for (auto& ids : texts_)
        ids.resize(std::min(ids.size(), static_cast<std::size_t>(room)));
    std::erase_if(texts_, [](const auto& ids) { return ids.empty(); });
    if (texts_.size() > kMostTexts) texts_.resize(kMostTexts);
    if (texts_.empty())
        return fail(ErrorKind::InvalidInput, "the sample text has no token; there is nothing to measure");
    ProbeSettings settings;
    settings.num_sequences = kProbeRepeats;
    settings.block_length = std::min(settings.block_length, (room - 1) / 2);
    repeats_.clear();
    if (room >= kLeastRepeatTokens) {
        repeats_ = random_repeat_sequences(spec.vocab_size, tokenizer != nullptr ? tokenizer->bos_id() : -1,
                                           special_ids(tokenizer, spec.vocab_size), settings);
    }
    block_ = repeats_.empty() ? 0 : static_cast<int>(repeats_.front().size() / 2);
    vocab_size_ = spec.vocab_size;
    max_positions_ = spec.max_positions;
    const bool is_random = settings_.ids.empty() && tokenizer == nullptr;
    const std::string source = is_random              ? " (random ids: the checkpoint has no tokenizer)"
                               : tokenizer != nullptr ? ", tokenizer " + tokenizer->source()
                                                      : "";
    sample_text_ = fmt::format("{} text{} of up to {} tokens{}", texts_.size(), texts_.size() == 1 ? "" : "s",
                               room, source);
    return {};
}

bool CheckpointMeter::wants(const std::string& name) const {
    return settings_.metrics.empty() ||
           std::any_of(settings_.metrics.begin(), settings_.metrics.end(), [&](const std::string& wanted) {
               return name == wanted || name.starts_with(wanted + "/");
           });
}

bool CheckpointMeter::wants_any(std::initializer_list<const char*> names) const {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return wants(name); });
}

Result<std::map<std::string, std::optional<double>>> CheckpointMeter::measure(const std::string& path,
                                                                              const JobContext& job) {
    const std::string config = settings_.config_path.empty()
                                   ? config_of_checkpoint(path, settings_.series_folder)
                                   : settings_.config_path;
    OpenModelRequest request{path, config};
    request.device = settings_.device;
    if (is_adapter(path)) {
        request.config_path = settings_.config_path;  // else its base's
        request.adapter = settings_.adapter;
    }
    HEADLIGHT_TRY(const std::unique_ptr<ModelRunner> runner, engine_.open_model(request, job));
    HEADLIGHT_CHECK(prepare_sample(path, runner->spec()));
    WeightAnalysis spectra;
    if (wants_any({"sv_concentration", "effective_rank", "top5_explained_var"})) {
        HEADLIGHT_TRY(spectra, spectra_of(*runner, settings_.num_threads, job));
    }
    HEADLIGHT_TRY(const std::vector<TracePtr> texts, traces_of(*runner, texts_, job));
    CheckpointMetrics values = attention_metrics(texts, spectra);
    if (wants("induction_score") && !repeats_.empty()) {
        HEADLIGHT_TRY(const std::vector<TracePtr> repeats, traces_of(*runner, repeats_, job));
        values["induction_score"] = induction_score(repeats, block_);
    }
    if (wants("text_loss") && runner->spec().is_causal) {
        HEADLIGHT_TRY(values["text_loss"], loss_of(*runner, texts_, job));
    }
    std::string known;
    for (const auto& [name, value] : values)
        known += (known.empty() ? "" : ", ") + name;
    std::erase_if(values, [&](const auto& entry) { return !wants(entry.first); });
    if (values.empty())
        return fail(ErrorKind::InvalidInput, "none of the metrics asked for exists; there are: {}", known);
    return values;
}

}  // namespace headlight
