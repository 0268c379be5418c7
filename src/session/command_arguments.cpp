// Reading the words of a command.
#include "session/command_arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "analysis/metric.h"
#include "base/nearest_word.h"

namespace headlight {
namespace {

// The text whose sizes count: none while a newer text or model is on its way.
std::shared_ptr<const AnalyzedText> settled_text(const CommandContext& context) {
    const Snapshot& snapshot = context.session.snapshot();
    const bool is_settled =
        snapshot.text && snapshot.text->trace && !snapshot.is_stale && !context.session.is_busy();
    return is_settled ? snapshot.text : nullptr;
}

Result<int> parse_index(const std::shared_ptr<const AnalyzedText>& text, const std::string& word,
                        TokenAxis axis, const char* what) {
    if (word == "last" || word == "none") return -1;
    HEADLIGHT_TRY(const int index, parse_integer(word, what));
    const int count = !text                      ? index + 1
                      : axis == TokenAxis::Query ? text->trace->num_queries()
                                                 : text->trace->num_keys();
    if (index >= 0 && index < count) return index;
    return fail(ErrorKind::InvalidInput, "there is no {0} {1}; {0}s run from 0 to {2}",
                text ? to_string(text->unit()) : "token", index, count - 1);
}

std::string quoted(const std::string& word) {
    return "'" + word.substr(0, 60) + "'";
}

}  // namespace

Status check_count(const CommandContext& context, Arguments arguments, std::size_t least, std::size_t most) {
    if (arguments.size() >= least && arguments.size() <= most) return {};
    return fail(ErrorKind::InvalidInput, "got {} argument{}, expected: {}", arguments.size(),
                arguments.size() == 1 ? "" : "s", context.usage);
}

Result<int> parse_integer(const std::string& word, const char* what) {
    int value = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
    if (parsed.ec == std::errc{} && parsed.ptr == word.data() + word.size()) return value;
    return fail(ErrorKind::InvalidInput, "{} must be a whole number, got {}", what, quoted(word));
}

Result<double> parse_number(const std::string& word, const char* what, double min, double max) {
    double value = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool is_whole = parsed.ec == std::errc{} && parsed.ptr == word.data() + word.size();
    if (is_whole && std::isfinite(value) && value >= min && value <= max) return value;
    return fail(ErrorKind::InvalidInput, "{} must be a number from {:g} to {:g}, got {}", what, min, max,
                quoted(word));
}

Result<HeadCounts> head_counts(const CommandContext& context) {
    const auto& model = context.session.snapshot().model;
    if (!model) return fail(ErrorKind::Missing, "no model is open");
    return HeadCounts{model->spec.num_layers, model->spec.num_heads};
}

std::vector<HeadId> heads_of_layers(int begin, int end, int num_heads) {
    std::vector<HeadId> out;
    for (int layer = begin; layer < end; ++layer) {
        for (int head = 0; head < num_heads; ++head)
            out.push_back({layer, head});
    }
    return out;
}

Result<std::vector<HeadId>> selected_heads_of(const CommandContext& context) {
    HEADLIGHT_CHECK(head_counts(context));
    const Selection& selection = context.session.snapshot().selection;
    std::vector<HeadId> out{selection.head};
    out.insert(out.end(), selection.others.begin(), selection.others.end());
    return out;
}

Result<InterventionMode> parse_ablation_mode(const std::string& word) {
    const auto mode = intervention_mode(word);
    const bool is_given_by_name = mode && *mode != InterventionMode::Pattern &&
                                  *mode != InterventionMode::KnockOut && *mode != InterventionMode::Scale;
    if (is_given_by_name) return *mode;
    return fail(ErrorKind::InvalidInput,
                "{} is no mode here, expected: uniform, local, previous, first, identity, zero or mean",
                quoted(word));
}

Result<HeadId> parse_head(const CommandContext& context, Arguments arguments) {
    HEADLIGHT_CHECK(check_count(context, arguments, 2, 2));
    HEADLIGHT_TRY(const int layer, parse_integer(arguments[0], "LAYER"));
    HEADLIGHT_TRY(const int head, parse_integer(arguments[1], "HEAD"));
    const auto text = settled_text(context);
    const int num_layers = text ? text->trace->num_layers() : layer + 1,
              num_heads = text ? text->trace->num_heads() : head + 1;
    if (layer < 0 || layer >= num_layers) {
        return fail(ErrorKind::InvalidInput, "there is no layer {}; layers run from 0 to {}", layer,
                    num_layers - 1);
    }
    if (head < 0 || head >= num_heads) {
        return fail(ErrorKind::InvalidInput, "there is no head {}; heads run from 0 to {}", head,
                    num_heads - 1);
    }
    return HeadId{layer, head};
}

Result<int> parse_token(const CommandContext& context, const std::string& word, TokenAxis axis,
                        const char* what) {
    return parse_index(token_text(settled_text(context)), word, axis, what);
}

Result<int> parse_unit(const CommandContext& context, const std::string& word, TokenAxis axis,
                       const char* what) {
    return parse_index(settled_text(context), word, axis, what);
}

Result<std::string> parse_choice(const CommandContext& context, Arguments arguments,
                                 std::initializer_list<const char*> choices, const std::string& current) {
    HEADLIGHT_CHECK(check_count(context, arguments, 0, 1));
    const std::vector<std::string> words(choices.begin(), choices.end());
    const auto find = [&](const std::string& word) { return std::find(words.begin(), words.end(), word); };
    if (arguments.empty()) {
        const auto now = find(current);
        return now == words.end() || now + 1 == words.end() ? words.front() : *(now + 1);
    }
    if (find(arguments[0]) != words.end()) return arguments[0];
    return fail(ErrorKind::InvalidInput, "{} is no choice here, expected: {}", quoted(arguments[0]),
                context.usage);
}

Status choose_setting(CommandContext& context, Arguments arguments, std::string Settings::*setting,
                      std::initializer_list<const char*> choices) {
    const std::string& now = context.session.snapshot().settings.*setting;
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, choices, now));
    context.session.update_settings([&](Settings& settings) { settings.*setting = choice; });
    return {};
}

