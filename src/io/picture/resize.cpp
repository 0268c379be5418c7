#include <algorithm>
#include <cmath>
#include <numbers>

#include "io/picture/raster.h"

namespace headlight {
namespace {

constexpr std::size_t kColours = 3;
/// Weights are whole numbers of 2^-22: what is left of 32 bits beside a byte and its overshoot.
constexpr int kWeightBits = 22;

double sinc(double x) {
    if (x == 0) return 1;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

/// Weight at a distance of x pixels of the result, and how far the filter reaches.
struct Filter {
    double (*weight)(double);
    double reach;
};

double box(double x) {
    return x > -0.5 && x <= 0.5 ? 1 : 0;
}
double bilinear(double x) {
    return std::max(0.0, 1 - std::abs(x));
}
double hamming(double x) {
    x = std::abs(x);
    return x == 0 ? 1 : x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * std::cos(std::numbers::pi * x));
}
/// Keys 1981 with a = -0.5.
double bicubic(double x) {
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}
double lanczos(double x) {
    return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

Filter filter_of(Resampling kind) {
    switch (kind) {
        case Resampling::Lanczos:
            return {lanczos, 3};
        case Resampling::Bicubic:
            return {bicubic, 2};
        case Resampling::Box:
            return {box, 0.5};
        case Resampling::Hamming:
            return {hamming, 1};
        case Resampling::Nearest:
        case Resampling::Bilinear:
            break;
    }
    return {bilinear, 1};
}

/// The pixels that one pixel of the result is made of.
struct Taps {
    int first = 0;
    std::vector<std::int32_t> weights;
};

std::int32_t fixed(double weight) {
    return static_cast<std::int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kWeightBits));
}

std::vector<Taps> taps_of(int from, int to, Resampling kind) {
    const Filter filter = filter_of(kind);
    const double scale = static_cast<double>(from) / to, stretch = std::max(scale, 1.0);
    const double reach = filter.reach * stretch;
    std::vector<Taps> all;
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(0, static_cast<int>(centre - reach + 0.5));
        const int end = std::min(from, static_cast<int>(centre + reach + 0.5));
        std::vector<double> weights;
        double sum = 0;
        for (int x = first; x < end; ++x) {
            weights.push_back(filter.weight((x - centre + 0.5) * (1.0 / stretch)));
            sum += weights.back();
        }
        Taps taps{first, {}};
        for (const double weight : weights)
            taps.weights.push_back(fixed(sum != 0 ? weight / sum : weight));
        all.push_back(std::move(taps));
    }
    return all;
}

std::uint8_t rounded(std::int64_t sum) {
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kWeightBits, 0, 255));
}

/// One direction: `step` bytes lie between the pixels that are summed.
std::uint8_t sum_of(const Taps& taps, const std::uint8_t* from, std::size_t step) {
    std::int64_t sum = std::int64_t{1} << (kWeightBits - 1);
    for (const std::int32_t weight : taps.weights) {
        sum += std::int64_t{*from} * weight;
        from += step;
    }
    return rounded(sum);
}

Raster blank(int height, int width) {
    Raster out{width, height, {}, {}};
    out.rgb.resize(out.num_pixels() * kColours);
    return out;
}

Raster stretch_rows(const Raster& raster, int width, Resampling filter) {
    const std::vector<Taps> taps = taps_of(raster.width, width, filter);
    Raster out = blank(raster.height, width);
    std::uint8_t* to = out.rgb.data();
    for (int y = 0; y < raster.height; ++y) {
        const std::uint8_t* row = raster.rgb.data() + static_cast<std::size_t>(y) * raster.width * kColours;
        for (const Taps& one : taps) {
            for (std::size_t c = 0; c < kColours; ++c)
                *to++ = sum_of(one, row + static_cast<std::size_t>(one.first) * kColours + c, kColours);
        }
    }
    return out;
}

