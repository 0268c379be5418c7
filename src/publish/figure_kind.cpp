#include "publish/figure_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/registry.h"

namespace headlight {

#define HEADLIGHT_FIGURE(name, ...) extern const FigureKindDescriptor k_figure_##name;
#include "publish/kinds/kinds.def"
#undef HEADLIGHT_FIGURE

std::span<const FigureKindDescriptor* const> figure_kinds() {
#define HEADLIGHT_FIGURE(name, ...) &k_figure_##name,
    static constexpr const FigureKindDescriptor* kKinds[] = {
#include "publish/kinds/kinds.def"
    };
#undef HEADLIGHT_FIGURE
    return kKinds;
}

const FigureKindDescriptor* find_figure_kind(std::string_view id) {
    return find_entry(figure_kinds(), id);
}

Result<const FigureKindDescriptor*> figure_kind(const std::string& id) {
    if (const FigureKindDescriptor* const kind = find_figure_kind(id)) return kind;
    std::string known;
    for (const FigureKindDescriptor* const kind : figure_kinds())
        known += (known.empty() ? "" : ", ") + std::string(kind->id);
    return fail(ErrorKind::InvalidInput, "there is no kind of figure '{}'; there are {}", id.substr(0, 60),
                known);
}

bool speaks_to(const FigureField& field, const FigureKindDescriptor& kind) {
    if (field.group == FieldGroup::Model || field.group == FieldGroup::Text ||
        field.group == FieldGroup::Print)
        return true;
    return std::find(kind.groups.begin(), kind.groups.end(), field.group) != kind.groups.end();
}

}  // namespace headlight
