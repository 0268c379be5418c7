// Values of the weights shown, in numbers and sentences.
#include "views/weights/weight_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/tasks/question.h"

namespace headlight {

std::string format_signed(double value, int digits) {
    if (!std::isfinite(value)) return "–";
    const std::string number = fmt::format("{:.{}f}", std::abs(value), digits);
    const bool is_zero = number.find_first_not_of("0.") == std::string::npos;
    return (is_zero ? "" : value < 0 ? "−" : "+") + number;
}

std::string format_weight(WeightsShown weights, double value) {
    switch (weights) {
        case WeightsShown::Raw:
        case WeightsShown::NoSink:
            return format_percent(value);
        case WeightsShown::Value:
        case WeightsShown::Norm:
            return format_number(value);
        case WeightsShown::Effect:
            return format_signed(value, std::abs(value) < 0.1 ? 4 : 2);
    }
    return {};
}

std::string format_weight_column(WeightsShown weights, double value) {
    if (weights == WeightsShown::Effect) return format_signed(value);
    if (weights == WeightsShown::Raw || weights == WeightsShown::NoSink) return format_percent_column(value);
    return format_number(value);
}

namespace {

/// "·Mary − ·John": what effects are on.
std::string question_words(const Snapshot& snapshot) {
    const QuestionState& state = snapshot.part<QuestionState>();
    return state.rival.empty() ? state.answer : fmt::format("{} − {}", state.answer, state.rival);
}

double raw_weight(const ViewContext& context, const std::vector<HeadId>& heads, int query, int key) {
    std::vector<float> row;
    mean_attention_row(context.trace(), heads, query, row);
    return row[static_cast<std::size_t>(key)];
}

}  // namespace

std::string cell_sentence(const ViewContext& context, const std::vector<HeadId>& heads, int query, int key,
                          double value) {
    const TokenPair pair = context.pair(query, key);
    const WeightsShown weights = context.snapshot.picture.weights;
    if (weights == WeightsShown::Raw) return attention_sentence(pair, value);
    if (weights == WeightsShown::NoSink) {
        const std::string sentence = attention_sentence(pair, value) + " of what is left";
        if (heads.size() != 1) return sentence;
        const double removed = rest_of_row(context.snapshot, heads[0], query).removed;
        return fmt::format("{}; {} of the row is taken out", sentence, format_percent(removed));
    }
    const std::string raw = attention_sentence(pair, raw_weight(context, heads, query, key));
    const std::string number = format_weight(weights, value);
    if (weights == WeightsShown::Value)
        return fmt::format("{}; times the length of its value {}", raw, number);
    if (weights == WeightsShown::Norm) return fmt::format("{}; the length of what it writes {}", raw, number);
    return fmt::format("{}; direct effect on {} {} logits", raw, question_words(context.snapshot), number);
}

WeightedTrace::RowRestOf rest_of_row(const Snapshot& snapshot, HeadId head, int query) {
    const WeightedPtr& trace = snapshot.picture.trace;
    if (!trace || trace->weights() != WeightsShown::NoSink) return {};
    return trace->rest_of(head.layer, head.head, query);
}

std::string rest_sentence(const ViewContext& context, HeadId head, int query, int key) {
    const WeightedPtr& trace = context.snapshot.picture.trace;
    if (!trace || trace->weights() != WeightsShown::NoSink) return {};
    const auto rest = rest_of_row(context.snapshot, head, query);
    const std::string from = quoted_token(context.tokens(), query);
    if (rest.state == RowRest::NoKeys) return fmt::format("{} sees no key but those taken out", from);
    if (rest.state == RowRest::Resting) {
        return fmt::format("{} rests: {} of its row is on the keys taken out, too little is left to show",
                           from, format_percent(rest.removed));
    }
    if (key < 0 || !trace->is_sink(key)) return {};
    std::vector<float> row;
    mean_attention_row(context.trace(), {head}, query, row);
    return fmt::format("{} gives {} to {}, which is taken out", from,
                       format_percent(row[static_cast<std::size_t>(key)]), quoted_token(context.keys(), key));
}

std::string shown_words(const Snapshot& snapshot) {
    const PictureWeights& picture = snapshot.picture;
    const WeightsShown wanted = snapshot.settings.weights_shown;
    std::string out;
    switch (picture.weights) {
        case WeightsShown::Raw:
            out = wanted == WeightsShown::Raw ? "" : "plain weights";
            break;
        case WeightsShown::NoSink:
            out =
                "weights without the sink: first key and special tokens taken out, rows scaled to 1, rows "
                "with under 5 % left hatched";
            break;
        case WeightsShown::Value:
            out = "weight × length of the value ‖v‖, not comparable between heads";
            break;
        case WeightsShown::Norm:
            out = "length of what each cell writes ‖A v W_O‖";
            break;
        case WeightsShown::Effect:
            out = fmt::format(
                "direct effect of each cell on {} · final norm frozen · every row asks at its "
                "own place · a row's cells sum to its head",
                question_words(snapshot));
            break;
    }
    if (picture.why_not.empty()) return out;
    return fmt::format("{}; “{}” is not shown: {}", out, label_of(wanted), picture.why_not);
}

}  // namespace headlight
