#include "study/scan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "analysis/metric.h"
#include "analysis/probes/probe.h"
#include "study/scan/random.h"
#include "tokenize/excluded_ids.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr int kNumPermutations = 999;
constexpr int kRepeatBlock = 50;

Status check_scan(const ScanRequest& request, const ScanModel& model) {
    if (model.runner == nullptr || model.tokenizer == nullptr)
        return fail(ErrorKind::InvalidInput, "a scan needs a model and its tokenizer");
    const auto refuse = [](const char* what, long long least, long long most, long long found) {
        return fail(ErrorKind::InvalidInput, "{} must lie between {} and {}; {} was given", what, least, most,
                    found);
    };
    if (request.num_sequences < 2 || request.num_sequences > 100000)
        return refuse("the number of sequences", 2, 100000, request.num_sequences);
    if (request.sequence_length < 8 || request.sequence_length > 8192)
        return refuse("the length of a sequence", 8, 8192, request.sequence_length);
    if (request.num_shards < 1 || request.num_shards > 4096)
        return refuse("the number of shards", 1, 4096, request.num_shards);
    if (request.shard < 0 || request.shard >= request.num_shards)
        return refuse("the shard", 0, request.num_shards - 1, request.shard);
    if (request.num_random_models < 0 || request.num_random_models > 1000)
        return refuse("the number of random models", 0, 1000, request.num_random_models);
    for (const std::string& probe : request.probes) {
        if (probe != "random-repeat" && probe != "needle" && probe != "copy")
            return fail(ErrorKind::InvalidInput,
                        "there is no probe '{}'; there are random-repeat, needle and copy", probe);
    }
    if (request.num_gold_sentences < 2 || request.num_gold_sentences > 100000)
        return refuse("the number of sentences with gold syntax", 2, 100000, request.num_gold_sentences);
    if (request.output_dir.empty())
        return fail(ErrorKind::InvalidInput, "a scan needs a folder for its journal and atlas");
    return {};
}

/// Names, sizes and samples of the bytes of a checkpoint: weights that were trained on in place give another
/// print.
std::uint64_t print_of_model(const ModelSpec& spec) {
    std::uint64_t print =
        hash_bytes(fmt::format("{} {} {} {} {} {} {}", spec.family, spec.dtype, spec.num_layers,
                               spec.num_heads, spec.hidden_size, spec.vocab_size, spec.num_parameters));
    std::vector<fs::path> files;
    std::error_code problem;
    if (fs::is_regular_file(spec.path, problem)) files.push_back(spec.path);
    for (auto entry = fs::directory_iterator(spec.path, problem);
         !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    constexpr std::uint64_t kSamples = 16;
    std::string sample(1 << 14, '\0');
    for (const fs::path& file : files) {
        std::error_code ignored;
        const std::uint64_t size = fs::file_size(file, ignored);
        print = hash_bytes(fmt::format("{} {}", file.filename().string(), size), print);
        std::ifstream in(file, std::ios::binary);
        for (std::uint64_t i = 0; in && i < kSamples && i * sample.size() < size; ++i) {
            in.seekg(static_cast<std::streamoff>(size > kSamples * sample.size()
                                                     ? i * ((size - sample.size()) / (kSamples - 1))
                                                     : i * sample.size()));
            in.read(sample.data(), static_cast<std::streamsize>(sample.size()));
            print =
                hash_bytes(std::string_view(sample).substr(0, static_cast<std::size_t>(in.gcount())), print);
            in.clear();
        }
    }
    return print;
}

std::uint64_t print_of_sequences(const ScanPlan& plan) {
    std::uint64_t print = hash_bytes("");
    const auto add = [&](std::int32_t id) {
        print = mix_bits(print ^ static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)));
    };
    for (const auto* half : {&plan.selection.discovery, &plan.selection.confirmation}) {
        for (const ScanWindow& window : *half) {
            print = hash_bytes(window.document, print);
            for (const Token& token : window.tokens)
                add(token.id);
        }
    }
    for (const auto* half : {&plan.sentences.discovery, &plan.sentences.confirmation}) {
        for (const GoldSentence& sentence : *half) {
            print = hash_bytes(sentence.document, print);
            for (const Token& token : sentence.tokens)
                add(token.id);
            for (const RelationPairs& relation : sentence.relations.relations) {
                print = hash_bytes(relation.name, print);
                for (const auto& [query, key] : relation.pairs) {
                    add(query);
                    add(key);
                }
            }
        }
    }
    for (const auto* lists : {&plan.repeats_discovery, &plan.repeats, &plan.copy_batches}) {
        for (const auto& ids : *lists)
            std::for_each(ids.begin(), ids.end(), add);
    }
    for (const Needle& needle : plan.needles)
        std::for_each(needle.prompt.begin(), needle.prompt.end(), add);
    return print;
}

