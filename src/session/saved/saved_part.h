// The part of the session that saves it: to the file that the user chose, and by itself.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "session/saved/autosave.h"
#include "session/saved/saved_state.h"
#include "session/tasks/task_part.h"

namespace headlight {

class SavedPart final : public SessionPart {
  public:
    explicit SavedPart(const TaskSetting& setting);

    const SavedState& state() const { return core_.snapshot.part<SavedState>(); }
    /// Looks whether `now` is another than before, and keeps it if so. Once a frame.
    void note(SavedSession now);
    /// `now` is what stands there before the user did anything: it is kept when it changes.
    void take_as_beginning(SavedSession now);
    /// To that file from now on.
    void save(SavedSession now, std::string path);
    /// A session was opened; `now` is what it brought.
    void take_opened(const OpenedSession& opened, SavedSession now);

    /// Another model was opened for itself: what was saved of the one before is not of it.
    void drop_strangers() override;

  private:
    template <class Change>
    void change(const Change& what) {
        SavedState next = state();
        what(next);
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }
    bool is_own_file(const std::string& path) const {
        return autosave_ && path.starts_with(autosave_->folder() + "/");
    }
    void leave();
    void keep(const SavedSession& now);
    void keep_notes(const SavedSession& now);
    void take_saved(std::uint64_t serial, const std::string& path, const SavedSessionPtr& written,
                    Status status);

    SessionCore& core_;
    SavedSession last_;                   // as it was noted last
    SavedSessionPtr saved_;               // as it stands in SavedState::path; null: nothing does
    bool was_restored_changed_ = false;   // an autosave said that it was changed
    std::uint64_t model_id_ = 0;          // that all this is of
    std::uint64_t noted_model_id_ = 0;    // that the notes were of when they were looked at last
    Notes known_notes_;                   // on that model, whatever became of them
    std::uint64_t serial_ = 0;            // of the write whose end is awaited
    std::unique_ptr<Autosave> autosave_;  // null: nothing is saved by itself
};

/// What is open is looked at once a frame; it is on the disk half a second after it changed.
void note_session(Session& session);
/// What is open now is the beginning: it is not worth keeping before somebody changes it.
void take_as_beginning(Session& session);
/// The file of an opened session is that of the window.
void take_saved_session(Session& session, const OpenedSession& opened);

}  // namespace headlight
