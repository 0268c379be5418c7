#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "analysis/words/syntax.h"
#include "base/quantities.h"
#include "base/stopwatch.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/scan_ranks.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "io/atlas/atlas_file.h"
#include "report/atlas/atlas_csv.h"
#include "report/atlas/atlas_page.h"
#include "report/atlas/atlas_text.h"
#include "report/atlas/comparison_page.h"
#include "report/atlas/relations.h"
#include "study/rules/rule_files.h"
#include "study/scan/scan.h"

namespace headlight {
namespace {

struct ScanOptions {
    ModelOptions model;
    ScanRequest request;
    std::string shard;                 // "i/n"
    std::vector<std::string> merge;    // folders of shards
    std::vector<std::string> compare;  // two atlases
    std::vector<std::string> rules;    // files of saved rules
    bool has_no_controls = false;
};

/// "2/8" into shard and num_shards.
Status read_shard(const std::string& text, ScanRequest& request) {
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, request.shard);
    if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
        const auto second = std::from_chars(first.ptr + 1, end, request.num_shards);
        if (second.ec == std::errc() && second.ptr == end && request.shard >= 0 &&
            request.shard < request.num_shards)
            return {};
    }
    return fail(ErrorKind::InvalidInput,
                "--shard wants i/n with i from 0 to n - 1, for instance 0/4; '{}' was given", text);
}

/// Stage, part done, and the time that is left at the pace of this run.
JobContext::Callback progress_of(ProgressBar& bar) {
    struct Pace {
        double first_fraction = -1;
        Stopwatch stopwatch;
    };
    return [&bar, pace = Pace{}](const ProgressUpdate& update) mutable {
        std::string text(update.stage);
        if (!update.detail.empty()) text.append(" ").append(update.detail);
        if (update.stage == "measuring sequences") {
            if (pace.first_fraction < 0) pace = {update.fraction, {}};
            const double done = update.fraction - pace.first_fraction;
            if (done > 0)
                text +=
                    ", " + duration_text(pace.stopwatch.seconds() * (1 - update.fraction) / done) + " left";
        }
        bar.show(update.fraction, text);
    };
}

/// Atlas, table and page from the journals in `folders`.
Status finish(const std::vector<std::string>& folders, const std::string& output_dir, ProgressBar& bar) {
    HEADLIGHT_TRY(Atlas atlas, merge_scan(folders, JobContext(interrupt_token(), progress_of(bar))));
    atlas.headlight_version = headlight_version();
    const std::string json = output_dir + "/atlas.json", csv = output_dir + "/atlas.csv",
                      page = output_dir + "/report.html";
    HEADLIGHT_CHECK(write_atlas(json, atlas));
    HEADLIGHT_CHECK(write_atlas_csv(csv, atlas));
    HEADLIGHT_CHECK(write_atlas_report(page, atlas));
    bar.finish();
    std::printf("%s%s%s\n%s\n%s\n", atlas_text(atlas).c_str(), relations_text(atlas).c_str(), json.c_str(),
                csv.c_str(), page.c_str());
    if (!atlas.conllu.empty()) {
        const std::string relations = output_dir + "/relations.csv";
        HEADLIGHT_CHECK(write_relations_csv(relations, atlas));
        std::printf("%s\n", relations.c_str());
    }
    return {};
}

Status compare(const ScanOptions& options) {
    HEADLIGHT_TRY(const Atlas left, read_atlas(options.compare[0]));
    HEADLIGHT_TRY(const Atlas right, read_atlas(options.compare[1]));
    const std::string page = options.request.output_dir + "/comparison.html";
    HEADLIGHT_CHECK(write_atlas_comparison(page, left, right));
    std::printf("%s\n", page.c_str());
    return {};
}

Status measure(ScanOptions& options, const JobContext& job) {
    ScanRequest& request = options.request;
    // One engine thread: sums then come in one order whatever the machine. Heads are analysed on all threads.
    request.num_threads = options.model.num_threads;
    options.model.num_threads = 1;
    HEADLIGHT_TRY(const LiveModel opened, open_model(options.model, job));
    if (opened.tokenizer() == nullptr) {
        Error error = opened.tokenizer_error.value_or(Error{});
        error.message += " (a scan needs a tokenizer: name one with --tokenizer)";
        return fail(std::move(error));
    }
    ScanModel model;
    model.runner = opened.runner.get();
    model.tokenizer = opened.tokenizer();
    OpenModelRequest source{opened.runner->spec().path, options.model.config_path};
    source.device = options.model.device;
    source.adapter = options.model.adapter;
    model.random_copy = [engine = opened.engine, source](int number) {
        return engine->random_copy(source, static_cast<std::uint64_t>(number) + 1);
    };
    return scan_shard(request, model, job);
}