void add_items(std::vector<ScanItem>& items, ScanPart part, std::size_t count, int model = -1) {
    for (std::size_t number = 0; number < count; ++number)
        items.push_back({part, static_cast<int>(number), model});
}

/// Everything in one list; the random models come last, one after the other.
void list_items(ScanPlan& plan) {
    ScanFacts& facts = plan.facts;
    const std::size_t num_confirmation = plan.selection.confirmation.size();
    add_items(facts.items, ScanPart::Weights, 1);
    add_items(facts.items, ScanPart::Discovery, plan.selection.discovery.size());
    add_items(facts.items, ScanPart::RepeatDiscovery, plan.repeats_discovery.size());
    add_items(facts.items, ScanPart::Confirmation, num_confirmation);
    add_items(facts.items, ScanPart::Repeat, plan.repeats.size());
    add_items(facts.items, ScanPart::Needle, plan.needles.size());
    add_items(facts.items, ScanPart::Copy, plan.copy_batches.size());
    add_items(facts.items, ScanPart::SentenceDiscovery, plan.sentences.discovery.size());
    add_items(facts.items, ScanPart::Sentence, plan.sentences.confirmation.size());
    if (!facts.has_controls) return;
    add_items(facts.items, ScanPart::Shuffled, num_confirmation);
    add_items(facts.items, ScanPart::ShuffledRepeat, plan.repeats.size());
    for (int model = 0; model < facts.num_random_models; ++model) {
        add_items(facts.items, ScanPart::RandomText, num_confirmation, model);
        add_items(facts.items, ScanPart::RandomRepeat, plan.repeats.size(), model);
    }
}

void make_probe_sequences(ScanPlan& plan, const ScanRequest& request, const ScanModel& model, int length) {
    const ModelSpec& spec = model.runner->spec();
    const std::vector<bool> excluded = excluded_ids(*model.tokenizer, spec.vocab_size);
    const std::int32_t bos = model.tokenizer->bos_id();
    const auto wants = [&](const char* probe) {
        return std::find(plan.facts.probes.begin(), plan.facts.probes.end(), probe) !=
               plan.facts.probes.end();
    };
    if (wants("random-repeat")) {
        ProbeSettings settings;
        settings.block_length =
            spec.max_positions > 0 ? std::min(kRepeatBlock, (spec.max_positions - 1) / 2) : kRepeatBlock;
        settings.num_sequences = kNumRepeatDiscovery;
        settings.seed = scan_hash(request.seed, 1);
        plan.repeats_discovery = random_repeat_sequences(spec.vocab_size, bos, excluded, settings);
        settings.num_sequences = kNumRepeats;
        settings.seed = scan_hash(request.seed, 2);
        plan.repeats = random_repeat_sequences(spec.vocab_size, bos, excluded, settings);
    }
    if (wants("needle") && spec.is_causal)
        plan.needles =
            make_needles(plan.selection.confirmation, *model.tokenizer, excluded, length, request.seed);
    if (wants("copy")) plan.copy_batches = make_copy_batches(excluded, bos, request.seed);
}

