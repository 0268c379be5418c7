#include "core/text_length.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace headlight;

namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

TextNeeds needs_of(int most_tokens) {
    TextNeeds needs;
    needs.model = "tiny";
    needs.most_tokens = most_tokens;
    needs.token_bytes = 768;
    return needs;
}

std::vector<std::int32_t> distinct(std::size_t count) {
    std::vector<std::int32_t> ids(count);
    std::iota(ids.begin(), ids.end(), 0);
    return ids;
}

}  // namespace

TEST_CASE("text length: a table of positions ends, others do not") {
    CHECK(check_text_length(needs_of(64), distinct(64)));
    const Status longer = check_text_length(needs_of(64), distinct(100'000));
    REQUIRE(!longer);
    CHECK(longer.error().kind == ErrorKind::InvalidInput);
    for (const char* part : {"the text has 100000 tokens", "tiny", "at most 64", "99936"})
        CHECK_MESSAGE(longer.error().message.find(part) != std::string::npos, part);
    CHECK(check_text_length(needs_of(0), distinct(100'000), kGigabyte));
    CHECK(check_text_length(needs_of(64), {}));
    TextNeeds decoder = needs_of(10);
    decoder.text = "decoder text";
    CHECK(check_text_length(decoder, distinct(11)).error().message.find("the decoder text") !=
          std::string::npos);
}

TEST_CASE("text length: what a run builds for every pair of tokens must fit into memory") {
    TextNeeds needs = needs_of(0);
    needs.pair_bytes = 100;
    // 100 bytes x 2000^2 are 0.4 GB, 768 bytes x 2000 are 1.5 MB more; a quarter of the memory is left alone.
    CHECK(check_text_length(needs, distinct(2000), 536 * kGigabyte / 1000));
    const Status larger = check_text_length(needs, distinct(2000), kGigabyte / 10);
    REQUIRE(!larger);
    CHECK(larger.error().kind == ErrorKind::OutOfMemory);
    // Half of sqrt(0.75e8 / 100), rounded down: 400.
    CHECK(larger.error().message.find("about 400 tokens") != std::string::npos);
    needs.pair_bytes = 0;
    CHECK(check_text_length(needs, distinct(2000), kGigabyte / 10));
    CHECK(!check_text_length(needs, distinct(2000), 1'000'000));  // for the tokens alone
}

TEST_CASE("text length: many copies of one token take no more than other texts") {
    const std::vector<std::int32_t> copies(100'000, 7);
    CHECK(check_text_length(needs_of(0), copies, kGigabyte));
    CHECK(check_text_length(needs_of(0), distinct(100'000), kGigabyte));
}
