// The atlas from the journals of all shards: records sorted by sequence, then statistics over sequences.
// Which process measured what, and when, leaves no trace.
#include "study/scan/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/patterns/head_shape.h"
#include "base/parallel.h"
#include "study/atlas/answers.h"
#include "study/scan/journal.h"
#include "study/scan/random.h"

namespace headlight {
namespace {

bool is_list_of(std::size_t found, std::size_t wanted) {
    return found == 0 || found == wanted;
}

/// What a record holds fits the model and the plan; everything after this may index freely.
bool fits(const ScanRecord& record, const ScanRecords& scan) {
    if (record.index >= scan.records.size()) return false;
    const std::size_t heads = scan.num_heads();
    const ScanPart part = scan.facts.items[record.index].part;
    if (part == ScanPart::SentenceDiscovery || part == ScanPart::Sentence) {
        return record.scores.empty() && record.metrics.empty() && record.examples.empty() &&
               record.hits.size() == heads * record.relations.size();
    }
    if (!record.relations.empty()) return false;
    if (part == ScanPart::Needle || part == ScanPart::Copy) {
        return is_list_of(record.scores.size(), heads) && is_list_of(record.metrics.size(), heads) &&
               record.examples.empty();
    }
    bool is_sound = is_list_of(record.scores.size(), heads * scan.facts.detectors.size()) &&
                    is_list_of(record.metrics.size(), heads * scan.facts.metrics.size());
    for (const ExampleRow& row : record.examples) {
        is_sound = is_sound && row.head < heads && row.detector >= -1 &&
                   row.detector < static_cast<int>(scan.facts.detectors.size());
    }
    return is_sound;
}

/// "3, 7-12, 20": at most a dozen ranges.
std::string ranges_text(const std::vector<std::size_t>& numbers) {
    std::string out;
    int num_ranges = 0;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1)
            ++end;
        if (num_ranges++ == 12) return out + " ...";
        out += (out.empty() ? "" : ", ") + std::to_string(numbers[i]);
        if (end - i > 1) out += "-" + std::to_string(numbers[end - 1]);
        i = end;
    }
    return out;
}

class JournalCollector {
  public:
    Status read(const std::string& path) {
        HEADLIGHT_TRY(const JournalContents contents,
                      read_journal(path, [&](std::string_view bytes) -> Status {
                          auto record = decode_record(bytes);
                          if (!record) return fail(std::move(record).error().in_file(path));
                          found_.push_back(std::move(*record));
                          return {};
                      }));
        if (header_.empty()) {
            header_ = contents.header;
            HEADLIGHT_TRY(scan_.facts, facts_from_json(header_, path));
            scan_.records.resize(scan_.facts.items.size());
            is_there_.resize(scan_.facts.items.size(), false);
        } else if (const std::string differences = header_differences(header_, contents.header);
                   !differences.empty()) {
            return fail(make_error(ErrorKind::InvalidInput,
                                   "these journals are of different scans; this one differs in: {}",
                                   differences)
                            .in_file(path));
        }
        for (ScanRecord& record : found_) {
            if (!fits(record, scan_))
                return fail(make_error(ErrorKind::Corrupt, "the record of sequence {} does not fit its scan",
                                       record.index)
                                .in_file(path));
            is_there_[record.index] = true;
            scan_.records[record.index] = std::move(record);
        }
        found_.clear();
        return {};
    }

    Result<ScanRecords> finish() {
        std::vector<std::size_t> missing;
        for (std::size_t i = 0; i < is_there_.size(); ++i) {
            if (!is_there_[i]) missing.push_back(i);
        }
        if (!missing.empty()) {
            return fail(ErrorKind::Missing,
                        "{} of {} sequences are in no journal (numbers {}); run the shards that have them to "
                        "their end, then merge",
                        missing.size(), is_there_.size(), ranges_text(missing));
        }
        return std::move(scan_);
    }

  private:
    ScanRecords scan_;
    std::string header_;
    std::vector<bool> is_there_;
    std::vector<ScanRecord> found_;
};

/// Which parts decide a family of tests.
struct Parts {
    ScanPart text, repeat;
    bool has_behaviour = false;
    int model = -1;
};

