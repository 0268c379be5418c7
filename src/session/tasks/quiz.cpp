// The quiz: questions are drawn by a fixed rule from the text, so that a class can be given the same again.
#include "session/tasks/quiz.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

constexpr int kMostOptions = 5, kSureOptions = 3;
constexpr int kMostHeadsTried = 40;
constexpr float kTellingWeight = 0.3f;  // a row below it has no answer worth guessing

/// A number that depends on nothing but the question (splitmix64).
std::uint64_t drawn(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed * 0x9E3779B97F4A7C15ull + index * 0xBF58476D1CE4E5B9ull + 0x94D049BB133111EBull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

std::uint64_t seed_of_text(const AnalyzedText& text) {
    std::uint64_t seed = 1469598103934665603ull;
    for (const Token& token : text.tokens.tokens)
        seed = (seed ^ static_cast<std::uint64_t>(static_cast<std::uint32_t>(token.id))) * 1099511628211ull;
    return seed;
}

/// "·cat", " cat" and "cat" are one guess.
std::string bare_word(std::string_view word) {
    constexpr std::string_view kSpace = "·";
    while (word.starts_with(kSpace))
        word.remove_prefix(kSpace.size());
    const auto first = word.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return std::string(word.substr(first, word.find_last_not_of(' ') - first + 1));
}

class QuizPart final : public SessionPart {
  public:
    explicit QuizPart(const TaskSetting& setting) : core_(setting.core) {}

    const QuizState& state() const { return core_.snapshot.part<QuizState>(); }

    void start(QuizKind kind) {
        QuizState next;
        next.is_on = true;
        next.kind = kind;
        next.number = 1;
        put(std::move(next));
    }
    void end() { put({}); }
    void next() {
        QuizState next = blank();
        ++next.number;
        put(std::move(next));
    }
    void reveal() {
        if (!state().is_ready || state().is_revealed) return;
        QuizState next = state();
        next.is_revealed = true;
        ++next.num_asked;
        next.num_right += next.is_right() ? 1 : 0;
        put(std::move(next));
    }
    Status guess(const std::string& words);
    void make(Session& session);

    void drop_strangers() override {
        const QuizState& now = state();
        if (!now.is_on || (!now.is_ready && now.why_not.empty())) return;
        const auto& text = core_.snapshot.shown_tokens();
        if (text && text->id == now.text_id) return;
        put(blank());
    }

  private:
    /// The same question number without its question: of another text.
    QuizState blank() const {
        QuizState out;
        out.is_on = true;
        out.kind = state().kind;
        out.number = state().number;
        out.num_asked = state().num_asked;
        out.num_right = state().num_right;
        return out;
    }
    void put(QuizState next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }
    void refuse(const AnalyzedText& text, std::string why) {
        QuizState next = blank();
        next.text_id = text.id;
        next.why_not = std::move(why);
        put(std::move(next));
    }
    void make_next_token(Session& session, const AnalyzedText& text);
    void make_looks_at(const AnalyzedText& text);

    SessionCore& core_;
};

Status QuizPart::guess(const std::string& words) {
    QuizState next = state();
    if (!next.is_on || !next.is_ready) return fail(ErrorKind::Missing, "no quiz asks a question now");
    if (next.is_revealed) return {};
    const bool is_number = !words.empty() && words.find_first_not_of("0123456789") == std::string::npos;
    const int count = next.kind == QuizKind::NextToken ? static_cast<int>(next.options.size())
                                                       : core_.snapshot.shown_tokens()->trace->num_keys();
    const int first = next.kind == QuizKind::NextToken ? 1 : 0;  // options are counted from 1
    next.typed.clear();
    if (is_number) {
        HEADLIGHT_TRY(const int number, parse_integer(words, "the guess"));
        if (number < first || number >= count + first)
            return fail(ErrorKind::InvalidInput, "a guess is one of {} to {}", first, count + first - 1);
        next.guess = number - first;
    } else if (next.kind == QuizKind::LooksAt) {
        return fail(ErrorKind::InvalidInput, "a guess is the number of a token: quiz_answer 4");
    } else {
        const auto found = std::find_if(
            next.options.begin(), next.options.end(),
            [&](const QuizOption& option) { return bare_word(option.shown) == bare_word(words); });
        next.guess = found == next.options.end() ? -1 : static_cast<int>(found - next.options.begin());
        if (next.guess < 0) next.typed = bare_word(words);
    }
    put(std::move(next));
    return {};
}

void QuizPart::make(Session& session) {
    const Snapshot& now = core_.snapshot;
    const auto& text = now.shown_tokens();
    if (!state().is_on || state().is_ready || !state().why_not.empty()) return;
    if (!text || !text->trace || now.is_stale || now.is_ablation_pending) return;
    if (state().kind == QuizKind::NextToken) return make_next_token(session, *text);
    make_looks_at(*text);
}

void QuizPart::make_next_token(Session& session, const AnalyzedText& text) {
    const auto& tokens = text.tokens.tokens;
    const auto& model = core_.snapshot.model;
    if (!model || model->spec.prediction != Prediction::NextToken)
        return refuse(text, "This model does not predict the next token: try where a head looks.");
    if (tokens.size() < 3) return refuse(text, "The text is too short for a quiz: type a sentence.");
    const std::uint64_t seed = seed_of_text(text);
    const auto number = static_cast<std::uint64_t>(state().number);
    const int at = 1 + static_cast<int>(drawn(seed, number) % (tokens.size() - 2));
    const auto predictions = session.predictions(at);
    if (predictions.state == Derived<QueryPredictions>::State::Failed)
        return refuse(text, predictions.error ? predictions.error->message : "Nothing is predicted here.");
    if (!predictions.is_ready()) return;
    const QueryPredictions& found = *predictions.value;
    const auto count = std::min(found.top.size(), found.display.size());
    if (count < 2) return refuse(text, "The model predicts too few tokens for a quiz.");
    QuizState next = blank();
    const std::int32_t best = found.top[0].id, real = tokens[static_cast<std::size_t>(at) + 1].id;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_wanted = i < kSureOptions || found.top[i].id == real;
        if (is_wanted) next.options.push_back({found.top[i].id, found.display[i], found.top[i].probability});
    }
    // One that is far down makes a guess that is not one of two.
    for (std::size_t i = count - 1; i >= kSureOptions && next.options.size() < kMostOptions - 1; --i) {
        if (found.top[i].id != real)
            next.options.push_back({found.top[i].id, found.display[i], found.top[i].probability});
    }
    for (std::size_t i = next.options.size(); i > 1; --i)
        std::swap(next.options[i - 1], next.options[drawn(seed + number, i) % i]);
    for (std::size_t i = 0; i < next.options.size(); ++i) {
        if (next.options[i].id == best) next.best = static_cast<int>(i);
        if (next.options[i].id == real) next.real_option = static_cast<int>(i);
    }
    next.at = at;
    next.text_id = text.id;
    next.is_ready = true;
    put(std::move(next));
}

