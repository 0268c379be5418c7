// A scan with gold syntax: a head that looks at each word's head, one that looks at the first word, and one
// that is even; scores, baselines and p-values are worked out here once more.
#include <filesystem>

#include "core/dense_trace.h"
#include "report/atlas/relations.h"
#include "study/scan/journal.h"
#include "study/scan/sentences.h"
#include "study/scan_world.h"

using namespace headlight;
using namespace headlight::test;
using doctest::Approx;

namespace {

/// Sentences of 5 to 8 words of three letters; each word but the first depends on a word before it.
std::string sample_conllu(int num_sentences) {
    std::string out;
    std::uint64_t state = 12345;
    const auto draw = [&](unsigned bound) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return static_cast<unsigned>(state >> 33) % bound;
    };
    for (int sentence = 0; sentence < num_sentences; ++sentence) {
        const unsigned num_words = 5 + draw(4);
        for (unsigned word = 1; word <= num_words; ++word) {
            std::string form;
            for (int i = 0; i < 3; ++i)
                form += static_cast<char>('a' + draw(26));
            const unsigned head = word == 1 ? 0 : 1 + draw(word - 1);
            out += std::to_string(word) + "\t" + form + "\t_\tX\t_\t_\t" + std::to_string(head) + "\t" +
                   (word == 1 ? "root" : "dep") + "\t_\t_\n";
        }
        out += "\n";
    }
    return out;
}

/// One layer of three heads: L0H0 looks at the first letter of the head of each word, L0H1 at the first word,
/// L0H2 is even. Texts that are no sentence get even attention from all.
class SyntaxFake : public ModelRunner {
  public:
    explicit SyntaxFake(const std::string& conllu) {
        spec_.name = spec_.family = "fake";
        spec_.num_layers = 1;
        spec_.num_heads = spec_.num_kv_heads = 3;
        spec_.head_dim = spec_.hidden_size = 2;
        spec_.vocab_size = 257;
        spec_.dtype = "float32";
        auto parsed = parse_conllu(conllu).value();
        for (ConlluSentence& sentence : parsed)
            sentences_[ByteTokens().encode(sentence.text, true).ids()] = std::move(sentence);
    }
    const ModelSpec& spec() const override { return spec_; }
    Result<HeadWeights> head_weights(int, int) const override {
        return fail(ErrorKind::Unsupported, "the fake has no weights");
    }
    Result<RunResult> run(const RunRequest& request, const JobContext&) override {
        ++num_runs;
        const auto n = static_cast<std::size_t>(request.ids.size());
        TraceInfo info;
        info.num_layers = 1;
        info.num_heads = 3;
        info.num_queries = info.num_keys = static_cast<int>(n);
        std::vector<float> weights(3 * n * n, 0.0f);
        const auto known = sentences_.find(request.ids);
        for (std::size_t head = 0; head < 3; ++head) {
            for (std::size_t query = 0; query < n; ++query) {
                float* row = weights.data() + (head * n + query) * n;
                const int key = known == sentences_.end() ? -1 : target_of(known->second, head, query);
                if (key >= 0) {
                    row[key] = 1;
                } else {
                    std::fill_n(row, query + 1, 1.0f / static_cast<float>(query + 1));
                }
            }
        }
        RunResult result;
        result.trace = make_dense_trace(info, std::move(weights));
        return result;
    }
    int num_runs = 0;

  private:
    static int target_of(const ConlluSentence& sentence, std::size_t head, std::size_t query) {
        if (query == 0 || head == 2) return -1;
        for (const ConlluWord& word : sentence.words) {
            if (query - 1 < word.begin || query - 1 >= word.end) continue;
            if (head == 1) return 1;
            return word.head < 0
                       ? 0
                       : 1 + static_cast<int>(sentence.words[static_cast<std::size_t>(word.head)].begin);
        }
        return 0;
    }
    ModelSpec spec_;
    std::map<std::vector<std::int32_t>, ConlluSentence> sentences_;
};

struct SyntaxWorld {
    std::string folder, conllu = sample_conllu(80);
    SyntaxFake runner{conllu};
    TokenizerPtr tokenizer = std::make_shared<ByteTokens>();
    ScanRequest request;

    explicit SyntaxWorld(const std::string& name) : folder(fresh_dir(name)) {
        write_text(folder, "corpus.txt", sample_text(1, 40000));
        write_text(folder, "trees.conllu", conllu);
        request = small_request(folder + "/corpus.txt", folder);
        request.num_sequences = 4;
        request.has_controls = false;
        request.probes.clear();
        request.conllu = {folder + "/trees.conllu"};
        request.num_gold_sentences = 40;
    }
    void scan() {
        ScanModel model;
        model.runner = &runner;
        model.tokenizer = tokenizer;
        const Status status = scan_shard(request, model, {});
        REQUIRE_MESSAGE(status.has_value(), (status ? "" : status.error().to_string()));
    }
    std::vector<GoldSentence> confirmation() const {
        return select_sentences({request.conllu, request.seed, request.num_gold_sentences, 64}, *tokenizer,
                                {})
            .value()
            .confirmation;
    }
};

}  // namespace

