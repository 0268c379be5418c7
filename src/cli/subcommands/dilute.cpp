#include <CLI/CLI.hpp>
#include <memory>

#include "base/text_file.h"
#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "publish/dilution_figures.h"
#include "run/ablate/ablate_text.h"
#include "run/dilute/dilution_run.h"

namespace headlight {
namespace {

struct DiluteCommand {
    ModelOptions model;
    TextOptions text;
    DilutionRequest request;
    std::string place = "start", heads, json_path, output_dir, format = "png";
    std::vector<std::string> filler_paths;
    DilutionScope scope;
    FigureStyle style;
};

Result<DilutionRequest> request_of(const DiluteCommand& options) {
    DilutionRequest request = options.request;
    if (!options.text.is_given())
        return fail(ErrorKind::InvalidInput, "give the target sentence: --text, --text-file or --ids");
    if (options.text.pair)
        return fail(ErrorKind::InvalidInput,
                    "a fact is put before one text; --text-pair makes no sense here");
    request.text = options.text.text;
    request.ids = options.text.ids;
    if (!options.text.text_file.empty()) {
        HEADLIGHT_TRY(request.text, read_text(options.text.text_file));
    }
    for (const std::string& path : options.filler_paths) {
        HEADLIGHT_TRY(std::string filler, read_text(path));
        request.fillers.push_back(std::move(filler));
    }
    request.places.clear();
    if (options.place != "near") request.places.push_back(FactPlace::Start);
    if (options.place != "start") request.places.push_back(FactPlace::Near);
    return request;
}

Result<DilutionResult> measure(const LiveModel& model, const DilutionRequest& request,
                               const JobContext& job) {
    DilutionRun run(request);
    for (bool is_done = false; !is_done;) {
        job.report({"diluting", run.fraction(), run.next_words()});
        HEADLIGHT_TRY(is_done, run.step(model, JobContext(job.stop_token())));
    }
    return run.result();
}

Status dilute(const DiluteCommand& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("dilute");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(const DilutionRequest request, request_of(options));
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    DilutionScope scope = options.scope;
    HEADLIGHT_TRY(scope.heads, parse_heads(options.heads, model.spec()));
    HEADLIGHT_TRY(const DilutionResult result, measure(model, request, job));
    bar.finish();
    if (options.json_path != "-") print(dilution_text(result, scope));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, dilution_json(result)));
    return write_cause_figures(dilution_figures(result, scope), options.output_dir, options.style);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<DiluteCommand>();
    add_model_options(app, options->model, false);
    add_plain_text_options(app, options->text);
    app.add_option("--lengths", options->request.lengths,
                   "Lengths of the whole context in tokens: 64,128,256")
        ->delimiter(',')
        ->required();
    app.add_option("--fact", options->request.fact, "A sentence whose mass is measured in the target's rows");
    app.add_option("--fact-place", options->place,
                   "Where it stands: start (before all filler, its distance grows), near (just before the "
                   "target, its distance stays), or both experiments")
        ->check(CLI::IsMember({"start", "near", "both"}))
        ->capture_default_str();
    app.add_option("--filler", options->filler_paths,
                   "Files whose sentences fill the context, each once (bundled sentences unless given)");
    app.add_option("--contexts", options->request.num_slices,
                   "Contexts a length, each with other filler: means and spread are over them")
        ->check(CLI::Range(kLeastSlices, kMostSlices))
        ->capture_default_str();
    app.add_option("--last", options->request.last, "How many keys up to the row's own count as the last")
        ->check(CLI::Range(1, kMostDilutionTokens))
        ->capture_default_str();
    app.add_option("--heads", options->heads, "Heads whose curves are told: 1.3,2.0 (layer.head, 0-based)");
    app.add_option("--max-heads", options->scope.most, "Otherwise that many which see the fact")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--output-dir", options->output_dir, "Draw figures into this folder");
    app.add_option("--format", options->format, "Format of figures")
        ->check(CLI::IsMember({"png", "svg", "pdf"}))
        ->capture_default_str();
    return [options]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(options->format));
        return dilute(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_dilute = {
    "dilute", "A sentence behind growing filler: what its rows give to a fact, the first key, the last keys",
    "  headlight dilute --text \"So the key is in the\" --fact \"Anna put the key into the blue box.\" "
    "--lengths "
    "64,128,256\n"
    "  headlight dilute --model SmolLM2-135M --text-file question.txt --fact \"The code is 7421.\" --lengths "
    "64,128,256,512,1024,2048 --fact-place both --output-dir figures\n"
    "  headlight dilute --model gpt2 --text \"The code is\" --fact \"The code is 7421.\" --lengths 128,1024 "
    "--filler novel.txt --json dilution.json",
    add};

}  // namespace headlight
