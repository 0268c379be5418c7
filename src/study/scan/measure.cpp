#include "study/scan/measure.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/weights/spectrum.h"
#include "base/parallel.h"
#include "study/scan/examples.h"
#include "study/scan/random.h"

namespace headlight {
namespace {

constexpr std::size_t kProfileTexts = 8;     // of the discovery half; each process measures them itself
constexpr std::size_t kLikelyDetectors = 3;  // for which a head keeps examples
constexpr double kLikelyShare = 0.5;         // of the threshold
constexpr float kLeastProbeScore = 0.1f;     // of a head whose probe rows are kept

bool is_repeat(ScanPart part) {
    return part == ScanPart::RepeatDiscovery || part == ScanPart::Repeat ||
           part == ScanPart::ShuffledRepeat || part == ScanPart::RandomRepeat;
}
bool is_shuffled(ScanPart part) {
    return part == ScanPart::Shuffled || part == ScanPart::ShuffledRepeat;
}
bool is_discovery(ScanPart part) {
    return part == ScanPart::Discovery || part == ScanPart::RepeatDiscovery;
}

bool is_sentence(ScanPart part) {
    return part == ScanPart::SentenceDiscovery || part == ScanPart::Sentence;
}

bool is_measured_on_repeats(const DetectorDescriptor& detector) {
    return std::string_view(detector.id) == "induction" || std::string_view(detector.id) == "duplicate_token";
}

float as_float(const std::optional<double>& value) {
    return value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
}

/// The statistic that the threshold is on.
std::optional<double> deciding_value(const DetectorDescriptor& detector, const SequenceScore& score) {
    if (!score.score) return std::nullopt;
    if (detector.has_argmax_threshold) return score.argmax_rate;
    if (!detector.has_kappa_threshold) return score.score;
    return score.null && *score.null < 1
               ? std::optional<double>((*score.score - *score.null) / (1 - *score.null))
               : std::nullopt;
}

}  // namespace

std::size_t ScanMeasurer::num_heads() const {
    return plan_.facts.grid().size();
}

HeadId ScanMeasurer::head_at(std::size_t index) const {
    return plan_.facts.grid().at(index);
}

Result<ScanRecord> ScanMeasurer::measure(std::size_t index, const JobContext& job) {
    const ScanItem& item = plan_.items()[index];
    HEADLIGHT_CHECK(prepare(item, job));
    ScanRecord record;
    if (runner_ == nullptr) {
        record.note = refusal_;
    } else if (item.part == ScanPart::Weights) {
        HEADLIGHT_TRY(record, measure_weights(job));
    } else if (item.part == ScanPart::Needle) {
        HEADLIGHT_TRY(record, needle_record(item, job));
    } else if (item.part == ScanPart::Copy) {
        HEADLIGHT_TRY(record, copy_record(item, job));
    } else if (is_sentence(item.part)) {
        HEADLIGHT_TRY(record, sentence_record(item, job));
    } else {
        HEADLIGHT_TRY(record, measure_sequence(item, job));
    }
    record.index = static_cast<std::uint32_t>(index);
    return record;
}

Status ScanMeasurer::prepare(const ScanItem& item, const JobContext& job) {
    if (item.model != current_model_) {
        current_model_ = item.model;
        profiles_.clear();
        random_.reset();
        runner_ = nullptr;
        refusal_.clear();
        if (item.model < 0) {
            runner_ = model_.runner;
        } else if (!model_.random_copy) {
            refusal_ = "no model with random weights could be made";
        } else {
            auto made = model_.random_copy(item.model);
            if (made) {
                random_ = std::move(*made);
                runner_ = random_.get();
            } else if (made.error().kind == ErrorKind::Unsupported) {
                refusal_ = made.error().message;
            } else {
                return fail(std::move(made).error());
            }
        }
    }
    const bool needs_profiles = item.part != ScanPart::Weights && item.part != ScanPart::Needle &&
                                item.part != ScanPart::Copy && !is_sentence(item.part) &&
                                !is_discovery(item.part);
    if (runner_ != nullptr && needs_profiles && profiles_.empty()) return measure_profiles(job);
    return {};
}

Status ScanMeasurer::measure_profiles(const JobContext& job) {
    const auto registry = detectors();
    profiles_.resize(num_heads());
    std::vector<std::vector<double>> sums(num_heads(), std::vector<double>(registry.size(), 0.0));
    const std::size_t count = std::min(kProfileTexts, plan_.selection.discovery.size());
    for (std::size_t number = 0; number < count; ++number) {
        const Sequence sequence = sequence_of({ScanPart::Discovery, static_cast<int>(number), -1});
        const SequenceText text = text_of(sequence, 0, 0);
        HEADLIGHT_TRY(const TracePtr trace, run(sequence, text, job));
        parallel_for(num_heads(), num_threads_, [&](std::size_t head) {
            profiles_[head].add(*trace, head_at(head));
            if (current_model_ >= 0) return;
            const std::vector<SequenceScore> scores = score_sequence(*trace, text, head_at(head));
            for (std::size_t d = 0; d < registry.size(); ++d)
                sums[head][d] +=
                    deciding_value(*registry[d], scores[d]).value_or(0) / static_cast<double>(count);
        });
    }
    if (current_model_ >= 0) return {};
    likely_detectors_.assign(num_heads(), {});
    for (std::size_t head = 0; head < num_heads(); ++head) {
        std::vector<std::pair<double, int>> order;  // by how far beyond its threshold
        for (std::size_t d = 0; d < registry.size(); ++d) {
            const double ratio = sums[head][d] / std::max(1e-6, registry[d]->threshold);
            if (ratio >= kLikelyShare && !is_measured_on_repeats(*registry[d]))
                order.emplace_back(-ratio, static_cast<int>(d));
        }
        std::sort(order.begin(), order.end());
        for (std::size_t i = 0; i < std::min(kLikelyDetectors, order.size()); ++i)
            likely_detectors_[head].push_back(order[i].second);
    }
    return {};
}

ScanMeasurer::Sequence ScanMeasurer::sequence_of(const ScanItem& item) const {
    Sequence sequence;
    const auto number = static_cast<std::size_t>(item.number);
    if (is_repeat(item.part)) {
        const auto& list = item.part == ScanPart::RepeatDiscovery ? plan_.repeats_discovery : plan_.repeats;
        sequence.document = "random repeat " + std::to_string(number + 1);
        sequence.tokens = tokens_of_ids(*model_.tokenizer, list[number]);
    } else {
        const auto& half =
            item.part == ScanPart::Discovery ? plan_.selection.discovery : plan_.selection.confirmation;
        sequence.document = half[number].document;
        sequence.first_token = half[number].first_token;
        sequence.tokens = half[number].tokens;
    }
    for (const Token& token : sequence.tokens)
        sequence.ids.push_back(token.id);
    if (is_shuffled(item.part)) {
        // What stands first stays there: that is no order of the text.
        ScanRandom random(scan_hash(plan_.facts.seed, 0x5348, static_cast<std::uint64_t>(item.part), number));
        const std::size_t first = !sequence.tokens.empty() && sequence.tokens[0].is_special ? 1 : 0;
        for (std::size_t i = first; i + 1 < sequence.ids.size(); ++i)
            std::swap(sequence.ids[i], sequence.ids[i + random.below(sequence.ids.size() - i)]);
    }
    return sequence;
}

SequenceText ScanMeasurer::text_of(const Sequence& sequence, int num_permutations, std::uint64_t seed) const {
    SequenceOptions options;
    options.frequencies = plan_.selection.frequencies.total > 0 ? &plan_.selection.frequencies : nullptr;
    options.num_permutations = num_permutations;
    options.seed = seed;
    std::vector<std::int32_t> ids;
    for (const Token& token : sequence.tokens)
        ids.push_back(token.id);
    const Result<Matrix> embeddings = runner_->token_embeddings(ids);
    if (embeddings) options.embeddings = &*embeddings;  // read here only
    return SequenceText(sequence.tokens, runner_->spec().is_causal, options);
}

Result<TracePtr> ScanMeasurer::run(const Sequence& sequence, const SequenceText& text,
                                   const JobContext& job) const {
    RunRequest request;
    request.ids = sequence.ids;
    request.key_sets = text.live_key_sets();
    request.may_reuse_prefix = false;
    // Progress of one pass is of no interest in hundreds.
    HEADLIGHT_TRY(RunResult result, runner_->run(request, JobContext(job.stop_token())));
    return std::move(result.trace);
}

Result<ScanRecord> ScanMeasurer::measure_sequence(const ScanItem& item, const JobContext& job) {
    const Sequence sequence = sequence_of(item);
    const std::uint64_t seed = scan_hash(plan_.facts.seed, static_cast<std::uint64_t>(item.part),
                                         static_cast<std::uint64_t>(item.number));
    const SequenceText text =
        text_of(sequence, is_discovery(item.part) ? 0 : plan_.facts.num_permutations, seed);
    HEADLIGHT_TRY(const TracePtr trace, run(sequence, text, job));
    ScanRecord record;
    record.document = sequence.document;
    record.first_token = sequence.first_token;
    if (item.part == ScanPart::Confirmation || item.part == ScanPart::Repeat) {
        for (const Token& token : sequence.tokens)
            record.displays.push_back(token.display);
    }
    read_heads(*trace, text, item, record);
    return record;
}

void ScanMeasurer::read_heads(const AttentionTrace& trace, const SequenceText& text, const ScanItem& item,
                              ScanRecord& record) const {
    const auto registry = detectors();
    const std::size_t num_metrics = metrics().size();
    const bool has_metrics = item.part == ScanPart::Confirmation;
    record.scores.resize(num_heads() * registry.size());
    if (has_metrics)
        record.metrics.assign(num_heads() * num_metrics, std::numeric_limits<float>::quiet_NaN());
    std::vector<std::vector<ExampleRow>> examples(num_heads());
    const std::uint64_t seed = scan_hash(plan_.facts.seed, 0x4558, static_cast<std::uint64_t>(item.part),
                                         static_cast<std::uint64_t>(item.number));
    parallel_for(num_heads(), num_threads_, [&](std::size_t head) {
        const HeadId id = head_at(head);
        const PositionalProfile* profile = is_discovery(item.part) ? nullptr : &profiles_[head];
        const std::vector<SequenceScore> scores = score_sequence(trace, text, id, profile);
        for (std::size_t d = 0; d < registry.size(); ++d)
            record.scores[head * registry.size() + d] = StoredScore(scores[d]);
        if (has_metrics) {
            std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
            trace.row_stats(id.layer, id.head, rows);
            for (const MetricValue& value :
                 compute_pattern_metrics(head_pattern(trace.info(), id.layer, rows))) {
                for (std::size_t m = 0; m < num_metrics; ++m) {
                    if (metrics()[m] == value.metric)
                        record.metrics[head * num_metrics + m] = as_float(value.value);
                }
            }
            examples[head] = choose_examples(trace, text, id, likely_detectors_[head], seed);
        } else if (item.part == ScanPart::Repeat) {
            std::vector<int> wanted;
            for (std::size_t d = 0; d < registry.size(); ++d) {
                const StoredScore& score = record.scores[head * registry.size() + d];
                if (is_measured_on_repeats(*registry[d]) && score.has_score() &&
                    score.score >= kLeastProbeScore)
                    wanted.push_back(static_cast<int>(d));
            }
            if (!wanted.empty()) examples[head] = choose_examples(trace, text, id, wanted, seed);
        }
    });
    for (auto& of_head : examples)
        record.examples.insert(record.examples.end(), std::make_move_iterator(of_head.begin()),
                               std::make_move_iterator(of_head.end()));
}

Result<ScanRecord> ScanMeasurer::measure_weights(const JobContext& job) {
    const ModelSpec& spec = runner_->spec();
    const std::size_t num_metrics = metrics().size();
    ScanRecord record;
    record.metrics.assign(num_heads() * num_metrics, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t head = 0; head < num_heads(); ++head) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading the weights");
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
                    record.metrics[head * num_metrics + m] = as_float(value.value);
            }
        }
    }
    return record;
}

