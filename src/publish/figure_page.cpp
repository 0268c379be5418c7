#include "publish/figure_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "publish/figure_kind.h"

namespace headlight {
namespace {

/// A panel may choose what is shown, not the model or the print.
Status check_panel(const FigurePanel& panel) {
    HEADLIGHT_TRY(const FigureKindDescriptor* const kind, figure_kind(panel.kind));
    for (const auto& [name, words] : panel.options) {
        const FigureField* const field = find_field(name);
        if (field == nullptr) continue;  // set_words() names it
        if (field->group == FieldGroup::Model)
            return fail(ErrorKind::InvalidInput, "--panel '{} --{}': all panels are of one model", panel.kind,
                        name);
        if (field->group == FieldGroup::Print && name != "range" && name != "gamma")
            return fail(ErrorKind::InvalidInput,
                        "--panel '{} --{}': print options are those of the whole file", panel.kind, name);
        if (!speaks_to(*field, *kind))
            return fail(ErrorKind::InvalidInput, "--{} says nothing to figures of kind {}", name, panel.kind);
    }
    return {};
}

Status check_shared(const FigurePage& page, const FieldWords& shared) {
    for (const auto& [name, words] : shared) {
        const FigureField* const field = find_field(name);
        if (field == nullptr) continue;
        bool is_heard = false;
        std::string kinds;
        for (const FigurePanel& panel : page.panels) {
            is_heard |= speaks_to(*field, *find_figure_kind(panel.kind));
            kinds += (kinds.empty() ? "" : ", ") + panel.kind;
        }
        if (!is_heard)
            return fail(ErrorKind::InvalidInput, "--{} says nothing to figures of kind {}", name, kinds);
    }
    return {};
}

}  // namespace

Result<FigureRequest> FigurePage::request_of(std::size_t index) const {
    FigureRequest out = shared;
    HEADLIGHT_CHECK(set_words(out, panels[index].options));
    return out;
}

Result<FigurePage> make_page(const std::string& kinds, const FieldWords& shared,
                             const std::vector<std::string>& more_panels) {
    FigurePage page;
    HEADLIGHT_CHECK(set_words(page.shared, shared));
    std::stringstream in(kinds);
    for (std::string kind; std::getline(in, kind, '+');)
        page.panels.push_back({kind, {}});
    for (const std::string& line : more_panels) {
        HEADLIGHT_TRY(const std::vector<std::string> words, split_words(line));
        if (words.empty()) return fail(ErrorKind::InvalidInput, "--panel '': expected KIND [options]");
        FigurePanel panel{words.front(), {}};
        HEADLIGHT_TRY(panel.options, parse_options(std::span(words).subspan(1)));
        page.panels.push_back(std::move(panel));
    }
    if (page.panels.empty() || page.panels.size() > kMostPanels)
        return fail(ErrorKind::InvalidInput, "a file holds 1 to {} figures, not {}", kMostPanels,
                    page.panels.size());
    for (std::size_t i = 0; i < page.panels.size(); ++i) {
        HEADLIGHT_CHECK(check_panel(page.panels[i]));
        HEADLIGHT_CHECK(page.request_of(i));
    }
    HEADLIGHT_CHECK(check_shared(page, shared));
    return page;
}

}  // namespace headlight
