#include "base/text_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/fixtures.h"

using namespace headlight;
using namespace std::string_literals;

namespace {

std::string decoded(const std::string& bytes) {
    const auto text = decode_text(bytes, "text.txt");
    REQUIRE_MESSAGE(text, text.error().to_string());
    return *text;
}

Error refused(const std::string& bytes) {
    const auto text = decode_text(bytes, "text.txt");
    REQUIRE(!text);
    CHECK(text.error().kind == ErrorKind::Corrupt);
    CHECK(text.error().file == "text.txt");
    return text.error();
}

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

// "aé中😀" in each form; the last is a pair of surrogates in UTF-16.
const std::string kUtf8 = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80";
const std::string kUtf16Little =
    "\xFF\xFE"
    "a\0\xE9\0\x2D\x4E\x3D\xD8\0\xDE"s;
const std::string kUtf16Big =
    "\xFE\xFF"
    "\0a\0\xE9\x4E\x2D\xD8\x3D\xDE\0"s;
const std::string kUtf32Little =
    "\xFF\xFE\0\0"
    "a\0\0\0\xE9\0\0\0\x2D\x4E\0\0\0\xF6\x01\0"s;
const std::string kUtf32Big =
    "\0\0\xFE\xFF"
    "\0\0\0a\0\0\0\xE9\0\0\x4E\x2D\0\x01\xF6\0"s;

}  // namespace

TEST_CASE("texts: the mark says the form, and is no part of the text") {
    for (const std::string& bytes :
         {kUtf8, "\xEF\xBB\xBF" + kUtf8, kUtf16Little, kUtf16Big, kUtf32Little, kUtf32Big})
        CHECK(decoded(bytes) == kUtf8);
    for (const std::string& mark :
         {""s, "\xEF\xBB\xBF"s, "\xFF\xFE"s, "\xFE\xFF"s, "\xFF\xFE\0\0"s, "\0\0\xFE\xFF"s})
        CHECK(decoded(mark).empty());
    // Only the first mark is one: a second is the character U+FEFF.
    CHECK(decoded("\xEF\xBB\xBF\xEF\xBB\xBF") == "\xEF\xBB\xBF");
    CHECK(decoded("\xFF\xFE\xFF\xFE"s) == "\xEF\xBB\xBF");
}

TEST_CASE("texts: NUL, CR LF and other control characters stay") {
    const std::string text = "one\r\ntwo\0three\rfour\x1B[0m\x7F"s;
    CHECK(decoded(text) == text);
    CHECK(decoded("\xFF\xFE\r\0\n\0\0\0"s) == "\r\n\0"s);
}

TEST_CASE("texts: what is no UTF-8 is refused with the byte where it stops") {
    // Latin-1, a cut sequence, an overlong form, a surrogate, a value past U+10FFFF, windows-1252, Shift-JIS.
    CHECK(refused("caf\xE9 au lait").offset == 3);
    CHECK(refused("ab\xE4\xB8").offset == 2);
    CHECK(refused("\xC0\xAF").offset == 0);
    CHECK(refused("x\xED\xA0\x80").offset == 1);
    CHECK(refused("\xF4\x90\x80\x80").offset == 0);
    CHECK(refused("\xEF\xBB\xBF"
                  "a\x93")
              .offset == 4);  // counted in the file
    CHECK(refused("\x93\xFA\x96\x7B").offset == 0);
    const Error error = refused("caf\xE9");
    CHECK(error.message.find("iconv -f") != std::string::npos);
    CHECK(error.message.find("0xE9") != std::string::npos);
}

TEST_CASE("texts: broken UTF-16 and UTF-32 are refused with the byte") {
    CHECK(refused("\xFF\xFE"
                  "a\0b"s)
              .offset == 4);  // half a unit
    CHECK(refused("\xFF\xFE"
                  "a\0\0\xDC"s)
              .offset == 4);  // a second half without the first
    CHECK(refused("\xFF\xFE\x3D\xD8"
                  "a\0"s)
              .offset == 2);                          // a first half without the second
    CHECK(refused("\xFE\xFF\xD8\x3D"s).offset == 2);  // the text ends within a pair
    CHECK(refused("\xFF\xFE\0\0"
                  "a\0\0\0\0\0\x11\0"s)
              .offset == 8);                                // past U+10FFFF
    CHECK(refused("\0\0\xFE\xFF\0\0\xD8\0"s).offset == 4);  // a surrogate
}

TEST_CASE("texts: UTF-16 without its mark is not taken for text with zeros") {
    CHECK(refused("T\0h\0e\0 \0c\0a\0t\0"s).message.find("UTF-16LE") != std::string::npos);
    CHECK(refused("\0T\0h\0e\0 \0c\0a\0t"s).message.find("UTF-16BE") != std::string::npos);
    CHECK(decoded("a\0b\0"s) == "a\0b\0"s);                      // too short to say
    CHECK(decoded("ab\0cd\0ef\0gh\0"s) == "ab\0cd\0ef\0gh\0"s);  // zeros between words
}

TEST_CASE("texts: files, folders, what is not there, and a bound") {
    const std::string folder = test::fresh_dir("texts"), file = folder + "/text.txt";
    write(file, kUtf16Little);
    CHECK(read_text(file).value() == kUtf8);
    write(file, "");
    CHECK(read_text(file).value().empty());
    const auto of_folder = read_text(folder);
    REQUIRE(!of_folder);
    CHECK(of_folder.error().message.find("folder") != std::string::npos);
    const auto absent = read_text(folder + "/no.txt");
    REQUIRE(!absent);
    CHECK(absent.error().kind == ErrorKind::Missing);
    CHECK(absent.error().file == folder + "/no.txt");
    write(file, std::string(200'000, 'x'));
    CHECK(read_text(file, 200'000).value().size() == 200'000);
    const auto long_one = read_text(file, 199'999);
    REQUIRE(!long_one);
    CHECK(long_one.error().kind == ErrorKind::InvalidInput);
    CHECK(!read_text("/dev/zero", 1'000'000));  // never ends
    CHECK(read_text("/dev/null").value().empty());
}

TEST_CASE("texts: a pipe is read to its end, in whatever pieces it comes") {
    const std::string fifo = test::fresh_dir("text_pipe") + "/pipe";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    std::thread writer([&] {
        std::ofstream out(fifo, std::ios::binary);
        for (const char c : kUtf16Little)
            out << c << std::flush;
        for (int i = 0; i < 100'000; ++i)
            out << std::string("z\0", 2);
    });
    const auto text = read_text(fifo);
    writer.join();
    REQUIRE_MESSAGE(text, text.error().to_string());
    CHECK(*text == kUtf8 + std::string(100'000, 'z'));
}