Result<std::string> parse_metric(const std::string& word, const char* none) {
    const bool is_known = word == none || word == kEdgeTint || find_metric(word) || find_detector(word);
    if (is_known) return word;
    std::vector<std::string> ids{none};
    for (const MetricDescriptor* metric : metrics())
        ids.emplace_back(metric->id);
    for (const DetectorDescriptor* detector : detectors())
        ids.emplace_back(detector->id);
    const std::string near = nearest_word(word, ids);
    const std::string hint =
        near.empty() ? fmt::format("'{}' or the id of a metric", none) : "'" + near + "'?";
    return fail(ErrorKind::InvalidInput, "there is no metric {}; did you mean {}", quoted(word), hint);
}

std::string with_home(const std::string& path) {
    const char* home = std::getenv("HOME");
    const bool is_short = path == "~" || path.compare(0, 2, "~/") == 0;
    return is_short && home != nullptr ? home + path.substr(1) : path;
}

std::string join(Arguments arguments) {
    std::string out;
    for (std::size_t i = 0; i < arguments.size(); ++i)
        out += (i > 0 ? " " : "") + arguments[i];
    return out;
}

Status move_head(CommandContext& context, int layer_step, int head_step) {
    const Snapshot& snapshot = context.session.snapshot();
    if (!snapshot.text || !snapshot.text->trace) return fail(ErrorKind::Missing, "no heads are shown yet");
    const HeadGrid grid = snapshot.text->trace->grid();
    const HeadId now = snapshot.selection.head;
    const int layer = std::clamp(now.layer + layer_step, 0, grid.num_layers - 1);
    const int flat = static_cast<int>(grid.index({layer, now.head})) + head_step;
    context.session.select(
        grid.at(static_cast<std::size_t>(std::clamp(flat, 0, static_cast<int>(grid.size()) - 1))));
    return {};
}

}  // namespace headlight
