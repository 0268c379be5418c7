#include "core/text_length.h"

#include <doctest/doctest.h>

#include <numeric>

using namespace headlight;

namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

ModelSpec spec_of(int most_tokens) {
    ModelSpec spec;
    spec.name = "tiny";
    spec.num_layers = 2;
    spec.num_heads = spec.num_kv_heads = 4;
    spec.head_dim = 8;
    spec.most_tokens = most_tokens;
    return spec;
}

std::vector<std::int32_t> distinct(std::size_t count) {
    std::vector<std::int32_t> ids(count);
    std::iota(ids.begin(), ids.end(), 0);
    return ids;
}

}  // namespace

TEST_CASE("text length: a table of positions ends, others do not") {
    CHECK(check_text_length(spec_of(64), distinct(64)));
    const Status longer = check_text_length(spec_of(64), distinct(100'000));
    REQUIRE(!longer);
    CHECK(longer.error().kind == ErrorKind::InvalidInput);
    for (const char* part : {"100000 tokens", "tiny", "at most 64", "99936"})
        CHECK_MESSAGE(longer.error().message.find(part) != std::string::npos, part);
    CHECK(check_text_length(spec_of(0), distinct(100'000), TextRole::Input, {}, kGigabyte));
    CHECK(check_text_length(spec_of(64), {}));
    ModelSpec both = spec_of(0);
    both.most_decoder_tokens = 10;
    CHECK(check_text_length(both, distinct(11)));
    CHECK(!check_text_length(both, distinct(11), TextRole::Decoder));
}

TEST_CASE("text length: what a run builds for every pair of tokens must fit into memory") {
    ModelSpec spec = spec_of(0);
    spec.pair_bytes = 100;
    // 100 bytes x 2000^2 are 0.4 GB; 2000 tokens x 2 layers x (4 + 2 x 4) heads x 8 floats are 1.5 MB more.
    CHECK(check_text_length(spec, distinct(2000), TextRole::Input, {}, 536 * kGigabyte / 1000));
    const Status larger = check_text_length(spec, distinct(2000), TextRole::Input, {}, kGigabyte / 10);
    REQUIRE(!larger);
    CHECK(larger.error().kind == ErrorKind::OutOfMemory);
    // A quarter of the memory is left alone. Half of sqrt(0.75e8 / 100), rounded down: 400.
    CHECK(larger.error().message.find("about 400 tokens") != std::string::npos);
    CHECK(!check_text_length(spec_of(0), distinct(2000), TextRole::Input, {100}, kGigabyte / 10));
}

TEST_CASE("text length: many copies of one token are many pairs") {
    // 20,000 copies: 2e8 pairs, each in two sets that two hold, of 4 bytes: 3.2 GB.
    const std::vector<std::int32_t> copies(20'000, 7);
    CHECK(!check_text_length(spec_of(0), copies, TextRole::Input, {}, 4 * kGigabyte));
    CHECK(check_text_length(spec_of(0), copies, TextRole::Input, {}, 5 * kGigabyte));
    CHECK(check_text_length(spec_of(0), distinct(20'000), TextRole::Input, {}, kGigabyte));
    // 4.3e9 pairs have no number of 32 bits, whatever the memory.
    CHECK(!check_text_length(spec_of(0), std::vector<std::int32_t>(100'000, 7), TextRole::Input, {},
                             1'000'000 * kGigabyte));
}
