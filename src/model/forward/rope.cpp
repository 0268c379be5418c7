#include "model/forward/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headlight {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

/// theta^(2i / dim), [dim / 2] float32.
torch::Tensor position_powers(double theta, int dim) {
    const torch::Tensor exponent = torch::arange(0, dim, 2, torch::kInt64).to(torch::kFloat32) / dim;
    return torch::pow(torch::Scalar(theta), exponent);
}

torch::Tensor llama3_frequencies(const RopeSettings& rope, const torch::Tensor& plain) {
    const double original = rope.original_max_positions;
    const double low_wavelength = original / rope.low_freq_factor;
    const double high_wavelength = original / rope.high_freq_factor;
    const torch::Tensor wavelength = kTwoPi / plain;
    const torch::Tensor scaled = torch::where(wavelength > low_wavelength, plain / rope.factor, plain);
    const torch::Tensor blend =
        (original / wavelength - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
    const torch::Tensor smooth = (1 - blend) * scaled / rope.factor + blend * scaled;
    const torch::Tensor is_between =
        (wavelength >= high_wavelength).logical_and(wavelength <= low_wavelength);
    return torch::where(is_between, smooth, scaled);
}

torch::Tensor yarn_frequencies(const RopeSettings& rope) {
    const int dim = rope.rotary_dim;
    const torch::Tensor powers = position_powers(rope.theta, dim);
    // The pair that makes `rotations` full turns over the original length.
    const auto pair_of = [&](double rotations) {
        return dim * std::log(rope.original_max_positions / (rotations * kTwoPi)) /
               (2 * std::log(rope.theta));
    };
    double low = pair_of(rope.beta_fast), high = pair_of(rope.beta_slow);
    if (rope.truncates_ramp) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dim - 1.0);
    if (low == high) high += 0.001;
    const torch::Tensor ramp = ((torch::arange(dim / 2, torch::kFloat32) - low) / (high - low)).clamp(0, 1);
    const torch::Tensor keep = 1 - ramp;
    return (1.0 / (rope.factor * powers)) * (1 - keep) + (1.0 / powers) * keep;
}

torch::Tensor longrope_frequencies(const RopeSettings& rope, int length) {
    const auto& factors = length > rope.original_max_positions ? rope.long_factor : rope.short_factor;
    const torch::Tensor stretch = torch::tensor(factors, torch::kFloat64).to(torch::kFloat32);
    return 1.0 / (stretch * position_powers(rope.theta, rope.rotary_dim));
}

double dynamic_theta(const RopeSettings& rope, int length) {
    const double trained = rope.original_max_positions;
    const double seen = std::max<double>(length, trained);
    const double dim = rope.rotary_dim;
    return rope.theta * std::pow(rope.factor * seen / trained - (rope.factor - 1), dim / (dim - 2));
}

}  // namespace

torch::Tensor rope_frequencies(const RopeSettings& rope, int length) {
    switch (rope.scaling) {
        case RopeScaling::Default:
            return 1.0 / position_powers(rope.theta, rope.rotary_dim);
        case RopeScaling::Linear:
            return 1.0 / position_powers(rope.theta, rope.rotary_dim) / rope.factor;
        case RopeScaling::Dynamic:
            return 1.0 / position_powers(dynamic_theta(rope, length), rope.rotary_dim);
        case RopeScaling::Llama3:
            return llama3_frequencies(rope, 1.0 / position_powers(rope.theta, rope.rotary_dim));
        case RopeScaling::Yarn:
            return yarn_frequencies(rope);
        case RopeScaling::LongRope:
            return longrope_frequencies(rope, length);
        case RopeScaling::Factors:
            return 1.0 / position_powers(rope.theta, rope.rotary_dim) /
                   torch::tensor(rope.long_factor, torch::kFloat64).to(torch::kFloat32);
    }
    return {};
}

int rope_regime(const Architecture& arch, int length) {
    if (arch.position != PositionKind::Rotary) return 0;
    const RopeSettings& rope = arch.rope;  // no family stretches its local rotation by the length of the text
    if (rope.scaling == RopeScaling::Dynamic) return std::max(length, rope.original_max_positions);
    if (rope.scaling == RopeScaling::LongRope) return length > rope.original_max_positions ? 1 : 0;
    return 0;
}

