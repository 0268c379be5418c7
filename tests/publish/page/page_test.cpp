// Pages: cells come back within the bound that the code has, nobody's text becomes markup, what is too large
// is refused with what fits.
#include <doctest/doctest.h>

#include <zlib.h>

#include <algorithm>
#include <numeric>

#include "base/base64.h"
#include "base/sha256.h"
#include "publish/page/page_file.h"
#include "publish/page/page_json.h"
#include "publish/page/page_weights.h"
#include "publish/page/sample_pages.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

std::vector<double> round_trip(const std::vector<float>& values, const std::vector<KeyRange>& ranges,
                               int num_keys, const CellCode& code, double scale = 1) {
    const HeadCells head{values, ranges, num_keys, scale};
    return decode_cells(encode_cells(head, code), ranges, num_keys, scale, code);
}

std::vector<KeyRange> full(int num_queries, int num_keys) {
    return std::vector<KeyRange>(static_cast<std::size_t>(num_queries), KeyRange{0, num_keys});
}

double largest_error(const std::vector<double>& a, const std::vector<float>& b) {
    double out = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        out = std::max(out, std::abs(a[i] - b[i]));
    return out;
}

std::vector<float> even_row(int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 1.0f / static_cast<float>(count));
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

/// What assets/page/decode.js does with a block.
std::vector<std::uint8_t> inflated(const PageBlock& block) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::uint8_t> packed;
    for (std::size_t i = 0; i < block.text.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k)
            group = group << 6 |
                    static_cast<std::uint32_t>(block.text[i + k] == '=' ? 0 : digits.find(block.text[i + k]));
        for (int shift = 16; shift >= 0; shift -= 8)
            packed.push_back(static_cast<std::uint8_t>(group >> shift));
    }
    std::vector<std::uint8_t> out(std::size_t{4} << 20);
    z_stream stream{};
    REQUIRE(inflateInit(&stream) == Z_OK);
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

Result<std::string> html_of(const PageContent& content, const PageOptions& options = {}) {
    PageFacts facts;
    return page_html(content, options, {}, facts);
}

}  // namespace

