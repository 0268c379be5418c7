#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/self_checks.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"

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

void print_row(const ParityRow& row) {
    const bool has_number = row.state == CheckOutcome::State::Good || row.max_difference > 0;
    std::printf("%-28s %-12s %-12s %-8s %s\n", row.name.c_str(),
                row.family.empty() ? "-" : row.family.c_str(),
                has_number ? fmt::format("{:.2e}", row.max_difference).c_str() : "-", word(row.state),
                row.detail.substr(0, row.detail.find('\n')).c_str());
    std::fflush(stdout);
}

Status run_fixtures(const std::string& folder) {
    HEADLIGHT_TRY(Engine* const engine, load_engine());
    const std::string models = std::filesystem::exists(folder + "/models") ? folder + "/models" : folder;
    std::printf("%-28s %-12s %-12s %-8s\n", "model", "family", "max diff", "");
    HEADLIGHT_TRY(const std::vector<ParityRow> rows, check_fixtures(*engine, models, print_row));
    int num_good = 0, num_failed = 0;
    for (const ParityRow& row : rows) {
        num_good += row.state == CheckOutcome::State::Good ? 1 : 0;
        num_failed += row.state == CheckOutcome::State::Failed ? 1 : 0;
    }
    std::printf("%d within %.0e of the reference, %d not, %zu of families that are not supported\n", num_good,
                kParityTolerance, num_failed, rows.size() - static_cast<std::size_t>(num_good + num_failed));
    if (num_failed == 0) return {};
    return fail(ErrorKind::Internal, "{} fixture models differ from the reference", num_failed);
}

std::function<Status()> add(CLI::App& app) {
    const auto fixtures = std::make_shared<std::string>();
    app.add_option("--fixtures", *fixtures,
                   "Compare every model in this folder with its reference.safetensors instead");
    return [fixtures] { return fixtures->empty() ? run_checks() : run_fixtures(*fixtures); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_selftest;
const SubcommandDescriptor k_subcommand_selftest = {
    "selftest", "Checks engine, parity, demo, fonts, figures and window on this machine",
    "  headlight selftest\n"
    "  headlight selftest --fixtures fixtures",
    add};

}  // namespace headlight
