#include "train/data/corpus.h"

#include <doctest/doctest.h>

#include <fstream>

#include "support/fixtures.h"

using namespace headlight;

TEST_CASE("corpus: italics marks, headings and line breaks go, words stay") {
    CHECK(clean_text("CHAPTER XII\n\n  It was _she_,\r\n\tnot he.  \nVolume 2.\nThe end.\n") ==
          "It was she, not he. The end.");
    CHECK(clean_text("The CHAPTER I\nChapter\nChapter one\nVOLUME IIX..\n") ==
          "The CHAPTER I Chapter Chapter one VOLUME IIX..");
    CHECK(clean_text("").empty());
    CHECK(clean_text(" \n\t\n").empty());
    CHECK(clean_text("\xEF\xBB\xBF"
                     "a\x01z") == "a z");
    CHECK(clean_text("bad \xFF byte") == "bad \xEF\xBF\xBD byte");
}

TEST_CASE("corpus: the held-out part begins after a full stop near nine tenths") {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "Sentence number " + std::to_string(i) + ". ";
    const CorpusText split = split_held_out("name", clean_text(text));
    CHECK(split.name == "name");
    CHECK(split.train.back() == '.');
    CHECK(split.held_out.substr(0, 9) == "Sentence ");
    CHECK(split.train + " " + split.held_out == clean_text(text));
    CHECK(split.train.size() < text.size() * 9 / 10 + 2);
    CHECK(split.train.size() > text.size() * 8 / 10);
}

TEST_CASE("corpus: text without a full stop is cut at a space, a single word is not cut") {
    const CorpusText words = split_held_out("w", "one two three four five six");
    CHECK(words.train + " " + words.held_out == "one two three four five six");
    CHECK_FALSE(words.held_out.empty());
    CHECK(split_held_out("w", "word").train == "word");
    CHECK(split_held_out("w", "").train.empty());
}

TEST_CASE("corpus: sentences end after . ! ? and a space; long ones are cut") {
    const std::vector<std::string_view> expected = {"Yes!", "No?", "e.g. 3.5", "it."};
    const auto sentences = split_sentences("Yes! No? e.g. 3.5 it.");
    REQUIRE(sentences.size() == 4);
    CHECK(sentences[0] == "Yes!");
    CHECK(sentences[1] == "No?");
    CHECK(sentences[2] == "e.g.");
    CHECK(sentences[3] == "3.5 it.");
    std::size_t total = 0;
    const std::string long_text = std::string(100, 'a') + " " + std::string(50, 'b');
    for (const auto part : split_sentences(long_text, 40)) {
        CHECK(part.size() <= 40);
        total += part.size();
    }
    CHECK(total == 150);
    for (const auto part : split_sentences("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", 3))
        CHECK(part.size() == 2);
}

TEST_CASE("corpus: files that cannot be used are named") {
    const std::string folder = test::fresh_dir("corpus");
    const std::string empty = folder + "/empty.txt";
    std::ofstream(empty) << "CHAPTER I\n";
    const std::vector<std::string> missing_files = {folder + "/missing.txt"}, empty_files = {empty};
    const auto missing = read_corpus(missing_files);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::Missing);
    const auto blank = read_corpus(empty_files);
    REQUIRE_FALSE(blank);
    CHECK(blank.error().kind == ErrorKind::InvalidInput);
    CHECK(blank.error().file == empty);
    CHECK_FALSE(read_corpus({}));
}
