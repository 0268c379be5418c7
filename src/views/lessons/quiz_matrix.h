// The rows of a head that a quiz shows: those before the hidden one, which is not even asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "session/tasks/quiz.h"
#include "views/view.h"

namespace headlight {

/// Kept between frames; read again when the question is another, or revealed.
class QuizMatrix {
  public:
    void update(const ViewContext& context, const QuizState& quiz);
    /// In a rectangle at the cursor: rows above the hidden one, which is hatched until it is revealed.
    void draw(ViewContext& context, const QuizState& quiz, ImVec2 size) const;
    /// Height that gives cells which can be seen, pixels.
    float height() const;
    /// Of the revealed row; empty before.
    const std::vector<float>& revealed() const { return revealed_; }

  private:
    std::uint64_t text_id_ = 0;
    int number_ = -1;
    QuizKind kind_ = QuizKind::NextToken;
    bool is_revealed_ = false;
    int first_ = 0, num_keys_ = 0;  // the first row that is shown; keys up to the query's last
    std::vector<float> rows_;       // [rows before the query, num_keys of the trace]
    std::vector<float> revealed_;
    std::size_t stride_ = 0;
};

}  // namespace headlight
