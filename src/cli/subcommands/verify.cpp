#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/parity/parity_json.h"
#include "report/parity/parity_text.h"
#include "study/parity/parity.h"

namespace headlight {
namespace {

struct VerifyOptions {
    ModelOptions model;
    std::string reference;
    ParityOptions parity;
    bool is_json = false;
};

Status verify(const VerifyOptions& options) {
    ProgressBar bar("verify");
    const JobContext job(interrupt_token(), bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const ParityReport report,
                  measure_parity(*model.runner, options.reference, options.parity, job));
    bar.finish();
    if (options.is_json) {
        HEADLIGHT_CHECK(write_json("-", parity_json(report)));
    } else {
        std::fputs(parity_text(report, model.spec()).c_str(), stdout);
        std::fflush(stdout);
    }
    if (!report.departs()) return {};
    return fail(make_error(ErrorKind::Internal, "{} {}", report.model, report.verdict()));
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<VerifyOptions>();
    add_model_options(app, options->model, false);
    app.add_option("--reference", options->reference,
                   "File of reference attention (safetensors; docs/parity.md shows how to make one)")
        ->required();
    app.add_option("--text-index", options->parity.texts, "Only these texts of the file (all): 0,2")
        ->delimiter(',');
    app.add_option("--tolerance", options->parity.tolerance,
                   "Largest difference of attention that counts as equal")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_flag("--json", options->is_json, "Print the numbers of every layer as JSON");
    return [options] { return verify(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_verify = {
    "verify", "Compares attention, hidden states and logits with those of another program, layer by layer",
    "  headlight verify --model gpt2 --reference gpt2_reference.safetensors\n"
    "  headlight verify --model t5-small --reference reference.safetensors --text-index 2 --json",
    add};

}  // namespace headlight
