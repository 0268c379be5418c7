// The shown text as an HTML page, written beside everything else: on the model worker while there is a model,
// which also predicts for it, on the pool for stored attention.
#include "publish/page/page_file.h"
#include "session/command_arguments.h"
#include "session/tasks/question.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

/// What the window shows now. Errors: Missing with what to wait for.
Result<PageContent> shown_content(const Snapshot& now) {
    if (!now.model || !now.text || !now.text->trace)
        return fail(ErrorKind::Missing, "no text was run yet, so there is nothing to put on a page");
    if (now.is_stale || now.text->analysis.is_pending || now.picture.is_pending)
        return fail(ErrorKind::Missing,
                    "what the window shows is still being measured; try again in a moment");
    PageContent out;
    out.spec = now.model->spec;
    out.text = now.text;
    out.shown = now.picture.trace;
    const auto& question = now.part<QuestionState>();
    out.shown_question = question.answer + (question.rival.empty() ? "" : " − " + question.rival);
    out.first = now.selection.head;
    out.query = now.selection.query;
    if (now.shown() == Compare::Before) return out;
    for (const Intervention& change : *now.ablation->interventions)
        out.notes.push_back("changed run: " + describe(change, out.spec.num_layers, out.spec.num_heads));
    return out;
}

Result<PageFacts> publish_page(const std::string& path, PageContent content, const LiveModel* model,
                               int num_threads, const JobContext& job) {
    // The model would predict as if nothing were replaced.
    if (model && content.notes.empty()) HEADLIGHT_CHECK(add_page_predictions(content, *model, job));
    return write_page(path, content, {.num_threads = num_threads}, job);
}

class PagePart final : public SessionPart {
  public:
    explicit PagePart(const TaskSetting& setting) : core_(setting.core), kind_(setting.kind) {}

    Status start(const std::string& path) {
        HEADLIGHT_TRY(const PageContent content, shown_content(core_.snapshot));
        const int threads = core_.num_analysis_threads;
        if (core_.snapshot.model->is_live) {
            core_.failure.reset();
            core_.on_model(
                kind_, "Writing the page", core_.snapshot.model->id,
                [path, content, threads](WorkerState& on_worker, const JobContext& job) {
                    return publish_page(path, content, &on_worker.live, threads, job);
                },
                [this](const Result<PageFacts>& end) { tell(end); });
            return {};
        }
        core_.pool.submit(std::make_shared<JobControl>(), [this, core = &core_, path, content,
                                                           threads](const JobContext& job) {
            const auto end = guarded([&] { return publish_page(path, content, nullptr, threads, job); });
            core->mailbox.post([this, end] { tell(end); });
        });
        return {};
    }

  private:
    void tell(const Result<PageFacts>& end) {
        if (end)
            return core_.notify(Notice::Level::Info,
                                fmt::format("Page: {}: {}", end->path, page_facts_text(*end)));
        if (end.error().kind != ErrorKind::Cancelled)
            core_.job_failed("The page could not be written", end.error());
    }

    SessionCore& core_;
    JobKind kind_;
};

}  // namespace

extern const TaskDescriptor k_task_page = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<PagePart>(setting);
}};

extern const CommandDescriptor k_command_export_page = {
    .id = "export_page",
    .label = "Export page…",
    .help =
        "Writes what is shown as one HTML page to share: all heads, matrix, lines, tokens, metrics and "
        "patterns, to "
        "hover and click in any browser, without a network.",
    .usage = "export_page FILE",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = [](const Snapshot& now) { return now.text && now.text->trace; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return task_of<PagePart>(context.session).start(with_home(arguments[0]));
    },
};

}  // namespace headlight
