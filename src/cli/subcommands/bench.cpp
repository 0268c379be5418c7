#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/bench/bench_causes.h"
#include "cli/bench/bench_kernels.h"
#include "cli/bench/bench_reference.h"
#include "cli/bench/bench_run.h"
#include "cli/bench/bench_tokenizer.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/json_out.h"

namespace headlight {
namespace {

Json row_json(const BenchRow& row) {
    Json out = {{"tokens", row.num_tokens},        {"threads", row.num_threads},
                {"load_ms", row.load_ms},          {"forward_ms", row.forward_ms},
                {"capture_ms", row.capture_ms},    {"append_ms", row.append_ms},
                {"peak_mb", row.peak_mb},          {"repeats", row.num_repeats},
                {"reused_tokens", row.num_reused}, {"storage", row.storage}};
    out["forward_processor_ms"] = row.forward_processor_ms;
    out["capture_processor_ms"] = row.capture_processor_ms;
    out["append_processor_ms"] = row.append_processor_ms;
    // Rate of written tokens over that of appended ones.
    out["generate_ms"] = row.generate_ms ? Json(*row.generate_ms) : Json();
    out["generate_rate"] = row.generate_ms ? Json(row.append_ms / *row.generate_ms) : Json();
    return out;
}

void print_row(const BenchRow& row) {
    const std::string written = row.generate_ms ? fmt::format("{:.1f}", *row.generate_ms) : "-",
                      rate = row.generate_ms ? fmt::format("{:.2f}", row.append_ms / *row.generate_ms) : "-";
    std::printf("%7d %8d %9.1f %11.1f %11.1f %9.2f %10.1f %12s %9s %9.0f  %s\n", row.num_tokens,
                row.num_threads, row.load_ms, row.forward_ms, row.capture_ms, row.capture_ms / row.forward_ms,
                row.append_ms, written.c_str(), rate.c_str(), row.peak_mb, row.storage.c_str());
    std::fflush(stdout);
}

Json accuracy_json(const std::vector<PrecisionReport>& reports) {
    Json list = Json::array();
    for (const PrecisionReport& report : reports) {
        list.push_back({{"dtype", report.dtype},
                        {"tokens", report.num_tokens},
                        {"max_attention", report.max_attention},
                        {"mean_attention", report.mean_attention},
                        {"max_logits_relative", report.max_logits_relative},
                        {"float32_ms", report.float32_ms},
                        {"dtype_ms", report.dtype_ms}});
    }
    return list;
}

void print_accuracy(const std::vector<PrecisionReport>& reports) {
    std::printf(
        "\nWhat a narrower type for weights and activations would change (softmax in float32 all the "
        "same)\n");
    std::printf("%9s %7s %14s %15s %14s %11s\n", "computed", "tokens", "max attention", "mean attention",
                "logits, rel.", "ms/float32");
    for (const PrecisionReport& report : reports) {
        std::printf("%9s %7d %14.2e %15.2e %14.2e %11.2f\n", report.dtype.c_str(), report.num_tokens,
                    report.max_attention, report.mean_attention, report.max_logits_relative,
                    report.dtype_ms / report.float32_ms);
    }
}

/// The rows; a length with which no answer can be explained ends the work with the reason.
Result<Json> bench_all_causes(LiveModel& model, const BenchOptions& options, bool shows_table,
                              ProgressBar& bar, const JobContext& job) {
    if (shows_table)
        std::printf(
            "\nExplaining one answer (times in ms; heads patched and ablated and texts captured in batches a "
            "second, x: than one by one; least of three)\n"
            "%7s %8s %11s %10s %12s %9s %9s %9s %11s %11s %9s %9s %9s %9s\n",
            "tokens", "threads", "forward", "recorded", "attribution", "/forward", "effects", "lens",
            "patched/s", "ablated/s", "patch/ab", "x", "texts/s", "x");
    Json rows = Json::array();
    for (const int num_tokens : options.tokens) {
        for (const int num_threads : options.threads) {
            bar.show(-1, fmt::format("causes, {} tokens, {} threads", num_tokens, num_threads));
            HEADLIGHT_TRY(const CauseBench row, bench_causes(model, num_tokens, num_threads, job));
            rows.push_back(cause_bench_json(row));
            bar.finish();
            if (shows_table) std::printf("%s", cause_bench_text(row).c_str());
            std::fflush(stdout);
        }
    }
    return rows;
}

Status bench(const BenchOptions& options, const std::string& json_path) {
    ProgressBar bar("bench");
    const JobContext job(interrupt_token());
    ModelOptions model_options = options.model;
    // The engine takes its largest number of threads when it is loaded.
    model_options.num_threads = *std::max_element(options.threads.begin(), options.threads.end());
    HEADLIGHT_TRY(LiveModel model, open_model(model_options, job));
    const ModelSpec& spec = model.spec();
    const bool shows_table = json_path != "-";
    if (shows_table) {
        std::printf("%s (%s, weights %s, computed in %s on %s): %d layers x %d heads, %lld parameters\n",
                    spec.name.c_str(), spec.family_label.c_str(), spec.dtype.c_str(),
                    spec.compute_dtype.c_str(), spec.device.c_str(), spec.num_layers, spec.num_heads,
                    static_cast<long long>(spec.num_parameters));
        std::printf("%s; %s (loaded in %.0f ms); least of interleaved runs\n", machine_name().c_str(),
                    model.engine->version().c_str(), model.engine_ms);
        std::printf("%7s %8s %9s %11s %11s %9s %10s %12s %9s %9s  %s\n", "tokens", "threads", "load ms",
                    "forward ms", "capture ms", "capture/f", "append ms", "generate ms", "append/g",
                    "peak MB", "kept as");
    }
    Json rows = Json::array();
    const std::size_t total = options.tokens.size() * options.threads.size();
    for (const int num_tokens : options.tokens) {
        for (const int num_threads : options.threads) {
            bar.show(static_cast<double>(rows.size()) / static_cast<double>(total),
                     fmt::format("{} tokens, {} threads", num_tokens, num_threads));
            HEADLIGHT_TRY(const BenchRow row, bench_row(model, options, num_tokens, num_threads, job));
            rows.push_back(row_json(row));
            if (shows_table) print_row(row);
        }
    }
    Json out = {{"model", spec.name},           {"machine", machine_name()},
                {"device", spec.device},        {"engine", model.engine->version()},
                {"engine_ms", model.engine_ms}, {"rows", std::move(rows)}};
    if (options.wants_accuracy) {
        bar.show(-1, "number types");
        HEADLIGHT_TRY(const auto reports, bench_accuracy(model, options, job));
        bar.finish();
        if (shows_table) print_accuracy(reports);
        out["accuracy"] = accuracy_json(reports);
    }
    if (options.wants_causes) {
        HEADLIGHT_TRY(out["causes"], bench_all_causes(model, options, shows_table, bar, job));
    }
    bar.finish();
    return json_path.empty() ? Status() : write_json(json_path, out);
}

Status bench_reference(const BenchOptions& options, const ReferenceOptions& reference,
                       const std::string& json_path) {
    ProgressBar bar("bench");
    const JobContext job(interrupt_token());
    ModelOptions model_options = options.model;
    model_options.num_threads = *std::max_element(options.threads.begin(), options.threads.end());
    HEADLIGHT_TRY(LiveModel model, open_model(model_options, job));
    const bool shows_table = json_path != "-";
    if (shows_table)
        std::printf(
            "%s (weights %s) beside the reference in float32\n%s; %s; least of interleaved runs, ms\n%s",
            model.spec().name.c_str(), model.spec().dtype.c_str(), machine_name().c_str(),
            model.engine->version().c_str(), reference_head_text().c_str());
    Json rows = Json::array();
    bar.show(-1, "beside the reference");
    HEADLIGHT_TRY(const std::string version,
                  bench_beside_reference(model, options, reference, job, [&](const ReferenceRow& row) {
                      rows.push_back(reference_row_json(row));
                      bar.finish();
                      if (shows_table) std::printf("%s", reference_row_text(row).c_str());
                      std::fflush(stdout);
                  }));
    bar.finish();
    if (shows_table) std::printf("reference: %s\n", version.c_str());
    if (json_path.empty()) return {};
    return write_json(json_path, {{"model", model.spec().name},
                                  {"machine", machine_name()},
                                  {"engine", model.engine->version()},
                                  {"reference", version},
                                  {"rows", std::move(rows)}});
}

struct TokenizerBenchOptions {
    std::string tokenizer, text_file;
};

Status bench_one_tokenizer(const TokenizerBenchOptions& options, const std::string& python,
                           const std::string& json_path) {
    if (options.text_file.empty())
        return fail(ErrorKind::InvalidInput, "--tokenizer needs a text: --text-file FILE");
    HEADLIGHT_TRY(const TokenizerBench row, bench_tokenizer(options.tokenizer, options.text_file, python));
    const double megabytes = static_cast<double>(row.num_bytes) * 1e-6;
    if (json_path != "-") {
        std::printf("%s: %zu bytes, %zu tokens, %.3f s of one thread, %.1f MB/s\n", row.family.c_str(),
                    row.num_bytes, row.num_tokens, row.seconds, megabytes / row.seconds);
        if (row.reference_seconds) {
            std::printf("reference (tokenizers): %zu tokens, %.3f s, %.1f MB/s; ours is %.1f times as fast\n",
                        *row.reference_tokens, *row.reference_seconds, megabytes / *row.reference_seconds,
                        *row.reference_seconds / row.seconds);
        }
    }
    if (json_path.empty()) return {};
    Json out = {{"family", row.family},
                {"bytes", row.num_bytes},
                {"tokens", row.num_tokens},
                {"seconds", row.seconds}};
    out["reference_seconds"] = row.reference_seconds ? Json(*row.reference_seconds) : Json();
    out["ratio"] = row.reference_seconds ? Json(*row.reference_seconds / row.seconds) : Json();
    return write_json(json_path, out);
}

void add_reference_options(CLI::App& app, ReferenceOptions& options) {
    app.add_option(
        "--reference-python", options.python,
        "Python interpreter with the packages torch and transformers (with --tokenizer: tokenizers): "
        "measured in the same run, the ratios are printed");
    app.add_option("--reference-model", options.model,
                   "Folder that the reference reads, if not the model's own: it opens no GGUF files");
}

void add_kernel_options(CLI::App& app, KernelBenchOptions& options) {
    const std::string group = "Products with stored weights (--kernels)";
    app.add_option("--shapes", options.shapes,
                   "OUTxIN of weights, smollm2 (all of a pass), llama8b (one layer)")
        ->delimiter(',')
        ->default_str("five shapes, smollm2, llama8b")
        ->group(group);
    app.add_option("--types", options.types, "Types of weights (all: every one)")
        ->delimiter(',')
        ->capture_default_str()
        ->group(group);
    app.add_option("--rows", options.num_rows, "Rows of what is multiplied")
        ->delimiter(',')
        ->check(CLI::Range(1, 1 << 14))
        ->capture_default_str()
        ->group(group);
    app.add_option("--pool-mb", options.pool_mb,
                   "MB of copies of each weight, so that no cache holds them (twice the last cache)")
        ->check(CLI::Range(1, 1 << 20))
        ->group(group);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<BenchOptions>();
    const auto json_path = std::make_shared<std::string>();
    const auto tokenizer = std::make_shared<TokenizerBenchOptions>();
    const auto reference = std::make_shared<ReferenceOptions>();
    const auto kernels = std::make_shared<KernelBenchOptions>();
    const auto wants_kernels = std::make_shared<bool>(false);
    app.add_option(
        "--tokenizer", tokenizer->tokenizer,
        "Measure this tokenizer (folder or file) in place of a model, on a megabyte of --text-file");
    app.add_option("--text-file", tokenizer->text_file, "Text for --tokenizer");
    add_reference_options(app, *reference);
    app.add_flag(
        "--kernels", *wants_kernels,
        "Measure products with stored weights beside LibTorch's in place of a model; HEADLIGHT_ISA chooses "
        "the instruction set (avx512, avx2, portable)");
    app.add_option("--model,--checkpoint", options->model.path,
                   "Checkpoint: Hugging Face folder, or a file in it");
    app.add_option("--config", options->model.config_path,
                   "config.json to use in place of the checkpoint's own");
    add_device_option(app, options->model.device);
    app.add_option("--tokens", options->tokens, "Lengths to measure")
        ->delimiter(',')
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_option("--threads", options->threads, "Numbers of threads")
        ->delimiter(',')
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app.add_option("--repeats", options->num_repeats, "Runs of each pass (by time)")
        ->check(CLI::Range(1, 100000));
    app.add_flag("--accuracy", options->wants_accuracy,
                 "Also measure how far computing in bfloat16 and float16 is from float32, and how fast");
    app.add_flag("--causes", options->wants_causes,
                 "Also measure attribution, lens and patching beside the forward pass and a sweep");
    add_kernel_options(app, *kernels);
    app.add_option("--json", *json_path, "Write the rows as JSON to this file (- for standard output)");
    return [=] {
        if (!tokenizer->tokenizer.empty())
            return bench_one_tokenizer(*tokenizer, reference->python, *json_path);
        if (*wants_kernels) {
            kernels->threads = options->threads;
            return bench_kernels(*kernels, *json_path);
        }
        if (!reference->python.empty()) return bench_reference(*options, *reference, *json_path);
        return bench(*options, *json_path);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_bench = {
    "bench",
    "Times loading, forward alone, forward with capture and statistics, appended and written tokens; peak "
    "memory; beside the reference library; products with stored weights",
    "  headlight bench --model SmolLM2-135M\n"
    "  headlight bench --tokens 16,64,256,1024 --threads 1,2 --json bench.json\n"
    "  headlight bench --model SmolLM2-135M --reference-python python3 --tokens 64,256,1024\n"
    "  HEADLIGHT_ISA=avx2 headlight bench --kernels --types BF16,Q8_0 --threads 1\n"
    "  headlight bench --tokenizer SmolLM2-135M --text-file novel.txt --reference-python python3",
    add};

}  // namespace headlight