Result<ScanRecord> ScanMeasurer::sentence_record(const ScanItem& item, const JobContext& job) {
    const auto& half =
        item.part == ScanPart::Sentence ? plan_.sentences.confirmation : plan_.sentences.discovery;
    const GoldSentence& sentence = half[static_cast<std::size_t>(item.number)];
    ScanRecord record;
    record.document = sentence.document;
    const std::vector<EligiblePairs> relations =
        eligible_pairs(sentence.relations, runner_->spec().is_causal);
    if (relations.empty()) return record;
    for (const EligiblePairs& relation : relations)
        record.relations.push_back({relation.name, relation.chance, pair_offsets(relation)});
    RunRequest request;
    for (const Token& token : sentence.tokens)
        request.ids.push_back(token.id);
    request.may_reuse_prefix = false;
    HEADLIGHT_TRY(const RunResult result, runner_->run(request, JobContext(job.stop_token())));
    record.hits.resize(num_heads() * relations.size());
    parallel_for(num_heads(), num_threads_, [&](std::size_t head) {
        const std::vector<float> matrix = result.trace->matrix(head_at(head).layer, head_at(head).head);
        const std::vector<int> hits = count_hits(matrix, sentence.relations, relations);
        std::copy(hits.begin(), hits.end(),
                  record.hits.begin() + static_cast<std::ptrdiff_t>(head * hits.size()));
    });
    return record;
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
