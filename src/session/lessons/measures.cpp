// Numbers that the window shows, by name.
#include "session/lessons/measures.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "run/cause/question_options.h"
#include "session/session.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

using ReadingState = Reading::State;

Reading measured(double value) {
    return {ReadingState::Ready, value, {}};
}
Reading still_pending() {
    return {ReadingState::Pending, 0, {}};
}
template <class... Values>
Reading not_there(fmt::format_string<Values...> pattern, Values&&... values) {
    return {ReadingState::Failed, 0, fmt::format(pattern, std::forward<Values>(values)...)};
}

/// What keeps a value of the text from being there: nullopt, it is.
std::optional<Reading> text_missing(const Snapshot& now) {
    if (!now.text || !now.text->trace) return not_there("no text is shown");
    if (now.is_text_left_over()) return not_there("the typed text was not run");
    if (now.is_stale || now.is_ablation_pending) return still_pending();
    return std::nullopt;
}

std::optional<Reading> head_missing(const Snapshot& now, HeadId head) {
    if (auto missing = text_missing(now)) return missing;
    const HeadGrid grid = now.text->trace->grid();
    if (head.layer >= grid.num_layers || head.head >= grid.num_heads)
        return not_there("there is no head {}", head.to_string());
    return std::nullopt;
}

int query_of(const AttentionTrace& trace, int query) {
    return query < 0 ? trace.num_queries() - 1 : query;
}

/// One row of the weights shown.
Result<std::vector<float>> shown_row(const Snapshot& now, HeadId head, int query) {
    const AttentionTrace& trace = now.shown_trace();
    query = query_of(trace, query);
    if (query >= trace.num_queries()) return fail(ErrorKind::InvalidInput, "there is no query {}", query);
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    trace.rows(head.layer, head.head, query, query + 1, row);
    return row;
}

Reading read_weight(Session& session, const MeasureArguments& arguments) {
    const Snapshot& now = session.snapshot();
    if (auto missing = head_missing(now, arguments.head)) return *missing;
    const auto row = shown_row(now, arguments.head, arguments.query);
    if (!row) return not_there("{}", row.error().message);
    if (arguments.key >= static_cast<int>(row->size())) return not_there("there is no key {}", arguments.key);
    return measured(static_cast<double>((*row)[static_cast<std::size_t>(arguments.key)]));
}

Reading read_argmax(Session& session, const MeasureArguments& arguments) {
    const Snapshot& now = session.snapshot();
    if (auto missing = head_missing(now, arguments.head)) return *missing;
    const auto row = shown_row(now, arguments.head, arguments.query);
    if (!row) return not_there("{}", row.error().message);
    return measured(static_cast<double>(std::max_element(row->begin(), row->end()) - row->begin()));
}

const MetricValue* metric_of(const Snapshot& now, HeadId head, std::string_view id) {
    for (const MetricValue& value : now.text->analysis.head(head).metrics) {
        if (value.metric && id == value.metric->id) return &value;
    }
    return nullptr;
}
const Tag* tag_of(const Snapshot& now, HeadId head, std::string_view id) {
    for (const Tag& tag : now.text->analysis.head(head).tags) {
        if (tag.detector && id == tag.detector->id) return &tag;
    }
    return nullptr;
}

/// A metric or a pattern's score of a head: its own value, or what a uniform head would have.
Reading metric_or_score(Session& session, const MeasureArguments& arguments, bool is_uniform) {
    const Snapshot& now = session.snapshot();
    if (auto missing = head_missing(now, arguments.head)) return *missing;
    if (now.text->analysis.is_pending) return still_pending();
    std::optional<double> value;
    if (const MetricValue* metric = metric_of(now, arguments.head, arguments.word))
        value = is_uniform ? metric->reference : metric->value;
    else if (const Tag* tag = tag_of(now, arguments.head, arguments.word))
        value = is_uniform ? tag->score.null : tag->score.score;
    else
        return not_there("no metric of the pattern and no detector is called {}",
                         arguments.word.substr(0, 60));
    return value ? measured(*value) : not_there("{} has no value here", arguments.word);
}

Reading read_metric(Session& session, const MeasureArguments& arguments) {
    return metric_or_score(session, arguments, false);
}
Reading read_uniform(Session& session, const MeasureArguments& arguments) {
    return metric_or_score(session, arguments, true);
}

