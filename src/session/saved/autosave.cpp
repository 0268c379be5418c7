#include "session/saved/autosave.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <random>
#include <vector>

#include "base/paths.h"
#include "io/identify_path.h"
#include "run/saved/session_file.h"

namespace headlight {

/// An open lock file; -1: there is none.
class SessionLock {
  public:
    SessionLock() = default;
    ~SessionLock() { release(); }
    SessionLock(const SessionLock&) = delete;
    SessionLock& operator=(const SessionLock&) = delete;

    /// False: another process holds it, or it cannot be made.
    bool take(const std::string& path, int flags) {
        release();
        descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
        if (descriptor_ < 0) return false;
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
        release();
        return false;
    }
    void release() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

  private:
    int descriptor_ = -1;
};

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWindowPrefix = "window-", kKeptPrefix = "kept-", kLockEnding = ".lock";
constexpr std::size_t kMostKept = 20;              // of what crashed windows left and of set-aside copies
constexpr std::time_t kLockMayBeNewSeconds = 600;  // its window may be about to take it

std::time_t changed_at(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mtime : 0;
}

std::string with_ending(const std::string& path, std::string_view ending) {
    return path.substr(0, path.rfind('.')) + std::string(ending);
}

/// Files of the folder whose names begin so, newest first.
std::vector<std::string> files_of(const std::string& folder, std::string_view prefix,
                                  std::string_view ending) {
    std::vector<std::pair<std::time_t, std::string>> found;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code); !code && entry != fs::directory_iterator();
         entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(ending))
            found.emplace_back(changed_at(entry->path().string()), entry->path().string());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> out;
    for (auto& [time, path] : found)
        out.push_back(std::move(path));
    return out;
}

std::string when_words(std::time_t time) {
    std::tm local{};
    localtime_r(&time, &local);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                       local.tm_hour, local.tm_min);
}

/// "SmolLM2 · The cat sat (2026-11-30 22:14)"; empty: it cannot be read, so it is not offered.
std::string words_of_session(const std::string& path) {
    constexpr std::size_t kMostTextLetters = 60;
    const auto session = read_session(path);
    if (!session) return {};
    std::string text = session->text.substr(0, session->text.find('\n'));
    if (text.size() > kMostTextLetters) {
        std::size_t end = kMostTextLetters;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            --end;
        text = text.substr(0, end) + "…";
    }
    return fmt::format("{}{}{} ({})", session->model_name, text.empty() ? "" : " · ", text,
                       when_words(changed_at(path)));
}

}  // namespace

bool has_note_on(const Notes& notes, const Note& target) {
    return std::any_of(notes.begin(), notes.end(),
                       [&](const Note& other) { return other.has_target_of(target); });
}

std::string autosave_folder() {
    return state_dir() + "/autosave";
}

struct Autosave::Files {
    std::mutex mutex;         // of all that is here
    std::string folder, own;  // own: path of this window's file
    SessionLock lock;
    bool has_lock = false, is_over = false;
    std::vector<std::string> taken_over;  // go when the own file is written
    std::string offered;

    Status begin() {
        if (has_lock) return {};
        if (is_over) return fail(ErrorKind::Cancelled, "the window has ended");
        std::error_code code;
        fs::create_directories(folder, code);
        fs::permissions(folder, fs::perms::owner_all, code);
        std::random_device random;
        own = fmt::format("{}/{}{}-{:08x}{}", folder, kWindowPrefix, ::getpid(), random(), kSessionEnding);
        has_lock = lock.take(with_ending(own, kLockEnding), O_CREAT);
        if (has_lock) return {};
        return fail(
            make_error(ErrorKind::Internal,
                       "what is open is not saved by itself: no lock can be made in this folder; see whether "
                       "it can be written to")
                .in_file(folder));
    }

    /// Files of windows that are gone, and only those.
    LeftBehind look() {
        LeftBehind out;
        remove_stale_locks();
        for (const std::string& path : files_of(folder, kWindowPrefix, kSessionEnding)) {
            if (path == own || !is_left(path)) continue;
            std::string words = out.crashed.empty() ? words_of_session(path) : std::string();
            if (words.empty()) continue;
            out.crashed = offered = path;
            out.crashed_words = std::move(words);
        }
        const std::string last = folder + "/" + kLastSessionName;
        std::error_code code;
        if (fs::exists(last, code)) out.last = last;
        return out;
    }

