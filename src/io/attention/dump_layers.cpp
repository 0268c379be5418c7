#include "io/attention/dump_layers.h"

#include <algorithm>
#include <cmath>

#include "base/guard.h"
#include "base/parallel.h"
#include "io/attention/dump_axes.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr std::int64_t kLongestAxis = 1 << 20;
constexpr std::uint64_t kFreeAbsentBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostAbsentRatio = 8;                   // absent layers to present ones
constexpr std::size_t kThreadedWeights = std::size_t{1} << 22;  // below, threads cost more than they bring
constexpr double kMostRounding = 0.02;

struct RowSum {
    double sum = 0;
    bool is_negative = false;
};

/// In eight sums side by side, which the processor adds at once.
RowSum sum_of_row(std::span<const float> weights) {
    constexpr std::size_t kLanes = 8;
    double sums[kLanes] = {};
    float least = 0;
    std::size_t key = 0;
    for (; key + kLanes <= weights.size(); key += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sums[lane] += weights[key + lane];
            least = std::min(least, weights[key + lane]);
        }
    }
    for (; key < weights.size(); ++key) {
        sums[0] += weights[key];
        least = std::min(least, weights[key]);
    }
    RowSum out;
    for (const double sum : sums)
        out.sum += sum;
    out.is_negative = least < 0;
    return out;
}

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

    std::size_t layer_size() const {
        return static_cast<std::size_t>(out_.num_heads) * static_cast<std::size_t>(out_.num_queries) *
               static_cast<std::size_t>(out_.num_keys);
    }

    /// Where the weights of a part begin in `weights`.
    std::size_t place_of(const DumpPart& part) const {
        const auto layer = static_cast<std::size_t>(std::max(0, part.name.layer)),
                   head = static_cast<std::size_t>(std::max(0, part.name.layer < 0 ? 0 : part.name.head));
        return layer * layer_size() + head * (layer_size() / static_cast<std::size_t>(out_.num_heads));
    }

    Status read_weights() {
        const std::size_t size = layer_size() * static_cast<std::size_t>(out_.num_layers);
        note_absent_layers();
        take_in_place(size);
        if (!out_.owner) out_.weights.resize(size);
        std::vector<Result<bool>> are_causal(parts_.size(), true);
        parallel_for(parts_.size(), size < kThreadedWeights ? 1 : default_num_threads(), [&](std::size_t i) {
            are_causal[i] =
                translate_exceptions({"reading the attention", path()}, [&] { return read_part(parts_[i]); });
        });
        for (const Result<bool>& is_causal : are_causal) {
            HEADLIGHT_CHECK(is_causal);
            out_.is_causal = out_.is_causal && *is_causal;
        }
        return {};
    }

    void note_absent_layers() {
        if (parts_.front().name.layer < 0) return;
        int next = 0;
        for (const DumpPart& part : parts_) {
            for (; next < part.name.layer; ++next)
                out_.absent_layers.push_back(next);
            next = part.name.layer + 1;
        }
        for (; next < out_.num_layers; ++next)
            out_.absent_layers.push_back(next);
    }

    /// Weights of a sealed file that lie there as they are wanted, one layer behind the other, are not
    /// copied.
    void take_in_place(std::size_t size) {
        const bool is_usual =
            roles_.layer <= roles_.head && roles_.head < roles_.query && roles_.query < roles_.key;
        if (!request_.is_sealed || !is_usual) return;
        const std::byte* const first = contents_.arrays.bytes(*parts_.front().array).data();
        std::size_t taken = 0;
        for (const DumpPart& part : parts_) {
            const auto bytes = contents_.arrays.bytes(*part.array);
            const bool is_next = part.array->dtype == DType::Float32 && is_plain(*part.array) &&
                                 !part.array->copy && bytes.data() == first + taken &&
                                 place_of(part) * sizeof(float) == taken;
            if (!is_next) return;
            taken += bytes.size();
        }
        const bool is_aligned = reinterpret_cast<std::uintptr_t>(first) % alignof(float) == 0;
        if (taken != size * sizeof(float) || !is_aligned) return;
        out_.in_place = {reinterpret_cast<const float*>(first), size};
        out_.owner =
            std::make_shared<const std::vector<std::shared_ptr<const MappedFile>>>(contents_.arrays.files);
    }

    /// Whether it is causal.
    Result<bool> read_part(const DumpPart& part) {
        const std::size_t place = place_of(part);
        if (out_.owner)
            return check_rows(
                part, out_.in_place.subspan(place, static_cast<std::size_t>(part.array->num_elements())));
        HEADLIGHT_TRY(std::vector<float> values, tensor_as_floats(contents_.arrays, *part.array));
        values = in_usual_order(values, part.array->shape, roles_);
        std::copy(values.begin(), values.end(), out_.weights.begin() + static_cast<std::ptrdiff_t>(place));
        return check_rows(part, values);
    }

    Result<bool> check_rows(const DumpPart& part, std::span<const float> values) const {
        const SumCheck check = check_of(*part.array);
        const auto n = static_cast<std::size_t>(out_.num_keys),
                   queries = static_cast<std::size_t>(out_.num_queries);
        const std::size_t heads = part.name.head >= 0 ? 1 : static_cast<std::size_t>(out_.num_heads);
        bool is_causal = out_.num_queries == out_.num_keys;
        for (std::size_t row = 0; row < values.size() / n; ++row) {
            const auto weights = values.subspan(row * n, n);
            const RowSum found = sum_of_row(weights);
            const bool is_good =
                found.sum <= 1 + check.tolerance && (check.may_be_less || found.sum >= 1 - check.tolerance);
            if (found.is_negative || !is_good) {
                const std::size_t head =
                    row / queries % heads + static_cast<std::size_t>(std::max(0, part.name.head));
                const std::string layer =
                    part.name.layer < 0 ? fmt::format("layer {}, ", row / queries / heads) : "";
                return blame(ErrorKind::Corrupt, part.array->name,
                             "{}head {}, query {}: {} (along axis {}), not attention "
                             "after softmax",
                             layer, head, row % queries,
                             found.is_negative ? std::string("a weight is negative")
                                               : fmt::format("the weights sum to {:.4g}", found.sum),
                             roles_.key);
            }
            if (!is_causal) continue;
            const auto later = weights.subspan(row % queries + 1);
            is_causal = std::all_of(later.begin(), later.end(), [](float w) { return w == 0; });
        }
        return is_causal;
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
