#include "cli/bench/bench_run.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <random>

#include "base/parallel.h"
#include "base/stopwatch.h"
#include "run/generate/generate_text.h"

namespace headlight {
namespace {

constexpr double kSecondsPerRow = 6;
constexpr int kLeastRepeats = 3, kMostRepeats = 25;

/// "VmHWM:   123456 kB" of /proc/self/status, in MB; 0 where the system does not say.
double peak_memory_mb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
    }
    return 0;
}

/// Lets the next reading of the peak start from now.
void reset_peak_memory() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::vector<std::int32_t> random_ids(int count, int vocab_size) {
    std::mt19937 random(1);  // the generator's own sequence is the same everywhere
    std::vector<std::int32_t> ids(static_cast<std::size_t>(count));
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(vocab_size));
    return ids;
}

/// Least time of a pass over its repeats.
class Least {
  public:
    void add(double ms) { ms_ = std::min(ms_, ms); }
    double ms() const { return ms_; }

  private:
    double ms_ = std::numeric_limits<double>::infinity();
};

struct Passes {
    ModelRunner& runner;
    const JobContext& job;
    std::vector<std::int32_t> ids;  // one more than the row's tokens

    RunRequest request(std::size_t count, CaptureMode capture, bool may_reuse) const {
        RunRequest out;
        out.ids.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count));
        out.capture = capture;
        out.may_reuse_prefix = may_reuse;
        // Of an encoder-decoder the decoder reads its start token alone.
        if (runner.spec().can_predict())
            out.logit_positions = {runner.spec().has_decoder ? 0 : static_cast<int>(count) - 1};
        return out;
    }

    Result<RunResult> timed(const RunRequest& wanted, Least& least) {
        const Stopwatch start;
        HEADLIGHT_TRY(RunResult result, runner.run(wanted, job));
        least.add(start.milliseconds());
        return result;
    }
};

/// The second of two tokens that are written behind the first `count` ids: the first reads the prompt.
Status time_writing(const LiveModel& model, const Passes& passes, std::size_t count, Least& generate) {
    WritingPrompt prompt = {{passes.ids.begin(), passes.ids.begin() + static_cast<std::ptrdiff_t>(count)},
                            {}};
    if (model.spec().has_decoder) prompt = {{std::max(0, model.spec().decoder_start_id)}, prompt.ids};
    GenerateRequest request;
    request.max_new_tokens = 2;
    Stopwatch watch;
    int step = 0;
    const auto on_token = [&](const WrittenToken&) {
        if (step++ > 0) generate.add(watch.milliseconds());
        watch = Stopwatch();
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
    HEADLIGHT_TRY(auto runner, model.engine->open_model(
                                   {path, options.model.config_path, false,
                                    static_cast<std::uint64_t>(options.model.memory_limit_mb) * 1'000'000},
                                   job));
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
    const auto vocab_size = static_cast<std::int32_t>(model.spec().vocab_size);
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
        // The appended token differs each time: asking for the very same text again would be answered from
        // memory.
        passes.ids.back() = (passes.ids.back() + 1) % vocab_size;
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
    std::string name = "unknown processor";
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.rfind("model name", 0) != 0) continue;
        name = line.substr(line.find(':') + 2);
        break;
    }
    return fmt::format("{}, {} cores", name, default_num_threads());
}

}  // namespace headlight
