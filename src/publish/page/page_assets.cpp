// assets/page/, put in by the build.
#include "publish/page/page_assets.h"

#define HEADLIGHT_PAGE_PART(name) \
    extern "C" const char headlight_page_##name##_begin[], headlight_page_##name##_end[];
HEADLIGHT_PAGE_PART(model)
HEADLIGHT_PAGE_PART(decode)
HEADLIGHT_PAGE_PART(colours)
HEADLIGHT_PAGE_PART(words)
HEADLIGHT_PAGE_PART(state)
HEADLIGHT_PAGE_PART(grid)
HEADLIGHT_PAGE_PART(heatmap)
HEADLIGHT_PAGE_PART(lines)
HEADLIGHT_PAGE_PART(tokens)
HEADLIGHT_PAGE_PART(numbers)
HEADLIGHT_PAGE_PART(keys)
HEADLIGHT_PAGE_PART(main)
HEADLIGHT_PAGE_PART(style)
HEADLIGHT_PAGE_PART(skeleton)
#undef HEADLIGHT_PAGE_PART

namespace headlight {
namespace {

std::string_view page_part(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

#define HEADLIGHT_PAGE_PART(name) page_part(headlight_page_##name##_begin, headlight_page_##name##_end)

std::string_view page_skeleton() {
    return HEADLIGHT_PAGE_PART(skeleton);
}

std::string_view page_style() {
    return HEADLIGHT_PAGE_PART(style);
}

std::string page_script() {
    std::string out = "(() => {\n'use strict';\n";
    for (const std::string_view part :
         {HEADLIGHT_PAGE_PART(model), HEADLIGHT_PAGE_PART(decode), HEADLIGHT_PAGE_PART(colours),
          HEADLIGHT_PAGE_PART(words), HEADLIGHT_PAGE_PART(state), HEADLIGHT_PAGE_PART(grid),
          HEADLIGHT_PAGE_PART(heatmap), HEADLIGHT_PAGE_PART(lines), HEADLIGHT_PAGE_PART(tokens),
          HEADLIGHT_PAGE_PART(numbers), HEADLIGHT_PAGE_PART(keys), HEADLIGHT_PAGE_PART(main)})
        out += part;
    return out + "})();\n";
}

#undef HEADLIGHT_PAGE_PART

}  // namespace headlight
