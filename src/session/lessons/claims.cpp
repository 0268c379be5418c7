// Claims and answers of lessons.
#include "session/lessons/claims.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "session/command.h"
#include "session/command_arguments.h"
#include "session/session.h"

namespace headlight {
namespace {

using ReadingState = Reading::State;

/// A head question's right heads: those named, those with a tag, or the one with the largest measure.
struct HeadAnswer {
    std::vector<HeadId> named;
    std::string tag;
    std::vector<std::string> best;
};

Result<HeadAnswer> parse_head_answer(const std::string& text) {
    HEADLIGHT_TRY(const std::vector<std::string> words, split_words(text));
    HeadAnswer out;
    if (words.size() == 2 && words[0] == "tagged") {
        out.tag = words[1];
        return out;
    }
    if (words.size() > 1 && words[0] == "best") {
        out.best.assign(words.begin() + 1, words.end());
        std::span<const std::string> rest = out.best;
        HEADLIGHT_TRY(const Measure measure, take_measure(rest, HeadId{}));
        const bool has_head = measure.kind && std::string_view(measure.kind->arguments).starts_with('H');
        if (has_head && rest.empty()) return out;
        return fail(ErrorKind::InvalidInput,
                    "'best' takes a measure of a head without the head: best metric previous_mass");
    }
    for (const std::string& word : words) {
        HEADLIGHT_TRY(const HeadId head, parse_dotted_head(word));
        out.named.push_back(head);
    }
    if (out.named.empty()) return fail(ErrorKind::InvalidInput, "a head is missing");
    return out;
}

/// A measure with "within T" behind it.
struct NumberAnswer {
    Measure measure;
    double tolerance = 0;
};

Result<double> take_tolerance(std::span<const std::string>& words) {
    if (words.empty()) return 0.0;
    if (words.size() != 2 || words[0] != "within")
        return fail(ErrorKind::InvalidInput, "'{}' is not expected here; 'within NUMBER' may follow",
                    words[0].substr(0, 60));
    return parse_number(words[1], "the tolerance", 0, 1e9);
}

Result<NumberAnswer> parse_number_answer(const std::string& text) {
    HEADLIGHT_TRY(const std::vector<std::string> words, split_words(text));
    std::span<const std::string> rest = words;
    NumberAnswer out;
    HEADLIGHT_TRY(out.measure, take_measure(rest));
    HEADLIGHT_TRY(out.tolerance, take_tolerance(rest));
    return out;
}

std::string number_words(double value) {
    return std::floor(value) == value && std::abs(value) < 1e6 ? fmt::format("{:.0f}", value)
                                                               : fmt::format("{:.3g}", value);
}

/// All heads with their readings; Pending while one is.
AnswerCheck best_heads(Session& session, const HeadAnswer& answer, std::vector<HeadId>& right) {
    const Snapshot& now = session.snapshot();
    if (!now.text || !now.text->trace) return {ReadingState::Failed, false, {}, "no text is shown"};
    const HeadGrid grid = now.text->trace->grid();
    double largest = 0;
    for (int layer = 0; layer < grid.num_layers; ++layer) {
        for (int head = 0; head < grid.num_heads; ++head) {
            const HeadId id{layer, head};
            std::vector<std::string> tag{"tag", answer.tag};
            std::span<const std::string> words =
                answer.best.empty() ? std::span<const std::string>(tag) : answer.best;
            const auto measure = take_measure(words, id);
            if (!measure) return {ReadingState::Failed, false, {}, measure.error().message};
            const Reading reading = read_measure(session, *measure);
            if (reading.state == ReadingState::Pending) return {};
            if (reading.state == ReadingState::Failed) continue;  // a layer without attention
            if (answer.best.empty() && reading.value > 0) right.push_back(id);
            if (answer.best.empty() || (!right.empty() && reading.value <= largest)) continue;
            right = {id};
            largest = reading.value;
        }
    }
    if (right.empty()) return {ReadingState::Failed, false, {}, "no head fits"};
    return {ReadingState::Ready, false, {}, {}};
}

AnswerCheck check_head(Session& session, const LessonQuestion& question, HeadId given) {
    const auto answer = parse_head_answer(question.answer);
    if (!answer) return {ReadingState::Failed, false, {}, answer.error().message};
    std::vector<HeadId> right = answer->named;
    AnswerCheck out{ReadingState::Ready, false, {}, {}};
    if (right.empty()) out = best_heads(session, *answer, right);
    if (out.state != ReadingState::Ready) return out;
    out.is_right = std::find(right.begin(), right.end(), given) != right.end();
    for (std::size_t i = 0; i < right.size() && i < 8; ++i)
        out.expected += (i > 0 ? ", " : "") + right[i].to_string();
    return out;
}

AnswerCheck check_number(Session& session, const LessonQuestion& question, double given) {
    const auto answer = parse_number_answer(question.answer);
    if (!answer) return {ReadingState::Failed, false, {}, answer.error().message};
    const Reading reading = read_measure(session, answer->measure);
    if (reading.state != ReadingState::Ready) return {reading.state, false, {}, reading.problem};
    constexpr double kRounding = 1e-9;
    return {ReadingState::Ready,
            std::abs(given - reading.value) <= answer->tolerance + kRounding,
            number_words(reading.value),
            {}};
}

/// What a lesson may run: nothing that touches files, opens, quits or starts another lesson.
constexpr std::string_view kSceneCommands[] = {
    "text",           "decoder_text", "attention",   "select",         "add_head",      "query",
    "add_query",      "key",          "query_token", "key_token",      "find_token",    "find_heads",
    "clear_find",     "workspace",    "view",        "form",           "line_share",    "qk_sort",
    "qk_shown",       "thumbnails",   "fit",         "weights",        "unit",          "from_group",
    "gamma",          "numbers",      "strip",       "tint",           "order",         "metrics",
    "flow",           "flow_method",  "topk",        "question",       "answer_metric", "probe",
    "ablate",         "knock_out",    "scale_head",  "clear_ablation", "compare",       "ablation_sweep",
    "corrupted_text", "patch",        "find_paths",  "search",         "search_rule",   "draw",
    "search_by",      "search_null",  "best_fit",    "write_step",     "write_to",      "wait",
    "text_pair"};

Error at_lesson_line(const Lesson& lesson, int line, const Error& error) {
    const std::string name = lesson.source.empty() ? lesson.id : lesson.source;
    return make_error(ErrorKind::Corrupt, "{}, line {}: {}", name, line, error.message)
        .in_file(lesson.source);
}

Status check_scene(const std::vector<LessonLine>& scene, const Lesson& lesson) {
    for (const LessonLine& line : scene) {
        auto call = parse_command(line.words);
        if (!call) return fail(at_lesson_line(lesson, line.line, call.error()));
        if (!*call) continue;
        const std::string& id = (*call)->id;
        const bool is_allowed =
            std::find(std::begin(kSceneCommands), std::end(kSceneCommands), id) != std::end(kSceneCommands);
        const CommandDescriptor& command = *find_command(id);
        const std::size_t count = (*call)->arguments.size();
        if (!is_allowed)
            return fail(at_lesson_line(lesson, line.line,
                                       make_error(ErrorKind::InvalidInput, "a lesson cannot run '{}'", id)));
        if (count < command.arguments.least || count > command.arguments.most)
            return fail(at_lesson_line(lesson, line.line,
                                       make_error(ErrorKind::InvalidInput, "expected: {}", command.usage)));
    }
    return {};
}

Status check_question(const LessonQuestion& question, const Lesson& lesson) {
    using Kind = LessonQuestion::Kind;
    if (question.kind == Kind::Choice) return {};
    if (question.kind == Kind::Head) {
        if (auto answer = parse_head_answer(question.answer); !answer)
            return fail(at_lesson_line(lesson, question.line, answer.error()));
        return {};
    }
    if (auto answer = parse_number_answer(question.answer); !answer)
        return fail(at_lesson_line(lesson, question.line, answer.error()));
    return {};
}

}  // namespace

Result<Claim> parse_claim(const std::string& text) {
    HEADLIGHT_TRY(const std::vector<std::string> words, split_words(text));
    std::span<const std::string> rest = words;
    Claim out;
    HEADLIGHT_TRY(out.left, take_measure(rest));
    out.right.number = 1;
    if (rest.empty()) return out;
    if (rest[0] != ">" && rest[0] != "<" && rest[0] != "=")
        return fail(ErrorKind::InvalidInput, "expected >, < or =, found '{}'", rest[0].substr(0, 60));
    out.relation = rest[0] == ">"   ? Claim::Relation::Greater
                   : rest[0] == "<" ? Claim::Relation::Less
                                    : Claim::Relation::Equal;
    rest = rest.subspan(1);
    HEADLIGHT_TRY(out.right, take_measure(rest));
    if (out.relation != Claim::Relation::Equal && !rest.empty())
        return fail(ErrorKind::InvalidInput, "'{}' is not expected here", rest[0].substr(0, 60));
    HEADLIGHT_TRY(out.tolerance, take_tolerance(rest));
    return out;
}

ClaimCheck check_claim(Session& session, const std::string& words) {
    ClaimCheck out;
    out.words = words;
    const auto claim = parse_claim(words);
    const auto failed = [&](std::string why) {
        out.state = ReadingState::Failed;
        out.found = std::move(why);
        return out;
    };
    if (!claim) return failed(claim.error().message);
    const Reading left = read_measure(session, claim->left), right = read_measure(session, claim->right);
    if (left.state == ReadingState::Failed) return failed(left.problem);
    if (right.state == ReadingState::Failed) return failed(right.problem);
    if (left.state == ReadingState::Pending || right.state == ReadingState::Pending) return out;
    out.state = ReadingState::Ready;
    const double difference = left.value - right.value;
    out.holds = claim->relation == Claim::Relation::Greater ? difference > 0
                : claim->relation == Claim::Relation::Less  ? difference < 0
                                                            : std::abs(difference) <= claim->tolerance;
    if (!out.holds)
        out.found = fmt::format("found {} beside {}", number_words(left.value), number_words(right.value));
    return out;
}

Result<GivenAnswer> parse_given_answer(const LessonQuestion& question, const std::string& words) {
    using Kind = LessonQuestion::Kind;
    GivenAnswer out;
    out.words = words;
    if (question.kind == Kind::Head) {
        HEADLIGHT_TRY(out.head, parse_dotted_head(words));
        return out;
    }
    if (question.kind == Kind::Choice && words.size() == 1 && words[0] >= 'a' && words[0] <= 'z') {
        out.number = words[0] - 'a' + 1;
        return out;
    }
    std::string digits = words;
    std::erase_if(digits, [](char c) { return c == ' '; });
    std::replace(digits.begin(), digits.end(), ',', '.');
    const bool is_percent = question.kind == Kind::Number && digits.ends_with('%');
    if (is_percent) digits.pop_back();
    HEADLIGHT_TRY(out.number, parse_number(digits, "the answer", -1e12, 1e12));
    if (is_percent) out.number /= 100;
    return out;
}

AnswerCheck check_answer(Session& session, const LessonQuestion& question, const GivenAnswer& given) {
    if (question.kind == LessonQuestion::Kind::Head) return check_head(session, question, given.head);
    AnswerCheck out = check_number(session, question, given.number);
    if (question.kind != LessonQuestion::Kind::Choice || out.state != ReadingState::Ready) return out;
    const auto index = static_cast<std::size_t>(std::stoi(out.expected)) - 1;
    out.expected = index < question.choices.size() ? question.choices[index] : out.expected;
    return out;
}

Status check_lesson(const Lesson& lesson) {
    HEADLIGHT_CHECK(check_scene(lesson.scene, lesson));
    for (const LessonStep& step : lesson.steps) {
        HEADLIGHT_CHECK(check_scene(step.scene, lesson));
        for (const LessonLine& claim : step.claims) {
            if (auto parsed = parse_claim(claim.words); !parsed)
                return fail(at_lesson_line(lesson, claim.line, parsed.error()));
        }
        if (step.question) HEADLIGHT_CHECK(check_question(*step.question, lesson));
    }
    return {};
}

}  // namespace headlight
