#include "tokenize/text/normalizer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace headlight;
using nlohmann::json;

namespace {

struct Out {
    std::string text;
    AlignedText aligned;
    // Source range of the normalised bytes, as "begin-end".
    std::string source(std::size_t begin, std::size_t end) const {
        const SourceRange range = aligned.source(begin, end);
        return std::to_string(range.begin) + "-" + std::to_string(range.end);
    }
};

Out normalized(const json& config, const std::string& text) {
    const auto normalizer = TextNormalizer::from_json(config);
    REQUIRE_MESSAGE(normalizer, normalizer.error().to_string());
    auto aligned = normalizer->apply(AlignedText(text, 0));
    REQUIRE_MESSAGE(aligned, aligned.error().to_string());
    return {aligned->text(), std::move(*aligned)};
}

}  // namespace

TEST_CASE("normalizer: Unicode forms and where their characters came from") {
    const Out composed = normalized({{"type", "NFC"}}, "ae\u0301b");
    CHECK(composed.text == "aéb");
    CHECK(composed.source(1, 3) ==
          "1-2");  // the composed character stands for its first part, as in the reference
    CHECK(composed.source(3, 4) == "4-5");
    const Out decomposed = normalized({{"type", "NFD"}}, "é!");
    CHECK(decomposed.text == "e\u0301!");
    CHECK(decomposed.source(0, 3) == "0-2");
    CHECK(decomposed.source(3, 4) == "2-3");
    CHECK(normalized({{"type", "NFKC"}}, "ﬁ ½").text == "fi 1\u20442");
    CHECK(normalized({{"type", "NFKD"}}, "Å").text == "A\u030a");
    CHECK(normalized({{"type", "NFC"}}, "plain").source(2, 4) == "2-4");
}

TEST_CASE("normalizer: prepend, replace, lowercase, sequence") {
    const json llama = json::parse(R"({"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},)"
                                   R"({"type":"Replace","pattern":{"String":" "},"content":"▁"}]})");
    const Out out = normalized(llama, "a b");
    CHECK(out.text == "▁a▁b");
    CHECK(out.source(0, 3) == "0-1");
    CHECK(out.source(4, 7) == "1-2");
    CHECK(normalized(llama, "").text == "");
    CHECK(normalized({{"type", "Lowercase"}}, "ÀΣX").text == "àσx");
    CHECK(normalized({{"type", "Replace"}, {"pattern", {{"Regex", "[0-9]+"}}}, {"content", "#"}}, "a12b")
              .text == "a#b");
    CHECK(normalized(nullptr, "a").text == "a");
}

TEST_CASE("normalizer: what is not known is refused by name") {
    const auto unknown = TextNormalizer::from_json({{"type", "Append"}});
    REQUIRE(!unknown);
    CHECK(unknown.error().kind == ErrorKind::Unsupported);
    CHECK(unknown.error().message.find("Append") != std::string::npos);
    CHECK(!TextNormalizer::from_json(7));
}
