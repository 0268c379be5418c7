#include "base/atomic_file.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/mapped_file.h"
#include "support/fixtures.h"

using namespace headlight;

TEST_CASE("atomic write: appears whole, replaces, leaves no temporary") {
    const std::string dir = test::fresh_dir("atomic");
    const std::string path = dir + "/deep/file.txt";
    REQUIRE(write_file_atomic(path, std::string_view("one")));
    REQUIRE(write_file_atomic(path, std::string_view("two, longer")));
    CHECK(*read_text_file(path) == "two, longer");
    const auto status = write_file_atomic(path, [](const std::string& temporary) -> Status {
        REQUIRE(write_file_atomic(temporary, std::string_view("half")));
        return fail(ErrorKind::Cancelled, "stopped");
    });
    CHECK_FALSE(status.has_value());
    CHECK(*read_text_file(path) == "two, longer");
    CHECK(std::distance(std::filesystem::directory_iterator(dir + "/deep"), {}) == 1);
}

TEST_CASE("mapped file: empty and absent files are refused by name") {
    const std::string dir = test::fresh_dir("mapped");
    REQUIRE(write_file_atomic(dir + "/empty", std::string_view()));
    CHECK(MappedFile::open(dir + "/empty").error().kind == ErrorKind::Corrupt);
    CHECK(MappedFile::open(dir + "/none").error().kind == ErrorKind::Missing);
    CHECK(MappedFile::open(dir).error().kind == ErrorKind::Unsupported);
}
