// Which tokens the two columns of lines show: one axis, scrolled and zoomed. Pure; tokens and pixels.
#pragma once

namespace headlight {

class LinesCamera {
  public:
    /// What the columns hold and the room for them; called every frame. A longer or shorter text is fitted
    /// anew. `row_px`: height of a row with its label.
    void resize(int num_rows, float height_px, float row_px);
    /// All rows where they are not too low for labels, else rows of row_px from the first one on.
    void fit();
    /// Every row in sight, however low.
    void fit_all();
    bool is_fitted() const { return pitch_ == fitted_pitch() && first_ == 0; }

    double first() const { return first_; }  // row at the upper edge
    double pitch() const { return pitch_; }  // pixels a row
    double num_visible() const { return height_ / pitch_; }
    bool can_scroll() const { return num_visible() < num_rows_ - 1e-6; }
    /// Pixels below the upper edge.
    float y_of(double row) const { return static_cast<float>((row - first_) * pitch_); }
    int row_at(float y) const;

    /// By pixels; down is positive.
    void scroll(double pixels);
    /// Keeps the row at `y` where it is.
    void zoom_at(float y, double factor);
    /// Scrolls as little as needed.
    void reveal(int row);

  private:
    double fitted_pitch() const;
    void clamp();
    int num_rows_ = 0;
    double height_ = 1, row_px_ = 20, first_ = 0, pitch_ = 20;
    bool follows_size_ = true;  // until it is zoomed
};

}  // namespace headlight