namespace {

RotaryTable turned_by(const torch::Tensor& frequencies, int begin, int count) {
    const torch::Tensor positions = torch::arange(begin, begin + count, torch::kInt64).to(torch::kFloat32);
    const torch::Tensor angles = positions.unsqueeze(1) * frequencies.unsqueeze(0);
    return {angles.cos(), angles.sin()};
}

RotaryTable stored_table(const Architecture& arch, const Weights& weights, int begin, int count) {
    if (arch.stored_rotation == StoredRotation::Frequencies)
        return turned_by(weights.rotary_frequencies.to(torch::kFloat32), begin, count);
    const torch::Tensor rows = weights.rotary_table.narrow(0, begin, count).to(torch::kFloat32);
    const std::int64_t pairs = rows.size(1) / 2;
    return {rows.narrow(1, pairs, pairs).contiguous(), rows.narrow(1, 0, pairs).contiguous()};
}

}  // namespace

RotaryTable make_rotary_table(const RopeSettings& rope, int begin, int count, int length) {
    if (rope.rotary_dim == 0) return {};
    RotaryTable table = turned_by(rope_frequencies(rope, length), begin, count);
    const bool is_long = rope.long_attention_factor > 0 && length > rope.original_max_positions;
    const double factor = is_long ? rope.long_attention_factor : rope.attention_factor;
    if (factor != 1.0) {
        table.cos = table.cos * factor;
        table.sin = table.sin * factor;
    }
    if (rope.turns_back) table.sin = -table.sin;
    if (rope.query_growth > 0) {
        const torch::Tensor positions =
            torch::arange(begin, begin + count, torch::kInt64).to(torch::kFloat32);
        const torch::Tensor periods = torch::floor(positions / rope.original_max_positions);
        table.query_scale = 1 + rope.query_growth * torch::log(1 + periods);
    }
    return table;
}

RotaryTable make_layer_table(const Architecture& arch, const Weights& weights, int layer, int begin,
                             int count, int length) {
    const bool rotates = arch.rope_of(layer) != RopeUse::None;
    if (rotates && arch.stored_rotation != StoredRotation::None)
        return stored_table(arch, weights, begin, count);
    if (rotates) return make_rotary_table(arch.rope_settings(layer), begin, count, length);
    RotaryTable table;
    if (arch.still_growth == 0) return table;
    const torch::Tensor positions = torch::arange(begin, begin + count, torch::kInt64).to(torch::kFloat32);
    const torch::Tensor periods = torch::floor((positions + 1.0) / arch.still_growth_span);
    table.query_scale = torch::log1p(periods) * arch.still_growth + 1.0;
    return table;
}

RotaryTables make_rotary_tables(const Architecture& arch, const Weights& weights, int begin, int count,
                                int length) {
    RotaryTables tables;
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const RopeUse use = arch.rope_of(layer);
        RotaryTable& table = use == RopeUse::None    ? tables.none
                             : use == RopeUse::Local ? tables.local
                                                     : tables.main;
        if (!table.cos.defined() && !table.query_scale.defined())
            table = make_layer_table(arch, weights, layer, begin, count, length);
    }
    return tables;
}

torch::Tensor rotate(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing) {
    const std::int64_t pairs = table.cos.size(1);
    const torch::Tensor cos = table.cos.unsqueeze(1), sin = table.sin.unsqueeze(1);  // [N, 1, pairs]
    torch::Tensor first, second;
    if (pairing == RopePairing::Halves) {
        first = x.slice(-1, 0, pairs);
        second = x.slice(-1, pairs, 2 * pairs);
    } else {
        first = x.slice(-1, 0, 2 * pairs, 2);
        second = x.slice(-1, 1, 2 * pairs, 2);
    }
    const torch::Tensor turned_first = first * cos - second * sin;
    const torch::Tensor turned_second = second * cos + first * sin;
    torch::Tensor turned = pairing == RopePairing::Halves
                               ? torch::cat({turned_first, turned_second}, -1)
                               : torch::stack({turned_first, turned_second}, -1).flatten(-2);
    if (x.size(-1) == 2 * pairs) return turned;
    return torch::cat({turned, x.slice(-1, 2 * pairs)}, -1);
}

torch::Tensor place_keys(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing,
                         const torch::Tensor& gain) {
    const torch::Tensor turned = table.cos.defined() ? rotate(x, table, pairing) : x;
    return gain.defined() ? turned * gain : turned;
}

torch::Tensor place_queries(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing,
                            const torch::Tensor& gain) {
    const torch::Tensor placed = place_keys(x, table, pairing, gain);
    return table.query_scale.defined() ? placed * table.query_scale.view({-1, 1, 1}) : placed;
}

}  // namespace headlight
