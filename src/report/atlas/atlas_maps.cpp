// Cells, axes and legends of the maps.
#include "report/atlas/atlas_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/markup_text.h"
#include "report/html/numbers.h"
#include "report/html/page.h"

namespace headlight {
namespace {

constexpr int kMapLeft = 46, kMapTop = 20, kLegendHeight = 34;
constexpr std::size_t kMostDetailedCells = 60'000;  // beyond, a cell says its name and score only

int cell_size(const Atlas& atlas, int widest, int width) {
    return std::clamp(width / std::max(1, atlas.num_heads), 5, widest);
}

double scale_of(double largest) {
    for (const double top : std::array{0.1, 0.25, 0.5}) {
        if (largest <= top) return top;
    }
    return 1.0;
}

/// Every how many layers or heads a number stands, so that numbers do not touch.
int label_step(int count, int cell) {
    int step = 1;
    while (step * cell < 15 || count / step > 32)
        step *= 2;
    return step;
}

Markup map_label(int x, int y, const char* anchor, const Markup& text) {
    return element("text", {{"x", x}, {"y", y}, {"text-anchor", anchor}}, text);
}

Markup map_axes(const Atlas& atlas, int cell) {
    Markup out;
    const int layer_step = label_step(atlas.num_layers, cell), head_step = label_step(atlas.num_heads, cell);
    for (int layer = 0; layer < atlas.num_layers; layer += layer_step)
        out += map_label(kMapLeft - 5, kMapTop + layer * cell + cell / 2 + 3, "end", std::to_string(layer));
    for (int head = 0; head < atlas.num_heads; head += head_step)
        out += map_label(kMapLeft + head * cell + cell / 2, kMapTop - 5, "middle", std::to_string(head));
    const int middle = kMapTop + atlas.num_layers * cell / 2;
    out += element("text",
                   {{"x", 10},
                    {"y", middle},
                    {"text-anchor", "middle"},
                    {"transform", fmt::format("rotate(-90 10 {})", middle)}},
                   "layer");
    return joined(out, map_label(kMapLeft - 5, kMapTop - 5, "end", "head"));
}

/// A rectangle of a class of the style; `opacity` below 0 leaves it out.
Markup map_square(const char* kind, int x, int y, int width, int height, double opacity = -1) {
    MarkupAttributes attributes = {{"class", kind}, {"x", x}, {"y", y}, {"width", width}, {"height", height}};
    if (opacity >= 0) attributes.push_back({"fill-opacity", fmt::format("{:.2f}", opacity)});
    return element("rect", attributes);
}

Markup map_legend(const Atlas& atlas, int cell, const std::string& words) {
    const int top = kMapTop + atlas.num_layers * cell + 10;
    Markup out = map_label(kMapLeft - 5, top + 9, "end", "0");
    for (int step = 0; step < 8; ++step) {
        const int x = kMapLeft + 9 * step;
        out += joined(map_square("z", x, top, 9, 10), map_square("h", x, top, 9, 10, (step + 1) / 8.0));
    }
    return joined(out, map_label(kMapLeft + 78, top + 9, "start", words));
}

Markup map_frame(const Atlas& atlas, int cell, int least_width, const std::string& name, const Markup& body) {
    const int width = std::max(kMapLeft + atlas.num_heads * cell + 6, least_width);
    const int height = kMapTop + atlas.num_layers * cell + kLegendHeight;
    return element("svg",
                   {{"role", "img"},
                    {"aria-label", name},
                    {"width", width},
                    {"height", height},
                    {"viewBox", fmt::format("0 0 {} {}", width, height)}},
                   body);
}

/// One square: grey ground, heat over it, a frame when tagged, a title to read when pointed at.
Markup cell_markup(HeadId head, int cell, double strength, bool is_tagged, const std::string& title) {
    const int x = kMapLeft + head.head * cell, y = kMapTop + head.layer * cell, size = cell - 1;
    Markup out = map_square("z", x, y, size, size);
    if (strength > 0.005) out += map_square("h", x, y, size, size, std::min(1.0, strength));
    if (is_tagged) {
        const std::string inner = fmt::format("{}", size - 1.6);
        out += element("rect", {{"class", "t"},
                                {"x", fmt::format("{}.8", x)},
                                {"y", fmt::format("{}.8", y)},
                                {"width", inner},
                                {"height", inner}});
    }
    return element("g", {}, joined(out, element("title", {}, title)));
}

std::string describe(const AtlasEntry& entry, bool is_detailed) {
    const AtlasScore& found = entry.confirmation;
    if (!found.score) return entry.head.to_string() + ": not measured";
    std::string out = fmt::format("{}: score {}", entry.head.to_string(), decimal_text(found.score));
    if (is_detailed)
        out += fmt::format(", chance {}, lift {}, q {}, {} sequences", decimal_text(found.null),
                           decimal_text(found.lift, 1), probability_text(entry.q_value), found.num_sequences);
    return out + (entry.is_tagged ? ", tagged" : "");
}

std::string name_tags(const Atlas& atlas, const std::vector<const AtlasEntry*>& tags) {
    if (tags.empty()) return "no pattern";
    std::string out;
    for (const AtlasEntry* entry : tags)
        out += (out.empty() ? "" : ", ") + visible_text(label_of(atlas, *entry), 200);
    return out;
}

}  // namespace

Markup score_map(const Atlas& atlas, const PatternDigest& pattern) {
    const int cell = cell_size(atlas, 22, 300);
    const double largest = pattern.strongest ? *pattern.strongest->confirmation.score : 0.0;
    const double scale = scale_of(largest);
    const bool is_detailed = atlas.entries.size() <= kMostDetailedCells;
    Markup body = map_axes(atlas, cell);
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        const AtlasEntry& entry = atlas.entry(atlas.grid().at(index), pattern.index);
        const auto& score = entry.confirmation.score;
        const double strength = score && std::isfinite(*score) ? *score / scale : 0.0;
        body += cell_markup(atlas.grid().at(index), cell, strength, entry.is_tagged,
                            describe(entry, is_detailed));
    }
    body += map_legend(atlas, cell, fmt::format("{} score", scale));
    const AtlasDetector& detector = *pattern.detector;
    const Markup caption = joined(
        isolated(label_of(detector)),
        element("span", {},
                joined(fmt::format("{} tagged · {} · measured on ", count_of(pattern.tagged.size(), "head"),
                                   detector.is_content ? "needs the tokens" : "position alone"),
                       isolated(detector.measured_on))));
    const std::string name = "Layer by head map: " + visible_text(label_of(detector), 200);
    return joined(
        element("figure", {},
                joined(element("figcaption", {}, caption), map_frame(atlas, cell, 190, name, body))),
        "\n");
}

