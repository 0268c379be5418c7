// The cells [first, end) that one pixel covers along one axis. A pixel within one cell covers that cell; a pixel over
// many covers each that it touches, so that no cell falls between two pixels.
ivec2 cell_span(float begin, float cells_per_px) {
    if (cells_per_px <= 1.0) {
        int cell = int(floor(begin + 0.5 * cells_per_px));
        return ivec2(cell, cell + 1);
    }
    int first = int(floor(begin + 1e-3));
    return ivec2(first, max(first + 1, int(ceil(begin + cells_per_px - 1e-3))));
}
