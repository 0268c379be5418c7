// Figures to files, one after the other: none of a script's is lost.
#include "session/tasks/figures/figure_export.h"

#include <deque>

#include "session/command_arguments.h"
#include "session/tasks/figures/window_figures.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

struct FigureFileWish {
    WindowFigureWork work;
    FigureOutput output;
    std::uint64_t model_id = 0;
};

Status write_wish(WindowFigures& figures, const FigureFileWish& wish, const LiveModel* live,
                  const JobContext& job) {
    HEADLIGHT_TRY(const auto made, figures.make(wish.work, live, job));
    return write_figure_file(*made, wish.work.page.shared, wish.output);
}

class FigureExportPart final : public SessionPart {
  public:
    explicit FigureExportPart(const TaskSetting& setting)
        : core_(setting.core), opening_(setting.opening), kind_(setting.kind) {}

    Status add(FigurePage page, FigureOutput output) {
        if (const std::string missing = what_is_missing(core_.snapshot, page); !missing.empty())
            return fail(ErrorKind::Missing, "{}", missing);
        FigureFileWish wish{figure_work(core_.snapshot, std::move(page)), std::move(output),
                            core_.open_now().model_id};
        if (wish.work.needs_model && !opening_.bring_model(kFailure)) return {};
        waiting_.push_back(std::move(wish));
        tell();
        if (waiting_.size() == 1) start();
        return {};
    }

    void drop_strangers() override {
        const std::uint64_t open = core_.open_now().model_id;
        bool is_first = false;
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            if (!waiting_[i].work.needs_model || waiting_[i].model_id == open) continue;
            core_.notify(Notice::Level::Warning, fmt::format("{} was not written: another model was opened",
                                                             waiting_[i].output.path));
            is_first |= i == 0;
        }
        const std::size_t before = waiting_.size();
        std::erase_if(waiting_, [&](const FigureFileWish& wish) {
            return wish.work.needs_model && wish.model_id != open;
        });
        if (waiting_.size() == before) return;
        core_.worker.drop(kind_);
        tell();
        if (is_first && !waiting_.empty()) start();
    }
    void cancel() override {
        waiting_.clear();
        ++run_;
        tell();
    }

  private:
    static constexpr const char* kFailure = "The figure was not written";

    void start() {
        const FigureFileWish wish = waiting_.front();
        const std::uint64_t run = ++run_;
        const auto done = [this, run](const Status& status) {
            if (run == run_) finish(status);
        };
        if (wish.work.needs_model) {
            core_.on_model(
                kind_, "Writing " + wish.output.path, wish.model_id,
                [figures = figures_, wish](const WorkerState& on_worker, const JobContext& job) {
                    return write_wish(*figures, wish, &on_worker.live, job);
                },
                done);
            return;
        }
        core_.pool.submit(std::make_shared<JobControl>(),
                          [core = &core_, figures = figures_, wish, done](const JobContext& job) {
                              auto status = guarded([&] { return write_wish(*figures, wish, nullptr, job); });
                              core->mailbox.post([done, status] { done(status); });
                          });
    }

    void finish(const Status& status) {
        const std::string path = waiting_.front().output.path;
        waiting_.pop_front();
        FigureExportState next = core_.snapshot.part<FigureExportState>();
        next.error = status ? std::string() : status.error().message;
        if (status) {
            next.written = path;
            core_.notify(Notice::Level::Info, "Figure: " + path);
        } else if (status.error().kind != ErrorKind::Cancelled) {
            core_.job_failed(kFailure, status.error());
        }
        core_.snapshot.parts.put(std::move(next));
        tell();
        if (!waiting_.empty()) start();
    }

    void tell() {
        FigureExportState next = core_.snapshot.part<FigureExportState>();
        next.num_waiting = static_cast<int>(waiting_.size());
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }

    SessionCore& core_;
    Opening& opening_;
    JobKind kind_;
    std::deque<FigureFileWish> waiting_;  // the first is being written
    std::uint64_t run_ = 0;               // of the one that is; others have been given up
    std::shared_ptr<WindowFigures> figures_ = std::make_shared<WindowFigures>();
};

Status run_export_figure(CommandContext& context, Arguments arguments) {
    FigureOutput output;
    output.path = with_home(arguments[1]);
    std::vector<std::string> words, panels;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        if (arguments[i] == "--no-recipe") {
            output.has_recipe = false;
        } else if (arguments[i] == "--tex") {
            output.has_tex = true;
        } else if (arguments[i] == "--panel" && i + 1 < arguments.size()) {
            panels.push_back(arguments[++i]);
        } else {
            words.push_back(arguments[i]);
        }
    }
    HEADLIGHT_TRY(const FieldWords options, parse_options(words));
    HEADLIGHT_TRY(FigurePage page, window_page(context.session.snapshot(), arguments[0], options, panels));
    HEADLIGHT_CHECK(check_output(page.shared, output));
    return task_of<FigureExportPart>(context.session).add(std::move(page), std::move(output));
}

}  // namespace

extern const TaskDescriptor k_task_figure_export = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<FigureExportPart>(setting);
    }};

extern const CommandDescriptor k_command_export_figure = {
    .id = "export_figure",
    .label = "Export figure",
    .help =
        "Writes what the window shows as a figure of that kind; options as of headlight figure, over what is "
        "shown: export_figure heatmap head.pdf --column 1 --no-title.",
    .usage =
        "export_figure KIND PATH [--layer L] [--column 1] [--no-recipe] [--tex] [--panel \"KIND ...\"] [...]",
    .group = "File",
    .needs_arguments = true,
    .arguments = {2, kAnyNumber},
    .run = run_export_figure,
};

}  // namespace headlight
