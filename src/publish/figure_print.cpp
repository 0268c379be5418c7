// The print of a request, and headings of its fields.
#include <fmt/format.h>

#include "publish/figure_fields.h"

namespace headlight {

const char* heading(FieldGroup group) {
    using enum FieldGroup;
    switch (group) {
        case Model:
            return "Model";
        case Text:
            return "Text";
        case Head:
        case Row:
        case Unit:
        case Weights:
        case Heads:
        case TopK:
            return "What is shown";
        case Change:
            return "Replaced attention";
        case FieldGroup::Question:
        case Pair:
            return "Question";
        case Other:
            return "The other side of a comparison";
        case Lines:
        case Flow:
        case Metrics:
        case Patching:
        case Paths:
        case Writing:
        case Dilution:
            return "Of some kinds";
        case Print:
            return "Print";
    }
    return "";
}

Result<FigureStyle> print_style(const FigureRequest& request) {
    FigureStyle style = request.style;
    if (!request.column.empty()) {
        std::string known;
        const PrintPreset* chosen = nullptr;
        for (const PrintPreset& preset : print_presets()) {
            known += (known.empty() ? "" : ", ") + std::string(preset.name);
            if (request.column == preset.name) chosen = &preset;
        }
        if (chosen == nullptr)
            return fail(ErrorKind::InvalidInput, "--column {}: there are {}", request.column.substr(0, 60),
                        known);
        style.width_mm = chosen->width_mm;
        style.height_mm = chosen->height_mm;
        style.font_pt = chosen->font_pt;
    }
    if (request.width_mm > 0) {
        style.width_mm = request.width_mm;
        style.height_mm = 0;
    }
    if (request.font_pt > 0) style.font_pt = request.font_pt;
    return style;
}

}  // namespace headlight