Reading read_tag(Session& session, const MeasureArguments& arguments) {
    const Snapshot& now = session.snapshot();
    if (auto missing = head_missing(now, arguments.head)) return *missing;
    if (now.text->analysis.is_pending) return still_pending();
    const Tag* tag = tag_of(now, arguments.head, arguments.word);
    if (!tag) return not_there("no detector is called {}", arguments.word.substr(0, 60));
    return measured(tag->score.is_tagged ? 1 : 0);
}

Reading read_tokens(Session& session, const MeasureArguments&) {
    const Snapshot& now = session.snapshot();
    if (auto missing = text_missing(now)) return *missing;
    return measured(static_cast<double>(now.shown_tokens()->tokens.tokens.size()));
}

/// The same token whether its space is written or not.
bool is_token(const Token& token, const std::string& word) {
    constexpr std::string_view kSpace = "·";
    std::string_view shown = token.display, wanted = word;
    if (shown == wanted) return true;
    if (shown.starts_with(kSpace)) shown.remove_prefix(kSpace.size());
    if (wanted.starts_with(' ')) wanted.remove_prefix(1);
    return shown == wanted;
}

Reading read_token(Session& session, const MeasureArguments& arguments) {
    const Snapshot& now = session.snapshot();
    if (auto missing = text_missing(now)) return *missing;
    const auto& tokens = now.shown_tokens()->tokens.tokens;
    const int at = arguments.query < 0 ? static_cast<int>(tokens.size()) - 1 : arguments.query;
    if (at >= static_cast<int>(tokens.size())) return not_there("there is no token {}", at);
    return measured(is_token(tokens[static_cast<std::size_t>(at)], arguments.word) ? 1 : 0);
}

template <class T>
std::optional<Reading> derived_missing(const Derived<T>& derived) {
    if (derived.is_ready()) return std::nullopt;
    if (derived.state == Derived<T>::State::Pending) return still_pending();
    return not_there("{}", derived.error ? derived.error->message : std::string("it could not be computed"));
}

/// Place of a token among the predictions after `query`; -1: it is none of the first.
struct Predicted {
    Reading reading;
    int rank = -1;
    double probability = 0;
};
Predicted predicted(Session& session, const MeasureArguments& arguments, TextVersion version) {
    const Snapshot& now = session.snapshot();
    if (auto missing = text_missing(now)) return {*missing};
    const int count = static_cast<int>(now.shown_tokens()->tokens.tokens.size());
    const int query = arguments.query < 0 ? count - 1 : arguments.query;
    if (query >= count) return {not_there("there is no token {}", query)};
    const auto derived = session.predictions(query, version);
    if (auto missing = derived_missing(derived)) return {*missing};
    const QueryPredictions& found = *derived.value;
    for (std::size_t i = 0; i < found.top.size() && i < found.display.size(); ++i) {
        Token token;
        token.display = found.display[i];
        if (is_token(token, arguments.word))
            return {measured(0), static_cast<int>(i), found.top[i].probability};
    }
    return {measured(0)};
}

Reading probability_of(Session& session, const MeasureArguments& arguments, TextVersion version) {
    const Predicted found = predicted(session, arguments, version);
    if (found.reading.state != ReadingState::Ready) return found.reading;
    if (found.rank < 0) return not_there("{} is none of the first predictions", arguments.word.substr(0, 60));
    return measured(found.probability);
}
Reading read_probability(Session& session, const MeasureArguments& arguments) {
    return probability_of(session, arguments, TextVersion::Shown);
}
Reading read_probability_before(Session& session, const MeasureArguments& arguments) {
    return probability_of(session, arguments, TextVersion::Before);
}
Reading read_top_prediction(Session& session, const MeasureArguments& arguments) {
    const Predicted found = predicted(session, arguments, TextVersion::Shown);
    return found.reading.state == ReadingState::Ready ? measured(found.rank == 0 ? 1 : 0) : found.reading;
}

