#include "cli/bench/bench_run.h"

#include <algorithm>

#include "base/measure/processor.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "cli/bench/bench_passes.h"
#include "run/generate/generate_text.h"

namespace headlight {
namespace {

constexpr double kSecondsPerRow = 6;
constexpr int kLeastRepeats = 3, kMostRepeats = 25;

/// The second of two tokens that are written behind the first `count` ids: the first reads the prompt.
Status time_writing(const LiveModel& model, const Passes& passes, std::size_t count, Least& generate) {
    WritingPrompt prompt = {{passes.ids.begin(), passes.ids.begin() + static_cast<std::ptrdiff_t>(count)},
                            {}};
    if (model.spec().has_decoder) prompt = {{std::max(0, model.spec().decoder_start_id)}, prompt.ids};
    GenerateRequest request;
    request.max_new_tokens = 2;
    Stopwatch watch;
    double processor = processor_seconds();
    int step = 0;
    const auto on_token = [&](const WrittenToken&) {
        if (step++ > 0) generate.add(watch.milliseconds(), 1000 * (processor_seconds() - processor));
        watch = Stopwatch();
        processor = processor_seconds();
    };
    HEADLIGHT_TRY(const GeneratedText text, generate_text(model, prompt, request, passes.job, on_token));
    return {};
}

Result<double> time_load(LiveModel& model, const BenchOptions& options, const JobContext& job) {
    if (options.model.wants_random()) return model.open_ms;
    std::string path = options.model.path;
    if (path.empty()) {
        HEADLIGHT_TRY(path, demo_path());
    }
    const Stopwatch start;
    OpenModelRequest request{path, options.model.config_path};
    request.device = options.model.device;
    request.adapter = options.model.adapter;
    HEADLIGHT_TRY(auto runner, model.engine->open_model(request, job));
    return start.milliseconds();
}

}  // namespace

Result<BenchRow> bench_row(LiveModel& model, const BenchOptions& options, int num_tokens, int num_threads,
                           const JobContext& job) {
    BenchRow row;
    row.num_tokens = num_tokens;
    row.num_threads = num_threads;
    model.engine->set_num_threads(num_threads);
    HEADLIGHT_TRY(row.load_ms, time_load(model, options, job));
    reset_peak_memory();
    Passes passes{*model.runner, job, random_ids(num_tokens + 1, model.spec().vocab_size)};
    const auto count = static_cast<std::size_t>(num_tokens);
    Least forward, capture, append, generate, warm_up;
    const int most = model.spec().max_positions;
    const bool writes =
        model.spec().prediction == Prediction::NextToken && (most == 0 || num_tokens + 2 <= most);
    HEADLIGHT_TRY(const RunResult first,
                  passes.timed(passes.request(count, CaptureMode::Auto, false), warm_up));
    row.storage = first.trace ? first.trace->info().storage : "none";
    const Stopwatch start;
    for (int repeat = 0; repeat < (options.num_repeats > 0 ? options.num_repeats : kMostRepeats); ++repeat) {
        HEADLIGHT_TRY(RunResult plain,
                      passes.timed(passes.request(count, CaptureMode::None, false), forward));
        HEADLIGHT_TRY(RunResult captured,
                      passes.timed(passes.request(count, CaptureMode::Auto, false), capture));
        passes.change_last_token();
        HEADLIGHT_TRY(const RunResult longer,
                      passes.timed(passes.request(count + 1, CaptureMode::Auto, true), append));
        row.num_reused = longer.num_reused;
        if (writes) HEADLIGHT_CHECK(time_writing(model, passes, count, generate));
        row.num_repeats = repeat + 1;
        const bool is_enough = repeat + 1 >= kLeastRepeats && start.milliseconds() > 1000 * kSecondsPerRow;
        if (options.num_repeats == 0 && is_enough) break;
    }
    row.forward_ms = forward.ms();
    row.capture_ms = capture.ms();
    row.append_ms = append.ms();
    row.forward_processor_ms = forward.processor_ms();
    row.capture_processor_ms = capture.processor_ms();
    row.append_processor_ms = append.processor_ms();
    if (writes) row.generate_ms = generate.ms();
    row.peak_mb = peak_memory_mb();
    return row;
}

Result<std::vector<PrecisionReport>> bench_accuracy(LiveModel& model, const BenchOptions& options,
                                                    const JobContext& job) {
    constexpr int kMostTokens = 512;
    const ModelSpec& spec = model.spec();
    int num_tokens = std::min(kMostTokens, *std::max_element(options.tokens.begin(), options.tokens.end()));
    if (spec.max_positions > 0) num_tokens = std::min(num_tokens, spec.max_positions);
    const std::vector<std::int32_t> ids = random_ids(num_tokens, spec.vocab_size);
    std::vector<PrecisionReport> reports;
    for (const char* dtype : {"bfloat16", "float16"}) {
        HEADLIGHT_TRY(PrecisionReport report, model.runner->measure_precision(ids, dtype, job));
        reports.push_back(std::move(report));
    }
    return reports;
}

std::string machine_name() {
    return fmt::format("{}, {} cores", processor_name(), default_num_threads());
}

}  // namespace headlight
