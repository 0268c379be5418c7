// The chosen query and head as queries times keys.
#include "views/qk/qk_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/cause/cause_card.h"
#include "views/format.h"
#include "views/qk/qk_plot.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr float kSentenceDp = 19, kLeastKeyDp = 64;
constexpr double kCarriedShare = 0.9;
constexpr int kListedDimensions = 6;

/// "dimension 12 · a turn in 44 tokens": what a dimension is called where it rotates.
std::string dimension_name(const ScoreParts& parts, int dimension) {
    const RotationPair* pair = pair_of(parts, dimension);
    if (!pair)
        return fmt::format("dimension {}{}", dimension,
                           parts.rotation.empty() ? "" : ", which does not turn");
    const int partner = pair->first == dimension ? pair->second : pair->first;
    return fmt::format("dimension {}, which turns with {} once in {} tokens", dimension, partner,
                       wavelength_words(pair->wavelength));
}

/// "6 of 64 dimensions make 90 % of this head's choices": how many it takes, and where the bias is one of
/// them.
std::string carrier_sentence(const ScoreParts& parts, const DimensionShares& shares) {
    if (shares.num_rows == 0) return "no row of this head has two keys to choose from";
    std::vector<double> all = shares.of;
    if (parts.has_bias()) all.push_back(shares.bias);
    const std::vector<int> carriers = DimensionShares::carriers(all, kCarriedShare);
    const bool has_bias = std::find(carriers.begin(), carriers.end(), parts.depth) != carriers.end();
    const int count = static_cast<int>(carriers.size()) - (has_bias ? 1 : 0);
    std::string out =
        fmt::format("{} of {} dimensions{} make 90 % of this head's choices", count, parts.depth,
                    has_bias ? fmt::format(" and the bias ({})", format_percent(shares.bias)) : "");
    if (shares.is_sample) out += fmt::format(" (measured on {} rows)", shares.num_rows);
    if (parts.rotation.empty()) return out;
    const std::vector<double> pairs = pair_shares(parts, shares.of);
    double turning = 0;
    for (const double share : pairs)
        turning += share;
    if (turning >= kCarriedShare)
        out += fmt::format(" · {} of {} pairs", DimensionShares::carriers(pairs, kCarriedShare).size(),
                           pairs.size());
    return out;
}

/// "largest: 12 31 %, 44 20 %": the dimensions that carry most.
std::string largest_dimensions(const DimensionShares& shares) {
    std::string out;
    const std::vector<int> carriers = DimensionShares::carriers(shares.of, kCarriedShare);
    for (std::size_t i = 0; i < carriers.size() && i < kListedDimensions; ++i)
        out += fmt::format("{}{} ({})", i == 0 ? "largest: " : ", ", carriers[i],
                           format_percent(shares.of[static_cast<std::size_t>(carriers[i])]));
    return out;
}

/// The sentence of a key: every step from the product to the weight.
std::string key_sentence(const ViewContext& context, const QkTable& table, int key) {
    const ScoreParts& parts = *table.parts;
    const KeyScore& one = table.row.keys[static_cast<std::size_t>(key)];
    std::string out =
        fmt::format("{} and {}: q·k {} × {:.4g} = {}", quoted_token(context.tokens(), table.query),
                    quoted_token(context.keys(), key), format_signed(one.product, 3), parts.scale,
                    format_signed(one.scaled, 3));
    if (one.is_masked) {
        const MaskReason reason = mask_reason(context.trace(), {parts.head}, table.query, key);
        return out + "; masked: " + masked_sentence(context.pair(table.query, key), reason);
    }
    if (parts.has_bias())
        out += fmt::format(", with the bias ({}) {} = {}", parts.bias_name, format_signed(one.bias, 3),
                           format_signed(one.scaled + one.bias, 3));
    if (parts.softcap > 0)
        out += fmt::format(", capped at {:g} to {}", parts.softcap, format_signed(one.score, 3));
    int num_keys = 0;
    for (const KeyScore& other : table.row.keys)
        num_keys += other.is_masked ? 0 : 1;
    return out + fmt::format("; the softmax over {}{} gives {}", format_count(num_keys, "key", "keys"),
                             parts.sink ? " and the sink" : "", format_percent(one.weight));
}

std::string cell_of_dimension(const ViewContext& context, const QkTable& table, int key, int dimension) {
    const ScoreParts& parts = *table.parts;
    const float q = parts.query_row(table.query)[dimension], k = parts.key_row(key)[dimension];
    return fmt::format("{} × {}, {}: {} × {} = {} of q·k {}", quoted_token(context.tokens(), table.query),
                       quoted_token(context.keys(), key), dimension_name(parts, dimension),
                       format_signed(q, 3), format_signed(k, 3), format_signed(static_cast<double>(q) * k, 3),
                       format_signed(table.row.keys[static_cast<std::size_t>(key)].product, 3));
}

