// Looking for tokens and heads, and walking through them; the table of all heads as a file.
#include "session/tasks/find.h"

#include <algorithm>

#include "analysis/search/head_table.h"
#include "analysis/weights/weight_analysis.h"
#include "base/atomic_file.h"
#include "session/command_arguments.h"
#include "session/find/head_search.h"
#include "session/find/token_search.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class FindPart final : public SessionPart {
  public:
    explicit FindPart(const TaskSetting& setting) : core_(setting.core), opening_(setting.opening) {}

    const FindState& state() const { return core_.snapshot.part<FindState>(); }
    void put(FindState next) {
        if (!next.words.empty() || next.heads) last_ = next;
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }
    /// What was looked for before it was cleared comes back.
    void recall() {
        if (state().words.empty() && !state().heads && (!last_.words.empty() || last_.heads)) put(last_);
    }

    /// The table of the shown text as a file, beside everything else: spectra of the weights may take long.
    void save(const std::string& path, std::shared_ptr<const HeadQuery> filter) {
        const KnownNumbers known = numbers_of_text(core_.snapshot);
        const bool has_own_weights = !known.text->input_tokens;  // those of the encoder only
        core_.pool.submit(
            std::make_shared<JobControl>(),
            [core = &core_, known, path, filter = std::move(filter),
             runner = has_own_weights ? opening_.runner() : nullptr](const JobContext& job) {
                const auto end =
                    guarded([&] { return write_table(known, runner.get(), filter.get(), path, job); });
                core->mailbox.post([core, path, end] {
                    if (!end) return core->notify_error("The table of heads was not saved", end.error());
                    core->notify(Notice::Level::Info, fmt::format("{} to {}", *end, path));
                });
            });
    }

  private:
    /// What was written: "17 of 270 heads".
    static Result<std::string> write_table(const KnownNumbers& known, const ModelRunner* runner,
                                           const HeadQuery* filter, const std::string& path,
                                           const JobContext& job);

    SessionCore& core_;
    Opening& opening_;
    FindState last_;
};

Result<std::string> FindPart::write_table(const KnownNumbers& known, const ModelRunner* runner,
                                          const HeadQuery* filter, const std::string& path,
                                          const JobContext& job) {
    HeadNumbers numbers = known.numbers;
    WeightAnalysis weights, matrices;
    if (runner != nullptr) {
        auto measured = analyze_weights(*runner, job, 1);
        // Some families have no factors per head: their cells stay empty.
        if (!measured && measured.error().kind != ErrorKind::Unsupported)
            return fail(std::move(measured).error());
        if (measured) weights = *std::move(measured);
    }
    if (known.text->trace->num_queries() <= kMostMatrixMetricTokens) {
        HEADLIGHT_TRY(matrices, analyze_matrices(*known.text->trace, job));
    }
    numbers.weights = &weights;
    numbers.matrices = &matrices;
    const HeadTable table = make_head_table(numbers);
    std::vector<HeadId> heads;
    if (filter != nullptr) heads = filter->find(numbers, table.grid);
    for (std::size_t i = 0; filter == nullptr && i < table.grid.size(); ++i)
        heads.push_back(table.grid.at(i));
    HEADLIGHT_CHECK(write_file_atomic(path, head_table_csv(table, heads)));
    return filter == nullptr
               ? fmt::format("{} heads", heads.size())
               : fmt::format("{} of {} heads ({})", heads.size(), table.grid.size(), filter->text());
}

Status check_text(const Snapshot& now) {
    if (now.text && now.text->trace) return {};
    return fail(ErrorKind::Missing, "no text is shown, so there is nothing to find in it");
}

/// One on or back in an ascending list, around its ends.
template <class T>
const T& step_to(const std::vector<T>& found, const T& from, int step) {
    if (step > 0) {
        const auto next = std::upper_bound(found.begin(), found.end(), from);
        return next == found.end() ? found.front() : *next;
    }
    const auto next = std::lower_bound(found.begin(), found.end(), from);
    return next == found.begin() ? found.back() : *std::prev(next);
}

Status step_tokens(CommandContext& context, int step) {
    const Snapshot& now = context.session.snapshot();
    const std::vector<int> found = marked_tokens(now);
    if (found.empty())
        return fail(ErrorKind::Missing, "the text does not hold '{}'",
                    now.part<FindState>().words.substr(0, 60));
    context.session.set_query(step_to(found, now.selection.query, step));
    return {};
}

Status step_heads(CommandContext& context, int step) {
    const Snapshot& now = context.session.snapshot();
    const auto query = now.part<FindState>().heads;
    const KnownNumbers known = known_numbers(context.session, now, *query);
    if (known.is_pending)
        return fail(ErrorKind::Missing, "what {} asks for is being computed; try again in a moment",
                    query->text());
    const std::vector<HeadId> found = query->find(known.numbers, now.text->trace->grid());
    if (found.empty())
        return fail(ErrorKind::Missing, "no head matches {}{}", query->text(),
                    known.missing.empty() ? "" : " (" + known.missing + ")");
    context.session.select(step_to(found, now.selection.head, step));
    return {};
}

