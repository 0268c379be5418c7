// The pages, the table and the answers that are made of an atlas.
#include "report/atlas/atlas_page.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/atlas/atlas_csv.h"
#include "report/atlas/comparison_page.h"
#include "report/html/text_direction.h"
#include "report/page_reading.h"
#include "report/sample_atlas.h"
#include "study/atlas/answers.h"

using namespace headlight;
using test::count;
using test::holds;
namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// A folder of its own that goes away.
struct Folder {
    Folder() : path(fs::temp_directory_path() / ("headlight_atlas_report_" + std::to_string(::getpid()))) {
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

std::string report_of(const Atlas& atlas) {
    const auto page = atlas_page(atlas);
    REQUIRE_MESSAGE(page, (page ? "" : page.error().message));
    return *page;
}

std::string comparison_of(const Atlas& left, const Atlas& right) {
    const auto page = comparison_page(left, right);
    REQUIRE(page);
    return *page;
}

}  // namespace

TEST_CASE("atlas report: numbers of every tag, a map for every pattern, a section for every head") {
    const std::string page = report_of(test::sample_atlas());
    CHECK(test::PageReader(page).first_fault() == "");
    CHECK(count(page, "<svg") == 1 + 3);
    CHECK(count(page, "class=\"t\"") == 3 + 3);  // 3 heads with patterns, 3 tags
    CHECK(count(page, "<details") == 6);
    CHECK(holds(page, "3 of 6"));
    for (const char* label : {"previous token", "induction", "punctuation"})
        CHECK(holds(page, "Layer by head map: " + std::string(label)));
    // L1H0 under induction: 0.80 x 0.90 = 0.72, lift 0.80 / 0.05 = 16, kappa 0.75 / 0.95 = 0.789.
    CHECK(holds(
        page,
        "<a href=\"#L1H0\">L1H0</a></td><td class=\"l\"><bdi>induction</bdi></td><td>0.720</td><td>0.800</td>"
        "<td>0.050</td><td>16.0</td><td>0.789</td><td>0.900</td><td>2e-05</td><td>0.790 – 0.810</td>"
        "<td>0.900</td><td>12.2</td><td>20</td><td class=\"l\">uniform; permuted tokens, p 0.001</td>"));
    CHECK(holds(page, "L1H0: score 0.800, chance 0.050, lift 16.0, q 2e-05, 20 sequences, tagged"));
    // Clearest first: 0.91 x 0.98, then 0.72, then 0.52 x 0.60.
    const auto table = page.find("<tbody>");
    const auto place = [&](const char* head) {
        return page.find("<td class=\"l\"><a href=\"#" + std::string(head), table);
    };
    CHECK(place("L0H1") < place("L1H0"));
    CHECK(place("L1H0") < place("L1H2"));
    CHECK(holds(page, "<dt><bdi>attn_entropy</bdi></dt><dd>2.5000</dd>"));
    CHECK(holds(page, "<dt><bdi>rho</bdi></dt><dd>–</dd>"));
    CHECK(holds(page, "<td>1</td><td>200</td><td>0.5 %</td>"));
    CHECK(holds(page, "Scanned as told."));
    CHECK(holds(page, "<bdi>score &gt;= 0.4 &amp; lift &gt;= 2</bdi>"));
}

TEST_CASE("atlas report: what comes from texts and models stays text") {
    const std::string page = report_of(test::sample_atlas());
    CHECK_FALSE(holds(page, "<script"));
    CHECK_FALSE(holds(page, "<b>novel"));
    CHECK_FALSE(holds(page, "\xE2\x80\xAE"));  // U+202E would turn the rest of the line around
    CHECK(holds(page, "[U+202E]evil"));
    CHECK(holds(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK(holds(page, "·a&quot;b'"));
    CHECK(holds(page, "tiny &lt;&amp;&gt; model"));
    CHECK(holds(page, "two&lt;.txt"));
    CHECK(holds(page, "\xEF\xBF\xBD"));  // the byte that is no UTF-8
    for (const char* outside : {"http://", "https://", "src=", "@import", "url("})
        CHECK_FALSE(holds(page, outside));
    CHECK(holds(page, "prefers-color-scheme: dark"));
    // The weight stands beside its token: sqrt(0.25) x 0.85 = 0.425.
    CHECK(holds(page, "style=\"--w:0.42\" title=\"0.250\">·a"));
    CHECK(holds(page, "class=\"q\" style="));
}

TEST_CASE("atlas report: rows of right-to-left text run from the right") {
    CHECK(reads_right_to_left("שלום עולם"));
    CHECK(reads_right_to_left("مرحبا ok"));
    CHECK_FALSE(reads_right_to_left("hello שלו"));
    CHECK_FALSE(reads_right_to_left("123"));
    Atlas atlas = test::sample_atlas();
    for (AtlasHead& head : atlas.heads) {
        for (AtlasExample& example : head.examples)
            example.tokens = {"ש", "ל", "ו", "ם", "·"};
    }
    const std::string page = report_of(atlas);
    CHECK(count(page, "<p class=\"row\" dir=\"rtl\">") == 6 * 3);
    CHECK(count(report_of(test::sample_atlas()), "<p class=\"row\" dir=\"ltr\">") == 6 * 3);
}

TEST_CASE("atlas report: the same atlas gives the same bytes; long rows and many examples are cut") {
    Atlas atlas = test::sample_atlas();
    CHECK(report_of(atlas) == report_of(atlas));
    AtlasExample& example = atlas.heads[0].examples[0];
    example.tokens.assign(1000, "x");
    example.weights.assign(1000, 0.001f);
    example.query = 999;
    atlas.heads[1].examples.assign(500, test::sample_example(-1));
    const std::string page = report_of(atlas);
    CHECK(holds(page, "… 840 tokens, weight 0.840 …"));
    CHECK(count(page, "<p class=\"row\"") == 5 * 3 + 5);  // five top rows of the second head
    CHECK(test::PageReader(page).first_fault() == "");
}

TEST_CASE("atlas report: a large model keeps its page small, and says what is left out") {
    Atlas atlas = test::sample_atlas();
    atlas.num_layers = 40;
    atlas.num_heads = 40;
    const AtlasHead head = atlas.heads[0];
    const AtlasEntry entry = atlas.entries[0];
    atlas.heads.assign(1600, head);
    atlas.entries.assign(1600 * 3, entry);
    for (std::size_t i = 0; i < 1600; ++i) {
        const HeadId id{static_cast<int>(i / 40), static_cast<int>(i % 40)};
        atlas.heads[i].head = id;
        for (std::size_t d = 0; d < 3; ++d)
            atlas.entries[i * 3 + d].head = id;
    }
    test::tag_entry(atlas.entries[1599 * 3], 0.9, 0.9);
    const std::string page = report_of(atlas);
    CHECK(count(page, "<details") == 200);
    CHECK(holds(page, "<details id=\"L39H39\">"));  // the last head, but the only one with a pattern
    CHECK(holds(page, "1400 heads with less clear patterns are left out"));
    CHECK(page.size() < 4'000'000);
}

TEST_CASE("atlas report: an atlas whose parts do not fit is refused") {
    Atlas atlas = test::sample_atlas();
    atlas.entries.pop_back();
    const Status written = write_atlas_report("unused.html", atlas);
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::InvalidInput);
    CHECK(holds(written.error().message, "17 entries; expected 18"));
    CHECK_FALSE(write_atlas_comparison("unused.html", test::sample_atlas(), atlas));
    CHECK(holds(answer_questions(atlas).at(0).answer, "Not known"));
}

TEST_CASE("atlas answers: the five questions, from the numbers") {
    const std::vector<AtlasAnswer> answers = answer_questions(test::sample_atlas());
    REQUIRE(answers.size() == 5);
    CHECK(holds(answers[0].answer, "3 of 6 heads (50 %) follow at least one pattern"));
    CHECK(holds(answers[0].answer,
                "L0H1 (previous token: score 0.91, chance 0.05, interpretability 0.89), L1H0"));
    CHECK(holds(answers[0].answer, "layer 1 (2 of 3) and layer 0 (1 of 3)"));
    CHECK(holds(answers[1].answer,
                "2 of 3 patterns occur. From the most common on: induction (2 heads: L1H0 and L1H2) and "
                "previous token (1 head: L0H1)."));
    CHECK(holds(answers[1].answer, "not found: punctuation"));
    CHECK(holds(answers[2].answer, "Over 20 sequences"));
    CHECK(holds(answers[2].answer, "of 0.90, from 0.60 to 0.98; 2 of 3 reach 0.7."));
    CHECK(holds(answers[2].answer, "moves by 0.020 in the median"));
    CHECK(holds(answers[3].answer, "which tokens stand where: induction."));
    CHECK(holds(answers[3].answer, "on any text: previous token."));
    CHECK(holds(answers[3].answer, "score of 2 content tags goes from 0.66 to 0.07"));  // (0.80 + 0.52) / 2
    CHECK(holds(answers[3].answer, "Control \"random weights\": 1 of 200 content tests fire."));
}

TEST_CASE("atlas answers: nothing found is said, with what came closest") {
    const std::vector<AtlasAnswer> answers = answer_questions(test::silent_atlas());
    CHECK(holds(answers[0].answer, "None of the 6 heads passes the tests for any of 3 patterns."));
    CHECK(holds(answers[0].answer,
                "L0H1 under \"induction\": score 0.06, chance 0.05, q 0.4. It is not tagged: lift 1.2"));
    for (std::size_t i = 1; i < 4; ++i)
        CHECK(holds(answers[i].answer, "nothing to say"));
    const std::string page = report_of(test::silent_atlas());
    CHECK(holds(page, "No head passed the tests for any pattern."));
    CHECK(test::PageReader(page).first_fault() == "");
    Atlas unmeasured = test::silent_atlas();
    for (AtlasEntry& entry : unmeasured.entries)
        entry.confirmation = {};
    CHECK(holds(answer_questions(unmeasured)[0].answer, "Nothing was measured"));
}

TEST_CASE("atlas comparison: pattern by pattern, and what only one of the models has") {
    Atlas right = test::sample_atlas();
    right.model = "other";
    right.corpus = {"three.txt"};
    for (AtlasEntry& entry : right.entries)
        entry.is_tagged = entry.is_tagged && entry.detector == "previous_token";
    const std::string page = comparison_of(test::sample_atlas(), right);
    CHECK(test::PageReader(page).first_fault() == "");
    CHECK(holds(
        page,
        "3 of 6 heads in tiny &lt;&amp;&gt; model and 1 of 6 heads in other follow at least one pattern."));
    CHECK(holds(page, "In both, with the number of heads in each: previous token (1 and 1)."));
    CHECK(holds(page, "Only in tiny &lt;&amp;&gt; model: induction (2)."));
    CHECK_FALSE(holds(page, "Only in other"));
    CHECK(holds(page, "differ in the texts,"));
    CHECK(holds(page,
                "<td>2</td><td class=\"l\">L1H0</td><td>0.800</td><td>0.750</td>"
                "<td>0</td><td class=\"l\">L1H0 (not tagged)</td><td>0.800</td><td>–</td>"));
    CHECK(count(page, "<svg") == 2 + 2 * 3);

    right.detectors[2].id = "vowel";
    right.detectors[2].label = "vowels";
    for (AtlasEntry& entry : right.entries) {
        if (entry.detector == "punctuation") entry.detector = "vowel";
    }
    CHECK(holds(comparison_of(test::sample_atlas(), right), "so not compared: punctuation; vowels."));
}

TEST_CASE("atlas table: one line per head and pattern, absent numbers empty") {
    Folder folder;
    const fs::path file = folder.path / "atlas.csv";
    REQUIRE(write_atlas_csv(file.string(), test::silent_atlas()));
    const std::string table = read_file(file);
    CHECK(count(table, "\n") == 1 + 18);
    CHECK(holds(table, "\n0,1,previous_token,0,0,,,,,,,,,,,,,,,,,,0,,\n"));
    REQUIRE(write_atlas_csv(file.string(), test::sample_atlas()));
    CHECK(holds(read_file(file), "\n1,0,induction,1,20,0.8,0.05,16,"));
}