void say(ViewContext& context, std::string sentence) {
    context.shared.next_hover.sentence = std::move(sentence);
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
}

/// Wheel scrolls; a click on a key chooses it, on a dimension's bar or the query's vector sorts by it.
void handle_qk_pointer(ViewContext& context, QkForm& form, const QkPlot& plot,
                       const DimensionShares* shares) {
    const QkTable& table = form.table;
    const ImGuiIO& io = ImGui::GetIO();
    const int before_row = form.hovered_row, before_column = form.hovered_column;
    form.hovered_row = form.hovered_column = -1;
    const auto column_at = [&](float x) {
        const int column = static_cast<int>(std::floor((x - plot.strip.x) / plot.column_width()));
        return column >= 0 && column < plot.num_columns ? column : -1;
    };
    const auto rows =
        ui::hot_area("##qk_rows", {plot.rows.x, plot.rows.y}, {plot.rows.width, plot.rows.height});
    if (rows.is_hovered) {
        if (io.MouseWheel != 0) {
            form.first -= std::round(io.MouseWheel * 3);
            ui::request_redraw();
        }
        const int row =
            static_cast<int>(form.first) + static_cast<int>((io.MousePos.y - plot.rows.y) / plot.row_height);
        if (row >= 0 && row < static_cast<int>(table.keys.size())) {
            form.hovered_row = row;
            form.hovered_column = column_at(io.MousePos.x);
            const int key = table.keys[static_cast<std::size_t>(row)];
            context.shared.next_hover.key = context.has_one_text() ? -1 : key;
            if (context.has_one_text()) context.shared.next_hover.token = key;
            say(context,
                form.hovered_column < 0
                    ? key_sentence(context, table, key)
                    : cell_of_dimension(context, table, key,
                                        table.columns[static_cast<std::size_t>(form.hovered_column)]));
            if (rows.is_clicked) context.actions.choose_key(key);
        }
    }
    const float top = plot.shares.height > 0 ? plot.shares.y : plot.query.y;
    const auto head =
        ui::hot_area("##qk_dimensions", {plot.strip.x, top}, {plot.strip.width, plot.query.bottom() - top});
    if (head.is_hovered) {
        form.hovered_column = column_at(io.MousePos.x);
        if (form.hovered_column >= 0) {
            const int dimension = table.columns[static_cast<std::size_t>(form.hovered_column)];
            std::string sentence = dimension_name(*table.parts, dimension);
            sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
            sentence += fmt::format(": the query holds {}",
                                    format_signed(table.parts->query_row(table.query)[dimension], 3));
            if (shares && shares->num_rows > 0)
                sentence +=
                    fmt::format("; {}{} of the variance of this head's scores",
                                shares->of[static_cast<std::size_t>(dimension)] < 0 ? "−" : "",
                                format_percent(std::abs(shares->of[static_cast<std::size_t>(dimension)])));
            say(context, sentence + "; click sorts the keys by it");
            if (head.is_clicked) context.actions.run("qk_sort", {std::to_string(dimension)});
        }
    }
    if (before_row != form.hovered_row || before_column != form.hovered_column) ui::request_redraw();
}

/// What carries the head, and how near the pieces come to the captured row; two lines over the table.
float draw_sentences(ViewContext& context, const QkTable& table, const Derived<DimensionShares>& shares,
                     const LayoutRect& body) {
    const float line = ui::px(kSentenceDp);
    ImFont* font = ui::kit().fonts.small_;
    std::string first = "measuring which dimensions carry this head";
    if (shares.is_ready()) first = carrier_sentence(*table.parts, *shares.value);
    if (shares.state == Derived<DimensionShares>::State::Failed && shares.error)
        first = shares.error->message;
    put_words({body.x, body.y}, ui::colors().text, ui::shorten_text(font, first, body.width));
    const std::string exact = fmt::format("row {}: the pieces give the captured weights within {}",
                                          table.query, format_error_bound(table.captured_error));
    context.shared.next_hover.shown = fmt::format("q·k: {}", exact);
    if (body.height < ui::px(240)) return line;
    std::string second = shares.is_ready() ? largest_dimensions(*shares.value) : std::string();
    if (table.parts->sink)
        second += fmt::format("{}learned sink {} takes {}", second.empty() ? "" : " · ",
                              format_signed(*table.parts->sink), format_percent(table.row.sink_weight));
    const float exact_width = ui::measure_text(font, exact).x;
    const bool fits = ui::measure_text(font, second).x + exact_width + ui::px(16) < body.width;
    put_words({body.x, body.y + line}, ui::colors().dim,
              ui::shorten_text(font, second, fits ? body.width - exact_width : body.width));
    if (fits) put_words({body.right() - ui::px(6) - exact_width, body.y + line}, ui::colors().dim, exact);
    return 2 * line;
}

