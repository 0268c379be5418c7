#include "model/forward/kernel_choice.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>
#include <torch/types.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>

#include "base/measure/processor.h"
#include "base/paths.h"
#include "base/sha256.h"
#include "kernel/product/product.h"
#include "model/forward/worker_threads.h"

namespace headlight {
namespace {

// Up to here the fused dots read each weight once, and start threads where LibTorch has none.
constexpr int kMostFewRows = 8;
constexpr std::array<int, 3> kClassRows = {16, 64, 256};  // measured for 9 to 31, 32 to 127 and more rows
using Choice = std::array<bool, kClassRows.size()>;       // true: LibTorch

std::size_t class_of(int num_rows) {
    return num_rows < 32 ? 0 : num_rows < 128 ? 1 : 2;
}

/// Least times of ours and of LibTorch's, with one thread, in turn.
bool torch_wins(int num_rows) {
    constexpr std::int64_t kOut = 1536, kIn = 576;
    constexpr int kRepeats = 5;
    const torch::Tensor x = torch::randn({num_rows, kIn}), weight = torch::randn({kOut, kIn});
    torch::Tensor y = torch::empty({num_rows, kOut});
    StoredMatrix stored;
    stored.data = reinterpret_cast<const std::byte*>(weight.const_data_ptr<float>());
    stored.rows = kOut;
    stored.cols = kIn;
    stored.row_bytes = kIn * sizeof(float);
    const ProductTask task{&stored, nullptr, y.mutable_data_ptr<float>(), kOut};
    double ours = std::numeric_limits<double>::infinity(), theirs = ours;
    for (int i = 0; i < kRepeats; ++i) {
        const double start = thread_seconds();
        multiply(product_isa(), {&task, 1}, x.const_data_ptr<float>(), kIn, num_rows, {});
        const double middle = thread_seconds();
        torch::linear(x, weight);
        ours = std::min(ours, middle - start);
        theirs = std::min(theirs, thread_seconds() - middle);
    }
    return theirs < ours;
}

Choice measure() {
    const int before = product_threads();
    use_threads(1, 1);
    Choice choice{};
    for (std::size_t i = 0; i < choice.size(); ++i)
        choice[i] = torch_wins(kClassRows[i]);
    use_threads(before, std::numeric_limits<int>::max());
    return choice;
}

std::string choice_path() {
    const std::string facts =
        fmt::format("{}, LibTorch {}, {}", processor_name(), TORCH_VERSION, product_isa().kernel->name);
    return fmt::format("{}/products-{}", cache_dir(), sha256(facts).substr(0, 16));
}

/// "own torch torch"
bool read_choice(const std::string& path, Choice& choice) {
    std::ifstream file(path);
    for (bool& is_torch : choice) {
        std::string word;
        if (!(file >> word) || (word != "own" && word != "torch")) return false;
        is_torch = word == "torch";
    }
    return true;
}

/// Of several processes that measure at once the first to write decides for all.
void remember(const std::string& path, Choice& choice) {
    std::error_code error;
    std::filesystem::create_directories(cache_dir(), error);
    const std::string temporary = fmt::format("{}.{}", path, getpid());
    std::ofstream file(temporary);
    for (const bool is_torch : choice)
        file << (is_torch ? "torch " : "own ");
    file.close();
    if (file) std::filesystem::create_hard_link(temporary, path, error);
    std::filesystem::remove(temporary, error);
    Choice first{};
    if (read_choice(path, first)) choice = first;
}

Choice find_choice() {
    const char* const wish = std::getenv("HEADLIGHT_PRODUCT");
    Choice choice{};
    if (wish != nullptr && std::string_view(wish) == "own") return choice;
    if (wish != nullptr && std::string_view(wish) == "torch") {
        choice.fill(true);
        return choice;
    }
    const std::string path = choice_path();
    if (read_choice(path, choice)) return choice;
    choice = measure();
    remember(path, choice);
    return choice;
}

}  // namespace

bool torch_multiplies_faster(int num_rows) {
    if (num_rows <= kMostFewRows) return false;
    static const Choice choice = find_choice();
    return choice[class_of(num_rows)];
}

}  // namespace headlight
