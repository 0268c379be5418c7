// Vocabulary and token cache on the tiny corpus.
#include "train/data/text_codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/mapped_file.h"
#include "train/data/token_cache.h"
#include "train/tiny_corpus.h"

using namespace headlight;

namespace {

struct Prepared {
    TrainRequest request;
    std::vector<CorpusText> texts;
    std::unique_ptr<TextCodec> codec;
    std::string cache;
};

Prepared prepare(const char* folder_name) {
    const std::string folder = test::fresh_dir(folder_name);
    Prepared p;
    p.request = test::tiny_request(folder);
    p.cache = folder + "/tokens.safetensors";
    auto texts = read_corpus(p.request.corpus_files);
    REQUIRE(texts);
    p.texts = std::move(*texts);
    auto codec = train_codec(p.request, p.texts, {});
    REQUIRE(codec);
    p.codec = std::move(*codec);
    return p;
}

}  // namespace

TEST_CASE("codec: specials, then the bytes, then pieces of text") {
    const Prepared p = prepare("codec_layout");
    CHECK(p.codec->bos_id() == 1);
    CHECK(p.codec->eos_id() == 2);
    CHECK(p.codec->vocab_size() > 259 + 20);
    CHECK(p.codec->vocab_size() <= 340);
    for (std::int32_t id = 0; id < p.codec->vocab_size(); ++id)
        CHECK(p.codec->is_text_piece(id) == (id >= 259));
    const auto known = p.codec->encode("the lamp turns.");
    REQUIRE(known);
    CHECK(std::all_of(known->begin(), known->end(), [](int id) { return id >= 259; }));
    // U+05E9 was not seen: its two bytes stand for it, D7 A9 behind the piece of the leading space.
    const auto unseen = p.codec->encode("\xD7\xA9");
    REQUIRE(unseen);
    REQUIRE(unseen->size() == 3);
    CHECK((*unseen)[1] == 3 + 0xD7);
    CHECK((*unseen)[2] == 3 + 0xA9);
}

TEST_CASE("codec: the same text gives the same vocabulary, which opens again") {
    const Prepared a = prepare("codec_a"), b = prepare("codec_b");
    const auto files = a.codec->files(32);
    REQUIRE(files.size() == 3);
    CHECK(files[0].name == "tokenizer.model");
    CHECK(files[0].bytes == b.codec->files(32)[0].bytes);
    const std::string folder = test::fresh_dir("codec_open");
    std::ofstream(folder + "/tokenizer.model", std::ios::binary) << files[0].bytes;
    const auto opened = open_codec(a.request, folder);
    REQUIRE(opened);
    CHECK((*opened)->vocab_size() == a.codec->vocab_size());
    CHECK(*(*opened)->encode("small hills") == *a.codec->encode("small hills"));
}

TEST_CASE("codec: a broken vocabulary and an unknown kind are refused") {
    const std::string folder = test::fresh_dir("codec_broken");
    std::ofstream(folder + "/tokenizer.model") << "this is no model";
    TrainRequest request;
    const auto broken = open_codec(request, folder);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().kind == ErrorKind::Corrupt);
    request.tokenizer = "runes";
    const auto unknown = open_codec(request, folder);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::Unsupported);
}

TEST_CASE("token cache: is used when it fits, made again when the vocabulary changed or the file is broken") {
    const Prepared p = prepare("token_cache");
    const auto first = tokenize_corpus(p.texts, *p.codec, p.cache, 100, {});
    REQUIRE(first);
    REQUIRE(first->held_out.size() == 1);
    CHECK(first->train.size() > 1000);
    CHECK(first->held_out[0].name == "tiny");
    CHECK(first->held_out[0].num_characters == p.texts[0].held_out.size());
    CHECK(static_cast<int>(first->by_frequency.size()) == p.codec->vocab_size() - 259);
    const auto count = [&](std::int32_t id) {
        return std::count(first->train.begin(), first->train.end(), id);
    };
    CHECK(count(first->by_frequency[0]) >= count(first->by_frequency[1]));
    CHECK(count(first->by_frequency[1]) >= count(first->by_frequency.back()));

    const auto written = std::filesystem::last_write_time(p.cache);
    const auto second = tokenize_corpus(p.texts, *p.codec, p.cache, 100, {});
    REQUIRE(second);
    CHECK(std::filesystem::last_write_time(p.cache) == written);
    CHECK(second->train == first->train);

    std::filesystem::resize_file(p.cache, 100);
    const auto third = tokenize_corpus(p.texts, *p.codec, p.cache, 100, {});
    REQUIRE(third);
    CHECK(third->train == first->train);
    CHECK(std::filesystem::file_size(p.cache) > 4 * first->train.size());

    TrainRequest fewer = p.request;
    fewer.vocab_size = 300;
    const auto other = train_codec(fewer, p.texts, {});
    REQUIRE(other);
    const auto fourth = tokenize_corpus(p.texts, **other, p.cache, 100, {});
    REQUIRE(fourth);
    CHECK(fourth->fingerprint != first->fingerprint);
    CHECK(*std::max_element(fourth->train.begin(), fourth->train.end()) < (*other)->vocab_size());
}