void draw_qk_scroll_mark(const QkForm& form, const QkPlot& plot) {
    const auto num_keys = static_cast<float>(form.table.keys.size());
    const auto visible = static_cast<float>(plot.num_rows());
    if (num_keys <= visible) return;
    const float x = plot.rows.right() - ui::px(3), height = plot.rows.height;
    const float top = plot.rows.y + static_cast<float>(form.first) / num_keys * height;
    const float length = std::max(ui::px(12), visible / num_keys * height);
    ui::draw_fill(ImGui::GetWindowDrawList(), {x, top},
                  {x + ui::px(3), std::min(top + length, plot.rows.bottom())}, ui::colors().control_hover,
                  ui::px(1.5f));
}

/// Brings the chosen key into sight when it was chosen elsewhere.
void follow_key(ViewContext& context, QkForm& form, const QkPlot& plot) {
    const Selection& now = context.snapshot.selection;
    if (now.query != form.last_selection.query || !(now.head == form.last_selection.head)) form.first = 0;
    if (now.key >= 0 && now.key != form.last_selection.key) {
        const auto found = std::find(form.table.keys.begin(), form.table.keys.end(), now.key);
        const auto row = static_cast<double>(found - form.table.keys.begin());
        if (row < form.first) form.first = row;
        if (row + 1 > form.first + plot.num_rows()) form.first = row + 1 - plot.num_rows();
    }
    form.last_selection = now;
}

}  // namespace

void draw_qk_controls(ViewContext& context) {
    const Settings& settings = context.snapshot.settings;
    static constexpr const char* kShown[] = {"products", "keys"};
    int shown = settings.qk_shown == "keys" ? 1 : 0;
    const ui::Segment segments[] = {
        {"products##qk_products", "Cells hold what query and key give in a dimension; a row sums to q·k",
         true},
        {"keys##qk_keys", "Cells hold the keys themselves, after positions", true}};
    if (ui::segmented("##qk_shown", segments, shown)) context.actions.set("qk_shown", kShown[shown]);
    ImGui::SameLine();
    std::vector<std::string> orders = {"weight", "key"};
    const bool has_text = context.num_tokens() > 0;
    if (settings.qk_sort != "weight" && settings.qk_sort != "key") orders.push_back(settings.qk_sort);
    if (has_text) {
        const auto shares = context.values.dimension_shares(context.snapshot.selection.head);
        if (shares.is_ready()) {
            const std::vector<int> carriers = DimensionShares::carriers(shares.value->of, kCarriedShare);
            for (std::size_t i = 0; i < carriers.size() && i < kListedDimensions; ++i) {
                const std::string order = std::to_string(carriers[i]);
                if (std::find(orders.begin(), orders.end(), order) == orders.end()) orders.push_back(order);
            }
        }
    }
    std::vector<std::string> labels;
    std::vector<const char*> entries;
    int selected = 0;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        labels.push_back(i < 2 ? "by " + orders[i] : "by dimension " + orders[i]);
        if (orders[i] == settings.qk_sort) selected = static_cast<int>(i);
    }
    for (const std::string& label : labels)
        entries.push_back(label.c_str());
    if (ui::pill_menu("##qk_sort", nullptr, entries, selected))
        context.actions.run("qk_sort", {orders[static_cast<std::size_t>(selected)]});
}

void draw_qk_form(ViewContext& context, QkForm& form, const LayoutRect& body) {
    const HeadId head = context.snapshot.selection.head;
    const Derived<ScoreParts> parts = context.values.score_parts(head);
    if (!draw_until_ready(parts, "Taking the scores of this head apart")) return;
    const auto before = form.table.parts;
    const int before_query = form.table.query;
    refresh_table(context, parts.value, form.table);
    if (before != form.table.parts || before_query != form.table.query) form.query_matrix = {};
    const Derived<DimensionShares> shares = context.values.dimension_shares(head);
    const DimensionShares* ready = shares.is_ready() ? shares.value.get() : nullptr;
    const float sentences = draw_sentences(context, form.table, shares, body);
    const LayoutRect rest{body.x, body.y + sentences, body.width, body.height - sentences};
    measure_labels(context, form.room);
    const float words = std::max(form.room.key, ui::px(kLeastKeyDp));  // "query (from)" stands there too
    const QkPlot plot = place_qk(rest, form.table, words + form.room.index + ui::px(5));
    follow_key(context, form, plot);
    draw_qk_head(context, form, plot, ready);
    draw_qk_rows(context, form, plot);
    draw_qk_scroll_mark(form, plot);
    handle_qk_pointer(context, form, plot, ready);
}

}  // namespace headlight