Raster stretch_columns(const Raster& raster, int height, Resampling filter) {
    const std::vector<Taps> taps = taps_of(raster.height, height, filter);
    const std::size_t row_bytes = static_cast<std::size_t>(raster.width) * kColours;
    Raster out = blank(height, raster.width);
    std::uint8_t* to = out.rgb.data();
    for (const Taps& one : taps) {
        const std::uint8_t* top = raster.rgb.data() + static_cast<std::size_t>(one.first) * row_bytes;
        for (std::size_t i = 0; i < row_bytes; ++i)
            *to++ = sum_of(one, top + i, row_bytes);
    }
    return out;
}

/// Row or column of the source for each of the result; the steps are summed up as Pillow sums them.
std::vector<int> nearest_of(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    std::vector<int> out;
    double at = scale * 0.5;
    for (int i = 0; i < to; ++i, at += scale)
        out.push_back(std::clamp(static_cast<int>(std::floor(at)), 0, from - 1));
    return out;
}

Raster pick_nearest(const Raster& raster, int height, int width) {
    const std::vector<int> rows = nearest_of(raster.height, height),
                           columns = nearest_of(raster.width, width);
    Raster out{width, height, {}, {}};
    out.rgb.reserve(out.num_pixels() * kColours);
    for (const int y : rows) {
        for (const int x : columns) {
            const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(raster.width) +
                             static_cast<std::size_t>(x)) *
                            kColours;
            out.rgb.insert(out.rgb.end(), {raster.rgb[at], raster.rgb[at + 1], raster.rgb[at + 2]});
        }
    }
    return out;
}

}  // namespace

Raster resize(const Raster& raster, int height, int width, Resampling filter) {
    if (filter == Resampling::Nearest) return pick_nearest(raster, height, width);
    if (height == raster.height && width == raster.width) return {width, height, raster.rgb, {}};
    if (width == raster.width) return stretch_columns(raster, height, filter);
    if (height == raster.height) return stretch_rows(raster, width, filter);
    const bool is_columns_first =
        height < raster.height && raster.height - height > 2 * (raster.width - width);
    return is_columns_first ? stretch_rows(stretch_columns(raster, height, filter), width, filter)
                            : stretch_columns(stretch_rows(raster, width, filter), height, filter);
}

Raster crop_centre(const Raster& raster, int height, int width) {
    // Of the zeros around a smaller picture the odd one stands above and to the left.
    const auto first = [](int own, int wanted) {
        return own >= wanted ? (own - wanted) / 2 : -((wanted - own + 1) / 2);
    };
    Raster out = blank(height, width);
    const int top = first(raster.height, height), left = first(raster.width, width);
    for (int y = std::max(0, -top); y < height && y + top < raster.height; ++y) {
        for (int x = std::max(0, -left); x < width && x + left < raster.width; ++x) {
            const auto to = (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                             static_cast<std::size_t>(x)) *
                            kColours;
            const auto from = (static_cast<std::size_t>(y + top) * static_cast<std::size_t>(raster.width) +
                               static_cast<std::size_t>(x + left)) *
                              kColours;
            std::copy_n(raster.rgb.begin() + static_cast<std::ptrdiff_t>(from), kColours,
                        out.rgb.begin() + static_cast<std::ptrdiff_t>(to));
        }
    }
    return out;
}

Raster over_white(Raster raster) {
    constexpr std::uint32_t kBits = 7;
    for (std::size_t i = 0; i < raster.alpha.size(); ++i) {
        const std::uint32_t own = std::uint32_t{raster.alpha[i]} << kBits, white = (255U << kBits) - own;
        for (std::size_t c = 0; c < kColours; ++c) {
            std::uint8_t& value = raster.rgb[i * kColours + c];
            const std::uint32_t sum = value * own + 255U * white + (0x80U << kBits);
            value = static_cast<std::uint8_t>((((sum >> 8) + sum) >> 8) >> kBits);
        }
    }
    raster.alpha.clear();
    return raster;
}

}  // namespace headlight
