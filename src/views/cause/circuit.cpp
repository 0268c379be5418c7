// What the chosen head writes and looks for: in this text, off its weights, and with which other heads.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/cause/cause_card.h"
#include "views/cause/token_lists.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

enum class Side { Writes, LooksFor, Weights, Partners };

struct CircuitState final : ViewState {
    Side side = Side::Writes;
};

HeightWish circuit_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(190.0f, column_height_dp * 0.23f), 120};
}

constexpr float kLineDp = 22;

/// The row that is explained, and the key: the chosen one, or the one that the head looks at most there.
struct CircuitPlace {
    int row = 0, key = 0;
    float weight = 0;  // that the row gives to the key
    bool is_chosen_key = false;
};

CircuitPlace place_of(const ViewContext& context) {
    const Selection& selection = context.snapshot.token_selection;
    const auto& question = context.snapshot.part<QuestionState>().question;
    CircuitPlace place;
    place.row = question ? question->position : selection.query;
    const AttentionTrace& trace = *context.snapshot.base_text->trace;
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    trace.rows(selection.head.layer, selection.head.head, place.row, place.row + 1, row);
    const KeyRange range = trace.admissible(selection.head.layer, place.row);
    place.is_chosen_key = selection.key >= range.begin && selection.key < range.end;
    place.key = range.begin;
    for (int key = range.begin; key < range.end; ++key)
        if (row[static_cast<std::size_t>(key)] > row[static_cast<std::size_t>(place.key)]) place.key = key;
    if (place.is_chosen_key) place.key = selection.key;
    place.weight = row.empty() ? 0 : row[static_cast<std::size_t>(place.key)];
    return place;
}

/// "·Mary − ·John +3.88 per unit × weight 0.740 = +2.87".
void draw_product(const ViewContext& context, const HeadWriting& writing, const CircuitPlace& place,
                  ImVec2 pos, float width) {
    const ui::ShapedStyle style{12, gfx::TextWeight::Regular};
    const std::string words =
        fmt::format("{} {} per unit × weight {:.3f} = {}", question_label(context.snapshot),
                    format_signed(writing.effect), place.weight,
                    format_signed(static_cast<double>(writing.effect) * place.weight));
    ui::draw_shaped(ImGui::GetWindowDrawList(), pos, ui::shorten_shaped(words, width, style),
                    ui::colors().text, style);
}

void draw_writes(ViewContext& context, const CircuitPlace& place, ImVec2 pos, ImVec2 size) {
    if (!asked_question(context)) return;
    const auto writing = context.values.head_writing(context.snapshot.selection.head, place.key);
    if (!draw_until_ready(writing, "Reading what the head writes …")) return;
    const TokenListsSpec spec{"writes", "promotes", "suppresses", "logits a unit of attention"};
    draw_token_lists(context, writing.value->tokens, spec, pos, size.x, size.y - ui::px(kLineDp));
    draw_product(context, *writing.value, place, {pos.x, pos.y + size.y - ui::px(kLineDp - 4)}, size.x);
}

void draw_looks_for(ViewContext& context, const CircuitPlace& place, ImVec2 pos, ImVec2 size) {
    const auto ranking = context.values.head_looks_for(context.snapshot.selection.head, place.row);
    if (!draw_until_ready(ranking, "Reading what the head looks for …")) return;
    const TokenListsSpec spec{"looks_for", "asks for", "asks least for", "attention logits at distance 0"};
    draw_token_lists(context, *ranking.value, spec, pos, size.x, size.y - ui::px(kLineDp));
    put_words({pos.x, pos.y + size.y - ui::px(kLineDp - 4)}, ui::colors().dim,
              ui::shorten_text(ui::kit().fonts.small_, "among all tokens, at distance 0, no mask", size.x));
}

/// For one token alone, whatever the text: read off the weights, arbitrary units.
void draw_weights(ViewContext& context, const CircuitPlace& place, ImVec2 pos, ImVec2 size) {
    const std::int32_t token =
        context.snapshot.base_text->tokens.tokens[static_cast<std::size_t>(place.key)].id;
    const auto circuit = context.values.circuit(context.snapshot.selection.head, token);
    if (!draw_until_ready(circuit, "Reading the head off its weights …")) return;
    const float half = (size.y - ui::px(kLineDp)) / 2;
    const TokenListsSpec writes{"ov", "writes for it", "lowers for it", "(no unit)"};
    const TokenListsSpec looks{"qk", "it asks for", "it asks least for", "attention logits at distance 0"};
    draw_token_lists(context, circuit.value->writes_specific, writes, pos, size.x, half);
    draw_token_lists(context, circuit.value->looks_for, looks, {pos.x, pos.y + half}, size.x, half);
    put_words({pos.x, pos.y + size.y - ui::px(kLineDp - 4)}, ui::colors().dim,
              ui::shorten_text(ui::kit().fonts.small_,
                               "off the weights: signs and ranks mean something, sizes between heads do not",
                               size.x));
}

