#include "publish/page/page_weights.h"

#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/base64.h"
#include "base/parallel.h"
#include "base/quantities.h"

namespace headlight {
namespace {

constexpr int kCellLevels[] = {kMostCellLevels, 362, 256, 215, 181, 152, 128, 108, 91, 76, kLeastCellLevels};
/// Up to here pages are small whatever the code.
constexpr std::size_t kMostWideChars = std::size_t{4} << 20;
/// Fewer bits a cell than any measured text took with the coarsest code.
constexpr double kLeastBits = 1.2;

std::vector<std::uint8_t> deflated(std::span<const std::uint8_t> bytes, int strategy) {
    z_stream stream{};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15, 9, strategy) != Z_OK) throw std::bad_alloc();
    std::vector<std::uint8_t> out(deflateBound(&stream, static_cast<uLong>(bytes.size())));
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct EncodedHead {
    PageBlock block;
    double max_error = 0, max_sum_error = 0;
};

double scale_of(std::span<const float> values, RowSums sums) {
    if (sums != RowSums::Unknown) return 1;
    float largest = 0;
    for (const float value : values)
        largest = std::max(largest, std::abs(value));
    return largest > 0 ? largest : 1;
}

/// What the page shows against what was measured.
void measure_errors(const HeadCells& head, std::span<const double> decoded, EncodedHead& out) {
    const auto num_keys = static_cast<std::size_t>(head.num_keys);
    for (std::size_t query = 0; query < head.ranges.size(); ++query) {
        double sum = 0, decoded_sum = 0;
        for (std::size_t cell = query * num_keys; cell < (query + 1) * num_keys; ++cell) {
            out.max_error = std::max(out.max_error, std::abs(decoded[cell] - head.values[cell]) / head.scale);
            sum += head.values[cell];
            decoded_sum += decoded[cell];
        }
        out.max_sum_error = std::max(out.max_sum_error, std::abs(sum - decoded_sum));
    }
}

EncodedHead encode_head(const AttentionTrace& trace, HeadId id, std::span<const KeyRange> ranges,
                        const CellCode& code) {
    const std::vector<float> values = trace.matrix(id.layer, id.head);
    const HeadCells head{values, ranges, trace.num_keys(), scale_of(values, code.sums)};
    std::vector<std::uint8_t> bytes = encode_cells(head, code);
    EncodedHead out;
    out.block.head = id;
    out.block.scale = head.scale;
    measure_errors(head, decode_cells(bytes, ranges, head.num_keys, head.scale, code), out);
    std::vector<std::uint8_t> shortest = deflated(bytes, Z_FILTERED);
    if (!code.is_wide) {
        const std::size_t begin = code.sums == RowSums::Stored ? 4 * ranges.size() : 0;
        subtract_rows_above(std::span(bytes).subspan(begin, num_cells(ranges)), ranges);
        std::vector<std::uint8_t> delta = deflated(bytes, Z_HUFFMAN_ONLY);
        out.block.is_delta = delta.size() < shortest.size();
        if (out.block.is_delta) shortest = std::move(delta);
    }
    out.block.text = to_base64({reinterpret_cast<const char*>(shortest.data()), shortest.size()});
    return out;
}

/// Ranges of every layer; layers with one mask share theirs.
class Masks {
  public:
    explicit Masks(const AttentionTrace& trace) : trace_(trace) {
        for (int layer = 0; layer < trace.num_layers(); ++layer)
            ranges_.push_back(trace.mask_of(layer) == layer ? ranges_of_layer(trace, layer)
                                                            : std::vector<KeyRange>{});
    }
    std::span<const KeyRange> of(int layer) const {
        return ranges_[static_cast<std::size_t>(trace_.mask_of(layer))];
    }

  private:
    const AttentionTrace& trace_;
    std::vector<std::vector<KeyRange>> ranges_;
};

Result<PageWeights> encode_with(const PageWeightsRequest& request, const Masks& masks,
                                const std::vector<HeadId>& heads, const CellCode& code,
                                const JobContext& job) {
    std::vector<EncodedHead> encoded(heads.size());
    std::atomic<std::size_t> num_done{0}, num_chars{0};
    parallel_for(heads.size(), request.num_threads, [&](std::size_t i) {
        if (job.should_stop() || num_chars > request.most_chars) return;
        encoded[i] = encode_head(request.trace, heads[i], masks.of(heads[i].layer), code);
        num_chars += encoded[i].block.text.size();
        job.report(
            {"writing heads", static_cast<double>(++num_done) / static_cast<double>(heads.size()), {}});
    });
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "the page was not written: stopped");
    PageWeights out;
    out.code = code;
    for (EncodedHead& head : encoded) {
        out.max_error = std::max(out.max_error, head.max_error);
        out.max_sum_error = std::max(out.max_sum_error, head.max_sum_error);
        out.blocks.push_back(std::move(head.block));
    }
    return out;
}

