#version 330 core
// A matrix of floats as colours: each pixel pools the values of the cells under it, from the level of the pyramid whose
// tiles are just not larger than the pixel.
#include "include/value_scale.glsl"
#include "include/cell_span.glsl"

const int kMaxFrames = 16;

uniform sampler2DArray u_values;  // tiles of one level
uniform sampler2D u_ranges;       // per row of the level: keys [begin, end) that are not structural zeros
uniform vec4 u_visible;           // first col, first row, cols per pixel, rows per pixel
uniform ivec2 u_matrix;           // rows, cols
uniform ivec4 u_level;            // rows, cols, cells per tile side, slices across
uniform ivec2 u_slice;            // rows, cols of a slice
uniform int u_pooling;            // 0: largest, 1: mean, 2: farthest from zero
uniform vec4 u_masked;
uniform vec4 u_outside;
uniform vec4 u_grid;              // alpha: how far the cell lines have faded in
uniform float u_grid_px;
uniform int u_num_frames;
uniform vec4 u_frame_rect[kMaxFrames];   // first col, first row, end col, end row
uniform vec4 u_frame_color[kMaxFrames];
uniform vec4 u_frame_style[kMaxFrames];  // width in pixels, 1 for a fill

out vec4 out_color;

float value_at(int row, int col) {
    ivec2 slice = ivec2(col / u_slice.y, row / u_slice.x);
    ivec2 place = ivec2(col, row) - slice * u_slice.yx;
    return texelFetch(u_values, ivec3(place, slice.y * u_level.w + slice.x), 0).r;
}

// x: pooled value, y: how many values it is made of.
vec2 pooled(ivec2 rows, ivec2 cols) {
    int cell = u_level.z;
    float largest = -3.0e38, sum = 0.0, count = 0.0, extreme = 0.0;
    int last_row = min((rows.y - 1) / cell + 1, u_level.x);
    for (int row = rows.x / cell; row < last_row; ++row) {
        vec2 range = texelFetch(u_ranges, ivec2(row & 1023, row >> 10), 0).rg;
        int begin = max(cols.x, int(range.x)) / cell;
        int end = min((min(cols.y, int(range.y)) - 1) / cell + 1, u_level.y);
        if (int(range.y) <= cols.x || int(range.x) >= cols.y) continue;
        for (int col = begin; col < end; ++col) {
            float value = value_at(row, col);
            if (isnan(value)) continue;
            largest = max(largest, value);
            if (abs(value) > abs(extreme)) extreme = value;
            sum += value;
            count += 1.0;
        }
    }
    if (u_pooling == 2) return vec2(extreme, count);
    return vec2(u_pooling == 1 ? sum / max(count, 1.0) : largest, count);
}

void main() {
    vec2 pixel = floor(gl_FragCoord.xy);
    vec2 begin = u_visible.xy + pixel * u_visible.zw;
    ivec2 cols = cell_span(begin.x, u_visible.z);
    ivec2 rows = cell_span(begin.y, u_visible.w);
    vec3 color;
    if (cols.y <= 0 || rows.y <= 0 || cols.x >= u_matrix.y || rows.x >= u_matrix.x) {
        color = u_outside.rgb;
    } else {
        cols = clamp(cols, ivec2(0), u_matrix.yy);
        rows = clamp(rows, ivec2(0), u_matrix.xx);
        vec2 result = pooled(rows, cols);
        color = result.y > 0.0 ? color_of(result.x, u_scale.y) : u_masked.rgb;
        vec2 before = floor(begin + (0.5 - u_grid_px) * u_visible.zw);
        bool is_line = before.x < float(cols.x) && cols.x > 0 || before.y < float(rows.x) && rows.x > 0;
        if (is_line) color = mix(color, u_grid.rgb, u_grid.a);
    }
    for (int i = 0; i < u_num_frames; ++i) {
        float width = u_frame_style[i].x;
        vec2 low = floor((u_frame_rect[i].xy - u_visible.xy) / u_visible.zw + 0.5);
        vec2 high = floor((u_frame_rect[i].zw - u_visible.xy) / u_visible.zw + 0.5);
        high = max(high, low + ceil(2.0 * width) + 1.0);
        if (any(lessThan(pixel, low)) || any(greaterThanEqual(pixel, high))) continue;
        bool is_edge = any(lessThan(pixel, low + width)) || any(greaterThanEqual(pixel, high - width));
        if (is_edge || u_frame_style[i].y > 0.5) color = mix(color, u_frame_color[i].rgb, u_frame_color[i].a);
    }
    out_color = vec4(color, 1.0);
}
