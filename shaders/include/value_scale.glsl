// How a value becomes a colour. The C++ twin is color_of_value().
uniform vec4 u_scale;  // lo, hi, gamma, log floor
uniform int u_is_log;
uniform sampler2D u_colormap;

vec3 color_of(float value, float hi) {
    float t;
    if (u_is_log != 0) {
        float bottom = max(u_scale.x, u_scale.w);
        t = value <= bottom ? 0.0 : log(value / bottom) / log(max(hi, bottom * 1.000001) / bottom);
    } else {
        t = (value - u_scale.x) / max(hi - u_scale.x, 1e-30);
    }
    t = pow(clamp(t, 0.0, 1.0), u_scale.z);
    int last = textureSize(u_colormap, 0).x - 1;
    return texelFetch(u_colormap, ivec2(int(t * float(last) + 0.5), 0), 0).rgb;
}
