// Patching: cells come as they are known; an interrupted run goes on where it was.
#include "session/tasks/patching.h"

#include <algorithm>
#include <functional>

#include "run/text_tokens.h"
#include "session/command_arguments.h"
#include "session/tasks/question.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

constexpr std::size_t kMostPosts = 200;  // messages of a map: each copies it

using Answers = std::vector<std::pair<std::size_t, AnswerMetrics>>;  // index of a cell, what it gave

class PatchingPart final : public SessionPart {
  public:
    explicit PatchingPart(const TaskSetting& setting)
        : core_(setting.core), opening_(setting.opening), kind_(setting.kind) {}

    void set_text(std::string text) {
        stop();
        PatchingState next = with_choice(state());
        next.corrupted_text = std::move(text);
        put(std::move(next));
    }
    void choose(PatchSite site, PatchDirection direction) {
        PatchingState next = state();
        next.site = site;
        next.direction = direction;
        put(std::move(next));
    }
    void start(PatchSite site, PatchDirection direction);
    void stop();

    void drop_strangers() override {
        const PatchingState& now = state();
        if (now.base_id == 0) return;
        const Snapshot& snapshot = core_.snapshot;
        const std::uint64_t text_id = snapshot.base_text ? snapshot.base_text->id : 0;
        if (now.base_id == text_id && now.question == snapshot.part<QuestionState>().question) return;
        stop();
        put(with_choice(state()));
    }
    void cancel() override { stop(); }

  private:
    const PatchingState& state() const { return core_.snapshot.part<PatchingState>(); }
    void put(PatchingState next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }
    /// What stays when the rest is of another text.
    static PatchingState with_choice(const PatchingState& now) {
        PatchingState next;
        next.corrupted_text = now.corrupted_text;
        next.site = now.site;
        next.direction = now.direction;
        return next;
    }
    Status prepare(PatchingState& next) const;
    void submit(const PatchingState& state);
    void change(const JobControlPtr& control, const std::function<void(PatchingState&)>& change);

    SessionCore& core_;
    Opening& opening_;
    JobKind kind_;
    JobControlPtr control_;  // of the run; null: none
};

std::shared_ptr<const PatchMap> with_answers(const PatchMap& map, const Answers& answers) {
    auto next = std::make_shared<PatchMap>(map);
    for (const auto& [index, answer] : answers) {
        next->num_done += next->results[index] ? 0 : 1;
        next->results[index] = answer;
    }
    return next;
}

// Fills what belongs to the shown text, its question and the typed one. Errors: what is missing.
Status PatchingPart::prepare(PatchingState& next) const {
    const Snapshot& now = core_.snapshot;
    const auto& text = now.base_text;
    if (!now.model || !text || !text->trace || now.is_stale)
        return fail(ErrorKind::Missing, "the text was not run yet");
    if (const auto error = core_.why_one_text_only("Patching")) return fail(*error);
    next.question = now.part<QuestionState>().question;
    if (!next.question) return fail(ErrorKind::Missing, "choose an answer first: patching measures it");
    if (next.corrupted_text.empty()) return fail(ErrorKind::Missing, "type a corrupted text first");
    HEADLIGHT_TRY(next.corrupted,
                  tokens_of_boxes(*now.model, next.corrupted_text, text->tokens.second_text()));
    const std::size_t count = text->tokens.tokens.size(), other = next.corrupted.tokens.size();
    if (count != other) {
        return fail(ErrorKind::InvalidInput,
                    "both texts must have as many tokens: the shown one has {}, the corrupted one {}", count,
                    other);
    }
    if (next.corrupted.ids() == text->tokens.ids())
        return fail(ErrorKind::InvalidInput, "the corrupted text has the same tokens: nothing can change");
    next.base_id = text->id;
    auto& map = next.maps[{next.site, next.direction}];
    if (!map) {
        const TraceInfo& info = text->trace->info();
        auto made = std::make_shared<PatchMap>();
        made->cells = patch_cells(next.site, info.num_layers, info.num_heads, static_cast<int>(count));
        made->results.resize(made->cells.size());
        map = std::move(made);
    }
    return {};
}

void PatchingPart::start(PatchSite site, PatchDirection direction) {
    stop();
    PatchingState next = state();
    next.site = site;
    next.direction = direction;
    next.error.clear();
    if (const Status ready = prepare(next); !ready) {
        next.error = ready.error().message;
        return put(std::move(next));
    }
    if (!opening_.bring_model("The texts could not be patched")) return;
    const auto map = next.map();
    next.is_running = map->num_done < static_cast<int>(map->cells.size());
    core_.failure.reset();
    put(std::move(next));
    if (state().is_running) submit(state());
}

