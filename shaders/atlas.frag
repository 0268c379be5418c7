#version 330 core
// A thumbnail: pooled values, then tint, opacity, frame and tag dots.
#include "include/value_scale.glsl"
#include "include/cell_span.glsl"

uniform sampler2D u_values;  // the atlas
uniform vec4 u_background;
uniform vec4 u_masked;
uniform vec4 u_empty;
uniform float u_scale_factor;
uniform int u_is_signed;  // values are differences: the one farthest from zero counts

flat in vec4 v_rect;
flat in vec4 v_slot;
flat in vec4 v_style;
flat in vec4 v_tint;
flat in vec4 v_frame;
flat in vec4 v_dot0;
flat in vec4 v_dot1;
flat in vec4 v_dot2;

out vec4 out_color;

vec3 thumbnail(vec2 pixel) {
    if (v_slot.z < 0.5) return u_empty.rgb;
    vec2 cells_per_px = v_slot.zw / v_rect.zw;
    ivec2 size = ivec2(v_slot.zw);
    ivec2 cols = clamp(cell_span(pixel.x * cells_per_px.x, cells_per_px.x), ivec2(0, 1), ivec2(size.x - 1, size.x));
    ivec2 rows = clamp(cell_span(pixel.y * cells_per_px.y, cells_per_px.y), ivec2(0, 1), ivec2(size.y - 1, size.y));
    float largest = -3.0e38, extreme = 0.0;
    for (int row = rows.x; row < rows.y; ++row) {
        for (int col = cols.x; col < cols.y; ++col) {
            float value = texelFetch(u_values, ivec2(v_slot.xy) + ivec2(col, row), 0).r;
            if (isnan(value)) continue;
            largest = max(largest, value);
            if (abs(value) > abs(extreme)) extreme = value;
        }
    }
    if (largest < -2.0e38) return u_masked.rgb;
    return color_of(u_is_signed != 0 ? extreme : largest, v_style.x);
}

vec3 with_dot(vec3 color, vec4 dot_color, vec2 place, int index) {
    float radius = 2.6 * u_scale_factor;
    vec2 center = vec2(v_rect.z - (5.0 + 7.0 * float(index)) * u_scale_factor, 5.0 * u_scale_factor);
    float cover = clamp(radius + 0.5 - distance(place, center), 0.0, 1.0);
    return mix(color, dot_color.rgb, cover * dot_color.a);
}

void main() {
    vec2 place = gl_FragCoord.xy - v_rect.xy;
    vec3 color = mix(thumbnail(place - 0.5), v_tint.rgb, v_tint.a);
    color = mix(u_background.rgb, color, v_style.y);
    color = with_dot(color, v_dot0, place, 0);
    color = with_dot(color, v_dot1, place, 1);
    color = with_dot(color, v_dot2, place, 2);
    float edge = min(min(place.x, place.y), min(v_rect.z - place.x, v_rect.w - place.y));
    if (edge < max(1.0, floor(2.0 * u_scale_factor))) color = mix(color, v_frame.rgb, v_frame.a);
    out_color = vec4(color, 1.0);
}
