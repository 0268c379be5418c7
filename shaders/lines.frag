#version 330 core
// A curve with soft edges; dashed ones skip every second stretch.
flat in vec4 v_color;
flat in vec2 v_style;
in vec2 v_place;

out vec4 out_color;

void main() {
    float cover = clamp(v_style.x + 0.5 - abs(v_place.x), 0.0, 1.0);
    if (v_style.y > 0.0 && mod(v_place.y, 2.0 * v_style.y) > v_style.y) cover = 0.0;
    out_color = vec4(v_color.rgb, v_color.a * cover);
}
