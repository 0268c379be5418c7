// A whole scan of a model whose heads are known: what is named, what is not, and that the bytes do not depend
// on how it ran.
#include <filesystem>

#include "study/scan/journal.h"
#include "study/scan_world.h"

using namespace headlight;
using namespace headlight::test;

namespace {

const AtlasEntry& entry_of(const Atlas& atlas, HeadId head, const std::string& detector) {
    for (std::size_t d = 0; d < atlas.detectors.size(); ++d) {
        if (atlas.detectors[d].id == detector) return atlas.entry(head, d);
    }
    FAIL("no detector ", detector);
    return atlas.entries[0];
}

void scan(ScanRequest request) {
    ScanWorld world;
    const Status status = scan_shard(request, world.model(), {});
    REQUIRE_MESSAGE(status.has_value(), (status ? "" : status.error().to_string()));
}

}  // namespace

TEST_CASE("scan: heads are named for what they do, with tests and controls") {
    const std::string corpus = corpus_folder("scan_names_corpus"), out = fresh_dir("scan_names");
    ScanRequest request = small_request(corpus, out);
    request.probes = {"random-repeat", "needle", "copy"};
    request.sequence_length = 128;
    scan(request);
    const Atlas atlas = merged({out});
    CHECK(atlas.num_discovery == 15);
    CHECK(atlas.num_confirmation == 15);
    CHECK(atlas.corpus.size() == 4);

    const AtlasEntry& previous = entry_of(atlas, {0, 0}, "previous_token");
    CHECK_MESSAGE(previous.is_tagged, previous.reason);
    CHECK(previous.confirmation.num_sequences == 15);
    CHECK(*previous.confirmation.score > 0.9);
    CHECK(*previous.confirmation.score < 0.96);
    CHECK(*previous.q_value < 0.01);
    // All fifteen differences are positive: the exact sign-flip p is 2^-15.
    CHECK(*previous.p_value == doctest::Approx(1.0 / 32768));
    CHECK(*previous.low <= *previous.confirmation.score);
    CHECK(*previous.high >= *previous.confirmation.score);
    CHECK(*previous.positive_share == 1.0);
    CHECK(atlas.heads[0].best_detector == "previous_token");
    CHECK(atlas.heads[0].shape == "diagonal");

    CHECK_MESSAGE(entry_of(atlas, {0, 2}, "first_token").is_tagged,
                  entry_of(atlas, {0, 2}, "first_token").reason);
    CHECK(atlas.heads[2].shape == "vertical");
    const AtlasEntry& induction = entry_of(atlas, {1, 0}, "induction");
    CHECK_MESSAGE(induction.is_tagged, induction.reason);
    CHECK(induction.confirmation.num_sequences == 20);
    CHECK(*induction.profile_p_value < 0.05);
    const AtlasEntry& stops = entry_of(atlas, {1, 1}, "punctuation");
    CHECK_MESSAGE(stops.is_tagged, stops.reason);
    // The fake writes by induction, and that head looks at what is written next.
    const AtlasEntry& retrieval = entry_of(atlas, {1, 0}, "retrieval");
    CHECK(retrieval.confirmation.num_sequences == 20);
    CHECK_MESSAGE(*retrieval.confirmation.score > 0.5, retrieval.reason);
    CHECK_FALSE(entry_of(atlas, {0, 1}, "retrieval").is_tagged);
    // Copying is not possible here, and the atlas says so.
    CHECK_FALSE(entry_of(atlas, {0, 0}, "copying").confirmation.score);
    CHECK(entry_of(atlas, {0, 0}, "copying").reason.starts_with("not measured: "));

    for (const HeadId even : {HeadId{0, 1}, HeadId{1, 2}}) {
        for (std::size_t d = 0; d < atlas.detectors.size(); ++d) {
            if (atlas.detectors[d].id != "uniform")
                CHECK_FALSE_MESSAGE(atlas.entry(even, d).is_tagged, atlas.detectors[d].id, ": ",
                                    atlas.entry(even, d).reason);
        }
    }
    REQUIRE(atlas.controls.size() == 2);
    for (const AtlasControl& control : atlas.controls) {
        CHECK(control.num_content_tests > 0);
        CHECK_MESSAGE(20 * control.num_content_tags <= control.num_content_tests, control.name);
    }
    CHECK(atlas.controls[0].name == "shuffled tokens");
    CHECK(atlas.controls[0].num_positional_tags >= 2);  // previous and first survive
    CHECK(*induction.shuffled_score < 0.4);
    CHECK(atlas.methods.find("No document") == std::string::npos);
    CHECK(atlas.methods.find("halves have no file in common") != std::string::npos);
    CHECK_FALSE(atlas.answers.empty());
}

