#include "ui/frame_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headlight::test {
namespace {

constexpr float kSlack = 1.5f;  // pixels that edges may share: rounding, italics, serifs

struct Box {
    ImVec2 min{0, 0}, max{0, 0};
    bool is_empty() const { return max.x - min.x <= kSlack || max.y - min.y <= kSlack; }
    bool meets(const Box& other) const {
        return min.x < other.max.x - kSlack && other.min.x < max.x - kSlack && min.y < other.max.y - kSlack &&
               other.min.y < max.y - kSlack;
    }
    bool holds(const Box& other) const {
        return other.min.x >= min.x - kSlack && other.max.x <= max.x + kSlack &&
               other.min.y >= min.y - kSlack && other.max.y <= max.y + kSlack;
    }
    std::string words() const {
        return fmt::format("({:.0f}, {:.0f})-({:.0f}, {:.0f})", min.x, min.y, max.x, max.y);
    }
};

Box common(const Box& a, const Box& b) {
    return {{std::max(a.min.x, b.min.x), std::max(a.min.y, b.min.y)},
            {std::min(a.max.x, b.max.x), std::min(a.max.y, b.max.y)}};
}

/// A line of text, or an item.
struct Thing {
    std::string name;
    Box box, clip;
    bool is_area = false;
};

/// Letters that follow each other on one line.
class LineBuilder {
  public:
    explicit LineBuilder(std::vector<Thing>& lines) : lines_(lines) {}
    void add(const Box& letter, const Box& clip, ImU32 color) {
        const float height = letter.max.y - letter.min.y;
        const bool continues = has_line_ && color == color_ && letter.min.x >= last_.max.x - kSlack &&
                               letter.min.x - last_.max.x < 0.7f * std::max(height, tallest_) &&
                               letter.min.y < line().box.max.y && letter.max.y > line().box.min.y;
        if (!continues) {
            lines_.push_back({"text at " + letter.words(), letter, clip});
            tallest_ = 0;
        }
        Box& box = line().box;
        box = {{std::min(box.min.x, letter.min.x), std::min(box.min.y, letter.min.y)},
               {std::max(box.max.x, letter.max.x), std::max(box.max.y, letter.max.y)}};
        has_line_ = true;
        last_ = letter;
        color_ = color;
        tallest_ = std::max(tallest_, height);
    }
    void end() { has_line_ = false; }

  private:
    Thing& line() { return lines_.back(); }
    std::vector<Thing>& lines_;
    bool has_line_ = false;
    Box last_;
    ImU32 color_ = 0;
    float tallest_ = 0;
};

/// A letter is two triangles over an upright rectangle whose texels are an area of the font atlas.
bool is_letter(const ImDrawVert* v[4], const ImFontAtlas& atlas) {
    const bool is_upright =
        v[0]->pos.y == v[1]->pos.y && v[2]->pos.y == v[3]->pos.y && v[0]->pos.x == v[3]->pos.x;
    const bool has_texels = v[0]->uv.x < v[2]->uv.x && v[0]->uv.y < v[2]->uv.y;
    if (!is_upright || !has_texels || (v[0]->col & IM_COL32_A_MASK) == 0) return false;
    // The atlas also holds lines of every width; they are one texel high.
    return (v[2]->uv.y - v[0]->uv.y) * static_cast<float>(atlas.TexHeight) > 1.01f;
}

std::vector<Thing> text_lines(const UiHarness& harness) {
    std::vector<Thing> lines;
    const ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    const ImDrawData* data = ImGui::GetDrawData();
    for (int i = 0; i < data->CmdListsCount; ++i) {
        const ImDrawList& list = *data->CmdLists[i];
        LineBuilder builder(lines);
        for (const ImDrawCmd& command : list.CmdBuffer) {
            builder.end();
            const Box clip{{command.ClipRect.x, command.ClipRect.y},
                           {command.ClipRect.z, command.ClipRect.w}};
            for (unsigned at = 0; at + 6 <= command.ElemCount;) {
                const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset + at;
                const ImDrawVert* all = list.VtxBuffer.Data + command.VtxOffset;
                const bool is_quad = index[1] == index[0] + 1 && index[2] == index[0] + 2 &&
                                     index[3] == index[0] && index[4] == index[0] + 2 &&
                                     index[5] == index[0] + 3;
                const ImDrawVert* corners[4] = {};
                for (int corner = 0; is_quad && corner < 4; ++corner)
                    corners[corner] = all + index[0] + corner;
                if (is_quad && is_letter(corners, atlas)) {
                    builder.add({corners[0]->pos, corners[2]->pos}, clip, corners[0]->col);
                    at += 6;
                } else {
                    if (is_quad) at += 3;
                    at += 3;
                }
            }
        }
    }
    for (const ui::RecordedText& text : harness.recorded_texts())
        lines.push_back(
            {fmt::format("“{}”", text.text), {text.min, text.max}, {text.clip_min, text.clip_max}});
    return lines;
}

bool is_container(const ui::RecordedItem& item) {
    return item.label.starts_with("card_") || item.label == "##card_title" || item.label == ui::kScrollArea ||
           item.label == "left_over" || item.label == "state";
}

/// What of a thing can be seen at all; empty when it is scrolled away.
Box seen(const Thing& thing) {
    return common(thing.box, thing.clip);
}

}  // namespace

