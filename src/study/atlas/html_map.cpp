#include "study/atlas/html_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "study/atlas/html.h"

namespace headlight {
namespace {

constexpr int kLeft = 46, kTop = 20, kLegend = 34;
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

std::string axes(const Atlas& atlas, int cell) {
    std::string out;
    const int layer_step = label_step(atlas.num_layers, cell), head_step = label_step(atlas.num_heads, cell);
    for (int layer = 0; layer < atlas.num_layers; layer += layer_step)
        out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLeft - 5,
                           kTop + layer * cell + cell / 2 + 3, layer);
    for (int head = 0; head < atlas.num_heads; head += head_step)
        out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                           kLeft + head * cell + cell / 2, kTop - 5, head);
    const int middle = kTop + atlas.num_layers * cell / 2;
    out += fmt::format(
        "<text x=\"10\" y=\"{0}\" text-anchor=\"middle\" transform=\"rotate(-90 10 {0})\">layer</text>",
        middle);
    return out + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">head</text>", kLeft - 5, kTop - 5);
}

std::string legend(const Atlas& atlas, int cell, const std::string& high, const std::string& name) {
    const int top = kTop + atlas.num_layers * cell + 10;
    std::string out = fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">0</text>", kLeft - 5, top + 9);
    for (int step = 0; step < 8; ++step)
        out += fmt::format(
            "<rect class=\"z\" x=\"{0}\" y=\"{1}\" width=\"9\" height=\"10\"/><rect class=\"h\" "
            "x=\"{0}\" y=\"{1}\" width=\"9\" height=\"10\" fill-opacity=\"{2:.2f}\"/>",
            kLeft + 9 * step, top, (step + 1) / 8.0);
    return out + fmt::format("<text x=\"{}\" y=\"{}\">{} {}</text>", kLeft + 78, top + 9, high, name);
}

std::string frame(const Atlas& atlas, int cell, int least_width, const std::string& label,
                  const std::string& body) {
    const int width = std::max(kLeft + atlas.num_heads * cell + 6, least_width);
    const int height = kTop + atlas.num_layers * cell + kLegend;
    return fmt::format(
        "<svg role=\"img\" aria-label=\"{}\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\">{}</svg>",
        label, width, height, width, height, body);
}

/// One square: grey ground, heat over it, a frame when tagged, a title to read when pointed at.
std::string cell_svg(HeadId head, int cell, double strength, bool is_tagged, const std::string& title) {
    const int x = kLeft + head.head * cell, y = kTop + head.layer * cell, size = cell - 1;
    std::string out =
        fmt::format("<g><rect class=\"z\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", x, y, size, size);
    if (strength > 0.005)
        out += fmt::format(
            "<rect class=\"h\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill-opacity=\"{:.2f}\"/>", x, y,
            size, size, std::min(1.0, strength));
    if (is_tagged)
        out += fmt::format("<rect class=\"t\" x=\"{}.8\" y=\"{}.8\" width=\"{}\" height=\"{}\"/>", x, y,
                           size - 1.6, size - 1.6);
    return out + "<title>" + title + "</title></g>";
}

std::string describe(const AtlasEntry& entry, bool is_detailed) {
    const AtlasScore& found = entry.confirmation;
    if (!found.score) return entry.head.to_string() + ": not measured";
    std::string out = fmt::format("{}: score {}", entry.head.to_string(), decimal_html(found.score));
    if (is_detailed)
        out += fmt::format(", chance {}, lift {}, q {}, {} sequences", decimal_html(found.null),
                           decimal_html(found.lift, 1), probability_html(entry.q_value), found.num_sequences);
    return out + (entry.is_tagged ? ", tagged" : "");
}

HeadId head_at(const Atlas& atlas, std::size_t index) {
    const auto per_layer = static_cast<std::size_t>(atlas.num_heads);
    return {static_cast<int>(index / per_layer), static_cast<int>(index % per_layer)};
}

}  // namespace

std::string score_map_html(const Atlas& atlas, const PatternDigest& pattern) {
    const int cell = cell_size(atlas, 22, 300);
    const double largest = pattern.strongest ? *pattern.strongest->confirmation.score : 0.0;
    const double scale = scale_of(largest);
    const bool is_detailed = atlas.entries.size() <= kMostDetailedCells;
    std::string body = axes(atlas, cell);
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        const AtlasEntry& entry = atlas.entry(head_at(atlas, index), pattern.index);
        const auto& score = entry.confirmation.score;
        const double strength = score && std::isfinite(*score) ? *score / scale : 0.0;
        body +=
            cell_svg(head_at(atlas, index), cell, strength, entry.is_tagged, describe(entry, is_detailed));
    }
    body += legend(atlas, cell, fmt::format("{}", scale), "score");
    const AtlasDetector& detector = *pattern.detector;
    const std::string label = isolate_html(label_of(detector));
    return fmt::format(
        "<figure><figcaption>{}<span>{} tagged · {} · measured on {}</span></figcaption>{}</figure>\n", label,
        count_of(pattern.tagged.size(), "head"), detector.is_content ? "needs the tokens" : "position alone",
        isolate_html(detector.measured_on),
        frame(atlas, cell, 190, "Layer by head map: " + escape_html(label_of(detector), 200), body));
}

std::string overview_map_html(const Atlas& atlas, const AtlasDigest& digest,
                              const std::vector<bool>& has_section) {
    const int cell = cell_size(atlas, 34, 640);
    std::string body = axes(atlas, cell);
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        const HeadId head = head_at(atlas, index);
        const auto& tags = digest.tags_of_head[index];
        std::string title = head.to_string() + ": ";
        for (std::size_t i = 0; i < tags.size(); ++i)
            title += (i > 0 ? ", " : "") + escape_html(label_of(atlas, *tags[i]), 200);
        if (tags.empty()) title += "no pattern";
        const double strength = tags.empty() ? 0.0 : tags[0]->interpretability.value_or(0.0);
        std::string square = cell_svg(head, cell, strength, !tags.empty(), title);
        if (!tags.empty() && cell >= 18)
            square += fmt::format(
                "<text class=\"n\" x=\"{}\" y=\"{}\" text-anchor=\"middle\" "
                "pointer-events=\"none\">{}</text>",
                kLeft + head.head * cell + cell / 2, kTop + head.layer * cell + cell / 2 + 4, tags.size());
        if (has_section[index]) square = fmt::format("<a href=\"#{}\">{}</a>", head.to_string(), square);
        body += square;
    }
    body += legend(atlas, cell, "1", "interpretability; the number counts the patterns");
    return "<figure>" + frame(atlas, cell, 420, "Layer by head map: patterns of each head", body) +
           "</figure>\n";
}

std::string pattern_bars_html(const AtlasDigest& digest) {
    std::vector<const PatternDigest*> order;
    for (const PatternDigest& pattern : digest.patterns) {
        if (!pattern.tagged.empty()) order.push_back(&pattern);
    }
    if (order.empty()) return "";
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->tagged.size() > b->tagged.size(); });
    std::string out = "<div class=\"bars\">";
    for (const PatternDigest* pattern : order)
        out += fmt::format("<span>{}</span><i style=\"width:{}px\"></i><span>{}</span>",
                           isolate_html(label_of(*pattern->detector)),
                           std::max<std::size_t>(2, 140 * pattern->tagged.size() / order[0]->tagged.size()),
                           count_of(pattern->tagged.size(), "head"));
    return out + "</div>\n";
}

}  // namespace headlight
