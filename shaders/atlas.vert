#version 330 core
// One instance a thumbnail; its quad's corners from the vertex number. Positions are pixels, y down.
in vec4 a_rect;   // x, y, width, height
in vec4 a_slot;   // first texel x, y in the atlas; cols, rows (0 when empty)
in vec4 a_style;  // value of the last colour, opacity
in vec4 a_tint;
in vec4 a_frame;
in vec4 a_dot0;
in vec4 a_dot1;
in vec4 a_dot2;

uniform vec4 u_picture;  // width, height of the picture in pixels

flat out vec4 v_rect;
flat out vec4 v_slot;
flat out vec4 v_style;
flat out vec4 v_tint;
flat out vec4 v_frame;
flat out vec4 v_dot0;
flat out vec4 v_dot1;
flat out vec4 v_dot2;

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    vec2 place = a_rect.xy + corner * a_rect.zw;
    gl_Position = vec4(place / u_picture.xy * 2.0 - 1.0, 0.0, 1.0);
    v_rect = a_rect;
    v_slot = a_slot;
    v_style = a_style;
    v_tint = a_tint;
    v_frame = a_frame;
    v_dot0 = a_dot0;
    v_dot1 = a_dot1;
    v_dot2 = a_dot2;
}
