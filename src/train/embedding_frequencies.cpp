#include "train/embedding_frequencies.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

namespace headlight {
namespace {

constexpr std::size_t kTopFrequencies = 5;

}  // namespace

std::optional<double> top_frequency_share(const at::Tensor& table, int modulus) {
    if (modulus / 2 <= static_cast<int>(kTopFrequencies)) return std::nullopt;
    const at::Tensor plain = table.detach().contiguous();
    const float* values = plain.const_data_ptr<float>();
    const std::int64_t hidden = plain.size(1);
    std::vector<double> power;  // of frequencies 1 .. modulus / 2
    for (int frequency = 1; frequency <= modulus / 2; ++frequency) {
        double sum = 0;
        for (std::int64_t column = 0; column < hidden; ++column) {
            double real = 0, imaginary = 0;
            for (int number = 0; number < modulus; ++number) {
                const double angle = 2 * std::numbers::pi * frequency * number / modulus;
                const double value = values[number * hidden + column];
                real += value * std::cos(angle);
                imaginary -= value * std::sin(angle);
            }
            sum += real * real + imaginary * imaginary;
        }
        power.push_back(sum);
    }
    const double total = std::accumulate(power.begin(), power.end(), 0.0);
    if (!(total > 0)) return std::nullopt;
    std::partial_sort(power.begin(), power.begin() + static_cast<std::ptrdiff_t>(kTopFrequencies),
                      power.end(), std::greater<>());
    return std::accumulate(power.begin(), power.begin() + static_cast<std::ptrdiff_t>(kTopFrequencies), 0.0) /
           total;
}

}  // namespace headlight
