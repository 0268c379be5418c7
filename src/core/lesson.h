// A lesson as plain values: what stands in a file of assets/lessons/, or in one of the user's own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/head_id.h"

namespace headlight {

/// What the window puts a ring around.
struct LessonMark {
    enum class Kind { View, Head, Token, Key, Cell };
    Kind kind = Kind::View;
    std::string view;          // View: its id
    HeadId head;               // Head
    int query = -1, key = -1;  // Token: query; Key: key; Cell: both
    bool operator==(const LessonMark&) const = default;
};

/// A command or a claim as it was written.
struct LessonLine {
    std::string words;
    int line = 0;  // 1-based, in the file
};

struct LessonQuestion {
    /// How it is answered: typed, or by what is chosen in the window.
    enum class Kind { Number, Head, Token, Key, Choice };
    std::string text;
    Kind kind = Kind::Number;
    std::string answer;  // behind the kind: "4", "argmax 1.5 12", "metric 0.2 previous_mass within 0.05"
    std::vector<std::string> choices;  // of Choice
    std::string right, hint;           // said after a right and a wrong answer; may be empty
    int line = 0;
};

struct LessonStep {
    std::string title;
    std::vector<std::string> paragraphs;
    std::vector<LessonLine> scene;  // commands that set it
    std::vector<LessonMark> marks;
    std::vector<LessonLine> claims;  // statements about the numbers that it shows
    std::optional<LessonQuestion> question;
    int line = 0;  // of its heading
};

struct Lesson {
    std::string id, title, summary;
    std::string model = "demo";  // "demo": the bundled one; "any": the one that is open; or a path
    int minutes = 0;
    std::vector<LessonLine> scene;  // of every step, before its own
    std::vector<LessonStep> steps;  // at least one
    std::string source;             // the file; empty: it comes with the program
};

}  // namespace headlight