void fill_plan_facts(ScanFacts& facts, const ScanRequest& request, const ModelSpec& spec,
                     const std::vector<CorpusFile>& files) {
    facts.model = spec.name;
    facts.family = spec.family;
    facts.dtype = spec.dtype;
    facts.model_path = spec.path;
    facts.num_layers = spec.num_layers;
    facts.num_heads = spec.num_heads;
    facts.vocab_size = spec.vocab_size;
    for (const CorpusFile& file : files) {
        facts.corpus.push_back(file.name);
        facts.num_corpus_bytes += static_cast<std::int64_t>(file.size_bytes);
    }
    facts.probes = request.probes;
    std::sort(facts.probes.begin(), facts.probes.end());
    facts.probes.erase(std::unique(facts.probes.begin(), facts.probes.end()), facts.probes.end());
    for (const DetectorDescriptor* detector : detectors()) {
        facts.detectors.push_back(detector->id);
        if (detector->own != nullptr) facts.rules.push_back(*detector->own);
    }
    for (const MetricDescriptor* metric : metrics())
        facts.metrics.push_back(metric->id);
    facts.seed = request.seed;
    facts.has_controls = request.has_controls;
    facts.num_random_models = request.has_controls ? request.num_random_models : 0;
    facts.num_permutations = kNumPermutations;
}

Status check_known(std::span<const Token> tokens, const ModelSpec& spec) {
    for (const Token& token : tokens) {
        if (token.id < 0 || token.id >= spec.vocab_size)
            return fail(
                ErrorKind::InvalidInput,
                "the tokenizer makes token {}, but {} knows {} tokens; name the model's own with --tokenizer",
                token.id, spec.name, spec.vocab_size);
    }
    return {};
}

Status choose_sentences(const ScanRequest& request, const ScanModel& model, int most_tokens,
                        const JobContext& job, ScanPlan& plan) {
    const SentenceRequest wish{request.conllu, request.seed, request.num_gold_sentences, most_tokens};
    HEADLIGHT_TRY(plan.sentences, select_sentences(wish, *model.tokenizer, job));
    plan.facts.conllu = plan.sentences.files;
    plan.facts.num_sentences_discovery = static_cast<int>(plan.sentences.discovery.size());
    plan.facts.num_sentences_confirmation = static_cast<int>(plan.sentences.confirmation.size());
    for (const auto* half : {&plan.sentences.discovery, &plan.sentences.confirmation}) {
        for (const GoldSentence& sentence : *half)
            HEADLIGHT_CHECK(check_known(sentence.tokens, model.runner->spec()));
    }
    return {};
}

}  // namespace

Result<ScanPlan> make_plan(const ScanRequest& request, const ScanModel& model, const JobContext& job) {
    HEADLIGHT_CHECK(check_scan(request, model));
    const ModelSpec& spec = model.runner->spec();
    HEADLIGHT_TRY(const std::vector<CorpusFile> files, list_corpus(request.corpus));
    SelectionRequest wish;
    wish.seed = request.seed;
    wish.num_discovery = request.num_sequences / 2;
    wish.num_confirmation = request.num_sequences - wish.num_discovery;
    wish.sequence_length = spec.max_positions > 0 ? std::min(request.sequence_length, spec.max_positions)
                                                  : request.sequence_length;
    ScanPlan plan;
    HEADLIGHT_TRY(plan.selection, select_windows(files, wish, *model.tokenizer, job));
    for (const auto* half : {&plan.selection.discovery, &plan.selection.confirmation}) {
        for (const ScanWindow& window : *half)
            HEADLIGHT_CHECK(check_known(window.tokens, spec));
    }
    if (!request.conllu.empty())
        HEADLIGHT_CHECK(choose_sentences(request, model, wish.sequence_length, job, plan));
    fill_plan_facts(plan.facts, request, spec, files);
    plan.facts.sequence_length = wish.sequence_length;
    plan.facts.num_discovery = static_cast<int>(plan.selection.discovery.size());
    plan.facts.num_confirmation = static_cast<int>(plan.selection.confirmation.size());
    for (std::size_t f = 0; f < plan.selection.file_half.size(); ++f)
        (plan.selection.file_half[f] == 0 ? plan.facts.discovery_files : plan.facts.confirmation_files)
            .push_back(files[f].name);
    make_probe_sequences(plan, request, model, wish.sequence_length);
    list_items(plan);
    plan.header = facts_to_json(plan.facts, print_of_model(spec), print_of_sequences(plan));
    return plan;
}

}  // namespace headlight