std::vector<ScanSamples> collect(const ScanRecords& scan, const Parts& parts) {
    const auto registry = detectors();
    std::vector<ScanSamples> samples(scan.num_heads() * registry.size());
    std::vector<std::string> sources;
    for (const DetectorDescriptor* detector : registry)
        sources.push_back(measured_on(*detector, scan.facts));
    for (std::size_t i = 0; i < scan.records.size(); ++i) {
        const ScanItem& item = scan.facts.items[i];
        const ScanRecord& record = scan.records[i];
        if (item.model != parts.model || record.scores.empty()) continue;
        std::string source;
        if (item.part == parts.text) source = "corpus";
        if (item.part == parts.repeat) source = "random-repeat";
        if (parts.has_behaviour && item.part == ScanPart::Needle) source = "needle";
        if (parts.has_behaviour && item.part == ScanPart::Copy) source = "copy";
        if (source.empty()) continue;
        const bool is_behaviour = source == "needle" || source == "copy";
        for (std::size_t d = 0; d < registry.size(); ++d) {
            if (sources[d] != source) continue;
            for (std::size_t head = 0; head < scan.num_heads(); ++head)
                samples[head * registry.size() + d].add(
                    record.scores[is_behaviour ? head : head * registry.size() + d]);
        }
    }
    return samples;
}

AtlasControl control_of(const char* name, int num_runs, const std::vector<const ScanTests*>& all) {
    AtlasControl control;
    control.name = name;
    control.num_runs = num_runs;
    for (const ScanTests* tests : all) {
        control.num_content_tests += tests->num_content_tests;
        control.num_positional_tests += tests->num_positional_tests;
        for (std::size_t i = 0; i < tests->entries.size(); ++i) {
            if (!tests->entries[i].is_tagged) continue;
            const bool is_content = detectors()[i % detectors().size()]->kind != DetectorKind::Positional;
            (is_content ? control.num_content_tags : control.num_positional_tags) += 1;
        }
    }
    return control;
}

std::string note_of(const ScanRecords& scan, ScanPart part) {
    for (std::size_t i = 0; i < scan.records.size(); ++i) {
        if (scan.facts.items[i].part == part && !scan.records[i].note.empty()) return scan.records[i].note;
    }
    return {};
}

void fill_facts(const ScanRecords& scan, Atlas& atlas) {
    const ScanFacts& facts = scan.facts;
    atlas.model = facts.model;
    atlas.family = facts.family;
    atlas.dtype = facts.dtype;
    atlas.model_path = facts.model_path;
    atlas.num_layers = facts.num_layers;
    atlas.num_heads = facts.num_heads;
    atlas.corpus = facts.corpus;
    atlas.num_corpus_bytes = facts.num_corpus_bytes;
    atlas.seed = facts.seed;
    atlas.sequence_length = facts.sequence_length;
    atlas.num_discovery = facts.num_discovery;
    atlas.num_confirmation = facts.num_confirmation;
    atlas.probes = facts.probes;
    for (const DetectorDescriptor* detector : detectors()) {
        atlas.detectors.push_back({detector->id, detector->label, detector->definition, detector->source,
                                   detector->kind != DetectorKind::Positional, detector->threshold,
                                   measured_on(*detector, facts)});
    }
}

/// Means over the confirmation sequences, and what the weights say.
std::vector<std::map<std::string, std::optional<double>>> head_metrics(const ScanRecords& scan) {
    const std::size_t num_metrics = scan.facts.metrics.size();
    std::vector<double> sums(scan.num_heads() * num_metrics, 0.0);
    std::vector<int> counts(sums.size(), 0);
    for (std::size_t i = 0; i < scan.records.size(); ++i) {
        const ScanPart part = scan.facts.items[i].part;
        const std::vector<float>& values = scan.records[i].metrics;
        if ((part != ScanPart::Confirmation && part != ScanPart::Weights) || values.empty()) continue;
        for (std::size_t at = 0; at < values.size(); ++at) {
            if (!std::isfinite(values[at])) continue;
            sums[at] += values[at];
            ++counts[at];
        }
    }
    std::vector<std::map<std::string, std::optional<double>>> out(scan.num_heads());
    for (std::size_t at = 0; at < sums.size(); ++at) {
        if (counts[at] > 0)
            out[at / num_metrics][scan.facts.metrics[at % num_metrics]] = sums[at] / counts[at];
    }
    return out;
}