/// Mean losses of the text, before and after what is replaced.
std::optional<Reading> ablation_missing(const Snapshot& now) {
    if (auto missing = text_missing(now)) return missing;
    if (!now.has_interventions()) return not_there("no attention is replaced");
    if (!now.ablation)
        return now.ablation_error.empty() ? still_pending() : not_there("{}", now.ablation_error);
    if (!now.ablation->mean_loss || !now.ablation->mean_base_loss) return not_there("the model has no loss");
    return std::nullopt;
}
Reading read_loss(Session& session, const MeasureArguments&) {
    const Snapshot& now = session.snapshot();
    if (auto missing = ablation_missing(now)) return *missing;
    return measured(*now.ablation->mean_loss);
}
Reading read_loss_before(Session& session, const MeasureArguments&) {
    const Snapshot& now = session.snapshot();
    if (auto missing = ablation_missing(now)) return *missing;
    return measured(*now.ablation->mean_base_loss);
}
Reading read_loss_rise(Session& session, const MeasureArguments&) {
    const Snapshot& now = session.snapshot();
    if (auto missing = ablation_missing(now)) return *missing;
    return measured(*now.ablation->mean_loss - *now.ablation->mean_base_loss);
}

Reading read_cost(Session& session, const MeasureArguments& arguments) {
    const Snapshot& now = session.snapshot();
    if (auto missing = head_missing(now, arguments.head)) return *missing;
    if (!now.sweep) return not_there("no sweep was made");
    if (const AblationEffect* effect = now.sweep->find(arguments.head))
        return measured(now.sweep->cost(*effect));
    return now.sweep->is_running ? still_pending()
                                 : not_there("the sweep has not reached {}", arguments.head.to_string());
}

/// What the components of a kind (and place) add to the answer at the question's row; nullopt head: all else.
template <class Wants>
Reading contribution(Session& session, const Wants& wants) {
    const Snapshot& now = session.snapshot();
    if (auto missing = text_missing(now)) return *missing;
    const QuestionState& state = now.part<QuestionState>();
    if (!state.question) return not_there("no question is asked");
    const auto derived = session.attribution();
    if (auto missing = derived_missing(derived)) return *missing;
    double sum = 0;
    bool is_found = false;
    for (std::size_t i = 0; i < derived.value->components.size(); ++i) {
        if (!wants(derived.value->components[i])) continue;
        sum += static_cast<double>(derived.value->effect(i, state.question->position));
        is_found = true;
    }
    return is_found ? measured(sum) : not_there("the model has no such part");
}
Reading read_effect(Session& session, const MeasureArguments& arguments) {
    return contribution(session, [&](const Component& part) {
        return part.kind == Component::Kind::Head && HeadId{part.layer, part.head} == arguments.head;
    });
}
Reading read_heads_effect(Session& session, const MeasureArguments&) {
    return contribution(session, [](const Component& part) { return part.kind == Component::Kind::Head; });
}
Reading read_mlps_effect(Session& session, const MeasureArguments&) {
    return contribution(session, [](const Component& part) { return part.kind == Component::Kind::Mlp; });
}
Reading read_whole_effect(Session& session, const MeasureArguments&) {
    return contribution(session, [](const Component&) { return true; });
}

constexpr MeasureDescriptor kMeasures[] = {
    {"weight", "weight LAYER.HEAD QUERY KEY", "One cell of the matrix, of the weights shown.", "HQK",
     read_weight},
    {"argmax", "argmax LAYER.HEAD QUERY", "The key to which a row gives most.", "HQ", read_argmax},
    {"metric", "metric LAYER.HEAD ID", "A metric of a head's pattern, or the score of a detector.", "HW",
     read_metric},
    {"uniform", "uniform LAYER.HEAD ID", "What a head that spreads evenly would read there.", "HW",
     read_uniform},
    {"tag", "tag LAYER.HEAD DETECTOR", "1 where the head has that tag on this text, else 0.", "HW", read_tag},
    {"tokens", "tokens", "How many tokens the text has.", "", read_tokens},
    {"token", "token N \"TEXT\"", "1 where token N reads so, else 0.", "QW", read_token},
    {"probability", "probability QUERY \"TOKEN\"",
     "Of the token after QUERY (a number or last), with what is replaced.", "QW", read_probability},
    {"probability_before", "probability_before QUERY \"TOKEN\"", "The same with nothing replaced.", "QW",
     read_probability_before},
    {"top_prediction", "top_prediction QUERY \"TOKEN\"",
     "1 where the model's first choice after QUERY is that token.", "QW", read_top_prediction},
    {"loss", "loss", "Mean loss of the text with what is replaced, nats a token.", "", read_loss},
    {"loss_before", "loss_before", "The same with nothing replaced.", "", read_loss_before},
    {"loss_rise", "loss_rise", "By how much replacing raises the mean loss.", "", read_loss_rise},
    {"cost", "cost LAYER.HEAD", "What the sweep says that a head is worth.", "H", read_cost},
    {"effect", "effect LAYER.HEAD", "What a head adds directly to the answer of the question, in logits.",
     "H", read_effect},
    {"heads_effect", "heads_effect", "The same of all heads together.", "", read_heads_effect},
    {"mlps_effect", "mlps_effect", "The same of all feed-forward parts.", "", read_mlps_effect},
    {"whole_effect", "whole_effect", "The sum of all parts: the logit difference.", "", read_whole_effect},
};