std::vector<std::string> faults_of_frame(UiHarness& harness) {
    std::vector<std::string> faults;
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    const Box window{{0, 0}, size};
    std::vector<Thing> lines = text_lines(harness), items, cards;
    std::vector<Box> scrolling;
    for (const ui::RecordedItem& item : harness.recorded_items()) {
        const Thing thing{item.label, {item.min, item.max}, {item.clip_min, item.clip_max}, item.is_area};
        if (item.label == ui::kScrollArea) scrolling.push_back(thing.box);
        if (item.label.starts_with("card_")) cards.push_back(thing);
        if (!is_container(item)) items.push_back(thing);
    }
    const auto check_cut = [&](const Thing& thing) {
        if (seen(thing).is_empty()) return;
        const bool scrolls = std::any_of(scrolling.begin(), scrolling.end(),
                                         [&](const Box& area) { return area.meets(thing.box); });
        Box whole = common(thing.clip, window), box = thing.box;
        for (const Thing& card : cards) {
            if (card.box.meets(thing.box)) whole = common(whole, card.box);
        }
        if (scrolls)
            box.min.y = std::max(box.min.y, whole.min.y), box.max.y = std::min(box.max.y, whole.max.y);
        if (!whole.holds(box))
            faults.push_back(fmt::format("{} {} is cut by {}", thing.name, thing.box.words(), whole.words()));
    };
    for (const Thing& line : lines)
        check_cut(line);
    for (const Thing& item : items)
        check_cut(item);
    for (const Thing& card : cards)
        check_cut({card.name, card.box, window});
    const auto check_pairs = [&](const std::vector<Thing>& things, const char* verb) {
        for (std::size_t i = 0; i < things.size(); ++i) {
            for (std::size_t j = i + 1; j < things.size(); ++j) {
                const Box a = seen(things[i]), b = seen(things[j]);
                if (!a.is_empty() && !b.is_empty() && a.meets(b))
                    faults.push_back(fmt::format("{} {} {} {} {}", things[i].name, things[i].box.words(),
                                                 verb, things[j].name, things[j].box.words()));
            }
        }
    };
    check_pairs(lines, "lies on");
    check_pairs(items, "shares its place with");
    for (const Thing& line : lines) {
        for (const Thing& item : items) {
            if (item.is_area) continue;
            const Box text = seen(line), box = seen(item);
            if (!text.is_empty() && !box.is_empty() && text.meets(box) && !box.holds(text))
                faults.push_back(fmt::format("{} {} crosses the edge of {} {}", line.name, text.words(),
                                             item.name, box.words()));
        }
    }
    return faults;
}

}  // namespace headlight::test
