// One file: a figure, or panels of several kinds that share a model.
#pragma once

#include <string>
#include <vector>

#include "publish/figure_fields.h"

namespace headlight {

struct FigurePanel {
    std::string kind;
    FieldWords options;  // of this panel alone, over those of the page
};

struct FigurePage {
    FigureRequest shared;
    std::vector<FigurePanel> panels;

    /// What panel `index` is made of. Errors: InvalidInput.
    Result<FigureRequest> request_of(std::size_t index) const;
};
inline constexpr std::size_t kMostPanels = 24;

/// "heatmap+lines+layers" and further panels "lines --head 3". Checks every kind and that each option speaks
/// to some kind of the page. Errors: InvalidInput naming what is wrong and what there is.
Result<FigurePage> make_page(const std::string& kinds, const FieldWords& shared,
                             const std::vector<std::string>& more_panels);

}  // namespace headlight