TEST_CASE("scan: examples are rows of the head's own pattern") {
    const std::string corpus = corpus_folder("scan_examples_corpus"), out = fresh_dir("scan_examples");
    scan(small_request(corpus, out));
    const Atlas atlas = merged({out});
    const std::vector<AtlasExample>& examples = atlas.heads[0].examples;
    REQUIRE(examples.size() == 13);
    for (const AtlasExample& example : examples) {
        REQUIRE(example.weights.size() == example.tokens.size());
        double sum = 0;
        for (const float weight : example.weights)
            sum += weight;
        CHECK(sum == doctest::Approx(1).epsilon(1e-4));
        REQUIRE(example.query > 0);
        CHECK(example.weights[static_cast<std::size_t>(example.query - 1)] ==
              doctest::Approx(example.score).epsilon(1e-4));
        CHECK(example.document.starts_with("text_"));
    }
    CHECK(examples[0].decile == -1);
    CHECK(examples[3].decile == 9);
    CHECK(examples[12].decile == 0);
    CHECK(examples[3].score >= examples[12].score);
}

TEST_CASE("scan: shards, threads and order of files give the same bytes") {
    const std::string corpus = corpus_folder("scan_same_corpus");
    const std::string whole = fresh_dir("scan_same_whole"), parts = fresh_dir("scan_same_parts"),
                      apart = fresh_dir("scan_same_apart");
    ScanRequest request = small_request(corpus, whole);
    scan(request);
    const std::string expected = atlas_bytes({whole});
    request.output_dir = parts;
    request.num_shards = 3;
    request.num_threads = 3;
    request.corpus = {corpus + "/text_3.txt", corpus + "/text_0.txt", corpus + "/text_2.txt",
                      corpus + "/text_1.txt"};
    for (const int shard : {2, 0}) {
        request.shard = shard;
        scan(request);
    }
    const auto incomplete = merge_scan({parts}, {});
    REQUIRE_FALSE(incomplete);
    CHECK(incomplete.error().kind == ErrorKind::Missing);
    CHECK(incomplete.error().message.find("1, 4, 7") != std::string::npos);
    request.shard = 1;
    request.output_dir = apart;
    scan(request);
    CHECK(atlas_bytes({parts, apart}) == expected);
}

TEST_CASE("scan: a journal that was cut anywhere is continued to the same bytes") {
    const std::string corpus = corpus_folder("scan_cut_corpus"), whole = fresh_dir("scan_cut_whole"),
                      cut = fresh_dir("scan_cut");
    ScanRequest request = small_request(corpus, whole);
    request.num_sequences = 24;
    request.has_controls = false;
    scan(request);
    const std::string expected = atlas_bytes({whole});
    const std::string journal = bytes_of(whole + "/" + journal_name(0, 1));
    request.output_dir = cut;
    for (const double part : {0.3, 0.5, 0.71, 0.9, 0.999}) {
        const auto size = static_cast<std::size_t>(part * static_cast<double>(journal.size()));
        write_text(cut, journal_name(0, 1), journal.substr(0, size));
        scan(request);
        CHECK(bytes_of(cut + "/" + journal_name(0, 1)) == journal);
    }
    std::string flipped = journal;
    flipped[journal.size() * 2 / 3] = static_cast<char>(flipped[journal.size() * 2 / 3] ^ 4);
    write_text(cut, journal_name(0, 1), flipped);
    scan(request);
    CHECK(atlas_bytes({cut}) == expected);
    ScanWorld world;
    REQUIRE(scan_shard(request, world.model(), {}));
    CHECK(world.runner.num_runs == 0);  // nothing is left to measure
}

TEST_CASE("scan: a stop keeps the journal; another request is refused by name") {
    const std::string corpus = corpus_folder("scan_stop_corpus"), out = fresh_dir("scan_stop");
    ScanRequest request = small_request(corpus, out);
    std::stop_source stop;
    const JobContext job(stop.get_token(), [&](const ProgressUpdate& update) {
        if (update.detail.starts_with("10 of")) stop.request_stop();
    });
    ScanWorld world;
    const Status stopped = scan_shard(request, world.model(), job);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    CHECK(stopped.error().message.find("stopped after 9 of") != std::string::npos);
    request.seed = 2;
    const Status other = scan_shard(request, world.model(), {});
    REQUIRE_FALSE(other);
    CHECK(other.error().kind == ErrorKind::InvalidInput);
    CHECK(other.error().message.find("seed (1, now 2)") != std::string::npos);
    request.seed = 1;
    request.probes = {"walk"};
    CHECK(scan_shard(request, world.model(), {}).error().kind == ErrorKind::InvalidInput);
}