void QuizPart::make_looks_at(const AnalyzedText& text) {
    const AttentionTrace& trace = *text.trace;
    const auto num_heads = static_cast<std::uint64_t>(trace.grid().size());
    const std::uint64_t seed = seed_of_text(text) + static_cast<std::uint64_t>(state().number) * 7919;
    QuizState next = blank();
    float largest = -1;
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    for (std::uint64_t attempt = 0; attempt < kMostHeadsTried && largest < kTellingWeight; ++attempt) {
        const auto index = static_cast<int>(drawn(seed, attempt) % num_heads);
        const HeadId head{index / trace.num_heads(), index % trace.num_heads()};
        if (trace.is_absent(head.layer)) continue;
        trace.row_stats(head.layer, head.head, rows);
        std::vector<int> telling;  // where the answer is neither the sink nor one of few keys
        for (std::size_t query = 0; query < rows.size(); ++query) {
            const RowStats& row = rows[query];
            if (row.num_keys < 4 || row.argmax == 0) continue;
            if (row.max_weight >= kTellingWeight) telling.push_back(static_cast<int>(query));
            if (row.max_weight <= largest || !telling.empty()) continue;
            largest = row.max_weight;
            next.head = head;
            next.at = static_cast<int>(query);
            next.best = row.argmax;
        }
        if (telling.empty()) continue;
        next.head = head;
        next.at = telling[drawn(seed, attempt + kMostHeadsTried) % telling.size()];
        next.best = rows[static_cast<std::size_t>(next.at)].argmax;
        largest = 1;
    }
    if (next.at < 0) return refuse(text, "No row of this text is worth guessing: type a longer one.");
    next.text_id = text.id;
    next.is_ready = true;
    put(std::move(next));
}