/// From the mean scores over the confirmation sequences.
std::string shape_of(const Atlas& atlas, std::size_t head) {
    ShapeEvidence evidence;
    for (std::size_t d = 0; d < atlas.detectors.size(); ++d) {
        const AtlasScore& mean = atlas.entries[head * atlas.detectors.size() + d].confirmation;
        const std::string& id = atlas.detectors[d].id;
        if (id == "first_token") evidence.first = mean.score;
        // The best column of a text is something in any head; it counts where it is more than chance across
        // texts.
        const bool is_column = atlas.entries[head * atlas.detectors.size() + d].is_tagged;
        if (id == "global_column" && is_column) evidence.column = mean.score;
        if (id == "delimiter") evidence.delimiter = mean.score;
        if (id == "self") evidence.self = mean.score;
        if (id == "previous_token") evidence.previous = mean.score;
        if (id == "next_token") evidence.next = mean.score;
        if (id == "block") evidence.block_kappa = mean.kappa;
    }
    return head_shape(evidence).label;
}

/// The tag that says most: interpretability times ln lift. By interpretability alone a wide pattern always
/// beats the narrow one inside it (every previous-token head is a better local-window head). What a head
/// attends to goes before what it copies.
std::string best_detector(const Atlas& atlas, std::size_t head) {
    std::string best;
    std::pair<bool, double> most{false, -1};
    for (std::size_t d = 0; d < atlas.detectors.size(); ++d) {
        const AtlasEntry& entry = atlas.entries[head * atlas.detectors.size() + d];
        if (!entry.is_tagged) continue;
        const double strength =
            entry.interpretability.value_or(0) * std::log(std::max(1.0, entry.confirmation.lift.value_or(1)));
        const std::pair<bool, double> found{detectors()[d]->kind != DetectorKind::Behaviour, strength};
        if (!best.empty() && found <= most) continue;
        most = found;
        best = entry.detector;
    }
    return best;
}

void fill_heads(const ScanRecords& scan, int num_threads, Atlas& atlas) {
    atlas.heads.resize(scan.num_heads());
    const auto metrics_of = head_metrics(scan);
    parallel_for(atlas.heads.size(), num_threads, [&](std::size_t i) {
        AtlasHead& head = atlas.heads[i];
        head.head = atlas.grid().at(i);
        head.metrics = metrics_of[i];
        head.shape = shape_of(atlas, i);
        head.best_detector = best_detector(atlas, i);
        head.examples = gather_examples(scan, head);
    });
}

/// Why an entry has no value, in the words of a person.
std::string absence_reason(const AtlasDetector& detector, const ScanRecords& scan,
                           const std::string& copy_note) {
    const bool is_probe = detector.measured_on != "corpus";
    const bool has_probe = std::find(scan.facts.probes.begin(), scan.facts.probes.end(),
                                     detector.measured_on) != scan.facts.probes.end();
    if (is_probe && !has_probe)
        return "not measured: the probe '" + detector.measured_on + "' was not asked for";
    if (detector.measured_on == "copy" && !copy_note.empty()) return "not measured: " + copy_note;
    if (is_probe) return "not measured: the probe has no sequence for this model, vocabulary and length";
    return "no row of these texts can show the pattern";
}

void add_negative_copying(const ScanRecords& scan, Atlas& atlas) {
    std::vector<double> sums(scan.num_heads(), 0.0);
    int count = 0;
    for (std::size_t i = 0; i < scan.records.size(); ++i) {
        if (scan.facts.items[i].part != ScanPart::Copy || scan.records[i].metrics.empty()) continue;
        ++count;
        for (std::size_t head = 0; head < sums.size(); ++head)
            sums[head] += scan.records[i].metrics[head];
    }
    for (AtlasEntry& entry : atlas.entries) {
        if (count == 0 || entry.detector != "copying" || entry.confirmation.num_sequences == 0) continue;
        entry.reason += fmt::format("; with the output turned around (-W_O) the rate is {:.3f}",
                                    sums[atlas.grid().index(entry.head)] / count);
    }
}

}  // namespace