Status scan(ScanOptions options) {
    ScanRequest& request = options.request;
    HEADLIGHT_CHECK(use_rule_files(options.rules));
    request.has_controls = !options.has_no_controls;
    ProgressBar bar("scan");
    if (!options.compare.empty()) return compare(options);
    if (!options.merge.empty()) return finish(options.merge, request.output_dir, bar);
    if (request.corpus.empty())
        return fail(ErrorKind::InvalidInput,
                    "no corpus was given; name text files with --corpus (or --merge DIR..., --compare A B){}",
                    request.conllu.empty() ? "" : "; --conllu adds gold syntax to a scan of a corpus");
    HEADLIGHT_TRY(const std::optional<ScanRanks> ranks, ScanRanks::join());
    if (ranks && !options.shard.empty())
        return fail(ErrorKind::InvalidInput, "under mpirun the ranks are the shards; leave --shard out");
    if (ranks) {
        request.shard = ranks->rank();
        request.num_shards = ranks->size();
    } else if (!options.shard.empty()) {
        HEADLIGHT_CHECK(read_shard(options.shard, request));
    }
    const bool is_quiet = ranks && ranks->rank() > 0;
    const JobContext job(interrupt_token(), is_quiet ? JobContext::Callback() : progress_of(bar));
    const Status measured = measure(options, job);
    const bool is_well = ranks ? ranks->all_well(measured.has_value()) : measured.has_value();
    if (!measured) {
        if (measured.error().kind != ErrorKind::Cancelled) return fail(measured.error());
        return fail(
            make_error(ErrorKind::Internal, "{}", measured.error().message).in_file(request.output_dir));
    }
    if (!is_well)
        return fail(
            ErrorKind::Internal,
            "another rank has failed; what was measured is kept, and the same command goes on from there");
    if (is_quiet) return {};
    if (request.num_shards > 1 && !(ranks && ranks->can_wait())) {
        bar.finish();
        std::printf("Shard %d of %d is measured. When all are: headlight scan --merge %s --output-dir %s\n",
                    request.shard, request.num_shards, request.output_dir.c_str(),
                    request.output_dir.c_str());
        return {};
    }
    return finish({request.output_dir}, request.output_dir, bar);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<ScanOptions>();
    ScanRequest& request = options->request;
    add_model_options(app, options->model, false);
    app.add_option("--corpus", request.corpus,
                   "Text files, .jsonl files with a \"text\" a line, or folders of them")
        ->expected(1, -1);
    app.add_option("--output-dir", request.output_dir, "Folder for the journal and the atlas")->required();
    app.add_option("--probe", request.probes, "Probes: random-repeat, needle, copy")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--sequences", request.num_sequences,
                   "Sequences of the corpus, half of them for confirmation")
        ->check(CLI::Range(2, 100000))
        ->capture_default_str();
    app.add_option("--length", request.sequence_length, "Tokens of a sequence")
        ->check(CLI::Range(8, 8192))
        ->capture_default_str();
    app.add_option("--conllu", request.conllu,
                   "CoNLL-U files: score heads on their gold syntax (Universal Dependencies) too")
        ->expected(1, -1);
    app.add_option("--gold-sentences", request.num_gold_sentences,
                   "Sentences of the CoNLL-U files, half of them for confirmation")
        ->check(CLI::Range(2, 100000))
        ->capture_default_str();
    app.add_option("--rules", options->rules,
                   "Files of saved rules: test them on every head like the built-in detectors")
        ->expected(1, -1);
    app.add_option("--seed", request.seed, "The same seed gives the same atlas")->capture_default_str();
    app.add_option("--shard", options->shard, "Measure only part i of n: 0/4 ... 3/4");
    app.add_option("--merge", options->merge, "Put the atlas together from the journals in these folders")
        ->expected(1, -1);
    app.add_option("--compare", options->compare, "Write a page with two atlases side by side")->expected(2);
    app.add_flag("--no-controls", options->has_no_controls, "Leave out shuffled tokens and random weights");
    app.add_option("--random-models", request.num_random_models, "Models with random weights for the control")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    return [options] { return scan(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_scan = {
    "scan",
    "Says what each head does over a corpus, with tests and controls: atlas.json, atlas.csv, report.html",
    "  headlight scan --corpus book.txt another.txt --output-dir atlas\n"
    "  headlight scan --model SmolLM2-135M --corpus texts/ --output-dir atlas --probe "
    "random-repeat,needle,copy\n"
    "  headlight scan --corpus texts/ --conllu en_ewt-ud-dev.conllu --output-dir atlas\n"
    "  headlight scan --corpus texts/ --output-dir atlas --rules my_rules.json\n"
    "  headlight scan --corpus texts/ --output-dir atlas --shard 0/4\n"
    "  headlight scan --merge atlas --output-dir atlas\n"
    "  mpirun -n 4 headlight scan --corpus texts/ --output-dir atlas\n"
    "  headlight scan --compare english/atlas.json hebrew/atlas.json --output-dir both",
    add};

}  // namespace headlight
