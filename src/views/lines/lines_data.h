// The lines of the chosen heads as a view keeps them: one value a head, the older one while a newer is on its
// way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "views/view.h"

namespace headlight {

class LinesData {
  public:
    struct Entry {
        HeadId head;
        std::shared_ptr<const HeadLines> lines;  // null: not there yet
    };
    void update(ViewContext& context);

    const std::vector<Entry>& heads() const { return heads_; }
    const std::string& failure() const { return failure_; }
    /// Some head's lines are not there, or of another share.
    bool is_pending() const { return is_pending_; }
    double progress() const { return progress_; }
    /// Lines of all heads together.
    std::size_t num_lines() const;
    /// Changes whenever what is drawn does.
    std::uint64_t generation() const { return generation_; }
    /// Changes with the heads and the text, not with the share.
    std::uint64_t subject() const { return subject_; }
    /// Size of the largest value of all heads; 1 for shares of a row.
    float largest() const { return largest_; }

  private:
    std::vector<Entry> heads_;
    std::uint64_t shown_id_ = 0, generation_ = 0, subject_ = 0;
    std::string failure_;
    bool is_pending_ = false, is_difference_ = false;
    double progress_ = -1;
    float largest_ = 1;
};

/// A line of a row.
struct RowLine {
    int key = 0;
    float value = 0;
};
/// The lines of `query`, largest first; empty where the row rests or the lines are not there.
std::vector<RowLine> lines_of_row(const HeadLines* lines, int query);
/// The lines that arrive at `key`, with their queries in place of keys; in their order.
std::vector<RowLine> lines_to_key(const HeadLines* lines, int key);

}  // namespace headlight