void PatchingPart::submit(const PatchingState& state) {
    control_ = std::make_shared<JobControl>();
    const auto text = core_.snapshot.base_text;
    const auto map = state.map();
    auto left = std::make_shared<std::vector<std::size_t>>();  // the worker's
    for (std::size_t i = 0; i < map->cells.size(); ++i)
        if (!map->results[i]) left->push_back(i);
    Mailbox* mailbox = &core_.mailbox;
    core_.on_model(
        kind_, std::string("Patching ") + label_of(state.site), text->model_id,
        [this, mailbox, control = control_, left, map, text, clean = text->tokens.ids(),
         corrupted = state.corrupted.ids(), question = *state.question, site = state.site,
         direction = state.direction](WorkerState& on_worker, const JobContext& job) -> Status {
            if (control->stop.stop_requested()) return fail(ErrorKind::Cancelled, "patching was stopped");
            HEADLIGHT_TRY(PatchingRun* const run,
                          patching_run(on_worker.live, on_worker.patching, clean, corrupted, question, job));
            const auto post = [&](std::function<void(PatchingState&)> edit) {
                mailbox->post([this, control, edit = std::move(edit)] { change(control, edit); });
            };
            post([clean_answer = run->clean(), corrupted_answer = run->corrupted(),
                  first = run->first_difference()](PatchingState& next) {
                next.clean_answer = clean_answer;
                next.corrupted_answer = corrupted_answer;
                next.first_difference = first;
            });
            const std::vector<std::size_t> indices = *left;
            std::vector<PatchCell> cells;
            for (const std::size_t index : indices)
                cells.push_back(map->cells[index]);
            Answers known;
            const auto flush = [&] {
                if (known.empty()) return;
                for (const auto& entry : known)
                    std::erase(*left, entry.first);
                post([site, direction, answers = std::exchange(known, {})](PatchingState& next) {
                    auto& shown = next.maps[{site, direction}];
                    if (shown) shown = with_answers(*shown, answers);
                });
            };
            const Status end =
                run->patch(direction, cells, job, [&](std::size_t i, const AnswerMetrics& metrics) {
                    known.emplace_back(indices[i], metrics);
                    if (known.size() > map->cells.size() / kMostPosts) flush();
                });
            flush();
            return end;
        },
        [this, control = control_](const Status& end) {
            const bool has_failed = !end && end.error().kind != ErrorKind::Cancelled;
            change(control, [&](PatchingState& next) {
                next.is_running = false;
                if (has_failed) next.error = end.error().message;
            });
            if (control == control_) control_.reset();
        });
}

// A new value each time: views keep what they draw from.
void PatchingPart::change(const JobControlPtr& control, const std::function<void(PatchingState&)>& change) {
    if (control != control_) return;  // of another text, or stopped
    PatchingState next = state();
    change(next);
    put(std::move(next));
}

void PatchingPart::stop() {
    if (!control_) return;
    change(control_, [](PatchingState& next) { next.is_running = false; });
    control_->stop.request_stop();
    control_.reset();
    core_.worker.drop(kind_);
}

Result<PatchSite> parse_site(const std::string& word) {
    if (const auto site = patch_site(word)) return *site;
    std::string names;
    for (const PatchSite site : kPatchSites)
        names += (names.empty() ? "" : ", ") + std::string(to_string(site));
    return fail(ErrorKind::InvalidInput, "there is no site '{}'; there are {}", word.substr(0, 60), names);
}

Status run_patch(CommandContext& context, Arguments arguments) {
    const PatchingState& now = context.session.snapshot().part<PatchingState>();
    PatchSite site = now.site;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(site, parse_site(arguments[0]));
    }
    std::string direction = to_string(now.direction);
    if (arguments.size() > 1) {
        HEADLIGHT_TRY(direction,
                      parse_choice(context, arguments.subspan(1), {"denoise", "noise"}, direction));
    }
    start_patching(context.session, site,
                   direction == "noise" ? PatchDirection::Noise : PatchDirection::Denoise);
    const std::string& error = context.session.snapshot().part<PatchingState>().error;
    if (error.empty()) return {};
    return fail(ErrorKind::Missing, "{}", error);
}

}  // namespace

void set_corrupted_text(Session& session, std::string text) {
    task_of<PatchingPart>(session).set_text(std::move(text));
}
void choose_patching(Session& session, PatchSite site, PatchDirection direction) {
    task_of<PatchingPart>(session).choose(site, direction);
}
void start_patching(Session& session, PatchSite site, PatchDirection direction) {
    task_of<PatchingPart>(session).start(site, direction);
}
void stop_patching(Session& session) {
    task_of<PatchingPart>(session).stop();
}

extern const TaskDescriptor k_task_patching = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<PatchingPart>(setting);
    }};

extern const CommandDescriptor k_command_corrupted_text = {
    .id = "corrupted_text",
    .label = "Corrupted text",
    .help = "The text whose values are put into the shown one: as many tokens, few of them others.",
    .usage = "corrupted_text TEXT",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        set_corrupted_text(context.session, join(arguments));
        return {};
    },
};

extern const CommandDescriptor k_command_patch = {
    .id = "patch",
    .label = "Patch",
    .help =
        "Puts values of one text into the other at each place of a site and measures the answer; goes on "
        "where it was stopped.",
    .usage = "patch [resid|attn|mlp|head|head_at|head_pos|pattern|value] [denoise|noise]",
    .group = "Analyse",
    .arguments = {0, 2},
    .run = run_patch,
};

extern const CommandDescriptor k_command_stop_patching = {
    .id = "stop_patching",
    .label = "Stop patching",
    .help = "Ends the patching; the cells that are known stay.",
    .usage = "stop_patching",
    .group = "Analyse",
    .is_enabled = [](const Snapshot& now) { return now.part<PatchingState>().is_running; },
    .run = [](CommandContext& context, Arguments) -> Status {
        stop_patching(context.session);
        return {};
    },
};

}  // namespace headlight