TEST_CASE("cells: a head that spreads evenly, and one that looks at one key, come back as they are") {
    for (const int count : {1, 2, 3, 17, 100, 512, 4000}) {
        const CellCode code{.levels = kLeastCellLevels};
        CHECK(largest_error(round_trip(even_row(count), full(1, count), count, code), even_row(count)) <
              1.0 / kNumLargeSteps);
        std::vector<float> one(static_cast<std::size_t>(count));
        one.back() = 1;
        CHECK(largest_error(round_trip(one, full(1, count), count, code), one) < 1e-12);
    }
    // An even row of many keys has small codes alone, which share what the row misses: exact.
    const auto even = round_trip(even_row(400), full(1, 400), 400, {.levels = 128});
    CHECK(largest_error(even, even_row(400)) < 1e-9);
    CHECK(std::accumulate(even.begin(), even.end(), 0.0) == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("cells: no error is above the bound of the code, and sums are kept") {
    for (const int levels : {kLeastCellLevels, 128, kMostCellLevels}) {
        const CellCode code{.levels = levels};
        const double bound = std::max(
            2 * (kNumSmallCodes - 1 + 0.125) / (static_cast<double>(levels) * levels), 0.5 / kNumLargeSteps);
        for (const auto& page : test::sample_pages()) {
            const AttentionTrace& trace = *page.content.text->trace;
            if (trace.info().has_sink || trace.num_queries() > 100) continue;
            for (int layer = 0; layer < trace.num_layers(); ++layer) {
                const auto ranges = ranges_of_layer(trace, layer);
                const auto values = trace.matrix(layer, trace.num_heads() - 1);
                const auto back = round_trip(values, ranges, trace.num_keys(), code);
                INFO(page.name, " layer ", layer, " levels ", levels);
                CHECK(largest_error(back, values) <= bound * (1 + 1e-9));
            }
        }
    }
}

TEST_CASE("cells: two bytes a cell are within a step of the root, signs and scales come back") {
    const std::vector<float> values = {-3, 0, 1.5f, 0.001f, -0.00001f, 3};
    const CellCode wide{.is_wide = true, .is_signed = true, .sums = RowSums::Unknown};
    const auto back = round_trip(values, full(2, 3), 3, wide, 3);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double root = std::sqrt(std::abs(values[i]) / 3);
        CHECK(std::abs(back[i] - values[i]) <= 3 * (root / kWideLevels + 1e-9));
    }
    const CellCode narrow{.levels = 128, .is_signed = true, .sums = RowSums::Unknown};
    const auto rough = round_trip(values, full(2, 3), 3, narrow, 3);
    CHECK(rough[0] == doctest::Approx(-3).epsilon(1e-12));
    CHECK(rough[5] == doctest::Approx(3).epsilon(1e-12));
    CHECK(rough[2] == doctest::Approx(1.5).epsilon(0.001));
}

TEST_CASE("cells: rows whose mass went elsewhere keep the sum that they have") {
    std::vector<float> values = even_row(50);
    for (float& value : values)
        value *= 0.4f;
    const CellCode code{.levels = 91, .sums = RowSums::Stored};
    const auto back = round_trip(values, full(1, 50), 50, code);
    CHECK(std::accumulate(back.begin(), back.end(), 0.0) == doctest::Approx(0.4).epsilon(1e-6));
    const std::vector<float> nothing(50);
    CHECK(largest_error(round_trip(nothing, full(1, 50), 50, code), nothing) == 0);
}

TEST_CASE("cells: the difference to the row above, in any mask") {
    const std::vector<KeyRange> ranges = {{0, 1}, {0, 2}, {1, 3}, {2, 2}, {0, 4}};
    std::vector<std::uint8_t> codes = {9, 10, 5, 7, 31, 1, 2, 3, 4};
    subtract_rows_above(codes, ranges);
    CHECK(codes == std::vector<std::uint8_t>{9, 1, 5, 2, 31, 1, 2, 3, 4});
}

TEST_CASE("base64: the vectors of RFC 4648") {
    const auto text = [](const std::string& word) { return to_base64(word); };
    CHECK(text("").empty());
    CHECK(text("f") == "Zg==");
    CHECK(text("fo") == "Zm8=");
    CHECK(text("foo") == "Zm9v");
    CHECK(text("foobar") == "Zm9vYmFy");
}

TEST_CASE("page weights: what the page decodes is off by the error that it says, and by no more") {
    for (const auto& page : test::sample_pages()) {
        INFO(page.name);
        const PageContent& content = page.content;
        std::vector<HeadId> heads;
        for (std::size_t i = 0; i < content.trace().grid().size(); ++i) {
            if (!content.trace().is_absent(content.trace().grid().at(i).layer))
                heads.push_back(content.trace().grid().at(i));
        }
        PageWeightsRequest request{.trace = content.trace(), .heads = heads};
        request.is_signed = content.shown && content.shown->is_signed();
        request.sums = request.is_signed                      ? RowSums::Unknown
                       : content.text->trace->info().has_sink ? RowSums::Stored
                                                              : RowSums::One;
        request.most_chars = std::size_t{20} << 20;
        const auto weights = encode_page_weights(request, {});
        REQUIRE(weights);
        CHECK(weights->code.is_wide == (content.trace().num_queries() < 100));
        CHECK(weights->max_error < 0.002);
        double largest = 0;
        for (const PageBlock& block : weights->blocks) {
            const auto ranges = ranges_of_layer(content.trace(), block.head.layer);
            auto bytes = inflated(block);
            if (block.is_delta) {  // add the rows above again
                const std::size_t begin = request.sums == RowSums::Stored ? 4 * ranges.size() : 0;
                std::size_t at = begin + static_cast<std::size_t>(ranges[0].count());
                for (std::size_t query = 1; query < ranges.size(); ++query) {
                    const std::size_t above = at - static_cast<std::size_t>(ranges[query - 1].count());
                    for (int key = ranges[query].begin; key < ranges[query].end; ++key, ++at) {
                        if (key < ranges[query - 1].begin || key >= ranges[query - 1].end) continue;
                        bytes[at] = static_cast<std::uint8_t>(
                            bytes[at] +
                            bytes[above + static_cast<std::size_t>(key - ranges[query - 1].begin)]);
                    }
                }
            }
            const auto back =
                decode_cells(bytes, ranges, content.trace().num_keys(), block.scale, weights->code);
            largest = std::max(
                largest,
                largest_error(back, content.trace().matrix(block.head.layer, block.head.head)) / block.scale);
        }
        CHECK(largest == doctest::Approx(weights->max_error).epsilon(1e-9));
    }
}

TEST_CASE(
    "page: strangers' text never becomes markup, nothing is fetched, script and style are named by their "
    "hashes") {
    const auto page = html_of(test::sample_pages().front().content);
    REQUIRE(page);
    CHECK(count(*page, "<script") == 3);
    CHECK(count(*page, "</script>") == 3);
    CHECK(count(*page, "<style>") == 1);
    CHECK_FALSE(holds(*page, "<img"));
    CHECK_FALSE(holds(*page, "<!--"));
    CHECK_FALSE(holds(*page, "\u202E"));
    CHECK_FALSE(holds(*page, std::string(1, '\0')));
    CHECK_FALSE(holds(*page, "http:"));
    CHECK_FALSE(holds(*page, "https:"));
    CHECK_FALSE(holds(*page, "@@"));
    CHECK(holds(*page, "default-src 'none'; script-src 'sha256-"));
    CHECK(holds(*page, "<title>&lt;/script&gt;&lt;img"));
    // The browser computes the same hash of what stands between the tags.
    const auto begin = page->rfind("<script>") + 8, end = page->rfind("</script>");
    const std::string hex = sha256(std::string_view(*page).substr(begin, end - begin));
    std::vector<std::uint8_t> digest;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        digest.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    CHECK(holds(*page, "script-src 'sha256-" +
                           to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'"));
}

TEST_CASE("page: chosen heads only, absent layers have none") {
    auto pages = test::sample_pages();
    PageContent& windows = pages[2].content;
    REQUIRE(windows.text->trace->is_absent(2));
    PageFacts facts;
    REQUIRE(page_html(windows, {}, {}, facts));
    CHECK(facts.num_heads == 4);
    windows.heads = {{1, 1}};
    REQUIRE(page_html(windows, {}, {}, facts));
    CHECK(facts.num_heads == 1);
    windows.heads = {{2, 0}};
    const auto none = page_html(windows, {}, {}, facts);
    REQUIRE_FALSE(none);
    CHECK(none.error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("page: what is too large is refused with what would fit, before work where that is sure") {
    const PageOptions options{.most_megabytes = 20};
    CHECK(check_page_size(270, 512, 512, true, options));
    const Status refused = check_page_size(1024, 2048, 2048, true, options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(holds(refused.error().message, "1024 heads × 2048 tokens"));
    CHECK(holds(refused.error().message, "--heads"));
    const Status endless = check_page_size(1, 5000, 5000, true, options);
    REQUIRE_FALSE(endless);
    CHECK(holds(endless.error().message, "5000 tokens"));
    const auto pages = test::sample_pages();
    const auto long_page =
        std::find_if(pages.begin(), pages.end(), [](const auto& page) { return page.name == "long"; });
    const auto small = html_of(long_page->content, {.most_megabytes = 0.35});
    REQUIRE_FALSE(small);
    CHECK(holds(small.error().message, "choose heads with --heads"));
    PageFacts facts;
    REQUIRE(page_html(long_page->content, {.most_megabytes = 2.2}, {}, facts));
    CHECK(facts.size_bytes <= 2.2e6);
    const auto wide = html_of(long_page->content, {.most_megabytes = 1, .wants_wide = true});
    CHECK_FALSE(wide);
}

TEST_CASE("page: stopped work writes nothing") {
    std::stop_source stop;
    stop.request_stop();
    const std::string path = test::fresh_dir("stopped") + "/page.html";
    const auto written = write_page(path, test::sample_pages()[1].content, {}, JobContext(stop.get_token()));
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::Cancelled);
    CHECK_FALSE(std::filesystem::exists(path));
}
