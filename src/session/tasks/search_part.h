// The part of the session that searches: for its own two files.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "session/tasks/search.h"
#include "session/tasks/task_part.h"

namespace headlight {

struct SearchWish;

/// Runs on the pool: a quick answer first, then with as many nulls as there are.
class SearchPart final : public SessionPart {
  public:
    explicit SearchPart(const TaskSetting& setting);
    /// Writes what is still to be written.
    ~SearchPart() override;

    const SearchState& state() const { return core_.snapshot.part<SearchState>(); }

    template <class Change>
    void change(const Change& what) {
        SearchState next = state();
        what(next);
        put(std::move(next));
    }
    /// Something else is looked for from now on.
    template <class Change>
    void look_for(const Change& what) {
        change(what);
        start();
    }
    void refresh();

    void drop_strangers() override;
    void cancel() override;

    /// Errors: InvalidInput (the name, a drawing that no rule says). What the disk says comes as a notice.
    Status save(const std::string& name);
    void remove(const std::string& name);
    /// Where rules are saved; empty in a session that keeps no settings.
    std::string folder() const;

  private:
    /// Saved rules and what could not be read.
    struct Saved {
        std::vector<OwnRule> rules;
        std::vector<std::string> problems;
        std::vector<Error> failures;  // of writing
    };
    using RuleWrite = std::function<Status(const std::string& folder)>;
    /// What is still to be written: a job that waits may give way to a newer one.
    class RuleWrites {
      public:
        void add(RuleWrite write) {
            const std::scoped_lock lock(mutex_);
            waiting_.push_back(std::move(write));
        }
        std::vector<RuleWrite> take() {
            const std::scoped_lock lock(mutex_);
            return std::exchange(waiting_, {});
        }
        bool is_empty() {
            const std::scoped_lock lock(mutex_);
            return waiting_.empty();
        }

      private:
        std::mutex mutex_;
        std::vector<RuleWrite> waiting_;
    };

    void put(SearchState next);
    void stop();
    void start();
    /// On the pool; nothing of `self` is touched there.
    static void search(SearchPart* self, SessionCore& core, const JobControlPtr& control,
                       const SearchWish& wish, const JobContext& job);
    static void post(SearchPart* self, SessionCore& core, const JobControlPtr& control,
                     std::shared_ptr<const PairTemplate> pairs, Result<SearchResult> result, bool is_last);
    void take(const JobControlPtr& control, std::shared_ptr<const PairTemplate> pairs,
              Result<SearchResult> result, bool is_last);
    /// On the model worker, which knows what is open. Analyses on the pool go on with the rules that they
    /// began with.
    static void add_saved(const std::string& folder, const std::string& model_path, Saved& saved);
    void change_saved(RuleWrite write);
    void take_saved(Saved saved);

    SessionCore& core_;
    Opening& opening_;
    JobKind kind_;
    std::shared_ptr<RuleWrites> writes_ = std::make_shared<RuleWrites>();
};

}  // namespace headlight