constexpr int kMostMeasureIndex = 1'000'000;

Result<int> parse_measure_index(const std::string& word, const char* what) {
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error == std::errc() && end == word.data() + word.size() && value >= 0 && value <= kMostMeasureIndex)
        return value;
    return fail(ErrorKind::InvalidInput, "{} is a number from 0 on, found '{}'", what, word.substr(0, 60));
}

std::optional<double> plain_number(const std::string& word) {
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool is_whole = error == std::errc() && end == word.data() + word.size() && std::isfinite(value);
    return is_whole ? std::optional(value) : std::nullopt;
}

}  // namespace

std::span<const MeasureDescriptor* const> measures() {
    static const std::vector<const MeasureDescriptor*> all = [] {
        std::vector<const MeasureDescriptor*> out;
        for (const MeasureDescriptor& measure : kMeasures)
            out.push_back(&measure);
        return out;
    }();
    return all;
}

Result<HeadId> parse_dotted_head(const std::string& word) {
    std::string digits = word;
    if (digits.starts_with('L') || digits.starts_with('l')) digits.erase(0, 1);
    const auto dot = digits.find_first_of(".Hh");
    if (dot == std::string::npos)
        return fail(ErrorKind::InvalidInput, "a head reads LAYER.HEAD (1.5), found '{}'", word.substr(0, 60));
    HeadId out;
    HEADLIGHT_TRY(out.layer, parse_measure_index(digits.substr(0, dot), "LAYER"));
    HEADLIGHT_TRY(out.head, parse_measure_index(digits.substr(dot + 1), "HEAD"));
    return out;
}

Result<Measure> take_measure(std::span<const std::string>& words, std::optional<HeadId> head) {
    if (words.empty()) return fail(ErrorKind::InvalidInput, "a measure or a number is missing");
    const std::string& id = words.front();
    Measure out;
    if (const auto number = plain_number(id)) {
        out.number = *number;
        words = words.subspan(1);
        return out;
    }
    for (const MeasureDescriptor& measure : kMeasures) {
        if (id == measure.id) out.kind = &measure;
    }
    if (!out.kind) {
        std::string known;
        for (const MeasureDescriptor& measure : kMeasures)
            known += (known.empty() ? "" : ", ") + std::string(measure.id);
        return fail(ErrorKind::InvalidInput, "'{}' is no number and no measure; there are {}",
                    id.substr(0, 60), known);
    }
    std::span<const std::string> rest = words.subspan(1);
    for (const char kind : std::string_view(out.kind->arguments)) {
        if (kind == 'H' && head) {
            out.arguments.head = *head;
            continue;
        }
        if (rest.empty()) return fail(ErrorKind::InvalidInput, "words are missing: {}", out.kind->usage);
        const std::string& word = rest.front();
        if (kind == 'H') {
            HEADLIGHT_TRY(out.arguments.head, parse_dotted_head(word));
        } else if (kind == 'Q' && word != "last") {
            HEADLIGHT_TRY(out.arguments.query, parse_measure_index(word, "QUERY"));
        } else if (kind == 'K') {
            HEADLIGHT_TRY(out.arguments.key, parse_measure_index(word, "KEY"));
        } else if (kind == 'W') {
            out.arguments.word = word;
        }
        rest = rest.subspan(1);
    }
    words = rest;
    return out;
}

Reading read_measure(Session& session, const Measure& measure) {
    return measure.kind ? measure.kind->read(session, measure.arguments) : measured(measure.number);
}

}  // namespace headlight
