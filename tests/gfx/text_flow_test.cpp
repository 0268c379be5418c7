// Long texts laid out in pieces: carets and edits as of one paragraph, and only what is seen is laid out.
#include <doctest/doctest.h>

#include <string>

#include "gfx/text_flow.h"

using namespace headlight::gfx;

namespace {

std::string many_words(std::size_t bytes, char between = ' ') {
    static constexpr const char* kWords[] = {"attention", "heads", "look", "at",  "earlier",
                                             "words",     "of",    "a",    "text"};
    std::string out;
    for (std::size_t i = 0; out.size() < bytes; ++i)
        out += std::string(kWords[i % 9]) + (i % 40 == 39 ? between : ' ');
    return out;
}

constexpr float kWidth = 500;

}  // namespace

TEST_CASE("text flow: a short text lies as one paragraph does") {
    TextShaper shaper;
    const std::string text =
        "When Mary and John went to the store,\nJohn gave\n\n\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D a drink";
    const TextParagraph whole(shaper, text, {14}, 120);
    TextFlow flow(shaper, {14}, 120);
    flow.set_text(text);
    flow.show(0, 1000, 0);
    CHECK(flow.num_pieces() == 1);
    CHECK(flow.height() == doctest::Approx(whole.height()).epsilon(0.01));
    for (std::size_t byte = 0; byte <= text.size();
         byte = byte < text.size() ? whole.next_grapheme(byte, 1) : byte + 1) {
        const TextRect mine = flow.caret(byte), theirs = whole.caret(byte);
        CHECK(mine.x == theirs.x);
        CHECK(mine.y == theirs.y);
        CHECK(flow.byte_at(mine.x, mine.y + 2) == whole.byte_at(theirs.x, theirs.y + 2));
        CHECK(flow.line_edge(byte, 1) == whole.line_edge(byte, 1));
        CHECK(flow.next_word(byte, -1) == whole.next_word(byte, -1));
    }
}

TEST_CASE("text flow: only what is seen is laid out, and typing lays out one piece again") {
    TextShaper shaper;
    for (const char between : {'\n', ' '}) {  // lines, and one line without end
        TextFlow flow(shaper, {14}, kWidth);
        std::string text = many_words(200'000, between);
        flow.set_text(text);
        CHECK(flow.num_pieces() > 50);
        flow.show(0, 100, 100);
        CHECK(flow.num_layouts() <= 2);
        flow.caret(text.size());
        const float top = flow.height() - 100;
        flow.show(top, top + 100, 100);
        const std::size_t before = flow.num_layouts();
        for (int key = 0; key < 20; ++key) {
            text += 'x';
            flow.set_text(text);
            flow.caret(text.size());
            flow.show(flow.height() - 100, flow.height(), 100);
        }
        CHECK(flow.num_layouts() <= before + 22);
        CHECK(flow.text() == text);
    }
}

TEST_CASE("text flow: every place can be reached by the keys, across pieces, and none twice") {
    TextShaper shaper;
    for (const char between : {'\n', ' '}) {
        TextFlow flow(shaper, {14}, kWidth);
        const std::string text = many_words(4'000, between);
        flow.set_text(text);
        CHECK(flow.num_pieces() > 1);
        std::size_t byte = 0, steps = 0;
        while (byte < text.size() && steps <= text.size()) {
            const std::size_t next = flow.move_visually(byte, 1);
            CHECK(next > byte);
            CHECK(flow.next_grapheme(next, -1) == byte);
            byte = next;
            ++steps;
        }
        CHECK(byte == text.size());
        CHECK(flow.move_visually(0, -1) == 0);
        CHECK(flow.move_visually(text.size(), 1) == text.size());
        CHECK(flow.next_word(0, -1) == 0);
    }
}

TEST_CASE("text flow: an edited text lies as the same text set anew") {
    TextShaper shaper;
    for (const char between : {'\n', ' '}) {
        TextFlow edited(shaper, {14}, kWidth);
        std::string text = many_words(12'000, between);
        edited.set_text(text);
        const auto check = [&] {
            edited.set_text(text);
            CHECK(edited.text() == text);
            TextFlow anew(shaper, {14}, kWidth);
            anew.set_text(text);
            for (TextFlow* flow : {&edited, &anew})
                for (float y = 0; y < flow->height(); y += 200)
                    flow->show(y, y + 200, 0);
            // Pieces may be cut elsewhere; lines of the text are whole in both.
            CHECK(edited.height() == doctest::Approx(anew.height()).epsilon(0.05));
            if (between == '\n') CHECK(edited.height() == doctest::Approx(anew.height()).epsilon(0.005));
            CHECK(edited.caret(text.size()).y + edited.caret(text.size()).height <= edited.height() + 1);
        };
        text.insert(6'000, "new words in the middle ");
        check();
        text.erase(3'000, 5'000);
        check();
        text.insert(0, "at the start\n");
        check();
        for (std::size_t i = 0; i < text.size(); i += 500)
            text[i] = '\n';
        check();
        text.erase(text.find('\n'), 1);
        check();
        text.clear();
        check();
        text = "again";
        check();
    }
}

TEST_CASE("text flow: scripts without spaces are cut between characters, never inside one") {
    TextShaper shaper;
    TextFlow flow(shaper, {14}, kWidth);
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += i % 3 == 0 ? "e\xCC\x81" : "\xE6\xB3\xA8";  // a letter with a mark, and a Chinese one
    flow.set_text(text);
    CHECK(flow.num_pieces() > 1);
    std::size_t byte = 0;
    int steps = 0;
    while (byte < text.size() && steps < 4000) {
        byte = flow.next_grapheme(byte, 1);
        ++steps;
    }
    CHECK(steps == 3000);
    const TextBitmap bitmap = flow.draw({255, 255, 255, 255}, 0, 60);
    CHECK(bitmap.height <= 64);
    CHECK_FALSE(bitmap.pixels.empty());
}
