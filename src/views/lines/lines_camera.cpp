// Which tokens the two columns of lines show.
#include "views/lines/lines_camera.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {
constexpr double kTallestRow = 1.4, kLowestRow = 0.72;  // of a row with its label, for the fitted picture
constexpr double kMostZoomRow = 2.5;
}  // namespace

double LinesCamera::fitted_pitch() const {
    const double all = height_ / std::max(1, num_rows_);
    return all >= row_px_ * kLowestRow ? std::min(all, row_px_ * kTallestRow) : row_px_;
}

void LinesCamera::resize(int num_rows, float height_px, float row_px) {
    const bool is_other = num_rows != num_rows_ || row_px != static_cast<float>(row_px_);
    num_rows_ = num_rows;
    height_ = std::max(1.0f, height_px);
    row_px_ = std::max(1.0f, row_px);
    if (is_other) return fit();
    if (follows_size_) pitch_ = fitted_pitch();
    clamp();
}

void LinesCamera::fit() {
    follows_size_ = true;
    pitch_ = fitted_pitch();
    first_ = 0;
}

void LinesCamera::fit_all() {
    follows_size_ = false;
    pitch_ = std::min(height_ / std::max(1, num_rows_), row_px_ * kTallestRow);
    first_ = 0;
}

void LinesCamera::clamp() {
    const double least = std::min(height_ / std::max(1, num_rows_), fitted_pitch());
    pitch_ = std::clamp(pitch_, least, std::max(least, row_px_ * kMostZoomRow));
    first_ = std::clamp(first_, 0.0, std::max(0.0, num_rows_ - num_visible()));
}

int LinesCamera::row_at(float y) const {
    return static_cast<int>(std::floor(first_ + y / pitch_));
}

void LinesCamera::scroll(double pixels) {
    first_ += pixels / pitch_;
    clamp();
}

void LinesCamera::zoom_at(float y, double factor) {
    const double row = first_ + y / pitch_;
    follows_size_ = false;
    pitch_ *= factor;
    clamp();
    first_ = row - y / pitch_;
    clamp();
}

void LinesCamera::reveal(int row) {
    if (row < 0) return;
    if (row < first_) first_ = row;
    if (row + 1 > first_ + num_visible()) first_ = row + 1 - num_visible();
    clamp();
}

}  // namespace headlight
