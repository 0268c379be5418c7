// Opening: models, stored traces, what lies beside them, and another tokenizer for the model that is open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "session/parts/session_core.h"

namespace headlight {

class Ablation;
class Choice;
class FilesBeside;
class TextRuns;

class Opening final : public SessionPart {
  public:
    Opening(SessionCore& core, Choice& choice, TextRuns& text, Ablation& ablation, FilesBeside& files)
        : core_(core), choice_(choice), text_(text), ablation_(ablation), files_(files) {}

    /// `is_user_choice`: it goes into the recent paths.
    void open(OpenRequest request, bool is_user_choice);
    /// Tries again to load the model of the stored trace, though it failed before.
    void make_live();
    void use_tokenizer(const std::string& file);
    /// ModelInfo::runs_beyond of the open model; its text runs again.
    void set_runs_beyond(bool runs_beyond);
    /// The shown text once more, where a model can run it: something that its analysis depends on changed.
    void run_text_again();

    /// Loads the model of the stored trace that is shown. False when that is impossible or failed before.
    bool request_live();
    /// Nullopt when the model is live or will be soon.
    std::optional<Error> why_not_live() const;
    /// Asks for the model and says in a notice why it cannot be had; `what` was attempted. False: it cannot.
    bool bring_model(const std::string& what);
    /// Nullopt where texts can be run, or may be when what is being opened is there.
    std::optional<Error> why_no_text_runs() const;

    /// An open or load is under way.
    bool is_pending() const { return pending_ != 0; }
    /// From which the model can be made live; empty: it cannot.
    const std::string& model_path() const { return model_path_; }
    /// Of the open model, for its weights only; null: it is not live.
    const std::shared_ptr<ModelRunner>& runner() const { return runner_; }
    /// Why the model of the stored trace could not be loaded.
    const std::optional<Error>& live_error() const { return live_error_; }

    void cancel() override { pending_ = 0; }

  private:
    /// What takes the place of the open model.
    struct NewModel {
        std::shared_ptr<const ModelInfo> info;
        std::shared_ptr<ModelRunner> runner;  // null: a stored trace
        TextKinds text;                       // of a stored trace
        std::string model_path;               // where the model lies; empty: it cannot be loaded
        std::string warning;                  // something the user should know; empty if nothing
    };
    static std::optional<NewModel> new_model_of(const Opened& opened);

    void submit(const OpenRequest& request, std::string title, std::function<void(Result<Opened>)> take);
    void take_opened(Result<Opened> result, const std::string& title, const std::string& asked,
                     bool is_user_choice);
    void run_waiting_text();
    void take_left_session(const LeftSession& left, const std::string& path, const std::string& title);
    void take_new_model(NewModel opened);
    NotesPtr notes_on_model(const NotesPtr& read) const;
    void take_live(Result<Opened> result, const std::string& title);
    void take_tokenizer(std::uint64_t serial, Result<std::shared_ptr<const ModelInfo>> result);
    void add_recent(const std::string& path);
    void keep_device(const std::string& device);
    void dispose(std::shared_ptr<const void> value);

    SessionCore& core_;
    Choice& choice_;
    TextRuns& text_;
    Ablation& ablation_;
    FilesBeside& files_;

    std::string model_path_;
    std::shared_ptr<ModelRunner> runner_;
    std::uint64_t pending_ = 0;        // the open or load whose result has not arrived; 0: none
    std::optional<Error> live_error_;  // it is not tried again at each key press
};

}  // namespace headlight
