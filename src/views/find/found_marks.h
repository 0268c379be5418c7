// Tokens and heads that are being looked for, as every view marks them. Made anew only when something that
// it depends on is another.
#pragma once

#include <string>
#include <vector>

#include "core/head_grid.h"

namespace headlight {

struct Snapshot;
class DerivedValues;

class FoundMarks {
  public:
    /// Once a frame, before the views.
    void update(const Snapshot& now, DerivedValues& values);

    /// Ascending; of the queries of the shown text.
    const std::vector<int>& tokens() const { return tokens_; }
    bool has_token(int query) const;
    /// An expression about heads is on.
    bool has_heads() const { return has_heads_; }
    /// In the order of HeadGrid.
    const std::vector<HeadId>& heads() const { return heads_; }
    bool has_head(HeadId head) const;
    /// Of a head's picture: lower where heads are looked for and this is none of them.
    float opacity(HeadId head) const;
    bool is_pending() const { return is_pending_; }
    /// Why something that the expression names is not known; "": all is.
    const std::string& missing() const { return missing_; }

  private:
    void find_heads(const Snapshot& now, DerivedValues& values);

    std::string token_key_, head_key_;
    std::vector<int> tokens_;
    std::vector<HeadId> heads_;
    std::vector<bool> is_head_;  // [grid]
    HeadGrid grid_;
    bool has_heads_ = false, is_pending_ = false;
    std::string missing_;
};

}  // namespace headlight
