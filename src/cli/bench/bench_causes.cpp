#include "cli/bench/bench_causes.h"

#include <algorithm>
#include <limits>
#include <random>

#include "base/stopwatch.h"
#include "study/batches.h"

namespace headlight {
namespace {

constexpr int kCauseRepeats = 3;
constexpr double kLongEnoughMs = 20'000;

/// Keeps the least time of what is run.
template <class Body>
auto least_of(double& ms, const Body& body) {
    const Stopwatch start;
    auto result = body();
    ms = std::min(ms, start.milliseconds());
    return result;
}

Status patch_all(PatchingRun& run, const ModelSpec& spec, int num_tokens, const JobContext& job) {
    const auto cells = patch_cells(PatchSite::Head, spec.num_layers, spec.num_heads, num_tokens);
    return run.patch(PatchDirection::Denoise, cells, job, [](std::size_t, const AnswerMetrics&) {});
}

/// Every head alone, measured by the loss.
std::vector<std::vector<Intervention>> every_head(const ModelSpec& spec) {
    std::vector<std::vector<Intervention>> changes;
    for (std::size_t i = 0; i < spec.grid().size(); ++i) {
        Intervention change;
        change.mode = InterventionMode::ZeroOutput;
        change.heads = {spec.grid().at(i)};
        changes.push_back({change});
    }
    return changes;
}

Status sweep_one_by_one(AblationRun& run, const ModelSpec& spec, const JobContext& job) {
    for (const std::vector<Intervention>& change : every_head(spec)) {
        HEADLIGHT_TRY(const AblationOutcome outcome, run.apply(change, {}, job));
    }
    return {};
}

/// As a sweep does it.
Status sweep_all(AblationRun& run, const ModelSpec& spec, const JobContext& job) {
    return run.apply_each(every_head(spec), {}, job, [](std::size_t, AblationOutcome&&) {});
}

/// Captures of one text by itself and of several at once.
Status bench_batch(LiveModel& model, const std::vector<std::int32_t>& ids, CauseBench& row,
                   const JobContext& job) {
    RunRequest request;
    request.ids = ids;
    request.may_reuse_prefix = false;
    std::vector<RunRequest> requests;
    for (BatchBudget budget(model.spec(), row.num_threads); budget.take(ids.size());)
        requests.push_back(request);
    row.num_texts = static_cast<int>(requests.size());
    for (int repeat = 0; repeat < kCauseRepeats; ++repeat) {
        HEADLIGHT_TRY(const RunResult alone,
                      least_of(row.text_ms, [&] { return model.runner->run(request, job); }));
        HEADLIGHT_TRY(const std::vector<RunResult> several, least_of(row.batch_ms, [&] {
                          return model.runner->run_batch(requests, row.num_threads, job);
                      }));
    }
    row.batch_ms /= row.num_texts;
    return {};
}

}  // namespace

Result<CauseBench> bench_causes(LiveModel& model, int num_tokens, int num_threads, const JobContext& job) {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    const ModelSpec& spec = model.spec();
    std::mt19937 random(2);
    std::vector<std::int32_t> ids(static_cast<std::size_t>(num_tokens));
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(spec.vocab_size));
    std::vector<std::int32_t> corrupted = ids;
    corrupted[ids.size() / 2] = (corrupted[ids.size() / 2] + 1) % spec.vocab_size;
    const Question question{num_tokens - 1, ids.front(), corrupted[ids.size() / 2]};
    RunRequest forward;
    forward.ids = ids;
    forward.capture = CaptureMode::None;
    forward.may_reuse_prefix = false;
    forward.logit_positions = {num_tokens - 1};
    CauseBench row{num_tokens,
                   num_threads,
                   kNever,
                   kNever,
                   kNever,
                   kNever,
                   kNever,
                   kNever,
                   kNever,
                   kNever,
                   static_cast<int>(spec.grid().size()),
                   kNever,
                   kNever,
                   0};
    model.engine->set_num_threads(num_threads);
    for (int repeat = 0; repeat < kCauseRepeats; ++repeat) {
        HEADLIGHT_TRY(const RunResult plain,
                      least_of(row.forward_ms, [&] { return model.runner->run(forward, job); }));
        HEADLIGHT_TRY(const auto run,
                      least_of(row.record_ms, [&] { return model.runner->start_causal(ids, job); }));
        HEADLIGHT_TRY(const Attribution attribution,
                      least_of(row.attribute_ms, [&] { return run->attribute(question, false, job); }));
        HEADLIGHT_TRY(const CellFactors factors, least_of(row.cells_ms, [&] {
                          return run->cell_factors(WeightsShown::Effect, &question, true);
                      }));
        if (repeat > 0) continue;
        HEADLIGHT_TRY(const Lens lens, least_of(row.lens_ms, [&] { return run->lens({question}, job); }));
    }
    HEADLIGHT_TRY(const auto patching, model.runner->start_patching(ids, corrupted, question, job));
    HEADLIGHT_TRY(const auto ablation, model.runner->start_ablation(ids, job));
    HEADLIGHT_CHECK(bench_batch(model, ids, row, job));
    for (int repeat = 0; repeat < kCauseRepeats; ++repeat) {
        HEADLIGHT_CHECK(least_of(row.one_by_one_ms, [&] { return sweep_one_by_one(*ablation, spec, job); }));
        HEADLIGHT_CHECK(least_of(row.patch_ms, [&] { return patch_all(*patching, spec, num_tokens, job); }));
        HEADLIGHT_CHECK(least_of(row.sweep_ms, [&] { return sweep_all(*ablation, spec, job); }));
        if (row.patch_ms + row.sweep_ms + row.one_by_one_ms > kLongEnoughMs) break;  // long work is steady
    }
    return row;
}

Json cause_bench_json(const CauseBench& row) {
    return {{"tokens", row.num_tokens},
            {"threads", row.num_threads},
            {"forward_ms", row.forward_ms},
            {"record_ms", row.record_ms},
            {"attribute_ms", row.attribute_ms},
            {"cells_ms", row.cells_ms},
            {"lens_ms", row.lens_ms},
            {"patch_ms", row.patch_ms},
            {"sweep_ms", row.sweep_ms},
            {"one_by_one_ms", row.one_by_one_ms},
            {"heads", row.num_heads},
            {"text_ms", row.text_ms},
            {"batch_ms", row.batch_ms},
            {"batch_texts", row.num_texts},
            {"sweep_gain", row.one_by_one_ms / row.sweep_ms},
            {"batch_gain", row.text_ms / row.batch_ms},
            {"attribute_per_forward", row.attribute_ms / row.forward_ms},
            {"patch_per_sweep", row.patch_ms / row.sweep_ms}};
}

std::string cause_bench_text(const CauseBench& row) {
    return fmt::format(
        "{:7} {:8} {:11.1f} {:10.1f} {:12.1f} {:9.3f} {:9.1f} {:9.1f} {:11.0f} {:11.0f} {:9.2f} {:9.2f} "
        "{:9.1f} {:9.2f}\n",
        row.num_tokens, row.num_threads, row.forward_ms, row.record_ms, row.attribute_ms,
        row.attribute_ms / row.forward_ms, row.cells_ms, row.lens_ms, row.num_heads / row.patch_ms * 1000,
        row.num_heads / row.sweep_ms * 1000, row.patch_ms / row.sweep_ms, row.one_by_one_ms / row.sweep_ms,
        1000 / row.batch_ms, row.text_ms / row.batch_ms);
}

}  // namespace headlight
