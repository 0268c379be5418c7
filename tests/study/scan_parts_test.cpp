// The parts of a scan: which windows are read, what the journal believes, how p-values are combined.
#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "study/scan/examples.h"
#include "study/scan/journal.h"
#include "study/scan/probes.h"
#include "study/scan/record.h"
#include "study/scan/selection.h"
#include "study/scan/statistics.h"
#include "study/scan_world.h"
#include "tokenize/excluded_ids.h"

using namespace headlight;
using namespace headlight::test;

namespace {

std::vector<CorpusFile> listed(const std::vector<std::string>& paths) {
    auto files = list_corpus(paths);
    REQUIRE_MESSAGE(files.has_value(), (files ? "" : files.error().to_string()));
    return *files;
}

std::vector<CorpusSection> sections_of(const CorpusFile& file, std::uint32_t size) {
    std::vector<CorpusSection> sections;
    REQUIRE(for_each_section(file, 0, size, {},
                             [&](const CorpusSection& section) { sections.push_back(section); }));
    return sections;
}

ScanSelection selected(const std::vector<CorpusFile>& files, SelectionRequest request) {
    const ByteTokens tokenizer;
    auto selection = select_windows(files, request, tokenizer, {});
    REQUIRE_MESSAGE(selection.has_value(), (selection ? "" : selection.error().to_string()));
    return std::move(*selection);
}

}  // namespace

TEST_CASE("scan corpus: sections tile a file, end with paragraphs and never split a character") {
    const std::string folder = fresh_dir("scan_sections");
    const std::string text = sample_text(1, 30000);
    const auto files = listed({write_text(folder, "a.txt", text)});
    std::string joined;
    const auto sections = sections_of(files[0], 4096);
    CHECK(sections.size() >= 8);
    for (const CorpusSection& section : sections) {
        CHECK(section.offset == joined.size());
        joined += read_section(files[0], section).value();
        if (joined.size() < text.size()) CHECK(joined.ends_with("\n\n"));
    }
    CHECK(joined == text);
    std::string unbroken;
    for (int i = 0; i < 2000; ++i)
        unbroken += "\xD7\xA9";  // a Hebrew letter of two bytes, no space anywhere
    const auto other = listed({write_text(folder, "b.txt", unbroken)});
    for (const CorpusSection& section : sections_of(other[0], 333))
        CHECK(section.size_bytes % 2 == 0);
}