void draw_partners_of(ViewContext& context, const char* id, const std::vector<CompositionPartner>& partners,
                      double baseline, ImVec2 pos, float width, std::size_t most) {
    double largest = baseline;
    for (const CompositionPartner& partner : partners)
        largest = std::max(largest, partner.score);
    for (std::size_t i = 0; i < partners.size() && i < most; ++i) {
        const std::string name = partners[i].head.to_string(),
                          value = fmt::format("{:.3f}", partners[i].score),
                          key = fmt::format("##{}_{}", id, i);
        const ImVec2 at{pos.x, pos.y + static_cast<float>(i) * ui::px(17)};
        const auto response = ui::hot_area(key.c_str(), at, {width, ui::px(17)});
        put_words(at, response.is_hovered ? ui::colors().text : ui::colors().dim, name);
        put_words_right({at.x + width, at.y}, ui::colors().text, value);
        ui::draw_bar(ImGui::GetWindowDrawList(), {at.x, at.y + ui::px(14)}, width,
                     partners[i].score / largest, baseline / largest, ui::colors().second);
        if (response.is_clicked) context.actions.select_head(partners[i].head);
        if (!response.is_hovered) continue;
        context.shared.next_hover.head = partners[i].head;
        context.shared.next_hover.sentence =
            fmt::format("composition score with {}: {:.4f}; random matrices of these shapes give {:.4f}",
                        name, partners[i].score, baseline);
    }
    if (partners.empty()) put_words(pos, ui::colors().dim, "none");
}

void draw_partners(ViewContext& context, ImVec2 pos, ImVec2 size) {
    const auto composition = context.values.composition(context.snapshot.selection.head);
    if (!draw_until_ready(composition, "Comparing the head's weights with all others …")) return;
    const CompositionPartners& all = *composition.value;
    const float third = (size.x - ui::px(20)) / 3, head = ui::px(18);
    const float half = (size.y - ui::px(kLineDp)) / 2;
    const auto most = static_cast<std::size_t>(std::max(0.0f, (half - head) / ui::px(17)));
    const std::vector<CompositionPartner>* const sides[2][3] = {
        {&all.query, &all.key, &all.value}, {&all.read_as_query, &all.read_as_key, &all.read_as_value}};
    static constexpr const char* kHeads[2][3] = {{"reads as query", "as key", "as value"},
                                                 {"read as query", "as key", "as value"}};
    for (int row = 0; row < 2; ++row) {
        for (int col = 0; col < 3; ++col) {
            const ImVec2 at{pos.x + static_cast<float>(col) * (third + ui::px(10)),
                            pos.y + static_cast<float>(row) * half};
            put_words(at, ui::colors().dim, kHeads[row][col]);
            draw_partners_of(context, fmt::format("partner_{}_{}", row, col).c_str(), *sides[row][col],
                             all.baseline, {at.x, at.y + head}, third, most);
        }
    }
    put_words({pos.x, pos.y + size.y - ui::px(kLineDp - 4)}, ui::colors().dim,
              fmt::format("above: earlier heads, below: later ones; tick: random {:.3f}", all.baseline));
}

std::string title_of(const ViewContext& context, Side side) {
    const std::string head = context.snapshot.selection.head.to_string();
    const char* what = side == Side::Writes     ? "writes"
                       : side == Side::LooksFor ? "looks for"
                       : side == Side::Weights  ? "by its weights"
                                                : "works with";
    return fmt::format("{} {}", head, what);
}

std::string context_of(Side side, const CircuitPlace& place) {
    if (side == Side::Partners) return "composition scores";
    if (side == Side::LooksFor) return fmt::format("from token {}", place.row);
    return fmt::format("{} token {}", side == Side::Writes ? "from" : "of", place.key);
}

void draw(ViewContext& context) {
    auto& state = static_cast<CircuitState&>(context.state);
    const bool has_text = context.num_tokens() > 0 && context.has_one_text();
    const CircuitPlace place = has_text ? place_of(context) : CircuitPlace{};
    const std::string title = has_text ? title_of(context, state.side) : std::string("What a head does");
    const std::string line = has_text ? context_of(state.side, place) : std::string();
    ui::CardSpec spec;
    spec.id = "circuit";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] {
        int selected = static_cast<int>(state.side);
        const ui::Segment segments[] = {
            {"OV##circuit_ov", "What it adds to the logits when it looks at the chosen key, or its top key",
             true},
            {"QK##circuit_qk", "Which tokens the query of this place asks for", true},
            {"weights##circuit_weights", "The same for the token alone, read off the weights", true},
            {"heads##circuit_heads", "Composition: heads that it reads and that read it", true}};
        if (ui::segmented("##circuit", segments, selected)) state.side = static_cast<Side>(selected);
    };
    ui::Card card{spec, context.pos, context.size};
    if (!card || draw_missing_text(context)) return;
    if (!has_text) {
        ui::draw_card_state(
            {ui::CardState::Empty, "Heads are read in models that read one text.", nullptr, -1});
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    if (size.y < ui::px(50)) return;
    if (state.side == Side::Writes) draw_writes(context, place, pos, size);
    if (state.side == Side::LooksFor) draw_looks_for(context, place, pos, size);
    if (state.side == Side::Weights) draw_weights(context, place, pos, size);
    if (state.side == Side::Partners) draw_partners(context, pos, size);
}

}  // namespace

extern const ViewDescriptor k_view_circuit = {
    "circuit",
    "Circuit",
    "What the chosen head writes and looks for, in this text and off its weights, and the heads it works "
    "with.",
    circuit_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CircuitState>()); },
    draw};

}  // namespace headlight
