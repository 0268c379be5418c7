// The driver: runs every sequence once, shows its heads to all parts, and collects what they say.
#include "study/validation/validation.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/stopwatch.h"
#include "study/batches.h"
#include "study/validation/check.h"
#include "study/validation/summary.h"

namespace headlight {

#define HEADLIGHT_CHECK_PART(name, ...) extern const ValidationCheckDescriptor k_check_##name;
#include "study/validation/checks/checks.def"
#undef HEADLIGHT_CHECK_PART

std::span<const ValidationCheckDescriptor* const> validation_checks() {
    static constexpr const ValidationCheckDescriptor* kAll[] = {
#define HEADLIGHT_CHECK_PART(name, ...) &k_check_##name,
#include "study/validation/checks/checks.def"
#undef HEADLIGHT_CHECK_PART
    };
    return kAll;
}

namespace {

using Checks = std::vector<std::unique_ptr<ValidationCheck>>;

Status check_validation(const ValidationRequest& request) {
    if (request.sequences.empty() || request.sequences.front().tokens.size() < 2) {
        return fail(
            ErrorKind::InvalidInput,
            "validation needs at least one sequence of 2 tokens; the text gave none. Use a longer text");
    }
    for (const TokenizedText& sequence : request.sequences) {
        if (sequence.tokens.size() == request.sequences.front().tokens.size()) continue;
        return fail(ErrorKind::InvalidInput,
                    "validation wants sequences of one length; found {} and {} tokens",
                    request.sequences.front().tokens.size(), sequence.tokens.size());
    }
    return {};
}

std::vector<KeyRange> admissible_keys(const AttentionTrace& trace, int layer) {
    std::vector<KeyRange> keys;
    for (int query = 0; query < trace.num_queries(); ++query)
        keys.push_back(trace.admissible(layer, query));
    return keys;
}

void show_head(const SequenceSample& sequence, HeadId id, std::size_t index, std::vector<KeyRange> keys,
               const Checks& checks) {
    const AttentionTrace& trace = *sequence.trace;
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(id.layer, id.head, rows);
    const std::vector<float> matrix = trace.matrix(id.layer, id.head);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].num_keys <= 0) keys[i] = {0, 0};
    }
    const HeadSample head{id, index, rows, matrix, keys};
    for (const auto& check : checks)
        check->add_head(sequence, head);
}

Status show_sequence(const ValidationSetup& setup, int index, const RunResult& result, const Checks& checks,
                     int num_threads, const JobContext& job) {
    const TokenizedText& text = setup.request->sequences[static_cast<std::size_t>(index)];
    if (!result.trace)
        return fail(ErrorKind::Internal, "the engine gave no attention for sequence {}", index);
    const SequenceSample sample{index, text.tokens, result.trace.get(), result.hidden, num_threads};
    std::vector<std::vector<KeyRange>> keys;
    for (int layer = 0; layer < result.trace->num_layers(); ++layer)
        keys.push_back(admissible_keys(*result.trace, layer));
    parallel_for(setup.num_heads(), num_threads, [&](std::size_t i) {
        if (job.should_stop()) return;
        const HeadId id = setup.head(i);
        show_head(sample, id, i, keys[static_cast<std::size_t>(id.layer)], checks);
    });
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
    for (const auto& check : checks)
        HEADLIGHT_CHECK(check->end_sequence(sample, job));
    return {};
}

/// The next sequences from `first` on that go through the model together.
std::vector<RunRequest> next_requests(const ValidationSetup& setup, int first, int num_threads) {
    std::vector<RunRequest> requests;
    BatchBudget budget(setup.runner->spec(), num_threads);
    for (int index = first; index < setup.num_sequences; ++index) {
        RunRequest run;
        run.ids = setup.request->sequences[static_cast<std::size_t>(index)].ids();
        run.capture = CaptureMode::Weights;
        run.wants_hidden = true;
        if (!budget.take(run.ids.size())) break;
        requests.push_back(std::move(run));
    }
    return requests;
}

Status show_sequences(const ValidationSetup& setup, const Checks& checks, const JobContext& job) {
    const int wanted = setup.request->num_threads;
    const int num_threads = wanted > 0 ? wanted : default_num_threads();
    const JobContext quiet(job.stop_token());
    for (int index = 0; index < setup.num_sequences;) {
        job.report({"attention", static_cast<double>(index) / setup.num_sequences, {}});
        const std::vector<RunRequest> requests = next_requests(setup, index, num_threads);
        HEADLIGHT_TRY(const std::vector<RunResult> results,
                      setup.runner->run_batch(requests, num_threads, quiet));
        for (const RunResult& result : results)
            HEADLIGHT_CHECK(show_sequence(setup, index++, result, checks, num_threads, quiet));
    }
    return {};
}

void count_lines(const CheckReport& check, ValidationReport& report) {
    for (const CheckLine& line : check.lines) {
        if (line.mark != CheckMark::Pass && line.mark != CheckMark::Warn && line.mark != CheckMark::Fail)
            continue;
        ++report.num_counted;
        if (line.mark == CheckMark::Pass) ++report.num_passed;
        if (line.mark == CheckMark::Fail) report.critical.push_back(line.name + ": " + line.text);
    }
}

}  // namespace

const char* to_string(CheckMark mark) {
    switch (mark) {
        case CheckMark::Plain:
            return "";
        case CheckMark::Pass:
            return "pass";
        case CheckMark::Info:
            return "info";
        case CheckMark::Warn:
            return "warn";
        case CheckMark::Fail:
            return "fail";
        case CheckMark::NotApplicable:
            return "not_applicable";
    }
    return "";
}

std::vector<std::vector<std::int32_t>> ValidationSetup::ids() const {
    std::vector<std::vector<std::int32_t>> out;
    for (const TokenizedText& sequence : request->sequences)
        out.push_back(sequence.ids());
    return out;
}

Result<ValidationReport> validate_attention(ModelRunner& runner, const ValidationRequest& request,
                                            const JobContext& job) {
    const Stopwatch stopwatch;
    HEADLIGHT_CHECK(check_validation(request));
    const ValidationSetup setup{&runner, &request, static_cast<int>(request.sequences.size()),
                                static_cast<int>(request.sequences.front().tokens.size())};
    ValidationReport report;
    report.spec = runner.spec();
    report.text_name = request.text_name;
    report.num_sequences = setup.num_sequences;
    report.sequence_length = setup.sequence_length;
    report.ids = setup.ids();
    Checks checks;
    for (const auto* descriptor : validation_checks())
        checks.push_back(descriptor->make(setup));
    HEADLIGHT_CHECK(show_sequences(setup, checks, job));
    for (std::size_t i = 0; i < checks.size(); ++i) {
        const ValidationCheckDescriptor& descriptor = *validation_checks()[i];
        job.report({descriptor.title, -1.0, {}});
        HEADLIGHT_TRY(CheckReport check, checks[i]->finish(report.findings, job));
        check.number = static_cast<int>(i) + 1;
        check.id = descriptor.id;
        check.title = descriptor.title;
        count_lines(check, report);
        report.checks.push_back(std::move(check));
    }
    conclude(report);
    report.seconds = stopwatch.seconds();
    return report;
}

}  // namespace headlight
