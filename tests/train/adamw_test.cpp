#include "train/adamw.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <doctest/doctest.h>

#include <cmath>

using namespace headlight;

namespace {

Parameter make_parameter(std::vector<double> values, double weight_decay, double rate_factor) {
    Parameter p;
    p.name = "p";
    p.weight = at::tensor(values, at::kFloat);
    p.moment1 = at::zeros_like(p.weight);
    p.moment2 = at::zeros_like(p.weight);
    p.weight_decay = weight_decay;
    p.rate_factor = rate_factor;
    return p;
}

}  // namespace

TEST_CASE("adamw: the first step moves each weight by the rate against the sign, after the decay") {
    std::vector<Parameter> parameters = {make_parameter({1.0, -2.0, 3.0}, 0.1, 1.0)};
    const std::vector<at::Tensor> gradients = {at::tensor(std::vector<double>{0.5, -0.25, 0.0}, at::kFloat)};
    adamw_step(parameters, gradients, gradient_norm(gradients), 0, 0.01, {});
    const float* w = parameters[0].weight.const_data_ptr<float>();
    // Bias correction makes m/sqrt(v) the sign of the gradient.
    CHECK(w[0] == doctest::Approx(1.0 * 0.999 - 0.01).epsilon(1e-6));
    CHECK(w[1] == doctest::Approx(-2.0 * 0.999 + 0.01).epsilon(1e-6));
    CHECK(w[2] == doctest::Approx(3.0 * 0.999).epsilon(1e-6));
}

TEST_CASE("adamw: many steps follow the formula in double precision") {
    const double beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, rate = 3e-3 * 2.0, decay = 0.1;
    std::vector<Parameter> parameters = {make_parameter({0.7}, decay, 2.0)};
    double w = 0.7, m = 0, v = 0;
    for (int step = 0; step < 50; ++step) {
        const double gradient = std::sin(0.3 * step) * 0.4;
        const std::vector<at::Tensor> gradients = {at::full({1}, gradient, at::kFloat)};
        adamw_step(parameters, gradients, std::abs(gradient), step, 3e-3, {});
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient * gradient;
        const double m_hat = m / (1 - std::pow(beta1, step + 1)), v_hat = v / (1 - std::pow(beta2, step + 1));
        w = w * (1 - rate * decay) - rate * m_hat / (std::sqrt(v_hat) + epsilon);
    }
    CHECK(parameters[0].weight.item<double>() == doctest::Approx(w).epsilon(2e-5));
}

TEST_CASE("adamw: gradients longer than the clip norm are scaled to it, shorter ones are left") {
    const std::vector<at::Tensor> gradients = {at::full({3, 4}, 2.0, at::kFloat),
                                               at::full({4}, 2.0, at::kFloat)};
    const double norm = gradient_norm(gradients);
    CHECK(norm == doctest::Approx(8.0));  // sqrt(16 * 4)
    std::vector<Parameter> parameters = {make_parameter(std::vector<double>(12, 0.0), 0, 1),
                                         make_parameter(std::vector<double>(4, 0.0), 0, 1)};
    adamw_step(parameters, gradients, norm, 0, 0.01, {});
    CHECK(parameters[1].moment1[0].item<double>() == doctest::Approx(0.1 * 2.0 / 8.0).epsilon(1e-5));
    AdamWSettings wide;
    wide.clip_norm = 100;
    parameters[1].moment1.zero_();
    adamw_step(parameters, gradients, norm, 0, 0.01, wide);
    CHECK(parameters[1].moment1[0].item<double>() == doctest::Approx(0.1 * 2.0).epsilon(1e-5));
}
