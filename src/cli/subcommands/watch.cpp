#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/text_file.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "report/training/training_chart.h"
#include "run/watch/watch_loop.h"

namespace headlight {
namespace {

struct WatchOptions {
    WatchPlan plan;
    WatchSettings settings;
    std::string text_file;
};

std::string row_line(const std::string& label, const TrainingRow& row) {
    std::string line = label + ":";
    for (const auto& [name, value] : row.values) {
        if (name.find('/') != std::string::npos) continue;
        line += value ? fmt::format(" {} {:.4g}", name, *value) : fmt::format(" {} none", name);
    }
    return line;
}

Status watch(WatchOptions options) {
    if (!options.text_file.empty()) {
        HEADLIGHT_TRY(options.settings.text, read_text(options.text_file));
        options.settings.has_text = true;
    }
    HEADLIGHT_CHECK(check_utf8(options.settings.text, "--text"));
    // A weights file of the series stands for the folder that it lies in.
    HEADLIGHT_TRY(const std::string named, find_model_path(options.plan.folder));
    options.plan.folder = options.settings.series_folder = folder_of_path(named);
    if (options.plan.log_folder.empty()) options.plan.log_folder = options.plan.folder + "/headlight";
    HEADLIGHT_TRY(Engine* const engine, engine_with_threads(options.settings.num_threads)());
    CheckpointMeter meter(*engine, options.settings);
    const JobContext job(interrupt_token());
    if (!options.plan.is_once) say("Watching " + options.plan.folder + "; Ctrl-C ends it.");
    const auto show_row = [&](const std::string& label, const TrainingRow& row) -> Status {
        std::printf("%s\n", row_line(label, row).c_str());
        std::fflush(stdout);
        return draw_training_log(options.plan.log_folder);
    };
    WatchLoop loop(options.plan, meter, show_row, say, job);
    HEADLIGHT_CHECK(loop.go());
    say(fmt::format("{} checkpoint{} measured, {} left out; the rows are in {}", loop.num_measured(),
                    loop.num_measured() == 1 ? "" : "s", loop.num_given_up(), options.plan.log_folder));
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<WatchOptions>();
    app.add_option(
           "folder", options->plan.folder,
           "Folder whose subfolders or files are checkpoints that say their step inside (global_step) or in "
           "their name: step_100, checkpoint-100, step=100.ckpt, 100 ...")
        ->required()
        ->check(CLI::ExistingPath);
    app.add_flag("--once", options->plan.is_once, "End when all that is there was measured");
    app.add_option("--every", options->plan.seconds_between, "Seconds between two looks at the folder")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    app.add_option("--output-dir", options->plan.log_folder, "Folder of the log (DIR/headlight)");
    CLI::Option* file = app.add_option("--text-file", options->text_file,
                                       "Sample text, - for standard input (a built-in passage)");
    CLI::Option* text = app.add_option("--text", options->settings.text, "Sample text")->excludes(file);
    text->each([options](const std::string&) { options->settings.has_text = true; });
    app.add_option("--ids", options->settings.ids, "Token ids in place of a text: 1,2,3")
        ->delimiter(',')
        ->excludes(file)
        ->excludes(text);
    app.add_flag("--lines", options->settings.is_line_by_line,
                 "Each line of the sample is a text of its own");
    app.add_option("--seq_len,--seq-len", options->settings.seq_length, "Tokens of a text at most")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str();
    app.add_option("--metrics", options->settings.metrics, "Only these: attn_entropy,effective_rank (all)")
        ->delimiter(',');
    app.add_option("--tokenizer", options->settings.tokenizer_path,
                   "Tokenizer folder or file, if not the checkpoints' own");
    app.add_option("--config", options->settings.config_path,
                   "config.json to use in place of the checkpoints' own");
    add_base_option(app, options->settings.adapter.base);
    app.add_option("--threads", options->settings.num_threads, "Threads (0: as many as pay off)")
        ->check(CLI::Range(0, 1024));
    add_device_option(app, options->settings.device);
    return [options] { return watch(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_watch = {
    "watch", "Follows a folder of checkpoints as they appear and measures the attention of each",
    "  headlight watch runs/my_model\n"
    "  headlight watch grokking/checkpoints --once --text-file sums.txt --lines\n"
    "  headlight watch runs/my_model --metrics attn_entropy,effective_rank --every 30 --output-dir plots",
    add};

}  // namespace headlight