TEST_CASE("scan with gold syntax: a head that looks at each word's head scores 1") {
    SyntaxWorld world("scan_syntax");
    world.scan();
    const Atlas atlas = merged({world.folder});
    CHECK(atlas.conllu == std::vector<std::string>{"trees.conllu"});
    CHECK(atlas.num_sentences_confirmation == 20);
    CHECK(atlas.num_sentences_discovery == 20);
    // The mask shows no word its dependents, which all come later.
    REQUIRE(atlas.relations.size() == 1);
    const AtlasRelation& relation = atlas.relations[0];
    CHECK(relation.name == "dep to head");
    CHECK(relation.num_sentences == 20);
    std::map<int, int> offsets;
    int num_pairs = 0, num_first = 0;
    double chance = 0;
    const std::vector<GoldSentence> sentences = world.confirmation();
    for (const GoldSentence& sentence : sentences) {
        for (const RelationPairs& pairs : sentence.relations.relations) {
            if (pairs.name != "dep to head") continue;
            for (const auto& [query, key] : pairs.pairs) {
                ++offsets[query - key];
                ++num_pairs;
                num_first += key == 0 ? 1 : 0;
                chance += 1.0 / query;
            }
        }
    }
    int best = 0;
    for (const auto& [offset, count] : offsets)
        best = std::max(best, count);
    CHECK(relation.num_pairs == num_pairs);
    CHECK(relation.null == Approx(chance / num_pairs));
    CHECK(relation.baseline == Approx(static_cast<double>(best) / num_pairs));
    CHECK(offsets[relation.baseline_offset] == best);

    REQUIRE(atlas.relation_entries.size() == 3);
    const AtlasRelationEntry& follows = atlas.relation_entries[0];
    CHECK(follows.head == HeadId{0, 0});
    CHECK(follows.score == 1.0);
    CHECK(*follows.discovery == 1.0);
    CHECK_MESSAGE(follows.is_tagged, follows.reason);
    int num_above = 0;  // sentences that the fixed distance does not get whole
    for (const GoldSentence& sentence : sentences) {
        for (const RelationPairs& pairs : sentence.relations.relations) {
            num_above += pairs.name == "dep to head" &&
                         std::any_of(pairs.pairs.begin(), pairs.pairs.end(), [&](const auto& pair) {
                             return pair.first - pair.second != relation.baseline_offset;
                         });
        }
    }
    // No difference is negative, so only the observed signs reach the sum: 2^-n exactly.
    CHECK(*follows.p_value == Approx(std::pow(0.5, num_above)));
    CHECK(*follows.q_value == Approx(3 * *follows.p_value));
    CHECK(*follows.bonferroni == Approx(3 * *follows.p_value));

    const AtlasRelationEntry& first = atlas.relation_entries[1];
    CHECK(first.score == Approx(static_cast<double>(num_first) / num_pairs));
    CHECK_FALSE(atlas.relation_entries[2].is_tagged);
    CHECK(atlas.methods.find("trees.conllu gave 20 sentences for discovery and 20 others") !=
          std::string::npos);
}

TEST_CASE("scan with gold syntax: shards and cut journals give the same bytes, and the file reads back") {
    SyntaxWorld world("scan_syntax_same");
    world.scan();
    const std::string expected = atlas_bytes({world.folder});
    const std::string journal = bytes_of(world.folder + "/" + journal_name(0, 1));
    world.request.output_dir = fresh_dir("scan_syntax_cut");
    for (const double part : {0.2, 0.6, 0.95}) {
        write_text(world.request.output_dir, journal_name(0, 1),
                   journal.substr(0, static_cast<std::size_t>(part * static_cast<double>(journal.size()))));
        world.scan();
        CHECK(bytes_of(world.request.output_dir + "/" + journal_name(0, 1)) == journal);
    }
    world.request.output_dir = fresh_dir("scan_syntax_parts");
    world.request.num_shards = 2;
    for (const int shard : {1, 0}) {
        world.request.shard = shard;
        world.scan();
    }
    CHECK(atlas_bytes({world.request.output_dir}) == expected);

    const auto back = read_atlas(world.request.output_dir + "/written.json");
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().to_string()));
    const std::string again = world.request.output_dir + "/again.json";
    REQUIRE(write_atlas(again, *back));
    CHECK(bytes_of(again) == expected);
    const std::string table = world.request.output_dir + "/relations.csv";
    REQUIRE(write_relations_csv(table, *back));
    CHECK(bytes_of(table).find("\n0,0,dep to head,1,20,") != std::string::npos);
}

TEST_CASE("scan with gold syntax: without it the atlas has none of its keys; what is wrong is named") {
    SyntaxWorld world("scan_syntax_refused");
    world.request.conllu = {};
    world.scan();
    CHECK(atlas_bytes({world.folder}).find("\"relations\"") == std::string::npos);
    ScanModel model;
    model.runner = &world.runner;
    model.tokenizer = world.tokenizer;
    world.request.output_dir = fresh_dir("scan_syntax_refused_out");
    const auto refused = [&](const std::string& text) {
        world.request.conllu = {write_text(world.folder, "bad.conllu", text)};
        const Status status = scan_shard(world.request, model, {});
        return status ? std::string() : status.error().to_string();
    };
    CHECK(refused("1\tThe\n").find("bad.conllu") != std::string::npos);
    CHECK(refused("1\tThe\n").find("line 1 does not have ten columns") != std::string::npos);
    CHECK(refused("1\ta\t_\tX\t_\t_\t0\troot\t_\t_\n").find("too few sentences for two halves") !=
          std::string::npos);
    CHECK(refused("").find("too few sentences") != std::string::npos);
}
