#include "views/search/search_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"

namespace headlight {
namespace {

constexpr int kMostRects = 60'000;
constexpr float kOutlinedPx = 3;  // smaller cells are filled

/// Keys of one row as stretches of pixels, joined where nothing is seen between them.
class RowSpans {
  public:
    explicit RowSpans(const HeatmapPlot& plot) : plot_(plot) {}

    void add_row(const PairTemplate& pairs, int query) {
        const auto begin = pairs.row_begin[static_cast<std::size_t>(query)],
                   end = pairs.row_begin[static_cast<std::size_t>(query) + 1];
        for (std::uint32_t i = begin; i < end;) {
            std::uint32_t last = i;
            while (last + 1 < end && pairs.keys[last + 1] == pairs.keys[last] + 1)
                ++last;
            add(plot_.x_of(pairs.keys[i]), plot_.x_of(pairs.keys[last] + 1.0));
            i = last + 1;
        }
    }
    const std::vector<std::pair<float, float>>& take() {
        std::sort(spans_.begin(), spans_.end());
        merged_.clear();
        for (const auto& [begin, end] : spans_) {
            if (!merged_.empty() && begin <= merged_.back().second + 0.5f)
                merged_.back().second = std::max(merged_.back().second, end);
            else
                merged_.emplace_back(begin, end);
        }
        spans_.clear();
        return merged_;
    }

  private:
    void add(float begin, float end) {
        begin = std::max(begin, plot_.cells.x);
        end = std::min(std::max(end, begin + 1), plot_.cells.right());
        if (begin < end) spans_.emplace_back(begin, end);
    }
    const HeatmapPlot& plot_;
    std::vector<std::pair<float, float>> spans_, merged_;
};

bool holds_pair(const PairTemplate& pairs, int query, std::uint32_t key) {
    if (query < 0 || query >= pairs.num_queries) return false;
    const auto begin = pairs.keys.begin() + pairs.row_begin[static_cast<std::size_t>(query)],
               end = pairs.keys.begin() + pairs.row_begin[static_cast<std::size_t>(query) + 1];
    return std::binary_search(begin, end, key);
}

/// Edges between pairs and what is none.
void outline_pairs(const HeatmapPlot& plot, const PairTemplate& pairs, ui::Rgba color, int first, int last) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImU32 ink = ui::to_u32(color);
    const float width = std::clamp(std::min(plot.cell_width(), plot.cell_height()) / 5, 1.0f, ui::px(1.5f));
    int num_lines = 0;
    for (int query = first; query < last && num_lines < kMostRects; ++query) {
        const auto begin = pairs.row_begin[static_cast<std::size_t>(query)],
                   end = pairs.row_begin[static_cast<std::size_t>(query) + 1];
        const float top = plot.y_of(query), bottom = plot.y_of(query + 1);
        for (auto i = begin; i < end; ++i) {
            const std::uint32_t key = pairs.keys[i];
            const float left = plot.x_of(key), right = plot.x_of(key + 1.0);
            if (right < plot.cells.x || left > plot.cells.right()) continue;
            if (!holds_pair(pairs, query - 1, key)) list->AddLine({left, top}, {right, top}, ink, width);
            if (!holds_pair(pairs, query + 1, key))
                list->AddLine({left, bottom}, {right, bottom}, ink, width);
            if (key == 0 || !holds_pair(pairs, query, key - 1))
                list->AddLine({left, top}, {left, bottom}, ink, width);
            if (!holds_pair(pairs, query, key + 1)) list->AddLine({right, top}, {right, bottom}, ink, width);
            ++num_lines;
        }
    }
}

}  // namespace

const SearchState& shown_search(ViewContext& context) {
    const SearchState& state = context.snapshot.part<SearchState>();
    const AnalyzedText* text = context.text();
    if (text && text->trace && !state.is_empty() && !state.running && !state.is_of(text->id))
        context.actions.run("search");
    return state;
}

const SearchResult* search_result(const Snapshot& snapshot) {
    const SearchState& state = snapshot.part<SearchState>();
    return snapshot.text && state.is_of(snapshot.text->id) ? state.result.get() : nullptr;
}

void draw_pairs(const HeatmapPlot& plot, const PairTemplate& pairs, ui::Rgba color, bool is_outlined) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({plot.cells.x, plot.cells.y}, {plot.cells.right(), plot.cells.bottom()}, true);
    const int first = std::clamp(static_cast<int>(std::floor(plot.visible.row)), 0, pairs.num_queries);
    const int last = std::clamp(static_cast<int>(std::ceil(plot.visible.row + plot.visible.rows)), first,
                                pairs.num_queries);
    if (is_outlined && std::min(plot.cell_width(), plot.cell_height()) >= kOutlinedPx) {
        outline_pairs(plot, pairs, color, first, last);
    } else {
        RowSpans spans(plot);
        int num_rects = 0;
        for (int query = first; query < last && num_rects < kMostRects;) {
            // Rows that fall into one pixel are drawn as one.
            const float top = plot.y_of(query);
            float bottom = top;
            for (; query < last && bottom < top + 1; ++query) {
                spans.add_row(pairs, query);
                bottom = plot.y_of(query + 1);
            }
            for (const auto& [left, right] : spans.take()) {
                list->AddRectFilled({left, top}, {right, bottom}, ui::to_u32(color));
                ++num_rects;
            }
        }
    }
    list->PopClipRect();
}

const char* measure_label(FitMeasure measure) {
    switch (measure) {
        case FitMeasure::Mass:
            return "mass";
        case FitMeasure::Kappa:
            return "κ";
        case FitMeasure::Cosine:
            return "cosine";
        case FitMeasure::Pearson:
            return "Pearson";
    }
    return "";
}

std::string fit_text(const std::optional<double>& value) {
    if (!value) return "–";
    return (*value < 0 ? "−" : "") + fmt::format("{:.3f}", std::abs(*value));
}

std::string p_text(const std::optional<double>& p) {
    if (!p) return "–";
    return *p < 0.001 ? fmt::format("{:.0e}", *p) : fmt::format("{:.3f}", *p);
}

std::string fit_sentence(const SearchState& state, const HeadFit& fit) {
    if (!fit.mass) return fit.head.to_string() + ": none of its rows can be scored";
    std::string out = fmt::format(
        "{} puts {} of its attention on these pairs, mean of {} rows; a head that looks everywhere alike "
        "would put {}.",
        fit.head.to_string(), format_percent(*fit.mass), fit.num_rows, format_percent(*fit.null));
    if (const auto p = state.p(fit))
        out += fmt::format(" Pairs {} do as well with p {}; q {} over all heads.",
                           state.shows_rows_null ? "given to other rows" : "moved along the diagonal",
                           p_text(p), p_text(state.q(fit)));
    return out;
}

const std::string& null_note(const SearchState& state, const SearchResult& result) {
    return state.shows_rows_null ? result.rows_note : result.shift_note;
}

}  // namespace headlight
