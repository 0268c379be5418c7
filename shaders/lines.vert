#version 330 core
// One instance a curve between the left and the right edge; its strip's corners from the vertex number. Positions
// are pixels, y down.
in vec4 a_ends;  // y at the left, y at the right, half of the width, 1 where it is dashed
in vec4 a_color;

uniform vec4 u_picture;  // width, height of the picture, length of a dash in pixels
uniform int u_pieces;

flat out vec4 v_color;
flat out vec2 v_style;  // half of the width, length of a dash (0: none)
out vec2 v_place;       // across the curve, along it, in pixels

void main() {
    float t = float(gl_VertexID / 2) / float(u_pieces);
    float side = float(gl_VertexID % 2) * 2.0 - 1.0;
    float rise = a_ends.y - a_ends.x;
    vec2 place = vec2(t * u_picture.x, a_ends.x + rise * t * t * (3.0 - 2.0 * t));
    vec2 along = normalize(vec2(1.0, rise * 6.0 * t * (1.0 - t) / u_picture.x));
    float reach = a_ends.z + 1.0;
    place += vec2(-along.y, along.x) * side * reach;
    gl_Position = vec4(place / u_picture.xy * 2.0 - 1.0, 0.0, 1.0);
    v_color = a_color;
    v_style = vec2(a_ends.z, a_ends.w > 0.5 ? u_picture.z : 0.0);
    v_place = vec2(side * reach, t * u_picture.x);
}
