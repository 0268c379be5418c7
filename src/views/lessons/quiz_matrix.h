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
    /// At the cursor, as high as its rows need: rows above the hidden one, which is hatched until it is
    /// revealed. `room`: height that rows may grow to.
    void draw(ViewContext& context, const QuizState& quiz, float width, float room) const;
    /// Of the revealed row; empty before.
    const std::vector<float>& revealed() const { return revealed_; }

  private:
    /// Where the cells of this frame lie.
    struct Place {
        ImVec2 top;  // of the first cell
        float cell = 1, row = 1;
        int num_rows = 0;
    };
    void draw_row(const ViewContext& context, const QuizState& quiz, const Place& place, int row) const;
    void say_cell(const ViewContext& context, const QuizState& quiz, const Place& place) const;
    float weight(const QuizState& quiz, int query, int key) const;

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
