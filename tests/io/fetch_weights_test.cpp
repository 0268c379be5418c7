// Weights that are fetched before they are needed, and what is said of those that memory does not hold.
#include "io/checkpoint/fetch_weights.h"

#include <fmt/format.h>

#include "io/io_files.h"

using namespace headlight;

namespace {

/// Two matrices of experts and one that every token uses, of these bytes each.
CheckpointPtr weights(const std::string& name, std::size_t bytes) {
    std::string header;
    std::size_t at = 0;
    for (const char* tensor :
         {"blk.0.ffn_up_exps.weight", "model.layers.0.mlp.experts.1.w1.weight", "lm_head"}) {
        header += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}})",
                              header.empty() ? "{" : ",", tensor, bytes, at, at + bytes);
        at += bytes;
    }
    return test::open_bytes(name, test::safetensors_bytes(header + "}", at)).value();
}

}  // namespace

TEST_CASE("weights: all bytes count, and memory that holds them is nothing to speak of") {
    const CheckpointPtr checkpoint = weights("fetch_count", 1000);
    CHECK(weight_bytes(*checkpoint) == 3000);
    CHECK(weights_beyond_memory(3000, 3000).empty());
    CHECK(fetch_weights(*checkpoint, JobContext()));
    CHECK(checkpoint->check_unchanged());
}

TEST_CASE("weights: what does not fit is said with both sizes and what would fit") {
    const std::string words = weights_beyond_memory(16'100'000'000, 8'050'000'000);
    CHECK(words.find("take 16.1 GB") != std::string::npos);
    CHECK(words.find("8.1 GB of memory") != std::string::npos);
    CHECK(words.find("50 % of this one's bytes fits") != std::string::npos);
}

TEST_CASE("weights: whoever stops while they are fetched gets Cancelled") {
    std::stop_source stop;
    stop.request_stop();
    const Status status =
        fetch_weights(*weights("fetch_stop", std::size_t{1} << 20), JobContext(stop.get_token()));
    REQUIRE(!status);
    CHECK(status.error().kind == ErrorKind::Cancelled);
}