TEST_CASE("scan corpus: lines of JSON are documents; broken ones are named") {
    const std::string folder = fresh_dir("scan_lines");
    const std::string long_line = "{\"text\": \"" + std::string(kMostSectionBytes, 'x') + "\"}";
    const auto files = listed(
        {write_text(folder, "a.jsonl",
                    "{\"text\": \"one\"}\n\n" + long_line + "\n{\"text\": \"two\\n\"}\n{\"word\": 1}")});
    CHECK(files[0].is_json_lines);
    const auto sections = sections_of(files[0], 4096);
    REQUIRE(sections.size() == 3);  // the line that is too long is left out
    CHECK(read_section(files[0], sections[0]).value() == "one");
    CHECK(read_section(files[0], sections[1]).value() == "two\n");
    CHECK(read_section(files[0], sections[2]).error().kind == ErrorKind::Corrupt);
    CHECK(list_corpus({folder + "/none.txt"}).error().kind == ErrorKind::Missing);
    CHECK(list_corpus({}).error().kind == ErrorKind::InvalidInput);
    CHECK(list_corpus({fresh_dir("scan_no_text")}).error().kind == ErrorKind::Missing);
    CHECK(list_corpus({write_text(folder, "empty.txt", "")}).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE(
    "scan corpus: UTF-16 and UTF-8 with its mark give the same sections, and what is no Unicode is refused") {
    const std::string folder = fresh_dir("scan_encodings");
    const std::string text =
        sample_text(1, 30000) + "caf\xC3\xA9 \xF0\x9F\x98\x80\n\n" + sample_text(2, 9000);
    std::string little = "\xFF\xFE", big = "\xFE\xFF";
    for (std::size_t i = 0; i < text.size();) {
        const auto decoded = utf8::decode(text, i);
        i += decoded.size_bytes;
        const char32_t c = decoded.code_point;
        std::vector<char32_t> units = {c};
        if (c > 0xFFFF) units = {0xD800 + ((c - 0x10000) >> 10), 0xDC00 + ((c - 0x10000) & 0x3FF)};
        for (const char32_t unit : units) {
            little += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
            big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xFF)};
        }
    }
    const auto texts_of = [&](const std::string& bytes, std::uint32_t size) {
        const auto files = listed({write_text(folder, "a.txt", bytes)});
        std::vector<std::string> texts;
        for (const CorpusSection& section : sections_of(files[0], size))
            texts.push_back(read_section(files[0], section).value());
        return texts;
    };
    for (const std::uint32_t size : {64U, 1000U, 4096U, kMostSectionBytes}) {
        const auto expected = texts_of(text, size);
        CHECK(texts_of("\xEF\xBB\xBF" + text, size) == expected);
        CHECK(texts_of(little, size) == expected);
        CHECK(texts_of(big, size) == expected);
    }
    const auto problem_of = [&](const std::string& bytes) {
        const auto files = listed({write_text(folder, "b.txt", bytes)});
        const Status status = for_each_section(files[0], 0, 4096, {}, [](const CorpusSection&) {});
        REQUIRE(!status);
        CHECK(status.error().kind == ErrorKind::Corrupt);
        return status.error().offset.value_or(0);
    };
    CHECK(problem_of(std::string(40'000, 'a') + "\xE9 b" + std::string(40'000, 'c')) == 40'000);
    CHECK(problem_of(std::string(16'383, 'a') + "\xC3") == 16'383);  // cut off where a piece ends
    CHECK(problem_of(little + "x") == little.size());
    CHECK(!list_corpus({write_text(folder, "c.txt", std::string("T\0h\0e\0 \0c\0a\0t\0", 14))}));
}

TEST_CASE("scan selection: halves share no document, and the windows are the text's own") {
    const std::string folder = corpus_folder("scan_selection");
    const auto files = listed({folder});
    SelectionRequest request;
    request.num_discovery = 10;
    request.num_confirmation = 12;
    request.sequence_length = 65;
    const ScanSelection selection = selected(files, request);
    CHECK(selection.is_split_by_file);
    CHECK(selection.discovery.size() == 10);
    REQUIRE(selection.confirmation.size() == 12);
    std::set<std::string> first, second;
    for (const ScanWindow& window : selection.discovery)
        first.insert(window.document.substr(0, 10));
    for (const ScanWindow& window : selection.confirmation) {
        second.insert(window.document.substr(0, 10));
        REQUIRE(window.tokens.size() == 65);
        CHECK(window.tokens[0].id == 0);
        std::string text;
        for (std::size_t i = 1; i < window.tokens.size(); ++i)
            text += static_cast<char>(window.tokens[i].id - 1);
        CHECK(bytes_of(folder + "/" + window.document.substr(0, 10)).find(text) != std::string::npos);
    }
    for (const std::string& document : first)
        CHECK(second.count(document) == 0);
    CHECK(selection.frequencies.total > 0);

    request.seed = 2;
    const ScanSelection other = selected(files, request);
    CHECK(other.confirmation[0].document + std::to_string(other.confirmation[0].first_token) !=
          selection.confirmation[0].document + std::to_string(selection.confirmation[0].first_token));
}

TEST_CASE("scan selection: one file is split by sections; a short one is refused in words") {
    const std::string folder = fresh_dir("scan_one_file");
    SelectionRequest request;
    request.num_discovery = request.num_confirmation = 12;
    request.sequence_length = 64;
    const auto one = listed({write_text(folder, "one.txt", sample_text(5, 40000))});
    const ScanSelection selection = selected(one, request);
    CHECK_FALSE(selection.is_split_by_file);
    std::set<std::string> first, places;
    for (const ScanWindow& window : selection.discovery)
        first.insert(window.document);
    for (const ScanWindow& window : selection.confirmation)
        CHECK(first.count(window.document) == 0);
    for (const auto* half : {&selection.discovery, &selection.confirmation}) {
        for (const ScanWindow& window : *half)
            CHECK(places.insert(window.document + "@" + std::to_string(window.first_token)).second);
    }
    const ByteTokens tokenizer;
    const auto tiny = listed({write_text(folder, "tiny.txt", "a few words")});
    const auto refused = select_windows(tiny, request, tokenizer, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(refused.error().message.find("too short") != std::string::npos);
}

TEST_CASE("scan split: files balance by size; one giant among dwarfs is split inside") {
    const std::vector<CorpusFile> even = {
        {"a", "a", 100, false}, {"b", "b", 90, false}, {"c", "c", 80, false}, {"d", "d", 70, false}};
    const std::vector<int> half = split_files(even, 1);
    REQUIRE(half.size() == 4);
    CHECK(half[0] == half[3]);
    CHECK(half[1] == half[2]);
    CHECK(half[0] != half[1]);
    CHECK(split_files({{"a", "a", 1000, false}, {"b", "b", 9, false}}, 1).empty());
    CHECK(split_files({{"a", "a", 1000, false}}, 1).empty());
}

TEST_CASE("scan record: bytes give the record back; cut or changed ones are refused, never believed") {
    ScanRecord record;
    record.index = 7;
    record.note = "n";
    record.document = "d";
    record.first_token = 12;
    SequenceScore score;
    score.score = 0.5;
    score.null = 0.25;
    score.permutation_p = 0.001;
    score.is_tagged = true;
    record.scores = {StoredScore(score), StoredScore()};
    record.metrics = {1.5f, 2.5f};
    record.displays = {"a", "b", "c"};
    record.examples = {{1, -1, true, 2, 0.75f, {{0, 2, 0.25f}, {2, 3, 0.75f}}}};
    const std::string bytes = encode_record(record);
    const auto back = decode_record(bytes);
    REQUIRE(back);
    CHECK(encode_record(*back) == bytes);
    CHECK(back->scores[0].is_tagged);
    CHECK(back->scores[0].null == 0.25f);
    CHECK_FALSE(back->scores[1].has_score());
    CHECK(back->examples[0].cells[1].weight == 0.75f);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(decode_record(std::string_view(bytes).substr(0, size)));
    // Any byte may be anything: either it is refused, or it is a record whose rows lie within its tokens.
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(0xFF);
        const auto read = decode_record(changed);
        if (!read) continue;
        for (const ExampleRow& row : read->examples)
            CHECK(row.query < read->displays.size());
    }
}

TEST_CASE("scan journal: what is torn off ends the reading, what is whole stays") {
    const std::string path = fresh_dir("scan_journal") + "/journal-0-of-1.bin";
    {
        auto writer = JournalWriter::create(path, "{}");
        REQUIRE(writer);
        CHECK_FALSE(JournalWriter::resume(path, 0));  // one writer at a time
        for (const char* record : {"first", "second", "third"})
            REQUIRE(writer->append(record));
    }
    const std::string bytes = bytes_of(path);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        write_text(path.substr(0, path.rfind('/')), "journal-0-of-1.bin", bytes.substr(0, size));
        std::string seen;
        const auto contents = read_journal(path, [&](std::string_view record) -> Status {
            seen += std::string(record) + ",";
            return {};
        });
        if (size < 22) {
            CHECK_FALSE(contents);
            continue;
        }
        REQUIRE(contents);
        CHECK(std::string("first,second,third,").starts_with(seen));
        CHECK(contents->sound_bytes <= size);
        if (size == bytes.size()) CHECK(seen == "first,second,third,");
    }
    CHECK(read_journal(path + ".none", [](std::string_view) -> Status { return {}; }).error().kind ==
          ErrorKind::Missing);
}

TEST_CASE("scan statistics: Fisher's method against the chi-squared table") {
    CHECK_FALSE(combine_p_values({}));
    CHECK(*combine_p_values({0.3}) == doctest::Approx(0.3));
    CHECK(*combine_p_values({1.0, 1.0}) == 1.0);
    // -2 ln(0.0025) = 11.98293; survival with 4 degrees: exp(-5.991465) (1 + 5.991465).
    CHECK(*combine_p_values({0.05, 0.05}) == doctest::Approx(0.0174786614));
    CHECK(*combine_p_values(std::vector<double>(32, 0.001)) < 1e-50);
    CHECK(*combine_p_values(std::vector<double>(400, 0.5)) > 0.9);
}

TEST_CASE("scan statistics: means, ratio of means, and too few sequences are never tagged") {
    const std::size_t num_detectors = detectors().size();
    std::size_t previous = 0;
    while (std::string(detectors()[previous]->id) != "previous_token")
        ++previous;
    const auto tests_with = [&](int n) {
        std::vector<ScanSamples> samples(num_detectors);
        for (int i = 0; i < n; ++i) {
            SequenceScore score;
            score.score = 0.8 + 0.01 * (i % 3);
            score.null = 0.1;
            score.argmax_rate = 1;
            score.is_tagged = true;
            samples[previous].add(StoredScore(score));
        }
        return test_entries(samples, {1, 1}, true, 2, 1);
    };
    const ScanTests enough = tests_with(12), few = tests_with(11);
    const AtlasEntry& entry = enough.entries[previous];
    CHECK(*entry.confirmation.score == doctest::Approx(0.81));
    CHECK(*entry.confirmation.lift == doctest::Approx(8.1));
    CHECK(*entry.confirmation.kappa == doctest::Approx(0.71 / 0.9));
    CHECK(*entry.p_value == doctest::Approx(1.0 / 4096));
    CHECK(*entry.q_value == doctest::Approx(1.0 / 4096));  // the only test
    CHECK(entry.is_tagged);
    CHECK_FALSE(few.entries[previous].is_tagged);
    CHECK(few.entries[previous].reason.find("11 sequences are fewer than 12") != std::string::npos);
    CHECK(enough.num_positional_tests == 1);
    CHECK(enough.num_content_tests == 0);
}

TEST_CASE("scan examples: a long row is folded, its weights kept") {
    std::vector<float> weights(100, 0.002f);
    weights[40] = 0.802f;
    const auto cells = fold_row(weights, {0, 100}, 99);
    CHECK(cells.size() < 25);
    double sum = 0;
    std::uint32_t at = 0;
    bool has_peak = false;
    for (const ExampleCell& cell : cells) {
        CHECK(cell.begin == at);
        at = cell.end;
        sum += cell.weight;
        has_peak = has_peak || (cell.begin == 40 && cell.end == 41);
    }
    CHECK(at == 100);
    CHECK(has_peak);
    CHECK(cells[0].end == 1);
    CHECK(cells.back().begin == 99);
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
}

TEST_CASE("scan needles: the words stand after the first cue, and the cue ends the prompt") {
    const std::string folder = corpus_folder("scan_needles");
    SelectionRequest request;
    request.num_discovery = request.num_confirmation = 4;
    request.sequence_length = 160;
    const ByteTokens tokenizer;
    const ScanSelection selection = selected(listed({folder}), request);
    const std::vector<bool> excluded = excluded_ids(tokenizer, 257);
    const auto needles = make_needles(selection.confirmation, tokenizer, excluded, 160, 3);
    REQUIRE(needles.size() == kNumNeedles);
    std::set<int> places;
    for (const Needle& needle : needles) {
        CHECK(needle.prompt.size() + 8 <= 160);
        CHECK(needle.end - needle.begin == 8);
        CHECK(needle.prompt[static_cast<std::size_t>(needle.begin - 1)] == ':' + 1);
        CHECK(needle.prompt.back() == ':' + 1);
        places.insert(needle.begin);
    }
    CHECK(places.size() > 5);
    CHECK(make_needles(selection.confirmation, tokenizer, excluded, 64, 3).empty());
}
