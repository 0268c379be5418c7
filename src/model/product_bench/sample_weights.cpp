#include "model/product_bench/sample_weights.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace headlight {
namespace {

constexpr float kDeviation = 0.02f;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kDrawnBytes = std::size_t{4} << 20;  // the rest repeats them
constexpr std::int64_t kScaledColumns = 16;                // of FP4: numbers with a scale in common

/// Where blocks have their scales, half-precision numbers: random bytes could be infinite there.
std::vector<int> scale_places(StoredType type) {
    switch (type) {
        case StoredType::Q8_0:
        case StoredType::Q4_0:
        case StoredType::Q5_0:
        case StoredType::IQ4_NL:
            return {0};
        case StoredType::Q4_1:
        case StoredType::Q5_1:
        case StoredType::Q4_K:
        case StoredType::Q5_K:
            return {0, 2};
        case StoredType::Q2_K:
            return {80, 82};
        case StoredType::Q3_K:
            return {108};
        case StoredType::Q6_K:
            return {208};
        default:
            return {};
    }
}

template <class Number>
void draw_numbers(std::byte* to, std::size_t bytes, std::mt19937& random) {
    std::normal_distribution<float> normal(0, kDeviation);
    for (std::size_t i = 0; i + sizeof(Number) <= bytes; i += sizeof(Number)) {
        const Number number(normal(random));
        std::memcpy(to + i, &number, sizeof number);
    }
}

void draw_blocks(StoredType type, std::byte* to, std::size_t bytes, std::mt19937& random) {
    for (std::size_t i = 0; i < bytes; ++i)
        to[i] = static_cast<std::byte>(random());
    const auto block = static_cast<std::size_t>(facts_of(type).bytes);
    const std::vector<int> places = scale_places(type);
    for (std::size_t begin = 0; begin + block <= bytes; begin += block) {
        for (const int place : places) {
            const c10::Half scale(1e-4f);
            std::memcpy(to + begin + place, &scale, sizeof scale);
        }
        if (type == StoredType::MXFP4) to[begin] = std::byte{120};  // 2^(120 - 127)
        // Without the uppermost bit of the exponent no number is infinite.
        if (type == StoredType::F8_E4M3 || type == StoredType::F8_E5M2) to[begin] &= std::byte{0xBF};
    }
}

void draw(StoredType type, std::byte* to, std::size_t bytes) {
    std::mt19937 random(1);
    if (type == StoredType::F32) return draw_numbers<float>(to, bytes, random);
    if (type == StoredType::BF16) return draw_numbers<c10::BFloat16>(to, bytes, random);
    if (type == StoredType::F16) return draw_numbers<c10::Half>(to, bytes, random);
    draw_blocks(type, to, bytes, random);
}

/// Pages that read as fast as those of a mapped file.
std::shared_ptr<std::byte> make_room(std::size_t bytes) {
    const std::size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    auto* room = static_cast<std::byte*>(std::aligned_alloc(kHugePage, whole));
    if (room == nullptr) throw std::bad_alloc();
    madvise(room, whole, MADV_HUGEPAGE);
    return {room, [](std::byte* given) { std::free(given); }};
}

std::size_t row_bytes(StoredType type, std::int64_t cols) {
    const StoredTypeFacts& facts = facts_of(type);
    return static_cast<std::size_t>(cols / facts.block * facts.bytes);
}

std::shared_ptr<const StoredScales> scales_for(StoredType type, const ProductShape& shape) {
    if (type != StoredType::FP4) return nullptr;
    auto scales = std::make_shared<StoredScales>();
    scales->block_cols = kScaledColumns;
    scales->grid_cols = shape.cols / kScaledColumns;
    scales->values = std::make_shared<const std::vector<float>>(
        static_cast<std::size_t>(shape.rows * scales->grid_cols), kDeviation);
    return scales;
}

SamplePass place_pass(StoredType type, const ProductPass& pass, const std::shared_ptr<std::byte>& room,
                      std::size_t& at) {
    SamplePass out;
    for (const auto& shapes : pass) {
        out.emplace_back();
        for (const ProductShape& shape : shapes) {
            StoredMatrix matrix;
            matrix.type = type;
            matrix.data = room.get() + at;
            matrix.rows = shape.rows;
            matrix.cols = shape.cols;
            matrix.row_bytes = row_bytes(type, shape.cols);
            matrix.scales = scales_for(type, shape);
            matrix.owner = room;
            at += matrix.size_bytes();
            out.back().push_back(std::move(matrix));
        }
    }
    return out;
}

}  // namespace

bool fits_blocks(StoredType type, const ProductPass& pass) {
    const std::int64_t block = type == StoredType::FP4 ? kScaledColumns : facts_of(type).block;
    return std::all_of(pass.begin(), pass.end(), [&](const auto& shapes) {
        return std::all_of(shapes.begin(), shapes.end(),
                           [&](const ProductShape& shape) { return shape.cols % block == 0; });
    });
}

SampleWeights::SampleWeights(StoredType type, const ProductPass& pass, std::size_t pool_bytes) {
    for (const auto& shapes : pass)
        for (const ProductShape& shape : shapes)
            pass_bytes_ += static_cast<std::size_t>(shape.rows) * row_bytes(type, shape.cols);
    const std::size_t num_copies = std::max<std::size_t>(1, (pool_bytes + pass_bytes_ - 1) / pass_bytes_);
    const std::size_t total = num_copies * pass_bytes_;
    const auto room = make_room(total);
    const auto block = static_cast<std::size_t>(facts_of(type).bytes);
    const std::size_t drawn = std::min(total, kDrawnBytes / block * block);
    draw(type, room.get(), drawn);
    for (std::size_t at = drawn; at < total; at += drawn)
        std::memcpy(room.get() + at, room.get(), std::min(drawn, total - at));
    std::size_t at = 0;
    for (std::size_t i = 0; i < num_copies; ++i)
        copies_.push_back(place_pass(type, pass, room, at));
}

const SamplePass& SampleWeights::next() {
    const SamplePass& out = copies_[next_];
    next_ = (next_ + 1) % copies_.size();
    return out;
}

}  // namespace headlight
