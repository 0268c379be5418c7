#include "study/scan/measure.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/metric.h"
#include "base/parallel.h"
#include "study/batches.h"
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

/// The part is a text of its own that goes through the model once.
bool is_one_pass(ScanPart part) {
    return part != ScanPart::Weights && part != ScanPart::Needle && part != ScanPart::Copy;
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

std::size_t ScanMeasurer::batch_length(std::span<const std::size_t> indices) const {
    const ScanItem& first = plan_.items()[indices.front()];
    if (!is_one_pass(first.part)) return 1;
    BatchBudget budget(model_.runner->spec(), num_threads_);
    std::size_t count = 0;
    for (const std::size_t index : indices) {
        const ScanItem& item = plan_.items()[index];
        if (item.part != first.part || item.model != first.model || !budget.take(num_tokens_of(item))) break;
        ++count;
    }
    return count;
}

Result<std::vector<ScanRecord>> ScanMeasurer::measure(std::span<const std::size_t> indices,
                                                      const JobContext& job) {
    std::vector<ScanItem> items;
    for (const std::size_t index : indices)
        items.push_back(plan_.items()[index]);
    const ScanPart part = items.front().part;
    HEADLIGHT_CHECK(prepare(items.front(), job));
    std::vector<ScanRecord> records(items.size());
    if (runner_ == nullptr) {
        for (ScanRecord& record : records)
            record.note = refusal_;
    } else if (!is_one_pass(part)) {
        HEADLIGHT_TRY(records.front(), measure_single(items.front(), job));
    } else if (is_sentence(part)) {
        HEADLIGHT_TRY(records, sentence_records(items, job));
    } else {
        HEADLIGHT_TRY(records, measure_batch(items, job));
    }
    for (std::size_t i = 0; i < records.size(); ++i)
        records[i].index = static_cast<std::uint32_t>(indices[i]);
    return records;
}

Result<ScanRecord> ScanMeasurer::measure_single(const ScanItem& item, const JobContext& job) {
    if (item.part == ScanPart::Weights) return measure_weights(job);
    return item.part == ScanPart::Needle ? needle_record(item, job) : copy_record(item, job);
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
    const bool needs_profiles = is_one_pass(item.part) && !is_sentence(item.part) && !is_discovery(item.part);
    if (runner_ != nullptr && needs_profiles && profiles_.empty()) return measure_profiles(job);
    return {};
}

Status ScanMeasurer::measure_profiles(const JobContext& job) {
    const auto registry = detectors();
    profiles_.resize(num_heads());
    std::vector<std::vector<double>> sums(num_heads(), std::vector<double>(registry.size(), 0.0));
    const std::size_t count = std::min(kProfileTexts, plan_.selection.discovery.size());
    std::vector<ScanItem> items(count);
    for (std::size_t number = 0; number < count; ++number)
        items[number].number = static_cast<int>(number);
    for (std::size_t begin = 0; begin < count;) {
        BatchBudget budget(runner_->spec(), num_threads_);
        std::size_t end = begin;
        while (end < count && budget.take(num_tokens_of(items[end])))
            ++end;
        HEADLIGHT_TRY(const auto passing, run(std::span(items).subspan(begin, end - begin), 0, job));
        for (const Passing& one : passing) {
            parallel_for(num_heads(), num_threads_,
                         [&](std::size_t head) { profiles_[head].add(*one.trace, head_at(head)); });
            if (current_model_ >= 0) continue;
            score_heads(one, {}, [&](std::size_t head, const std::vector<SequenceScore>& scores) {
                for (std::size_t d = 0; d < registry.size(); ++d)
                    sums[head][d] +=
                        deciding_value(*registry[d], scores[d]).value_or(0) / static_cast<double>(count);
            });
        }
        begin = end;
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

const GoldSentence& ScanMeasurer::sentence_of(const ScanItem& item) const {
    const auto& half =
        item.part == ScanPart::Sentence ? plan_.sentences.confirmation : plan_.sentences.discovery;
    return half[static_cast<std::size_t>(item.number)];
}

std::size_t ScanMeasurer::num_tokens_of(const ScanItem& item) const {
    const auto number = static_cast<std::size_t>(item.number);
    if (is_sentence(item.part)) return sentence_of(item).tokens.size();
    if (item.part == ScanPart::RepeatDiscovery) return plan_.repeats_discovery[number].size();
    if (is_repeat(item.part)) return plan_.repeats[number].size();
    const auto& half =
        item.part == ScanPart::Discovery ? plan_.selection.discovery : plan_.selection.confirmation;
    return half[number].tokens.size();
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

Result<std::vector<ScanMeasurer::Passing>> ScanMeasurer::run(std::span<const ScanItem> items,
                                                             int num_permutations,
                                                             const JobContext& job) const {
    std::vector<Passing> passing(items.size());
    parallel_for(items.size(), num_threads_, [&](std::size_t i) {
        const ScanItem& item = items[i];
        const std::uint64_t seed = scan_hash(plan_.facts.seed, static_cast<std::uint64_t>(item.part),
                                             static_cast<std::uint64_t>(item.number));
        passing[i].item = item;
        passing[i].sequence = sequence_of(item);
        passing[i].text = text_of(passing[i].sequence, num_permutations, num_permutations > 0 ? seed : 0);
    });
    std::vector<RunRequest> requests(items.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].ids = passing[i].sequence.ids;
        requests[i].key_sets = passing[i].text->live_key_sets();
    }
    // Progress of one pass is of no interest in hundreds.
    HEADLIGHT_TRY(std::vector<RunResult> results,
                  runner_->run_batch(requests, num_threads_, JobContext(job.stop_token())));
    for (std::size_t i = 0; i < results.size(); ++i)
        passing[i].trace = std::move(results[i].trace);
    return passing;
}

Result<std::vector<ScanRecord>> ScanMeasurer::measure_batch(std::span<const ScanItem> items,
                                                            const JobContext& job) {
    const bool has_permutations = !is_discovery(items.front().part);
    HEADLIGHT_TRY(std::vector<Passing> passing,
                  run(items, has_permutations ? plan_.facts.num_permutations : 0, job));
    std::vector<ScanRecord> records(items.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        const Sequence& sequence = passing[i].sequence;
        records[i].document = sequence.document;
        records[i].first_token = sequence.first_token;
        if (items[i].part == ScanPart::Confirmation || items[i].part == ScanPart::Repeat) {
            for (const Token& token : sequence.tokens)
                records[i].displays.push_back(token.display);
        }
        read_heads(passing[i], records[i]);
        passing[i].trace.reset();
    }
    return records;
}

void ScanMeasurer::score_heads(
    const Passing& passing, std::span<const PositionalProfile> profiles,
    const std::function<void(std::size_t, const std::vector<SequenceScore>&)>& body) const {
    const std::size_t num_blocks = (num_heads() + kHeadsScoredTogether - 1) / kHeadsScoredTogether;
    parallel_for(num_blocks, num_threads_, [&](std::size_t block) {
        const std::size_t begin = block * kHeadsScoredTogether;
        std::vector<HeadId> heads;
        for (std::size_t head = begin; head < std::min(num_heads(), begin + kHeadsScoredTogether); ++head)
            heads.push_back(head_at(head));
        const auto own = profiles.empty() ? profiles : profiles.subspan(begin, heads.size());
        const auto scores = score_sequence(*passing.trace, *passing.text, heads, own);
        for (std::size_t i = 0; i < heads.size(); ++i)
            body(begin + i, scores[i]);
    });
}

void ScanMeasurer::read_heads(const Passing& passing, ScanRecord& record) const {
    const AttentionTrace& trace = *passing.trace;
    const SequenceText& text = *passing.text;
    const ScanItem& item = passing.item;
    const auto registry = detectors();
    const std::size_t num_metrics = metrics().size();
    const bool has_metrics = item.part == ScanPart::Confirmation;
    record.scores.resize(num_heads() * registry.size());
    if (has_metrics)
        record.metrics.assign(num_heads() * num_metrics, std::numeric_limits<float>::quiet_NaN());
    std::vector<std::vector<ExampleRow>> examples(num_heads());
    const std::uint64_t seed = scan_hash(plan_.facts.seed, 0x4558, static_cast<std::uint64_t>(item.part),
                                         static_cast<std::uint64_t>(item.number));
    std::span<const PositionalProfile> profiles;
    if (!is_discovery(item.part)) profiles = profiles_;
    score_heads(passing, profiles, [&](std::size_t head, const std::vector<SequenceScore>& scores) {
        const HeadId id = head_at(head);
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

}  // namespace headlight
