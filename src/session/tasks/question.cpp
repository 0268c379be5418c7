// The question: stays while the model and its tokenizer do, and follows the text.
#include "session/tasks/question.h"

#include <algorithm>

#include "run/cause/question_options.h"
#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class QuestionPart final : public SessionPart {
  public:
    explicit QuestionPart(const TaskSetting& setting) : core_(setting.core) {}

    void ask(const std::optional<AskedQuestion>& asked) {
        of_ = core_.open_now();
        QuestionState next;
        next.asked = asked;
        put(std::move(next));
        drop_strangers();
    }

    void drop_strangers() override {
        const QuestionState& now = core_.snapshot.part<QuestionState>();
        if (!now.asked) return;
        if (!of_.fits(core_.open_now())) return put({});
        QuestionState next{.asked = now.asked, .question = {}, .answer = {}, .rival = {}, .why_not = {}};
        resolve(next);
        if (next.question != now.question || next.why_not != now.why_not || next.answer != now.answer)
            put(std::move(next));
    }

  private:
    void resolve(QuestionState& state) const {
        const Snapshot& now = core_.snapshot;
        if (!now.model || !now.base_text || !now.base_text->trace) return;
        state.answer = shown_token(*now.model, state.asked->answer);
        if (state.asked->rival) state.rival = shown_token(*now.model, *state.asked->rival);
        QuestionOptions options{.at = state.asked->at,
                                .answer = {},
                                .rival = {},
                                .answer_id = state.asked->answer,
                                .rival_id = state.asked->rival};
        const auto question = question_of(options, *now.model, now.base_text->tokens.tokens.size());
        if (question) state.question = *question;
        if (!question) state.why_not = question.error().message;
    }
    void put(QuestionState next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }

    SessionCore& core_;
    Belonging of_;
};

bool is_number(const std::string& word) {
    const std::size_t first = !word.empty() && word[0] == '-' ? 1 : 0;
    return word.size() > first && std::all_of(word.begin() + static_cast<std::ptrdiff_t>(first), word.end(),
                                              [](char c) { return c >= '0' && c <= '9'; });
}

/// "id:12": a token by its id; anything else is its text.
Result<std::int32_t> parse_answer(const ModelInfo& model, const std::string& word, const char* what) {
    constexpr std::string_view kPrefix = "id:";
    if (word.starts_with(kPrefix) && is_number(word.substr(kPrefix.size()))) {
        HEADLIGHT_TRY(const int id, parse_integer(word.substr(kPrefix.size()), what));
        return id;
    }
    return token_of_word(model, word, what);
}

Status run_question(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (!now.model) return fail(ErrorKind::Missing, "no model is open");
    if (arguments.size() == 1 && arguments[0] == "none") {
        ask_question(context.session, std::nullopt);
        return {};
    }
    AskedQuestion asked;
    if (arguments.size() > 1 && is_number(arguments[0])) {
        HEADLIGHT_TRY(asked.at, parse_integer(arguments[0], "AT"));
        arguments = arguments.subspan(1);
    }
    if (arguments.size() > 2)
        return fail(ErrorKind::InvalidInput, "one answer and one rival at most; AT is a number: {}",
                    context.usage);
    HEADLIGHT_TRY(asked.answer, parse_answer(*now.model, arguments[0], "ANSWER"));
    if (arguments.size() > 1) {
        HEADLIGHT_TRY(asked.rival, parse_answer(*now.model, arguments[1], "RIVAL"));
    }
    const std::size_t num_tokens = now.base_text ? now.base_text->tokens.tokens.size() : 0;
    if (num_tokens > 0 && !now.is_stale) {
        const QuestionOptions check{
            .at = asked.at, .answer = {}, .rival = {}, .answer_id = asked.answer, .rival_id = asked.rival};
        HEADLIGHT_CHECK(question_of(check, *now.model, num_tokens));
    }
    ask_question(context.session, asked);
    return {};
}

}  // namespace

void ask_question(Session& session, const std::optional<AskedQuestion>& asked) {
    task_of<QuestionPart>(session).ask(asked);
}

extern const TaskDescriptor k_task_question = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<QuestionPart>(setting);
    }};

extern const CommandDescriptor k_command_question = {
    .id = "question",
    .label = "Ask a question",
    .help =
        "Asks why the model answers with a token after a place of the text, and not with a rival; tokens "
        "are texts (\" Mary\") or ids (id:12).",
    .usage = "question ANSWER [RIVAL] | AT ANSWER [RIVAL] | none",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, 3},
    .run = run_question,
};

}  // namespace headlight