std::string measured_on(const DetectorDescriptor& detector, const ScanFacts& facts) {
    const std::string_view id = detector.id;
    if (id == "copying") return "copy";
    if (id == "retrieval") return "needle";
    const bool has_repeats =
        std::find(facts.probes.begin(), facts.probes.end(), "random-repeat") != facts.probes.end();
    return has_repeats && (id == "induction" || id == "duplicate_token") ? "random-repeat" : "corpus";
}

Result<Atlas> merge_scan(const std::vector<std::string>& folders, const JobContext& job) {
    JournalCollector collector;
    std::size_t num_journals = 0;
    for (const std::string& folder : folders) {
        for (const std::string& path : find_journals(folder)) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading journals");
            job.report({"reading journals", -1, path});
            HEADLIGHT_CHECK(collector.read(path));
            ++num_journals;
        }
    }
    if (num_journals == 0)
        return fail(make_error(ErrorKind::Missing, "there is no journal of a scan here")
                        .in_file(folders.empty() ? std::string() : folders[0]));
    HEADLIGHT_TRY(const ScanRecords scan, collector.finish());
    const int num_threads = default_num_threads();
    const HeadGrid grid = scan.facts.grid();
    const std::uint64_t seed = scan.facts.seed;
    Atlas atlas;
    fill_facts(scan, atlas);
    job.report({"testing every head and detector", 0, ""});
    ScanTests main = test_entries(collect(scan, {ScanPart::Confirmation, ScanPart::Repeat, true}), grid, true,
                                  num_threads, seed);
    ScanOutcome outcome;
    outcome.copy_note = note_of(scan, ScanPart::Copy);
    outcome.random_note = note_of(scan, ScanPart::RandomText);
    std::optional<ScanTests> shuffled;
    if (scan.facts.has_controls) {
        shuffled = test_entries(collect(scan, {ScanPart::Shuffled, ScanPart::ShuffledRepeat}), grid, false,
                                num_threads, seed);
        for (std::size_t i = 0; i < main.entries.size(); ++i)
            main.entries[i].shuffled_score = shuffled->entries[i].confirmation.score;
        outcome.shuffled = &*shuffled;
        atlas.controls.push_back(control_of("shuffled tokens", scan.facts.num_confirmation, {&*shuffled}));
    }
    for (int model = 0; model < scan.facts.num_random_models && outcome.random_note.empty(); ++model) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while testing");
        job.report(
            {"testing the random models", static_cast<double>(model) / scan.facts.num_random_models, ""});
        outcome.random.push_back(
            test_entries(collect(scan, {ScanPart::RandomText, ScanPart::RandomRepeat, false, model}), grid,
                         false, num_threads, seed));
    }
    if (!outcome.random.empty()) {
        std::vector<const ScanTests*> all;
        for (const ScanTests& tests : outcome.random)
            all.push_back(&tests);
        atlas.controls.push_back(control_of("random weights", scan.facts.num_random_models, all));
    }
    const auto before = collect(scan, {ScanPart::Discovery, ScanPart::RepeatDiscovery});
    for (std::size_t i = 0; i < main.entries.size(); ++i) {
        AtlasEntry& entry = main.entries[i];
        entry.discovery = mean_score(before[i]);
        if (entry.confirmation.num_sequences == 0)
            entry.reason =
                absence_reason(atlas.detectors[i % atlas.detectors.size()], scan, outcome.copy_note);
    }
    fill_relations(scan, num_threads, atlas);
    outcome.main = &main;
    atlas.methods = describe_methods(scan, outcome, atlas);
    atlas.entries = std::move(main.entries);
    add_negative_copying(scan, atlas);
    fill_heads(scan, num_threads, atlas);
    atlas.answers = answer_questions(atlas);
    return atlas;
}

}  // namespace headlight