QuizPart& quiz_part(CommandContext& context) {
    return task_of<QuizPart>(context.session);
}

Status check_quiz_on(const CommandContext& context) {
    if (context.session.snapshot().part<QuizState>().is_on) return {};
    return fail(ErrorKind::Missing, "no quiz is on; 'quiz' starts one");
}

bool is_quiz_on(const Snapshot& now) {
    return now.part<QuizState>().is_on;
}

Status run_quiz(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    const bool can_predict = now.model && now.model->spec.prediction == Prediction::NextToken;
    std::string choice = can_predict ? "next" : "looks";
    if (!arguments.empty()) {
        HEADLIGHT_TRY(choice, parse_choice(context, arguments, {"next", "looks", "off"}, "off"));
    }
    if (choice == "off")
        quiz_part(context).end();
    else
        quiz_part(context).start(choice == "looks" ? QuizKind::LooksAt : QuizKind::NextToken);
    return {};
}

}  // namespace

bool is_quiz_busy(const Snapshot& now) {
    const QuizState& state = now.part<QuizState>();
    const auto& text = now.shown_tokens();
    const bool has_text = text && text->trace && !now.is_stale && !now.is_ablation_pending;
    return state.is_on && !state.is_ready && state.why_not.empty() && has_text;
}

void step_quiz(CommandContext& context) {
    quiz_part(context).make(context.session);
}

extern const TaskDescriptor k_task_quiz = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<QuizPart>(setting);
}};

extern const CommandDescriptor k_command_quiz = {
    .id = "quiz",
    .label = "Quiz",
    .help =
        "Asks a class, on the open model and text: which token comes next, or where a head looks; “off” ends "
        "it.",
    .usage = "quiz [next|looks|off]",
    .group = "Help",
    .arguments = {0, 1},
    .is_checked = is_quiz_on,
    .run = run_quiz,
};

extern const CommandDescriptor k_command_quiz_answer = {
    .id = "quiz_answer",
    .label = "Guess",
    .help = "Guesses: the number of an option or of a token, or a word that is typed.",
    .usage = "quiz_answer GUESS",
    .group = "Help",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .is_enabled = is_quiz_on,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return quiz_part(context).guess(join(arguments));
    },
};

extern const CommandDescriptor k_command_quiz_reveal = {
    .id = "quiz_reveal",
    .label = "Reveal the answer of the quiz",
    .help =
        "Shows the probabilities, or the hidden row, and counts the guess; Space does so while a quiz is on.",
    .usage = "quiz_reveal",
    .group = "Help",
    .is_enabled = is_quiz_on,
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_quiz_on(context));
        quiz_part(context).reveal();
        return {};
    },
};

extern const CommandDescriptor k_command_quiz_next = {
    .id = "quiz_next",
    .label = "Next question of the quiz",
    .help = "Asks the next question, as Space does after one is revealed; one that was not does not count.",
    .usage = "quiz_next",
    .group = "Help",
    .is_enabled = is_quiz_on,
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_quiz_on(context));
        quiz_part(context).next();
        return {};
    },
};

}  // namespace headlight