Markup overview_map(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section) {
    const int cell = cell_size(atlas, 34, 640);
    Markup body = map_axes(atlas, cell);
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        const HeadId head = atlas.grid().at(index);
        const auto& tags = digest.tags_of_head[index];
        const double strength = tags.empty() ? 0.0 : tags[0]->interpretability.value_or(0.0);
        Markup one = cell_markup(head, cell, strength, !tags.empty(),
                                 head.to_string() + ": " + name_tags(atlas, tags));
        if (!tags.empty() && cell >= 18) {
            one += element("text",
                           {{"class", "n"},
                            {"x", kMapLeft + head.head * cell + cell / 2},
                            {"y", kMapTop + head.layer * cell + cell / 2 + 4},
                            {"text-anchor", "middle"},
                            {"pointer-events", "none"}},
                           std::to_string(tags.size()));
        }
        body += has_section[index] ? link_to(head.to_string(), one) : one;
    }
    body += map_legend(atlas, cell, "1 interpretability; the number counts the patterns");
    return joined(
        element("figure", {}, map_frame(atlas, cell, 420, "Layer by head map: patterns of each head", body)),
        "\n");
}

Markup pattern_bars(const AtlasDigest& digest) {
    std::vector<const PatternDigest*> order;
    for (const PatternDigest& pattern : digest.patterns) {
        if (!pattern.tagged.empty()) order.push_back(&pattern);
    }
    if (order.empty()) return {};
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->tagged.size() > b->tagged.size(); });
    Markup out;
    for (const PatternDigest* pattern : order) {
        const std::size_t width =
            std::max<std::size_t>(2, 140 * pattern->tagged.size() / order[0]->tagged.size());
        out += joined(element("span", {}, isolated(label_of(*pattern->detector))),
                      element("i", {{"style", fmt::format("width:{}px", width)}}, {}),
                      element("span", {}, count_of(pattern->tagged.size(), "head")));
    }
    return joined(element("div", {{"class", "bars"}}, out), "\n");
}

}  // namespace headlight
