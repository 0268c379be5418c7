#include "io/attention/dump_layers.h"

#include <algorithm>
#include <cmath>

#include "io/attention/dump_axes.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr std::int64_t kLongestAxis = 1 << 20;
constexpr std::uint64_t kFreeAbsentBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostAbsentRatio = 8;  // absent layers to present ones
constexpr double kMostRounding = 0.02;

class LayersReader {
  public:
    LayersReader(const DumpContents& contents, LayersRequest request)
        : contents_(contents), request_(std::move(request)), parts_(request_.parts) {}

    Result<DumpLayers> read() {
        HEADLIGHT_CHECK(sort_parts());
        HEADLIGHT_CHECK(find_roles());
        HEADLIGHT_CHECK(measure());
        HEADLIGHT_CHECK(read_weights());
        return std::move(out_);
    }

  private:
    const std::string& path() const { return contents_.arrays.path; }
    template <class... Args>
    tl::unexpected<Error> blame(ErrorKind kind, const std::string& name, fmt::format_string<Args...> format,
                                Args&&... args) const {
        return fail(make_error(kind, format, std::forward<Args>(args)...).in_file(path()).at_tensor(name));
    }

    Status sort_parts() {
        std::stable_sort(parts_.begin(), parts_.end(), [](const DumpPart& a, const DumpPart& b) {
            return std::pair(a.name.layer, a.name.head) < std::pair(b.name.layer, b.name.head);
        });
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const TensorInfo& array = *parts_[i].array;
            const bool is_small = array.shape.size() <= 6 &&
                                  std::all_of(array.shape.begin(), array.shape.end(),
                                              [](std::int64_t n) { return n >= 1 && n <= kLongestAxis; });
            if (array.shape.size() < 2 || !is_small) {
                return blame(ErrorKind::Corrupt, array.name,
                             "expected attention of shape [heads, queries, keys] or "
                             "[layers, heads, queries, keys], found {}",
                             shape_to_string(array.shape));
            }
            if (i == 0) continue;
            const DumpPart& before = parts_[i - 1];
            const bool is_twin =
                before.name.layer < 0 || (before.name.layer == parts_[i].name.layer &&
                                          (before.name.head < 0 || before.name.head == parts_[i].name.head));
            if (is_twin) {
                return blame(ErrorKind::InvalidInput, array.name,
                             "two arrays hold the same attention: '{}' and '{}'; keep one",
                             before.array->name, array.name);
            }
        }
        return {};
    }

    SumCheck check_of(const TensorInfo& array) const {
        // Half precision keeps 11 bits of each weight, bfloat16 8: sums of rounded weights stray that far.
        double tolerance = array.dtype == DType::Float16    ? 4e-3
                           : array.dtype == DType::BFloat16 ? 1e-2
                                                            : 1e-3;
        if (const auto found = contents_.rounding.find(array.name); found != contents_.rounding.end())
            tolerance +=
                std::min(kMostRounding, found->second * static_cast<double>(*std::max_element(
                                                            array.shape.begin(), array.shape.end())));
        return {tolerance, request_.may_sum_less};
    }

    AxisQuestion question(const DumpPart& part) const {
        return {part.array->name,   part.array->shape,    part.name.layer >= 0, part.name.head >= 0,
                request_.is_square, request_.num_queries, request_.num_keys};
    }

    Status find_roles() {
        const DumpPart& first = parts_.front();
        for (const DumpPart& part : parts_) {
            if (part.array->shape != first.array->shape) {
                return blame(ErrorKind::Corrupt, part.array->name, "its shape is {}, but that of {} is {}",
                             shape_to_string(part.array->shape), first.array->name,
                             shape_to_string(first.array->shape));
            }
        }
        auto found = request_.axes.empty() ? detect() : axes_from_letters(question(first), request_.axes);
        if (!found) return fail(std::move(found).error().in_file(path()));
        roles_ = *found;
        const bool is_usual =
            roles_.layer <= roles_.head && roles_.head < roles_.query && roles_.query < roles_.key;
        if (!is_usual) {
            out_.note = fmt::format("'{}' {}: queries along axis {}, keys along axis {}", first.array->name,
                                    shape_to_string(first.array->shape), roles_.query, roles_.key);
        }
        return {};
    }

    Result<AxisRoles> detect() const {
        const DumpPart& first = parts_.front();
        std::vector<bool> sums(first.array->shape.size(), true);
        std::vector<float> values;
        for (const DumpPart& part : parts_) {
            HEADLIGHT_TRY(std::vector<float> layer, tensor_as_floats(contents_.arrays, *part.array));
            const std::vector<bool> good =
                axes_that_sum_to_one(layer, part.array->shape, check_of(*part.array));
            for (std::size_t axis = 0; axis < sums.size(); ++axis)
                sums[axis] = sums[axis] && good[axis];
            if (values.empty()) values = std::move(layer);
        }
        // Nowhere: read in the usual order, so that the first bad row can be named.
        AxisQuestion asked = question(first);
        if (std::none_of(sums.begin(), sums.end(), [](bool is_good) { return is_good; })) {
            sums.back() = true;
            asked.is_square = false;
            asked.num_queries = asked.num_keys = 0;
            values.clear();
        }
        return detect_axes(asked, sums, values);
    }

    /// Sizes, and which layers are there.
    Status measure() {
        const auto& shape = parts_.front().array->shape;
        out_.num_queries = static_cast<int>(axis_length(shape, roles_.query));
        out_.num_keys = static_cast<int>(axis_length(shape, roles_.key));
        out_.num_heads = static_cast<int>(axis_length(shape, roles_.head));
        out_.num_layers = static_cast<int>(axis_length(shape, roles_.layer));
        out_.dtype = parts_.front().array->dtype;
        out_.is_causal = out_.num_queries == out_.num_keys;
        if (parts_.front().name.layer < 0) return {};
        int num_present = 1;
        out_.num_layers = std::max(parts_.back().name.layer + 1, request_.num_layers);
        for (std::size_t i = 1; i < parts_.size(); ++i)
            num_present += parts_[i].name.layer != parts_[i - 1].name.layer;
        if (parts_.front().name.head >= 0) HEADLIGHT_CHECK(count_heads());
        const int num_absent = out_.num_layers - num_present;
        const std::uint64_t layer_bytes = std::uint64_t{4} * static_cast<std::uint64_t>(out_.num_heads) *
                                          static_cast<std::uint64_t>(out_.num_queries) *
                                          static_cast<std::uint64_t>(out_.num_keys);
        const bool is_plausible = static_cast<std::uint64_t>(num_absent) <=
                                      kMostAbsentRatio * static_cast<std::uint64_t>(num_present) ||
                                  static_cast<std::uint64_t>(num_absent) * layer_bytes <= kFreeAbsentBytes;
        if (!is_plausible || out_.num_layers > 4096) {
            return blame(ErrorKind::Corrupt, parts_.back().array->name,
                         "layers are numbered up to {}, but only {} are there", out_.num_layers - 1,
                         num_present);
        }
        return {};
    }

    /// One array for each head: all layers must have heads 0, 1, 2 ... of the same number.
    Status count_heads() {
        int last = -1;
        for (const DumpPart& part : parts_)
            last = std::max(last, part.name.head);
        out_.num_heads = last + 1;
        int expected = 0;
        for (const DumpPart& part : parts_) {
            if (part.name.head != expected) {
                return blame(ErrorKind::Missing, part.array->name, "head {} of layer {} is not there",
                             expected, part.name.layer);
            }
            expected = (expected + 1) % (last + 1);
        }
        if (expected != 0)
            return blame(ErrorKind::Missing, parts_.back().array->name, "its last layer lacks head {}",
                         expected);
        return {};
    }

    Status read_weights() {
        const auto head_size =
            static_cast<std::size_t>(out_.num_queries) * static_cast<std::size_t>(out_.num_keys);
        const std::size_t layer_size = head_size * static_cast<std::size_t>(out_.num_heads);
        out_.weights.reserve(layer_size * static_cast<std::size_t>(out_.num_layers));
        int layer = 0;
        for (const DumpPart& part : parts_) {
            for (; part.name.layer > layer && part.name.head <= 0; ++layer) {
                if (out_.weights.size() == layer_size * static_cast<std::size_t>(layer)) {
                    out_.absent_layers.push_back(layer);
                    out_.weights.resize(layer_size * static_cast<std::size_t>(layer + 1));
                }
            }
            HEADLIGHT_TRY(std::vector<float> values, tensor_as_floats(contents_.arrays, *part.array));
            values = in_usual_order(values, part.array->shape, roles_);
            HEADLIGHT_CHECK(check_rows(part, values));
            out_.weights.insert(out_.weights.end(), values.begin(), values.end());
        }
        const auto num_read = static_cast<int>(out_.weights.size() / layer_size);
        for (layer = num_read; layer < out_.num_layers; ++layer)
            out_.absent_layers.push_back(layer);
        out_.weights.resize(layer_size * static_cast<std::size_t>(out_.num_layers));
        return {};
    }

    Status check_rows(const DumpPart& part, std::span<const float> values) {
        const SumCheck check = check_of(*part.array);
        const auto n = static_cast<std::size_t>(out_.num_keys),
                   queries = static_cast<std::size_t>(out_.num_queries);
        const std::size_t heads = part.name.head >= 0 ? 1 : static_cast<std::size_t>(out_.num_heads);
        for (std::size_t row = 0; row < values.size() / n; ++row) {
            const auto weights = values.subspan(row * n, n);
            double sum = 0;
            bool is_negative = false;
            for (const float weight : weights) {
                sum += weight;
                is_negative = is_negative || weight < 0;
            }
            const bool is_good =
                sum <= 1 + check.tolerance && (check.may_be_less || sum >= 1 - check.tolerance);
            if (is_negative || !is_good) {
                const std::size_t head =
                    row / queries % heads + static_cast<std::size_t>(std::max(0, part.name.head));
                const std::string layer =
                    part.name.layer < 0 ? fmt::format("layer {}, ", row / queries / heads) : "";
                return blame(ErrorKind::Corrupt, part.array->name,
                             "{}head {}, query {}: {} (along axis {}), not attention "
                             "after softmax",
                             layer, head, row % queries,
                             is_negative ? std::string("a weight is negative")
                                         : fmt::format("the weights sum to {:.4g}", sum),
                             roles_.key);
            }
            if (!out_.is_causal) continue;
            const auto later = weights.subspan(row % queries + 1);
            out_.is_causal = std::all_of(later.begin(), later.end(), [](float w) { return w == 0; });
        }
        return {};
    }

    const DumpContents& contents_;
    LayersRequest request_;
    std::vector<DumpPart> parts_;
    AxisRoles roles_;
    DumpLayers out_;
};

}  // namespace

Result<DumpLayers> read_dump_layers(const DumpContents& contents, LayersRequest request) {
    return LayersReader(contents, std::move(request)).read();
}

}  // namespace headlight
