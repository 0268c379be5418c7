#include "cli/bench/bench_reference.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "cli/bench/bench_passes.h"
#include "cli/bench/reference_process.h"

namespace headlight {
namespace {

constexpr double kSecondsPerReferenceRow = 12;
constexpr int kLeastReferenceRepeats = 3, kMostReferenceRepeats = 25;

// Argument: the folder. Each line asks for a pass over ids in one of the ways; the answer has its time and
// the most memory that the process held meanwhile. The first line is answered with the versions.
constexpr const char* kModelScript = R"(
import json, os, sys, time
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is no answer
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch, transformers
model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()

def say(**content):
    answers.write(json.dumps(content) + "\n")
    answers.flush()

def peak_mb():
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))

def timed(run):
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    start, processor = time.perf_counter(), time.process_time()
    run()
    ms, processor_ms = 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - processor)
    say(ms=ms, processor_ms=processor_ms, peak_mb=peak_mb())

prefix, cache = None, None
def append(ids):
    global prefix, cache
    if prefix != ids[0, :-1].tolist():
        prefix, cache = ids[0, :-1].tolist(), transformers.DynamicCache(config=model.config)
        model(ids[:, :-1], past_key_values=cache, logits_to_keep=1)
    timed(lambda: model(ids[:, -1:], past_key_values=cache, logits_to_keep=1))
    cache.crop(-1)  # negative: newer releases refuse the length that stays

sys.stdin.readline()
say(version=f"torch {torch.__version__}, transformers {transformers.__version__}")
with torch.inference_mode():
    for line in sys.stdin:
        asked = json.loads(line)
        torch.set_num_threads(asked["threads"])
        model.set_attn_implementation("eager" if asked["way"] == "eager" else "sdpa")
        ids = torch.tensor([asked["ids"]])
        if asked["way"] == "eager":
            timed(lambda: model(ids, output_attentions=True, use_cache=False))
        elif asked["way"] == "sdpa":
            timed(lambda: model(ids, use_cache=False))
        elif asked["way"] == "sdpa_last":
            timed(lambda: model(ids, use_cache=False, logits_to_keep=1))
        else:
            append(ids)
)";

struct Side {
    Least least;
    double peak_mb = 0;

    TimedSide result() const { return {least.ms(), least.processor_ms(), peak_mb}; }
};

struct ReferencePasses {
    ReferenceProcess& process;
    int num_threads;

    Status timed(const char* way, std::span<const std::int32_t> ids, Side& side) {
        const Json asked = {{"way", way}, {"threads", num_threads}, {"ids", ids}};
        HEADLIGHT_TRY(const std::string words, process.ask(asked.dump()));
        const Json answer = Json::parse(words, nullptr, false);
        for (const char* name : {"ms", "processor_ms", "peak_mb"}) {
            if (!answer.is_object() || !answer.value(name, Json()).is_number())
                return fail(ErrorKind::Unsupported, "the reference answered without {}: {}", name,
                            words.substr(0, 300));
        }
        side.least.add(answer["ms"].get<double>(), answer["processor_ms"].get<double>());
        side.peak_mb = std::max(side.peak_mb, answer["peak_mb"].get<double>());
        return {};
    }
};

/// One of our passes.
Status time_own(Passes& passes, const RunRequest& request, Side& side) {
    reset_peak_memory();
    HEADLIGHT_TRY(const RunResult result, passes.timed(request, side.least));
    side.peak_mb = std::max(side.peak_mb, peak_memory_mb());
    return {};
}

Result<ReferenceRow> reference_row(LiveModel& model, const BenchOptions& options, ReferencePasses theirs,
                                   int num_tokens, const JobContext& job) {
    ReferenceRow row;
    row.num_tokens = num_tokens;
    row.num_threads = theirs.num_threads;
    model.engine->set_num_threads(theirs.num_threads);
    Passes ours{*model.runner, job, random_ids(num_tokens + 1, model.spec().vocab_size)};
    const auto count = static_cast<std::size_t>(num_tokens);
    Side forward, capture, append, eager, sdpa, sdpa_last, their_append;
    const int most_repeats = options.num_repeats > 0 ? options.num_repeats : kMostReferenceRepeats;
    const Stopwatch watch;
    for (int repeat = 0; repeat < most_repeats; ++repeat) {
        HEADLIGHT_CHECK(time_own(ours, ours.request(count, CaptureMode::None, false), forward));
        HEADLIGHT_CHECK(time_own(ours, ours.request(count, CaptureMode::Auto, false), capture));
        ours.change_last_token();
        HEADLIGHT_CHECK(time_own(ours, ours.request(count + 1, CaptureMode::Auto, true), append));
        const std::span<const std::int32_t> text(ours.ids.data(), count);
        HEADLIGHT_CHECK(theirs.timed("eager", text, eager));
        HEADLIGHT_CHECK(theirs.timed("sdpa", text, sdpa));
        HEADLIGHT_CHECK(theirs.timed("sdpa_last", text, sdpa_last));
        HEADLIGHT_CHECK(theirs.timed("append", ours.ids, their_append));
        row.num_repeats = repeat + 1;
        const bool is_enough =
            row.num_repeats >= kLeastReferenceRepeats && watch.seconds() > kSecondsPerReferenceRow;
        if (options.num_repeats == 0 && is_enough) break;
    }
    row.forward = forward.result();
    row.capture = capture.result();
    row.append = append.result();
    row.eager = eager.result();
    row.sdpa = sdpa.result();
    row.sdpa_last = sdpa_last.result();
    row.reference_append = their_append.result();
    return row;
}

}  // namespace

