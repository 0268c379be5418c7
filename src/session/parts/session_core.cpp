// What all parts of a session share.
#include "session/parts/session_core.h"

#include <algorithm>
#include <ranges>

#include "base/parallel.h"

namespace headlight {
namespace {

constexpr int kNumPoolThreads = 2;
constexpr int kMostAnalysisThreads = 4;

int analysis_threads(int wanted) {
    return wanted > 0 ? wanted : std::min(kMostAnalysisThreads, default_num_threads());
}

}  // namespace

SessionCore::SessionCore(SessionOptions session_options)
    : options(std::move(session_options)),
      num_analysis_threads(analysis_threads(options.num_threads)),
      mailbox(options.wake),
      pool(kNumPoolThreads, mailbox),
      worker(mailbox) {
    if (!options.saves_settings && options.settings_path.empty()) return;
    // The one file that is read here: the window's size and theme are needed before there is anything to wait
    // for.
    const std::string path = options.settings_path.empty() ? default_settings_path() : options.settings_path;
    LoadedSettings loaded = load_settings(path);
    snapshot.settings = std::move(loaded.settings);
    snapshot.typed_text = snapshot.settings.last_text;
    if (!loaded.warning.empty()) notify(Notice::Level::Warning, std::move(loaded.warning));
    if (!options.saves_settings) return;
    settings_writer = std::make_unique<SettingsWriter>(path, [this](const Error& error) {
        mailbox.post([this, error] { notify_error("The settings could not be saved", error); });
    });
}

// Splits at the first line break: a toast shows the first line, the rest unfolds.
void SessionCore::notify(Notice notice) {
    if (const auto line_end = notice.text.find('\n'); line_end != std::string::npos) {
        const std::string rest = notice.text.substr(line_end + 1);
        notice.details = notice.details.empty() ? rest : rest + "\n" + notice.details;
        notice.text.resize(line_end);
    }
    if (notice.id == 0) notice.id = new_id();
    notices.push_back(std::move(notice));
    is_changed = true;
}

void SessionCore::notify_error(const std::string& what, const Error& error) {
    notify(Notice::Level::Error, what + ": " + error.to_string());
}

void SessionCore::job_failed(const std::string& title, const Error& error) {
    failure = JobStatus{JobStatus::State::Failed, title, error.message.substr(0, error.message.find('\n')),
                        -1, false};
    notify_error(title, error);
}

void SessionCore::refresh_job() {
    snapshot.job = worker.status();
    if (snapshot.job.state == JobStatus::State::Idle && failure) snapshot.job = *failure;
}

void SessionCore::settings_changed() {
    is_changed = true;
    if (settings_writer) settings_writer->schedule(snapshot.settings);
}

void SessionCore::drop_strangers() {
    for (SessionPart* part : parts)
        part->drop_strangers();
}

// What depends on something else is cancelled before it.
void SessionCore::cancel() {
    for (SessionPart* part : parts | std::views::reverse)
        part->cancel();
    worker.drop_all();
    is_changed = true;
}

Belonging SessionCore::open_now() const {
    const ModelInfo* model = snapshot.model.get();
    return model ? Belonging{model->id, model->tokenizer_id} : Belonging{};
}

std::optional<Error> SessionCore::why_one_text_only(const char* what) const {
    if (!snapshot.has_decoder()) return std::nullopt;
    return make_error(ErrorKind::Unsupported,
                      "{} is measured in models that read one text; {} has an encoder and a decoder", what,
                      snapshot.model ? snapshot.model->spec.name : std::string("this model"));
}

}  // namespace headlight
