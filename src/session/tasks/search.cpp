// The search itself, and the saved rules.
#include "session/tasks/search.h"

#include <algorithm>
#include <filesystem>

#include "run/search/search_text.h"
#include "session/tasks/search_part.h"
#include "study/rules/rule_files.h"
#include "study/rules/rule_patterns.h"

namespace headlight {

/// What the pool works on.
struct SearchWish {
    std::shared_ptr<const AnalyzedText> text;
    SearchMode mode = SearchMode::Drawing;
    std::vector<Stroke> strokes;
    std::string rule;
    int num_threads = 1;
};

namespace {

/// Both nulls of the first answer: some tens of milliseconds for all heads of a model.
constexpr double kQuickLookups = 5e7;

Result<PairTemplate> wished_pairs(const SearchWish& wish) {
    const AttentionTrace& trace = *wish.text->trace;
    if (std::max(trace.num_queries(), trace.num_keys()) > kMostSearchTokens)
        return fail(ErrorKind::InvalidInput, "texts of up to {} tokens are searched; this one has {}",
                    kMostSearchTokens, std::max(trace.num_queries(), trace.num_keys()));
    if (wish.mode == SearchMode::Drawing)
        return draw_strokes(wish.strokes, trace.num_queries(), trace.num_keys(), trace.info().is_causal);
    HEADLIGHT_TRY(const TokenRule rule, read_rule(wish.rule));
    return rule_template(rule, wish.text->tokens, wish.text->keys(), trace);
}

/// Nothing of a text.
void forget_found(SearchState& next) {
    next.text_id = 0;
    next.pairs = nullptr;
    next.result = nullptr;
    next.best = nullptr;
    next.running = nullptr;
    next.error.clear();
}

void put_result(SearchState& next, SearchResult result) {
    next.best = std::make_shared<const std::vector<std::size_t>>(best_first(result, next.order));
    next.result = std::make_shared<const SearchResult>(std::move(result));
}

}  // namespace

SearchPart::SearchPart(const TaskSetting& setting)
    : core_(setting.core), opening_(setting.opening), kind_(setting.kind) {
    core_.when_opened = [this, core = &core_, folder = folder()](const std::string& model_path) {
        Saved saved;
        add_saved(folder, model_path, saved);
        core->mailbox.post([this, saved] { take_saved(saved); });
    };
    if (!folder().empty()) change_saved({});
}

SearchPart::~SearchPart() {
    for (const RuleWrite& write : writes_->take())
        (void)guarded([&]() -> Status { return write(folder()); });
}

void SearchPart::refresh() {
    const auto& text = core_.snapshot.text;
    if (!text || state().is_empty() || state().running || state().is_of(text->id)) return;
    start();
}

void SearchPart::drop_strangers() {
    if (state().text_id == 0) return;
    if (core_.snapshot.text && core_.snapshot.text->id == state().text_id) return;
    stop();
    change(forget_found);
}

void SearchPart::cancel() {
    // The job that would write goes with all others, what is to be written does not.
    if (!writes_->is_empty())
        core_.mailbox.post([this] { change_saved([](const std::string&) { return Status(); }); });
    if (!state().running) return;
    stop();
    change([](SearchState& next) { next.running = nullptr; });
}

void SearchPart::put(SearchState next) {
    core_.snapshot.parts.put(std::move(next));
    core_.is_changed = true;
}

void SearchPart::stop() {
    if (state().running) state().running->stop.request_stop();
}

void SearchPart::start() {
    stop();
    const auto& text = core_.snapshot.text;
    SearchState next = state();
    if (!text || !text->trace || next.is_empty()) {
        forget_found(next);
        return put(std::move(next));
    }
    if (next.text_id != text->id) forget_found(next);
    if (text->groups) {
        forget_found(next);
        next.text_id = text->id;
        next.error = "Drawings and rules are of tokens: choose tokens (U).";
        return put(std::move(next));
    }
    next.error.clear();
    next.text_id = text->id;
    next.running = std::make_shared<JobControl>();
    const JobControlPtr control = next.running;
    SearchWish wish{text, next.mode, next.strokes, next.rule, core_.num_analysis_threads};
    put(std::move(next));
    core_.pool.submit(control, [this, core = &core_, control, wish = std::move(wish)](const JobContext& job) {
        search(this, *core, control, wish, job);
    });
}

void SearchPart::search(SearchPart* self, SessionCore& core, const JobControlPtr& control,
                        const SearchWish& wish, const JobContext& job) {
    auto pairs = guarded([&] { return wished_pairs(wish); });
    if (!pairs) return post(self, core, control, nullptr, fail(std::move(pairs).error()), true);
    const auto shared = std::make_shared<const PairTemplate>(std::move(*pairs));
    SearchOptions options;
    options.num_threads = wish.num_threads;
    options.most_lookups = kQuickLookups;
    auto quick = guarded([&] { return search_heads(*wish.text->trace, *shared, options, job); });
    const bool is_last = !quick || quick->is_final;
    post(self, core, control, shared, std::move(quick), is_last);
    if (is_last || job.should_stop()) return;
    options.most_lookups = SearchOptions().most_lookups;
    post(self, core, control, shared,
         guarded([&] { return search_heads(*wish.text->trace, *shared, options, job); }), true);
}

void SearchPart::post(SearchPart* self, SessionCore& core, const JobControlPtr& control,
                      std::shared_ptr<const PairTemplate> pairs, Result<SearchResult> result, bool is_last) {
    core.mailbox.post([self, control, pairs = std::move(pairs), result = std::move(result), is_last] {
        self->take(control, pairs, result, is_last);
    });
}

void SearchPart::take(const JobControlPtr& control, std::shared_ptr<const PairTemplate> pairs,
                      Result<SearchResult> result, bool is_last) {
    if (state().running != control) return;  // something else is looked for by now
    change([&](SearchState& next) {
        if (is_last) next.running = nullptr;
        if (pairs) next.pairs = std::move(pairs);
        if (result) return put_result(next, std::move(*result));
        if (result.error().kind == ErrorKind::Cancelled) return;
        next.error = result.error().message;
        next.result = nullptr;
        next.best = nullptr;
    });
}

Status SearchPart::save(const std::string& name) {
    const SearchState& now = state();
    if (const std::string reason = why_no_rule_name(name); !reason.empty())
        return fail(ErrorKind::InvalidInput, "{}", reason);
    const std::string text = now.mode == SearchMode::Rule ? now.rule : rule_of_strokes(now.strokes);
    if (text.empty())
        return fail(
            ErrorKind::InvalidInput,
            "only rules and whole stripes can be saved: a drawing is of this text alone; say it as a rule");
    for (const OwnRule& known : now.saved) {
        if (known.name != name && own_detector_id(known.name) == own_detector_id(name))
            return fail(
                ErrorKind::InvalidInput,
                "“{}” and the saved rule “{}” would share a file: they differ only in signs that are no "
                "plain letters or digits; take another name",
                name, known.name);
    }
    HEADLIGHT_TRY(TokenRule rule, read_rule(text));
    change_saved([own = OwnRule{name, std::move(rule), 0.4, {}}](const std::string& folder) {
        return save_rule(folder, own);
    });
    return {};
}

void SearchPart::remove(const std::string& name) {
    change_saved([name](const std::string& folder) { return delete_rule(folder, name); });
}

std::string SearchPart::folder() const {
    if (!core_.options.settings_path.empty())
        return (std::filesystem::path(core_.options.settings_path).parent_path() / "rules").string();
    return core_.options.saves_settings ? default_rules_folder() : std::string();
}

void SearchPart::add_saved(const std::string& folder, const std::string& model_path, Saved& saved) {
    saved.rules = read_all_rules(folder, model_path, saved.problems);
    set_own_detectors(saved.rules);
}

void SearchPart::change_saved(RuleWrite write) {
    const bool has_changed = static_cast<bool>(write);
    if (write) writes_->add(std::move(write));
    core_.worker.submit(
        {kind_, "Saved rules",
         [this, core = &core_, writes = writes_, folder = folder(), has_changed](const JobContext&) {
             // The worker's: another model may have been opened while this waited.
             const auto& model = core->on_worker.live.info;
             const std::string path = model ? model->spec.path : std::string();
             auto end = guarded([&]() -> Result<Saved> {
                 Saved saved;
                 for (const RuleWrite& one : writes->take()) {
                     if (const Status written = one(folder); !written)
                         saved.failures.push_back(written.error());
                 }
                 add_saved(folder, path, saved);
                 return saved;
             });
             core->mailbox.post([this, core, end = std::move(end), has_changed] {
                 if (!end) return core->notify_error("The saved rules could not be read", end.error());
                 take_saved(*end);
                 if (has_changed) opening_.run_text_again();  // its tags are of the rules that there were
             });
             return JobOutcome::Done;
         }});
}

void SearchPart::take_saved(Saved saved) {
    for (const Error& failure : saved.failures)
        core_.notify_error("The saved rules could not be changed", failure);
    const std::vector<std::string>& known = state().saved_problems;
    for (const std::string& problem : saved.problems) {
        if (std::find(known.begin(), known.end(), problem) == known.end())
            core_.notify(Notice::Level::Warning, "Saved rules could not be read: " + problem);
    }
    change([&](SearchState& next) {
        next.saved = std::move(saved.rules);
        next.saved_problems = std::move(saved.problems);
    });
}

std::optional<HeadId> SearchState::best_head(std::size_t n) const {
    if (!result || !best || n >= best->size()) return std::nullopt;
    const HeadFit& fit = result->heads[(*best)[n]];
    return fit_value(fit, order) ? std::optional(fit.head) : std::nullopt;
}

void refresh_search(Session& session) {
    task_of<SearchPart>(session).refresh();
}

extern const TaskDescriptor k_task_search = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<SearchPart>(setting);
}};

}  // namespace headlight
