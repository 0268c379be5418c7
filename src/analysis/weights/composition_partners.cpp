#include "analysis/weights/composition_partners.h"

#include <algorithm>
#include <cmath>

#include "analysis/weights/head_factors.h"

namespace headlight {
namespace {

/// |A^T B|_F of [d, k] factors: how much of what A writes B reads.
double overlap(const RowMatrix& a, const RowMatrix& b) {
    const auto num_a = static_cast<std::size_t>(a.cols), num_b = static_cast<std::size_t>(b.cols);
    std::vector<double> product(num_a * num_b, 0.0);
    for (int row = 0; row < a.rows; ++row) {
        const double *left = a.row(row), *right = b.row(row);
        for (std::size_t i = 0; i < num_a; ++i)
            for (std::size_t j = 0; j < num_b; ++j)
                product[i * num_b + j] += left[i] * right[j];
    }
    double sum = 0;
    for (const double value : product)
        sum += value * value;
    return std::sqrt(sum);
}

void keep_strongest(std::vector<CompositionPartner>& partners, int count) {
    std::stable_sort(partners.begin(), partners.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    if (partners.size() > static_cast<std::size_t>(count)) partners.resize(static_cast<std::size_t>(count));
}

}  // namespace

Result<CompositionPartners> composition_partners(
    int num_layers, int num_heads, HeadId head,
    const std::function<Result<HeadWeights>(int, int)>& weights_of, int count, const JobContext& job) {
    const bool exists = head.layer >= 0 && head.layer < num_layers && head.head >= 0 && head.head < num_heads;
    if (!exists) return fail(ErrorKind::InvalidInput, "composition: there is no head {}", head.to_string());
    HEADLIGHT_TRY(const HeadWeights own_weights, weights_of(head.layer, head.head));
    HEADLIGHT_TRY(const HeadFactors own, head_factors(own_weights));
    CompositionPartners out;
    out.baseline = 1 / std::sqrt(static_cast<double>(own.writes.rows));
    for (int layer = 0; layer < num_layers; ++layer) {
        if (layer == head.layer) continue;
        job.report({"composition of heads", static_cast<double>(layer) / num_layers, {}});
        for (int other = 0; other < num_heads; ++other) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "composition: stopped");
            HEADLIGHT_TRY(const HeadWeights weights, weights_of(layer, other));
            HEADLIGHT_TRY(const HeadFactors factors, head_factors(weights));
            const HeadId id{layer, other};
            const bool is_earlier = layer < head.layer;
            const RowMatrix& writes = is_earlier ? factors.writes : own.writes;
            const HeadFactors& reader = is_earlier ? own : factors;
            (is_earlier ? out.query : out.read_as_query).push_back({id, overlap(writes, reader.query)});
            (is_earlier ? out.key : out.read_as_key).push_back({id, overlap(writes, reader.key)});
            (is_earlier ? out.value : out.read_as_value).push_back({id, overlap(writes, reader.value)});
        }
    }
    for (auto* partners :
         {&out.query, &out.key, &out.value, &out.read_as_query, &out.read_as_key, &out.read_as_value})
        keep_strongest(*partners, count);
    return out;
}

}  // namespace headlight
