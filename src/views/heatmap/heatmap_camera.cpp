// Zoom and pan of the heatmap.
#include "views/heatmap/heatmap_camera.h"

#include <algorithm>
#include <cmath>

namespace headlight {

namespace {
constexpr double kLeastCells = 4;  // never fewer on a side, unless the matrix is smaller
}

void HeatmapCamera::fit(int rows, int cols) {
    rows_ = std::max(1, rows);
    cols_ = std::max(1, cols);
    zoom_ = 1;
    row_ = col_ = 0;
}

gfx::CellRect HeatmapCamera::visible() const {
    return {col_, row_, cols_ / zoom_, rows_ / zoom_};
}

void HeatmapCamera::clamp() {
    const double most = std::max(1.0, std::max(rows_, cols_) / kLeastCells);
    zoom_ = std::clamp(zoom_, 1.0, most);
    row_ = std::clamp(row_, 0.0, rows_ - rows_ / zoom_);
    col_ = std::clamp(col_, 0.0, cols_ - cols_ / zoom_);
}

void HeatmapCamera::zoom_at(double fx, double fy, double factor) {
    const double col = col_ + fx * cols_ / zoom_, row = row_ + fy * rows_ / zoom_;
    const double most = std::max(1.0, std::max(rows_, cols_) / kLeastCells);
    zoom_ = std::clamp(zoom_ * factor, 1.0, most);
    col_ = col - fx * cols_ / zoom_;
    row_ = row - fy * rows_ / zoom_;
    clamp();
}

void HeatmapCamera::pan(double fx, double fy) {
    col_ -= fx * cols_ / zoom_;
    row_ -= fy * rows_ / zoom_;
    clamp();
}

void HeatmapCamera::reveal(int row, int col) {
    const gfx::CellRect now = visible();
    if (row >= 0 && row < now.row) row_ = row;
    if (row >= 0 && row + 1 > now.row + now.rows) row_ = row + 1 - now.rows;
    if (col >= 0 && col < now.col) col_ = col;
    if (col >= 0 && col + 1 > now.col + now.cols) col_ = col + 1 - now.cols;
    clamp();
}

void HeatmapCamera::center(double row, double col) {
    row_ = row - rows_ / zoom_ / 2;
    col_ = col - cols_ / zoom_ / 2;
    clamp();
}

int HeatmapCamera::col_at(double fx) const {
    return std::clamp(static_cast<int>(std::floor(col_ + fx * cols_ / zoom_)), 0, cols_ - 1);
}

int HeatmapCamera::row_at(double fy) const {
    return std::clamp(static_cast<int>(std::floor(row_ + fy * rows_ / zoom_)), 0, rows_ - 1);
}

}  // namespace headlight