Status step_found(CommandContext& context, int step) {
    HEADLIGHT_CHECK(check_text(context.session.snapshot()));
    task_of<FindPart>(context.session).recall();
    const FindState& state = context.session.snapshot().part<FindState>();
    const bool is_heads = state.heads && (state.target == FindTarget::Heads || state.words.empty());
    if (is_heads) return step_heads(context, step);
    if (!state.words.empty()) return step_tokens(context, step);
    context.shell.open_find(state.target);
    return {};
}

Status run_find_token(CommandContext& context, Arguments arguments) {
    HEADLIGHT_CHECK(check_text(context.session.snapshot()));
    if (arguments.empty()) {
        context.shell.open_find(FindTarget::Tokens);
        return {};
    }
    if (arguments.size() > 1 && arguments[1] != "here")
        return fail(ErrorKind::InvalidInput, "behind TEXT there is only “here”: {}", context.usage);
    mark_tokens(context.session, arguments[0]);
    if (arguments[0].empty()) return {};
    const Snapshot& now = context.session.snapshot();
    const std::vector<int> found = marked_tokens(now);
    const bool stays =
        arguments.size() > 1 && std::binary_search(found.begin(), found.end(), now.selection.query);
    return stays ? Status{} : step_tokens(context, 1);
}

Status run_find_heads(CommandContext& context, Arguments arguments) {
    if (arguments.empty()) {
        HEADLIGHT_CHECK(check_text(context.session.snapshot()));
        context.shell.open_find(FindTarget::Heads);
        return {};
    }
    return mark_heads(context.session, join(arguments));
}

}  // namespace

void mark_tokens(Session& session, const std::string& words) {
    FindState next = session.snapshot().part<FindState>();
    next.words = words;
    next.target = FindTarget::Tokens;
    task_of<FindPart>(session).put(std::move(next));
}

Status mark_heads(Session& session, const std::string& expression) {
    FindState next = session.snapshot().part<FindState>();
    next.heads = nullptr;
    next.target = FindTarget::Heads;
    if (!expression.empty()) {
        HEADLIGHT_TRY(HeadQuery query, HeadQuery::parse(expression));
        next.heads = std::make_shared<const HeadQuery>(std::move(query));
    }
    task_of<FindPart>(session).put(std::move(next));
    return {};
}

std::vector<int> marked_tokens(const Snapshot& now) {
    const std::string& words = now.part<FindState>().words;
    return now.text && !words.empty() ? find_tokens(now.text->tokens, words) : std::vector<int>();
}

extern const TaskDescriptor k_task_find = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<FindPart>(setting);
}};

extern const CommandDescriptor k_command_find_token = {
    .id = "find_token",
    .label = "Find in the text",
    .help =
        "Marks the tokens in which the words begin (capitals count where there are any; id:123 finds an id) "
        "and "
        "chooses the next one as query; without words it asks for them.",
    .usage = "find_token [\"TEXT\" [here]]",
    .shortcut = "Ctrl+F",
    .group = "Edit",
    .arguments = {0, 2},
    .run = run_find_token,
};

extern const CommandDescriptor k_command_find_heads = {
    .id = "find_heads",
    .label = "Find heads",
    .help =
        "Marks the heads for which an expression holds: tags, metrics, layer and head, joined by and, or, "
        "not; "
        "\"\" marks none.",
    .usage = "find_heads [\"EXPRESSION\"]",
    .shortcut = "Ctrl+Shift+F",
    .group = "Edit",
    .arguments = {0, kAnyNumber},
    .run = run_find_heads,
};

extern const CommandDescriptor k_command_find_next = {
    .id = "find_next",
    .label = "Find next",
    .help = "Goes to the next token or head that is marked, around the end.",
    .usage = "find_next",
    .shortcut = "F3",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return step_found(context, 1); },
};

extern const CommandDescriptor k_command_find_previous = {
    .id = "find_previous",
    .label = "Find previous",
    .help = "Goes to the marked token or head before, around the beginning.",
    .usage = "find_previous",
    .shortcut = "Shift+F3",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return step_found(context, -1); },
};

extern const CommandDescriptor k_command_clear_find = {
    .id = "clear_find",
    .label = "Clear what was found",
    .help = "Takes the marks of find_token and find_heads away.",
    .usage = "clear_find",
    .group = "Edit",
    .is_enabled =
        [](const Snapshot& now) {
            const FindState& state = now.part<FindState>();
            return state.heads != nullptr || !state.words.empty();
        },
    .run = [](CommandContext& context, Arguments) -> Status {
        FindState next;
        next.target = context.session.snapshot().part<FindState>().target;
        task_of<FindPart>(context.session).put(std::move(next));
        return {};
    },
};

extern const CommandDescriptor k_command_save_heads = {
    .id = "save_heads",
    .label = "Save the table of heads",
    .help =
        "Writes every head with every metric as comma-separated values; while heads are marked, those only.",
    .usage = "save_heads FILE",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = [](const Snapshot& now) { return now.text && now.text->trace; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const Snapshot& now = context.session.snapshot();
        if (!now.text || !now.text->trace)
            return fail(ErrorKind::Missing, "no text was run yet, so there are no heads to save");
        task_of<FindPart>(context.session).save(with_home(arguments[0]), now.part<FindState>().heads);
        return {};
    },
};

}  // namespace headlight