    bool is_left(const std::string& path) const {
        const std::string lock_path = with_ending(path, kLockEnding);
        std::error_code code;
        if (!fs::exists(lock_path, code)) return true;
        SessionLock other;
        return other.take(lock_path, 0);
    }

    void remove_stale_locks() {
        for (const std::string& path : files_of(folder, kWindowPrefix, kLockEnding)) {
            const std::string session = with_ending(path, kSessionEnding);
            std::error_code code;
            SessionLock other;
            const bool is_new = std::time(nullptr) - changed_at(path) < kLockMayBeNewSeconds;
            if (session != own && !is_new && !fs::exists(session, code) && other.take(path, 0))
                ::unlink(path.c_str());
        }
    }

    Status write(const SavedSession& session) {
        const std::lock_guard guard(mutex);
        HEADLIGHT_CHECK(begin());
        HEADLIGHT_CHECK(write_session(session, own));
        for (const std::string& path : std::exchange(taken_over, {}))
            remove_left(path);
        return {};
    }

    void remove_left(const std::string& path) {
        ::unlink(path.c_str());
        ::unlink(with_ending(path, kLockEnding).c_str());
        if (path == offered) offered.clear();
    }

    /// What was offered and not taken stays, and is offered no more.
    void end() {
        const std::lock_guard guard(mutex);
        is_over = true;
        std::error_code code;
        if (!offered.empty()) {
            fs::rename(offered,
                       fmt::format("{}/{}{}", folder, kKeptPrefix, fs::path(offered).filename().string()),
                       code);
            ::unlink(with_ending(offered, kLockEnding).c_str());
        }
        for (std::string_view prefix : {kWindowPrefix, kKeptPrefix}) {
            const auto kept = files_of(folder, prefix, kSessionEnding);
            for (std::size_t i = kMostKept; i < kept.size(); ++i)
                if (kept[i] != own && (prefix == kKeptPrefix || is_left(kept[i]))) remove_left(kept[i]);
        }
        if (!has_lock) return;
        if (fs::exists(own, code)) fs::rename(own, folder + "/" + kLastSessionName, code);
        ::unlink(with_ending(own, kLockEnding).c_str());
        lock.release();
    }
};

Autosave::Autosave(std::string folder, std::function<void(const Error&)> on_error)
    : folder_(std::move(folder)), files_(std::make_shared<Files>()) {
    files_->folder = folder_;
    writer_ = std::make_unique<DelayedWriter>(std::move(on_error));
}

std::function<Result<LeftBehind>()> Autosave::look() const {
    return [files = files_]() -> Result<LeftBehind> {
        const std::lock_guard lock(files->mutex);
        HEADLIGHT_CHECK(files->begin());
        return files->look();
    };
}

Autosave::~Autosave() {
    writer_.reset();  // what waits is written
    files_->end();
}

void Autosave::keep(SavedSession session) {
    writer_->schedule("session",
                      [files = files_, session = std::move(session)] { return files->write(session); });
}

void Autosave::keep_notes(SavedSession notes, Notes known, const std::string& path) {
    writer_->schedule(path, [notes = std::move(notes), known = std::move(known), path]() -> Status {
        Notes all = notes.notes ? *notes.notes : Notes();
        if (const auto there = read_session(path); there && there->notes) {
            for (const Note& note : *there->notes)
                if (!has_note_on(known, note) && !has_note_on(all, note)) all.push_back(note);
        }
        if (all.empty()) {
            ::unlink(path.c_str());
            return {};
        }
        SavedSession kept = notes;
        kept.notes = std::make_shared<const Notes>(std::move(all));
        return write_session(kept, path);
    });
}

std::string Autosave::set_aside(SavedSession session) {
    const std::string path = fmt::format("{}/{}{}-{}-{}{}", folder_, kKeptPrefix, std::time(nullptr),
                                         ::getpid(), num_set_aside_++, kSessionEnding);
    writer_->schedule(path, [session = std::move(session), path] { return write_session(session, path); });
    return path;
}

void Autosave::take_over(std::string path) {
    writer_->schedule(" take over " + path, [files = files_, path]() -> Status {
        const std::lock_guard lock(files->mutex);
        files->taken_over.push_back(path);
        return {};
    });
}

}  // namespace headlight
