// What a scan measures beside its sequences: weights, sentences with gold syntax, needles and copying.
#include <algorithm>
#include <limits>

#include "analysis/weights/spectrum.h"
#include "base/parallel.h"
#include "study/scan/measure.h"

namespace headlight {
namespace {

float metric_or_none(const std::optional<double>& value) {
    return value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

Result<ScanRecord> ScanMeasurer::measure_weights(const JobContext& job) {
    const ModelSpec& spec = runner_->spec();
    const std::size_t num_metrics = metrics().size();
    ScanRecord record;
    record.metrics.assign(num_heads() * num_metrics, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t head = 0; head < num_heads(); ++head) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading the weights");
        const std::vector<int>& absent = spec.layers_without_attention;
        if (std::binary_search(absent.begin(), absent.end(), head_at(head).layer)) continue;
        const auto weights = runner_->head_weights(head_at(head).layer, head_at(head).head);
        if (!weights) {
            if (weights.error().kind != ErrorKind::Unsupported) return fail(weights.error());
            record.note = weights.error().message;
            return record;
        }
        for (const MetricValue& value :
             compute_weight_metrics(compute_spectrum(*weights), spec.hidden_size, spec.head_dim)) {
            for (std::size_t m = 0; m < num_metrics; ++m) {
                if (metrics()[m] == value.metric)
                    record.metrics[head * num_metrics + m] = metric_or_none(value.value);
            }
        }
    }
    return record;
}

Result<std::vector<ScanRecord>> ScanMeasurer::sentence_records(std::span<const ScanItem> items,
                                                               const JobContext& job) {
    std::vector<ScanRecord> records(items.size());
    std::vector<std::vector<EligiblePairs>> relations(items.size());
    std::vector<RunRequest> requests;
    std::vector<std::size_t> asked;  // sentences with relations
    for (std::size_t i = 0; i < items.size(); ++i) {
        const GoldSentence& sentence = sentence_of(items[i]);
        records[i].document = sentence.document;
        relations[i] = eligible_pairs(sentence.relations, runner_->spec().is_causal);
        if (relations[i].empty()) continue;
        for (const EligiblePairs& relation : relations[i])
            records[i].relations.push_back({relation.name, relation.chance, pair_offsets(relation)});
        requests.emplace_back();
        for (const Token& token : sentence.tokens)
            requests.back().ids.push_back(token.id);
        asked.push_back(i);
    }
    if (asked.empty()) return records;
    HEADLIGHT_TRY(const std::vector<RunResult> results,
                  runner_->run_batch(requests, num_threads_, JobContext(job.stop_token())));
    for (std::size_t i = 0; i < asked.size(); ++i)
        read_relations(*results[i].trace, sentence_of(items[asked[i]]), relations[asked[i]],
                       records[asked[i]]);
    return records;
}

void ScanMeasurer::read_relations(const AttentionTrace& trace, const GoldSentence& sentence,
                                  std::span<const EligiblePairs> relations, ScanRecord& record) const {
    record.hits.resize(num_heads() * relations.size());
    parallel_for(num_heads(), num_threads_, [&](std::size_t head) {
        const std::vector<float> matrix = trace.matrix(head_at(head).layer, head_at(head).head);
        const std::vector<int> hits = count_hits(matrix, sentence.relations, relations);
        std::copy(hits.begin(), hits.end(),
                  record.hits.begin() + static_cast<std::ptrdiff_t>(head * hits.size()));
    });
}

Result<ScanRecord> ScanMeasurer::needle_record(const ScanItem& item, const JobContext& job) {
    ScanRecord record;
    record.document = "needle " + std::to_string(item.number + 1);
    HEADLIGHT_TRY(const auto scores,
                  measure_needle(*runner_, plan_.needles[static_cast<std::size_t>(item.number)],
                                 JobContext(job.stop_token())));
    for (const SequenceScore& score : scores)
        record.scores.emplace_back(score);
    return record;
}

Result<ScanRecord> ScanMeasurer::copy_record(const ScanItem& item, const JobContext& job) {
    ScanRecord record;
    record.document = "copy batch " + std::to_string(item.number + 1);
    auto measured = measure_copying(*runner_, plan_.copy_batches[static_cast<std::size_t>(item.number)],
                                    JobContext(job.stop_token()));
    if (!measured) {
        if (measured.error().kind != ErrorKind::Unsupported) return fail(std::move(measured).error());
        record.note = measured.error().message;
        return record;
    }
    for (const SequenceScore& score : measured->scores)
        record.scores.emplace_back(score);
    record.metrics = std::move(measured->negative);
    return record;
}

}  // namespace headlight
