// The session as its callers see it: each call goes to the part whose matter it is.
#include "session/session.h"

#include <fmt/format.h>

#include <array>

#include "session/parts/ablation.h"
#include "session/parts/choice.h"
#include "session/parts/derivations.h"
#include "session/parts/files_beside.h"
#include "session/parts/opening.h"
#include "session/parts/shown_units.h"
#include "session/parts/shown_weights.h"
#include "session/parts/text_runs.h"
#include "session/saved/restore.h"
#include "session/tasks/task_part.h"

namespace headlight {

#define HEADLIGHT_TASK(name, ...) extern const TaskDescriptor k_task_##name;
#include "session/tasks/tasks.def"
#undef HEADLIGHT_TASK

std::span<const TaskDescriptor* const> tasks() {
#define HEADLIGHT_TASK(name, ...) &k_task_##name,
    static const std::array all = std::to_array<const TaskDescriptor*>({
#include "session/tasks/tasks.def"
    });
#undef HEADLIGHT_TASK
    return all;
}

struct Session::Impl {
    SessionCore core;
    Opening opening{core, choice, text, ablation, files};
    ShownUnits units{core, [this] { ablation.refresh_shown(); }};
    TextRuns text{core, opening, choice, ablation, units};
    Choice choice{core, text, ablation};
    Ablation ablation{core, opening, choice, derived, units};
    Derivations derived{core, opening};
    FilesBeside files{core, opening};
    ShownWeights weights{core, derived};
    std::vector<std::unique_ptr<SessionPart>> own_tasks;