/// What `heads` will take, from a few of them.
Result<double> expected_chars(const PageWeightsRequest& request, const Masks& masks, const CellCode& code,
                              const JobContext& job) {
    constexpr std::size_t kSample = 10;
    std::vector<HeadId> sample;
    const std::size_t count = std::min(kSample, request.heads.size());
    for (std::size_t i = 0; i < count; ++i)
        sample.push_back(request.heads[i * request.heads.size() / count]);
    PageWeightsRequest all = request;
    all.most_chars = std::size_t(-1);
    HEADLIGHT_TRY(const PageWeights some,
                  encode_with(all, masks, sample, code, JobContext(job.stop_token())));
    return static_cast<double>(some.size_chars()) * static_cast<double>(request.heads.size()) /
           static_cast<double>(std::max<std::size_t>(1, count));
}

/// The first of kCellLevels with which the heads are expected to fit; their number when none is.
Result<std::size_t> finest_levels(const PageWeightsRequest& request, const Masks& masks, CellCode code,
                                  const JobContext& job) {
    std::size_t first = 0, last = std::size(kCellLevels);
    while (first < last) {
        const std::size_t middle = (first + last) / 2;
        code.levels = kCellLevels[middle];
        HEADLIGHT_TRY(const double expected, expected_chars(request, masks, code, job));
        if (expected <= static_cast<double>(request.most_chars))
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

std::string what_fits(double share, std::size_t num_heads, double num_tokens) {
    return fmt::format(
        "about {} of these heads fit, or all of them with a text of about {:.0f} tokens: choose heads with "
        "--heads or --layer, or shorten the text",
        static_cast<std::size_t>(share * static_cast<double>(num_heads)),
        std::floor(num_tokens * std::sqrt(share)));
}

Error too_large(const PageWeightsRequest& request, double expected) {
    const double share = 0.95 * static_cast<double>(request.most_chars) / expected;
    return make_error(ErrorKind::InvalidInput, "the page would take about {}, and the most is {}: {}",
                      size_text(expected), size_text(static_cast<double>(request.most_chars)),
                      what_fits(share, request.heads.size(), request.trace.num_queries()));
}

}  // namespace

std::size_t PageWeights::size_chars() const {
    std::size_t sum = 0;
    for (const PageBlock& block : blocks)
        sum += block.text.size();
    return sum;
}

std::vector<KeyRange> ranges_of_layer(const AttentionTrace& trace, int layer) {
    std::vector<KeyRange> out;
    for (int query = 0; query < trace.num_queries(); ++query)
        out.push_back(trace.admissible(layer, query));
    return out;
}

Status check_page_cells(double cells, std::size_t most_chars, const std::string& what) {
    const double most = static_cast<double>(most_chars) * 6 / kLeastBits;  // a character is 6 bits
    if (cells <= most) return {};
    return fail(ErrorKind::InvalidInput,
                "{} are {:.0f} million cells; a page of {} holds {:.0f} million at most, which is {:.0f} % "
                "of them: choose heads "
                "with --heads or --layer, or shorten the text",
                what, cells * 1e-6, size_text(static_cast<double>(most_chars)), most * 1e-6,
                std::floor(100 * most / cells));
}

Result<PageWeights> encode_page_weights(const PageWeightsRequest& request, const JobContext& job) {
    const Masks masks(request.trace);
    double cells = 0;
    for (const HeadId head : request.heads)
        cells += static_cast<double>(num_cells(masks.of(head.layer)));
    HEADLIGHT_CHECK(check_page_cells(
        cells, request.most_chars,
        fmt::format("{} heads × {} queries", request.heads.size(), request.trace.num_queries())));
    CellCode code{.is_signed = request.is_signed, .sums = request.sums};
    const double wide_chars = cells * 2 * 4 / 3;
    code.is_wide =
        request.wants_wide || wide_chars <= static_cast<double>(std::min(kMostWideChars, request.most_chars));
    if (code.is_wide) {
        HEADLIGHT_TRY(const double expected, expected_chars(request, masks, code, job));
        if (expected > static_cast<double>(request.most_chars)) return fail(too_large(request, expected));
        HEADLIGHT_TRY(PageWeights out, encode_with(request, masks, request.heads, code, job));
        if (out.size_chars() <= request.most_chars) return out;
        return fail(too_large(request, static_cast<double>(out.size_chars())));
    }
    HEADLIGHT_TRY(std::size_t finest, finest_levels(request, masks, code, job));
    double expected = 1.02 * static_cast<double>(request.most_chars);
    for (; finest < std::size(kCellLevels); ++finest) {
        code.levels = kCellLevels[finest];
        HEADLIGHT_TRY(PageWeights out, encode_with(request, masks, request.heads, code, job));
        if (out.size_chars() <= request.most_chars) return out;
    }
    code.levels = kLeastCellLevels;
    HEADLIGHT_TRY(const double least, expected_chars(request, masks, code, job));
    expected = std::max(expected, least);
    return fail(too_large(request, expected));
}

}  // namespace headlight
