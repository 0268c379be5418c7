#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/self_checks.h"
#include "cli/selftest/fixture_table.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "cli/window.h"

namespace headlight {
namespace {

const char* word(CheckOutcome::State state) {
    switch (state) {
        case CheckOutcome::State::Good:
            return "good";
        case CheckOutcome::State::Failed:
            return "FAILED";
        case CheckOutcome::State::Skipped:
            return "skipped";
    }
    return "";
}

Status run_checks() {
    const std::stop_token stop = interrupt_token();
    int num_failed = 0;
    for (const SelfCheck& check : self_checks()) {
        if (stop.stop_requested()) return fail(ErrorKind::Cancelled, "stopped");
        const CheckOutcome outcome = check.run();
        std::printf("%-8s %-20s %s\n", word(outcome.state), check.name, outcome.detail.c_str());
        std::fflush(stdout);
        num_failed += outcome.state == CheckOutcome::State::Failed ? 1 : 0;
    }
    if (num_failed == 0) return {};
    return fail(ErrorKind::Internal, "{} of the checks failed", num_failed);
}

struct FixtureOptions {
    std::string folder;
    std::vector<std::string> parts;  // empty: all
    bool is_markdown = false;
    std::string device = kProcessor;
};

void print_row(const FixtureRow& row) {
    std::printf("%-10s %-34s %-22s %-9s %-7s %s\n", row.part.c_str(), row.name.c_str(),
                row.kind.empty() ? "-" : row.kind.c_str(), row.measure.empty() ? "-" : row.measure.c_str(),
                row.is_good ? "good" : "FAILED", row.detail.c_str());
    std::fflush(stdout);
}

/// One line per part that had rows: "models: 44 of 48 attention within ...". Returns how many rows failed.
std::size_t print_summary(const std::vector<FixtureRow>& rows) {
    std::size_t num_failed = 0;
    std::printf("\n");
    for (const FixturePart& part : fixture_parts()) {
        std::size_t all = 0, good = 0;
        for (const FixtureRow& row : rows) {
            all += row.part == part.id ? 1 : 0;
            good += row.part == part.id && row.is_good ? 1 : 0;
        }
        if (all > 0) std::printf("%-10s %zu of %zu: %s\n", part.id, good, all, part.meaning);
        num_failed += all - good;
    }
    std::printf("Verdict: %s\n",
                num_failed == 0 ? "all agree" : fmt::format("{} FAILED", num_failed).c_str());
    return num_failed;
}

bool is_wanted(const FixtureOptions& options, const FixturePart& part) {
    return options.parts.empty() ||
           std::find(options.parts.begin(), options.parts.end(), part.id) != options.parts.end();
}

Status run_fixtures(const FixtureOptions& options) {
    HEADLIGHT_TRY(Engine* const engine, load_engine());
    const JobContext job(interrupt_token());
    std::vector<FixtureRow> rows;
    if (!options.is_markdown)
        std::printf("%-10s %-34s %-22s %-9s\n", "part", "name", "family or format", "measured");
    const FixtureWork work{*engine, options.folder, job, options.device, [&](FixtureRow row) {
                               if (!options.is_markdown) print_row(row);
                               rows.push_back(std::move(row));
                           }};
    for (const FixturePart& part : fixture_parts()) {
        const std::string list = options.folder + "/" + part.list;
        if (is_wanted(options, part) && std::filesystem::exists(list)) HEADLIGHT_CHECK(part.check(work));
    }
    if (rows.empty()) {
        return fail(
            make_error(ErrorKind::Missing,
                       "nothing to check was found; expected models/ (folders with config.json, weights and "
                       "reference.safetensors), tokenizers/, formats/, dumps/ or hostile/")
                .in_file(options.folder));
    }
    if (options.is_markdown) std::fputs(fixture_markdown(rows, engine->version()).c_str(), stdout);
    const std::size_t num_failed =
        options.is_markdown ? static_cast<std::size_t>(std::count_if(
                                  rows.begin(), rows.end(), [](const auto& row) { return !row.is_good; }))
                            : print_summary(rows);
    if (num_failed == 0) return {};
    return fail(ErrorKind::Internal, "{} of {} fixtures are not as the reference gives them", num_failed,
                rows.size());
}

CLI::Option* add_monkey(CLI::App& app, MonkeyRequest& play) {
    CLI::Option* const monkey = app.add_option("--monkey", play.seconds,
                                               "Play for so many seconds at a hidden window instead: random "
                                               "commands, mouse and keys, on models and "
                                               "files of every kind and on those in --fixtures")
                                    ->check(CLI::Range(1.0, 1e6));
    app.add_option("--seed", play.seed, "What the monkey does: the same number, the same steps (1)")
        ->needs(monkey);
    app.add_option("--steps", play.most_steps, "At most so many steps of the monkey")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
        ->needs(monkey);
    return monkey;
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<FixtureOptions>();
    CLI::Option* const fixtures = app.add_option("--fixtures", options->folder,
                                                 "Compare everything in this folder with the reference "
                                                 "library instead: models, tokenizers, formats, attention "
                                                 "files, hostile files");
    std::vector<std::string> names;
    for (const FixturePart& part : fixture_parts())
        names.emplace_back(part.id);
    app.add_option("--only", options->parts, "Only these parts: " + fmt::format("{}", fmt::join(names, ",")))
        ->delimiter(',')
        ->check(CLI::IsMember(names))
        ->needs(fixtures);
    app.add_flag("--markdown", options->is_markdown, "Print the tables of docs/parity.md")->needs(fixtures);
    add_device_option(app, options->device)->needs(fixtures);
    const auto play = std::make_shared<MonkeyRequest>();
    CLI::Option* const monkey = add_monkey(app, *play);
    return [options, play, monkey]() -> Status {
        if (monkey->count() == 0) return options->folder.empty() ? run_checks() : run_fixtures(*options);
        play->fixtures = options->folder;
        return play_monkey(*play);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_selftest = {
    "selftest", "Checks engine, parity, demo, fonts, figures and window on this machine",
    "  headlight selftest\n"
    "  headlight selftest --fixtures fixtures\n"
    "  headlight selftest --fixtures fixtures --only models,formats --markdown\n"
    "  headlight selftest --monkey 600 --seed 7",
    add};

}  // namespace headlight