    explicit Impl(SessionOptions options) : core(std::move(options)) {
        for (const TaskDescriptor* task : tasks())
            own_tasks.push_back(task->make({core, opening, task_kind(own_tasks.size()), text, choice}));
        core.parts = {&opening, &choice, &text, &ablation, &units, &derived};
        for (const auto& task : own_tasks)
            core.parts.push_back(task.get());
        core.parts.push_back(&files);
        core.parts.push_back(&weights);
    }
};

Session::Session(SessionOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Session::~Session() = default;

bool Session::pump() {
    SessionCore& core = impl_->core;
    impl_->derived.next_frame();
    const auto messages = core.mailbox.take();
    for (const Mailbox::Message& message : messages) {
        message();
        core.drop_strangers();
        if (core.opened_session) restore_session(*this, *std::exchange(core.opened_session, std::nullopt));
    }
    const bool was_nudged = core.mailbox.take_nudge();
    impl_->weights.refresh();
    core.refresh_job();
    core.snapshot.is_stored_only = impl_->opening.why_no_text_runs().has_value();
    return std::exchange(core.is_changed, false) || !messages.empty() || was_nudged;
}

const Snapshot& Session::snapshot() const {
    return impl_->core.snapshot;
}
bool Session::is_busy() const {
    return impl_->core.is_busy();
}

std::string Session::busy_words() const {
    if (!is_busy()) return {};
    const JobStatus job = impl_->core.worker.status();
    if (job.state != JobStatus::State::Running) return "values that the views show";
    return job.stage.empty() ? job.title : fmt::format("{} ({})", job.title, job.stage);
}

bool Session::wait_until_idle_blocking(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
        const std::uint64_t seen = impl_->core.mailbox.version();
        pump();
        if (!is_busy()) {
            impl_->core.refresh_job();
            return true;
        }
        if (std::chrono::steady_clock::now() >= deadline) return false;
        impl_->core.mailbox.wait_for_change(seen, deadline);
    }
}

void Session::open(const std::string& path, const OpenChoices& choices) {
    OpenRequest request;
    request.path = path;
    request.choices = choices;
    request.is_dump = choices.sent != nullptr;
    const std::string& own = impl_->core.options.autosave_folder;
    impl_->opening.open(std::move(request), own.empty() || !path.starts_with(own));
}

void Session::drop_open_question() {
    impl_->core.snapshot.open_question.reset();
    impl_->core.is_changed = true;
}

void Session::use_tokenizer(const std::string& file) {
    impl_->opening.use_tokenizer(file);
}

void Session::open_stored_trace(const std::string& trace_path, const std::string& model_path) {
    OpenRequest request;
    request.path = trace_path;
    request.model_path = model_path;
    request.is_dump = true;
    impl_->opening.open(std::move(request), false);
}

void Session::make_live() {
    impl_->opening.make_live();
}

void Session::set_text(std::string text) {
    impl_->text.type(std::move(text));
}
void Session::set_decoder_text(std::string text) {
    impl_->text.type_decoder(std::move(text));
}
void Session::set_texts(std::string text, std::string decoder_text, WrittenTextPtr written) {
    impl_->text.change({std::move(text), std::move(decoder_text), std::move(written)});
    impl_->choice.record();
}
void Session::apply_chat_template(bool adds_reply) {
    impl_->text.apply_chat_template(adds_reply);
}
void Session::cut_text(CutEnd end) {
    impl_->text.cut(end);
}
void Session::set_runs_beyond(bool runs_beyond) {
    impl_->opening.set_runs_beyond(runs_beyond);
}
bool Session::use_fitting_text() {
    return impl_->text.use_fitting_text();
}
std::optional<Error> Session::why_no_text_runs() const {
    return impl_->opening.why_no_text_runs();
}

bool Session::set_kind(AttentionKind kind) {
    if (!impl_->text.use_kind(kind)) return false;
    impl_->choice.refresh();
    impl_->core.drop_strangers();
    return true;
}

void Session::cancel() {
    impl_->core.cancel();
}

void Session::select(HeadId head, bool adds) {
    impl_->choice.select(head, adds);
}
void Session::set_query(int query) {
    impl_->choice.set_query(query);
}
const Selection& Session::wanted_selection() const {
    return impl_->choice.wanted();
}
void Session::set_selection(Selection selection) {
    impl_->choice.choose(std::move(selection));
}
AttentionKind Session::wanted_kind() const {
    return impl_->text.wanted_kind();
}
void Session::set_token(TokenAxis axis, int token) {
    impl_->choice.set_token(axis, token);
}
void Session::toggle_query(int query) {
    impl_->choice.toggle_query(query);
}
void Session::set_key(int key) {
    impl_->choice.set_key(key);
}
bool Session::undo() {
    const bool is_done = impl_->choice.undo();
    impl_->weights.refresh();
    return is_done;
}
bool Session::redo() {
    const bool is_done = impl_->choice.redo();
    impl_->weights.refresh();
    return is_done;
}

void Session::forget_steps() {
    impl_->choice.reset_history();
}

void Session::update_settings(const std::function<void(Settings&)>& change) {
    Settings settings = impl_->core.snapshot.settings;
    change(settings);
    if (settings == impl_->core.snapshot.settings) return;
    const UnitChoice before = impl_->units.wanted();
    impl_->core.snapshot.settings = std::move(settings);
    impl_->core.settings_changed();
    if (before != impl_->units.wanted()) impl_->ablation.refresh_shown();
    impl_->weights.refresh();
}

Derived<TilePyramid> Session::pyramid(const std::vector<HeadId>& heads, TextVersion version) {
    return impl_->derived.pyramid(heads, version);
}
Derived<TileMap> Session::tiles(const std::vector<HeadId>& heads, const TileArea& area, bool is_difference) {
    return impl_->derived.tiles(heads, area, is_difference);
}
Derived<Rollout> Session::flow(FlowMethod method, int query) {
    return impl_->derived.flow(method, query);
}
Derived<std::vector<FlowPath>> Session::flow_paths(FlowMethod method, int query, int input) {
    return impl_->derived.flow_paths(method, query, input);
}
Derived<HeadMap> Session::head_map() {
    return impl_->derived.head_map();
}
Derived<std::vector<MetricValue>> Session::matrix_metrics(HeadId head) {
    return impl_->derived.matrix_metrics(head);
}
Derived<WeightAnalysis> Session::all_matrix_metrics() {
    return impl_->derived.all_matrix_metrics();
}
Derived<QueryPredictions> Session::predictions(int query, TextVersion version) {
    return impl_->derived.predictions(query, version);
}
Derived<WeightAnalysis> Session::weight_analysis() {
    return impl_->derived.weight_analysis();
}

Derived<Attribution> Session::attribution() {
    return impl_->derived.attribution();
}
Derived<HeadLines> Session::lines(HeadId head, int share) {
    return impl_->derived.lines(head, share);
}

Derived<ScoreParts> Session::score_parts(HeadId head) {
    return impl_->derived.score_parts(head);
}

Derived<DimensionShares> Session::dimension_shares(HeadId head) {
    return impl_->derived.dimension_shares(head);
}

Derived<std::vector<float>> Session::edge(const std::vector<int>& queries, int key) {
    return impl_->derived.edge(queries, key);
}
Derived<Lens> Session::lens() {
    return impl_->derived.lens();
}
Derived<HeadWriting> Session::head_writing(HeadId head, int key) {
    return impl_->derived.head_writing(head, key);
}
Derived<TokenRanking> Session::head_looks_for(HeadId head, int row) {
    return impl_->derived.head_looks_for(head, row);
}
Derived<CircuitOfToken> Session::circuit(HeadId head, std::int32_t token) {
    return impl_->derived.circuit(head, token);
}
Derived<CompositionPartners> Session::composition(HeadId head) {
    return impl_->derived.composition(head);
}
Derived<MadeFrom> Session::made_from(const MadeFromRequest& request) {
    return impl_->derived.made_from(request);
}

void Session::add_intervention(Intervention change) {
    impl_->ablation.add(std::move(change));
    impl_->weights.refresh();
}
void Session::clear_interventions(std::span<const HeadId> heads) {
    impl_->ablation.clear(heads);
    impl_->weights.refresh();
}
void Session::set_interventions(InterventionsPtr interventions) {
    impl_->ablation.use(std::move(interventions));
    impl_->choice.record();
    impl_->weights.refresh();
}
void Session::set_compare(Compare compare) {
    impl_->ablation.set_compare(compare);
    impl_->weights.refresh();
}

SessionPart& Session::task(const std::type_info& type) {
    for (const auto& task : impl_->own_tasks) {
        SessionPart& part = *task;
        if (typeid(part) == type) return part;
    }
    std::abort();  // it is not in tasks.def
}

std::vector<Notice> Session::take_notices() {
    return std::exchange(impl_->core.notices, {});
}

void Session::notify(Notice::Level level, std::string text, std::string details) {
    impl_->core.notify({level, std::move(text), std::move(details), 0});
}

}  // namespace headlight
