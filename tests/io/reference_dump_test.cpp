// Reference dumps: several texts in one file, or one.
#include "io/reference_dump.h"

#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

TEST_CASE("reference dump: one text without a prefix, ids of both lists") {
    const auto dump = ReferenceDump::open(own_fixture("dumps/encdec.pt"));
    REQUIRE_MESSAGE(dump, dump.error().to_string());
    CHECK(dump->prefixes() == std::vector<std::string>{""});
    CHECK(dump->ids("").value() == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5});
    CHECK(dump->decoder_ids("").value() == std::vector<std::int32_t>{9, 8, 7, 6});
    CHECK(dump->numbers("", "cross_attentions") == std::vector<int>{0, 1});
    const auto cross = dump->array("cross_attentions.1", 3);
    REQUIRE(cross);
    CHECK(cross->shape == std::vector<std::int64_t>{3, 4, 6});
    CHECK(dump->array("cross_attentions.1", 2).error().kind == ErrorKind::Corrupt);
    CHECK(dump->array("nothing", 2).error().kind == ErrorKind::Missing);
    CHECK(dump->ids("t0.").error().tensor == "t0.input_ids");
    const auto none = ReferenceDump::open(own_fixture("dumps/expected.safetensors"));
    REQUIRE(!none);
    CHECK(none.error().message.find("'attn'") != std::string::npos);
}

TEST_CASE("shared: reference dumps of a decoder and of an encoder-decoder") {
    HEADLIGHT_NEEDS(shared_fixture("models/t5/reference.safetensors"));
    const auto gpt2 = ReferenceDump::open(shared_fixture("models/gpt2/reference.safetensors")).value();
    CHECK(gpt2.prefixes() == std::vector<std::string>{"t0.", "t1.", "t2."});
    CHECK(gpt2.ids("t1.").value().size() == 26);
    CHECK(gpt2.decoder_ids("t1.").value().empty());
    CHECK(gpt2.numbers("t1.", "attn") == std::vector<int>{0, 1, 2});
    CHECK(gpt2.numbers("t1.", "hidden") == std::vector<int>{0, 1, 2, 3});
    CHECK(gpt2.array("t1.attn.0", 3)->shape == std::vector<std::int64_t>{4, 26, 26});
    CHECK(gpt2.has("t1.logits"));
    const auto t5 = ReferenceDump::open(shared_fixture("models/t5/reference.safetensors")).value();
    CHECK(!t5.decoder_ids("t0.").value().empty());
    CHECK(t5.numbers("t0.", "enc_attn") == std::vector<int>{0, 1, 2});
    CHECK(t5.numbers("t0.", "cross_attn") == std::vector<int>{0, 1});
}