Result<std::string> bench_beside_reference(LiveModel& model, const BenchOptions& options,
                                           const ReferenceOptions& reference, const JobContext& job,
                                           const std::function<void(const ReferenceRow&)>& on_row) {
    if (model.spec().prediction != Prediction::NextToken || model.spec().has_decoder)
        return fail(ErrorKind::Unsupported,
                    "only models that predict the next token are measured beside the reference");
    const std::string path = reference.model.empty() ? options.model.path : reference.model;
    if (path.empty())
        return fail(ErrorKind::InvalidInput,
                    "--reference-python needs a model: --model or --reference-model DIR");
    HEADLIGHT_TRY(const auto process, ReferenceProcess::start(reference.python, kModelScript, {path},
                                                              "the packages torch and transformers"));
    HEADLIGHT_TRY(const std::string words, process->ask(""));
    const Json hello = Json::parse(words, nullptr, false);
    for (const int num_tokens : options.tokens) {
        for (const int num_threads : options.threads) {
            HEADLIGHT_TRY(const ReferenceRow row,
                          reference_row(model, options, {*process, num_threads}, num_tokens, job));
            on_row(row);
        }
    }
    return hello.is_object() ? hello.value("version", std::string()) : std::string();
}

Json reference_row_json(const ReferenceRow& row) {
    Json out = {{"tokens", row.num_tokens}, {"threads", row.num_threads}, {"repeats", row.num_repeats}};
    const auto add = [&](const std::string& name, const TimedSide& side) {
        out[name + "_ms"] = side.ms;
        out[name + "_processor_ms"] = side.processor_ms;
        out[name + "_peak_mb"] = side.peak_mb;
    };
    add("forward", row.forward);
    add("capture", row.capture);
    add("append", row.append);
    add("eager", row.eager);
    add("sdpa", row.sdpa);
    add("sdpa_last_logits", row.sdpa_last);
    add("reference_append", row.reference_append);
    out["capture_per_eager"] = row.capture.ms / row.eager.ms;
    out["capture_per_sdpa"] = row.capture.ms / row.sdpa.ms;
    out["append_per_reference"] = row.append.ms / row.reference_append.ms;
    return out;
}

std::string reference_head_text() {
    return fmt::format(
        "{:>7} {:>7} {:>9} | {:>8} {:>8} {:>8} | {:>8} {:>8} {:>9} {:>8} | {:>8} {:>8} {:>9} {:>8} | {:>8} "
        "{:>8} "
        "{:>8}\n",
        "tokens", "threads", "ms of", "forward", "capture", "append", "eager", "sdpa", "sdpa last", "append",
        "c/eager", "c/sdpa", "c/sdpa l.", "append/a", "MB ours", "eager", "sdpa");
}

std::string reference_row_text(const ReferenceRow& row) {
    const auto line = [&](const char* clock, double TimedSide::*ms) {
        const double capture = row.capture.*ms;
        return fmt::format(
            "{:7} {:7} {:>9} | {:8.1f} {:8.1f} {:8.1f} | {:8.1f} {:8.1f} {:9.1f} {:8.1f} | {:8.2f} {:8.2f} "
            "{:9.2f} "
            "{:8.2f} | {:8.0f} {:8.0f} {:8.0f}\n",
            row.num_tokens, row.num_threads, clock, row.forward.*ms, capture, row.append.*ms, row.eager.*ms,
            row.sdpa.*ms, row.sdpa_last.*ms, row.reference_append.*ms, capture / row.eager.*ms,
            capture / row.sdpa.*ms, capture / row.sdpa_last.*ms, row.append.*ms / row.reference_append.*ms,
            row.capture.peak_mb, row.eager.peak_mb, row.sdpa.peak_mb);
    };
    return line("clock", &TimedSide::ms) + line("processor", &TimedSide::processor_ms);
}

}  // namespace headlight
