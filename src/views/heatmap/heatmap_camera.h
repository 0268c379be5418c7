// Zoom and pan of the heatmap. Pure; the matrix in cells, the pointer in fractions of the picture.
#pragma once

#include "gfx/heatmap_renderer.h"

namespace headlight {

class HeatmapCamera {
  public:
    /// Shows the whole matrix; called when its size changes too.
    void fit(int rows, int cols);
    bool is_fitted() const { return zoom_ <= 1.0001; }
    bool fits(int rows, int cols) const { return rows == rows_ && cols == cols_; }

    /// The part that is shown, always inside the matrix.
    gfx::CellRect visible() const;
    double zoom() const { return zoom_; }

    /// Keeps the cell under (fx, fy) in [0, 1]² where it is. factor > 1 comes nearer.
    void zoom_at(double fx, double fy, double factor);
    /// Moves the matrix by fractions of the picture.
    void pan(double fx, double fy);
    /// Scrolls as little as needed so that the cell can be seen.
    void reveal(int row, int col);

    /// Brings a place to the middle, as far as the matrix reaches.
    void center(double row, double col);

    /// Cell under a point of the picture.
    int col_at(double fx) const;
    int row_at(double fy) const;

  private:
    void clamp();
    int rows_ = 1, cols_ = 1;
    double zoom_ = 1, row_ = 0, col_ = 0;
};

}  // namespace headlight
