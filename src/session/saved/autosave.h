// The open session as a file that outlives a crash: one for each window, locked while that lives.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "run/saved/saved_session.h"
#include "session/delayed_writer.h"

namespace headlight {

/// What earlier windows left in the folder.
struct LeftBehind {
    std::string crashed, crashed_words;  // the newest session of a window that did not end; empty: none
    std::string last;                    // of the window that was closed last; empty: none
};

/// Name of the session in the folder that the window that was closed last leaves.
inline constexpr const char* kLastSessionName = "last.headlight";

/// Is one of them on the same head or cell?
bool has_note_on(const Notes& notes, const Note& target);

/// state_dir()/autosave.
std::string autosave_folder();

/// Files are written on a thread of its own. A window's file is PATH.headlight with a lock
/// PATH.lock that the system opens when the process ends, however it ends.
class Autosave {
  public:
    /// `on_error` is called on that thread when writing begins to fail.
    Autosave(std::string folder, std::function<void(const Error&)> on_error);
    /// The window ends: what was written last becomes the last session.
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    const std::string& folder() const { return folder_; }
    /// Makes the folder and this window's lock and looks for what others left: for a worker, which may
    /// outlive this object.
    std::function<Result<LeftBehind>()> look() const;
    /// Writes it within half a second.
    void keep(SavedSession session);
    /// The same of the notes on a model that no session was saved of; no notes take the file away. What
    /// another window wrote there meanwhile stays: notes on none of the targets that this one knew (`known`).
    void keep_notes(SavedSession notes, Notes known, const std::string& path);
    /// A copy that stays when something else is opened. Returns its path.
    std::string set_aside(SavedSession session);
    /// What a crashed window left is open now: it goes when this window's own file is there.
    void take_over(std::string path);

  private:
    struct Files;
    std::string folder_;
    std::shared_ptr<Files> files_;
    int num_set_aside_ = 0;
    std::unique_ptr<DelayedWriter> writer_;
};

}  // namespace headlight
