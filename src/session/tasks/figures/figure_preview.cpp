// The preview of the export dialog: measured on the model worker, laid out anew when only the print changes.
#include <algorithm>

#include "session/command_arguments.h"
#include "session/tasks/figures/figure_export.h"
#include "session/tasks/figures/window_figures.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

constexpr double kMostPreviewPixels = 1800;

Result<FigurePreview> draw_preview(const MadeFigure& made, const FigurePage& page,
                                   const FigureChoice& choice) {
    FigurePreview out;
    out.choice = choice;
    FigureRequest print = page.shared;
    HEADLIGHT_TRY(const FigureStyle style, print_style(print));
    const double width_px = style.width_mm / 25.4 * choice.pixels_per_inch;
    out.scale = width_px > kMostPreviewPixels ? kMostPreviewPixels / width_px : 1;
    print.style.scale = std::clamp(out.scale * choice.pixels_per_inch / 100, 0.25, 8.0);
    HEADLIGHT_TRY(out.picture, preview_of(made, print));
    for (const std::string& caption : made.captions)
        out.caption += (out.caption.empty() ? "" : " ") + caption;
    return out;
}

class FigurePreviewPart final : public TaskPart<FigurePreviewState> {
  public:
    using TaskPart::TaskPart;

    void open(const std::string& kind) {
        FigurePreviewState next = state();
        next.is_open = true;
        if (!kind.empty() || next.choice.options.empty())
            next.choice.kind = kind.empty() ? shown_figure_kind(core_.snapshot) : kind;
        put(std::move(next));
        if (Status status = choose(state().choice); !status) core_.notify_error("No preview", status.error());
    }
    void close() {
        core_.worker.drop(kind_);
        FigurePreviewState next = state();
        next.is_open = false;
        next.task.forget();
        put(std::move(next));
    }

    Status choose(const FigureChoice& choice) {
        HEADLIGHT_TRY(FigurePage page, window_page(core_.snapshot, choice.kind, choice.options));
        FigurePreviewState next = state();
        next.choice = choice;
        next.missing = what_is_missing(core_.snapshot, page);
        if (!next.missing.empty()) {
            core_.worker.drop(kind_);
            next.task.forget();
            put(std::move(next));
            return {};
        }
        start(std::move(next), std::move(page));
        return {};
    }

    Result<FigurePage> page() const {
        return window_page(core_.snapshot, state().choice.kind, state().choice.options);
    }

  private:
    void start(FigurePreviewState next, FigurePage page) {
        const FigureChoice choice = next.choice;
        WindowFigureWork work = figure_work(core_.snapshot, std::move(page));
        const auto draw = [figures = figures_, work, choice](const LiveModel* live,
                                                             const JobContext& job) -> Result<FigurePreview> {
            HEADLIGHT_TRY(const auto made, figures->make(work, live, job));
            return draw_preview(*made, work.page, choice);
        };
        const char* const failure = "The figure could not be made";
        if (work.needs_model) {
            if (!opening_.bring_model(failure)) return put(std::move(next));
            run(std::move(next), core_.open_now(), "Drawing a preview", failure,
                [draw](const WorkerState& on_worker, const JobContext& job) {
                    return draw(&on_worker.live, job);
                });
            return;
        }
        const JobControlPtr control = next.task.start(core_.open_now());
        put(std::move(next));
        core_.pool.submit(control, [this, core = &core_, control, draw](const JobContext& job) {
            auto result = guarded([&] { return draw(nullptr, job); });
            core->mailbox.post([this, control, result = std::move(result)] {
                FigurePreviewState done = state();
                if (done.task.finish(control, result)) put(std::move(done));
            });
        });
    }

    std::shared_ptr<WindowFigures> figures_ = std::make_shared<WindowFigures>();
};

Status run_export_dialog(CommandContext& context, Arguments arguments) {
    const std::string kind = arguments.empty() ? "" : arguments[0];
    if (!kind.empty()) HEADLIGHT_CHECK(figure_kind(kind));
    open_figure_dialog(context.session, kind);
    return {};
}

}  // namespace

void open_figure_dialog(Session& session, const std::string& kind) {
    task_of<FigurePreviewPart>(session).open(kind);
}

void close_figure_dialog(Session& session) {
    task_of<FigurePreviewPart>(session).close();
}

Status choose_figure(Session& session, const FigureChoice& choice) {
    return task_of<FigurePreviewPart>(session).choose(choice);
}

Result<std::string> chosen_figure_line(Session& session, const FigureOutput& output) {
    HEADLIGHT_TRY(const FigurePage page, task_of<FigurePreviewPart>(session).page());
    return figure_command_line(page, output.path, output);
}

extern const TaskDescriptor k_task_figure_preview = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<FigurePreviewPart>(setting);
    }};

extern const CommandDescriptor k_command_export_figure_dialog = {
    .id = "export_figure_dialog",
    .label = "Export figure …",
    .help =
        "Shows the dialog that exports what the window shows as a figure for print, with a preview at print "
        "size.",
    .usage = "export_figure_dialog [KIND]",
    .shortcut = "Ctrl+E",
    .group = "File",
    .arguments = {0, 1},
    .is_enabled = [](const Snapshot& now) { return now.model || now.training; },
    .run = run_export_dialog,
};

}  // namespace headlight
