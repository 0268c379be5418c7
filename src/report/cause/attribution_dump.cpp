#include <fmt/format.h>

#include <algorithm>

#include "report/cause/attribution_report.h"
#include "run/cause/causal_text.h"

namespace headlight {
namespace {

constexpr std::size_t kMostDumpedCells = std::size_t{1} << 28;  // of one tensor [L, H, N, N]

/// Every cell of a trace, [L, H, N, N].
std::vector<float> all_cells(const AttentionTrace& trace) {
    std::vector<float> out;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            out.insert(out.end(), matrix.begin(), matrix.end());
        }
    }
    return out;
}

TensorFile::Shape cell_shape(const AttentionTrace& trace) {
    return {trace.num_layers(), trace.num_heads(), trace.num_queries(), trace.num_keys()};
}

void add_without(const TracePtr& trace, std::vector<bool> is_sink, const std::string& name,
                 TensorFile& file) {
    const auto shown = WeightedTrace::without_sink(trace, std::move(is_sink));
    std::vector<std::uint8_t> valid;
    for (int layer = 0; layer < trace->num_layers(); ++layer)
        for (int head = 0; head < trace->num_heads(); ++head)
            for (const auto& rest : shown->rest(layer, head))
                valid.push_back(rest.state == RowRest::Shown ? 1 : 0);
    TensorFile::Shape rows = cell_shape(*trace);
    rows.pop_back();
    file.add(name, cell_shape(*trace), all_cells(*shown));
    file.add_flags(name + ".valid", rows, valid);
}

/// [L * H, N] as [L, H, N].
TensorFile::Shape by_head(const AttentionTrace& trace) {
    return {trace.num_layers(), trace.num_heads(), trace.num_keys()};
}

Status add_lengths(CausalRun& run, TensorFile& file) {
    const AttentionTrace& trace = *run.trace();
    for (const bool has_bias : {true, false}) {
        const std::string ending = has_bias ? "" : "_no_bias";
        HEADLIGHT_TRY(const CellFactors values, run.cell_factors(WeightsShown::Value, nullptr, has_bias));
        HEADLIGHT_TRY(const Matrix moved, run.moved_lengths(has_bias));
        file.add("cell.value_norm" + ending, values.key, by_head(trace));
        file.add("cell.f_norm" + ending, moved, by_head(trace));
    }
    return {};
}

Status add_effects(CausalRun& run, const Question& question, TensorFile& file) {
    HEADLIGHT_TRY(const WeightedPtr effects,
                  weighted_trace(run, run.trace(), WeightsShown::Effect, &question));
    file.add("cell.logit_diff", cell_shape(*effects), all_cells(*effects));
    HEADLIGHT_TRY(CellFactors factors, run.answer_factors(question));
    const auto answer = WeightedTrace::with_factors(run.trace(), WeightsShown::Effect,
                                                    std::make_shared<const CellFactors>(std::move(factors)));
    std::vector<float> at(static_cast<std::size_t>(answer->num_keys())), all;
    for (int layer = 0; layer < answer->num_layers(); ++layer) {
        for (int head = 0; head < answer->num_heads(); ++head) {
            answer->rows(layer, head, question.position, question.position + 1, at);
            all.insert(all.end(), at.begin(), at.end());
        }
    }
    file.add("cell.logit_answer_at", by_head(*answer), all);
    return {};
}

}  // namespace

Status add_cells(CausalRun& run, const TokenizedText& tokens, const Tokenizer* tokenizer,
                 const Question& question, TensorFile& file) {
    const TracePtr& trace = run.trace();
    const auto count = static_cast<std::size_t>(trace->num_keys());
    if (trace->grid().size() * count * count > kMostDumpedCells)
        return fail(
            ErrorKind::OutOfMemory,
            "a dump of all cells of {} tokens holds {} values a kind, at most {} are written; shorten "
            "the text",
            count, trace->grid().size() * count * count, kMostDumpedCells);
    const int positions[] = {question.position};
    HEADLIGHT_TRY(const Matrix logits, run.logits(positions));
    file.add("logits_at", logits, {logits.cols});
    file.add("cell.raw", cell_shape(*trace), all_cells(*trace));
    std::vector<bool> first(count, false);
    first.front() = true;
    add_without(trace, first, "cell.sink_removed", file);
    // Begin, end and separators; the first key is one of them only where it is special itself.
    std::vector<bool> special = sink_keys(tokens, tokenizer);
    special.front() = tokens.tokens.front().is_special;
    const auto has_special = std::find(special.begin(), special.end(), true) != special.end();
    if (has_special && special != first) add_without(trace, special, "cell.special_removed", file);
    HEADLIGHT_CHECK(add_lengths(run, file));
    HEADLIGHT_TRY(const WeightedPtr written, weighted_trace(run, trace, WeightsShown::Norm, nullptr));
    file.add("cell.written_norm", cell_shape(*trace), all_cells(*written));
    return run.why_no_attribution().empty() ? add_effects(run, question, file) : Status{};
}

Status add_attribution(const Attribution& attribution, TensorFile& file) {
    file.add("dla.answer", attribution.answer);
    if (!attribution.rival.empty()) file.add("dla.foil", attribution.rival);
    file.add("dla.vocab_mean", attribution.vocab_mean);
    const std::vector<std::int32_t> ranks(attribution.answer_rank.begin(), attribution.answer_rank.end());
    if (!ranks.empty()) file.add("dla.answer_rank", {static_cast<std::int64_t>(ranks.size())}, ranks);
    return {};
}

}  // namespace headlight
