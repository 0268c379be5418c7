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
    start = time.perf_counter()
    run()
    say(ms=1e3 * (time.perf_counter() - start), peak_mb=peak_mb())

prefix, cache = None, None
def append(ids):
    global prefix, cache
    if prefix != ids[0, :-1].tolist():
        prefix, cache = ids[0, :-1].tolist(), transformers.DynamicCache(config=model.config)
        model(ids[:, :-1], past_key_values=cache, logits_to_keep=1)
    timed(lambda: model(ids[:, -1:], past_key_values=cache, logits_to_keep=1))
    cache.crop(len(prefix))

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

struct ReferencePasses {
    ReferenceProcess& process;
    int num_threads;

    /// The least time goes into `least`, the largest memory into `peak_mb`.
    Status timed(const char* way, std::span<const std::int32_t> ids, Least& least, double& peak_mb) {
        const Json asked = {{"way", way}, {"threads", num_threads}, {"ids", ids}};
        HEADLIGHT_TRY(const std::string words, process.ask(asked.dump()));
        const Json answer = Json::parse(words, nullptr, false);
        if (!answer.is_object() || !answer.value("ms", Json()).is_number())
            return fail(ErrorKind::Unsupported, "the reference answered without a time: {}",
                        words.substr(0, 300));
        least.add(answer["ms"].get<double>());
        peak_mb = std::max(peak_mb, answer.value("peak_mb", 0.0));
        return {};
    }
};

Result<ReferenceRow> reference_row(LiveModel& model, const BenchOptions& options, ReferencePasses theirs,
                                   int num_tokens, const JobContext& job) {
    ReferenceRow row;
    row.num_tokens = num_tokens;
    row.num_threads = theirs.num_threads;
    model.engine->set_num_threads(theirs.num_threads);
    Passes ours{*model.runner, job, random_ids(num_tokens + 1, model.spec().vocab_size)};
    const auto count = static_cast<std::size_t>(num_tokens);
    Least forward, capture, append, eager, sdpa, sdpa_last, their_append;
    double ignored = 0;
    const int most_repeats = options.num_repeats > 0 ? options.num_repeats : kMostReferenceRepeats;
    const Stopwatch watch;
    for (int repeat = 0; repeat < most_repeats; ++repeat) {
        HEADLIGHT_TRY(RunResult plain, ours.timed(ours.request(count, CaptureMode::None, false), forward));
        reset_peak_memory();
        HEADLIGHT_TRY(RunResult captured, ours.timed(ours.request(count, CaptureMode::Auto, false), capture));
        row.capture_mb = std::max(row.capture_mb, peak_memory_mb());
        ours.change_last_token();
        HEADLIGHT_TRY(RunResult longer, ours.timed(ours.request(count + 1, CaptureMode::Auto, true), append));
        const std::span<const std::int32_t> text(ours.ids.data(), count);
        HEADLIGHT_CHECK(theirs.timed("eager", text, eager, row.eager_mb));
        HEADLIGHT_CHECK(theirs.timed("sdpa", text, sdpa, row.sdpa_mb));
        HEADLIGHT_CHECK(theirs.timed("sdpa_last", text, sdpa_last, ignored));
        HEADLIGHT_CHECK(theirs.timed("append", ours.ids, their_append, ignored));
        row.num_repeats = repeat + 1;
        const bool is_enough =
            row.num_repeats >= kLeastReferenceRepeats && watch.seconds() > kSecondsPerReferenceRow;
        if (options.num_repeats == 0 && is_enough) break;
    }
    row.forward_ms = forward.ms();
    row.capture_ms = capture.ms();
    row.append_ms = append.ms();
    row.eager_ms = eager.ms();
    row.sdpa_ms = sdpa.ms();
    row.sdpa_last_ms = sdpa_last.ms();
    row.reference_append_ms = their_append.ms();
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
    return {{"tokens", row.num_tokens},
            {"threads", row.num_threads},
            {"repeats", row.num_repeats},
            {"forward_ms", row.forward_ms},
            {"capture_ms", row.capture_ms},
            {"append_ms", row.append_ms},
            {"capture_peak_mb", row.capture_mb},
            {"eager_ms", row.eager_ms},
            {"eager_peak_mb", row.eager_mb},
            {"sdpa_ms", row.sdpa_ms},
            {"sdpa_peak_mb", row.sdpa_mb},
            {"sdpa_last_logits_ms", row.sdpa_last_ms},
            {"reference_append_ms", row.reference_append_ms},
            {"capture_per_eager", row.capture_ms / row.eager_ms},
            {"capture_per_sdpa", row.capture_ms / row.sdpa_ms},
            {"capture_per_sdpa_last_logits", row.capture_ms / row.sdpa_last_ms},
            {"append_per_reference", row.append_ms / row.reference_append_ms}};
}

std::string reference_head_text() {
    return fmt::format(
        "{:>7} {:>8} | {:>9} {:>9} {:>8} {:>8} | {:>9} {:>9} {:>9} {:>8} {:>8} {:>8} | {:>8} {:>8} {:>9} "
        "{:>8}\n",
        "tokens", "threads", "forward", "capture", "append", "peak MB", "eager", "sdpa", "sdpa last",
        "append", "eager MB", "sdpa MB", "c/eager", "c/sdpa", "c/sdpa l.", "append/a");
}

std::string reference_row_text(const ReferenceRow& row) {
    return fmt::format(
        "{:7} {:8} | {:9.1f} {:9.1f} {:8.1f} {:8.0f} | {:9.1f} {:9.1f} {:9.1f} {:8.1f} {:8.0f} {:8.0f} | "
        "{:8.2f} "
        "{:8.2f} {:9.2f} {:8.2f}\n",
        row.num_tokens, row.num_threads, row.forward_ms, row.capture_ms, row.append_ms, row.capture_mb,
        row.eager_ms, row.sdpa_ms, row.sdpa_last_ms, row.reference_append_ms, row.eager_mb, row.sdpa_mb,
        row.capture_ms / row.eager_ms, row.capture_ms / row.sdpa_ms, row.capture_ms / row.sdpa_last_ms,
        row.append_ms / row.reference_append_ms);
}

}  // namespace headlight
