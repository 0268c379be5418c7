// Files of lessons.
#include "io/lessons/read_lesson.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/mapped_file.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::size_t kMostLessonFiles = 100;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> lesson_words(std::string_view text) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto first = text.find_first_not_of(" \t", at);
        if (first == std::string_view::npos) break;
        const auto end = std::min(text.find_first_of(" \t", first), text.size());
        out.push_back(text.substr(first, end - first));
        at = end;
    }
    return out;
}

std::optional<int> small_number(std::string_view word) {
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > 1'000'000)
        return std::nullopt;
    return value;
}

bool is_lesson_id(std::string_view word) {
    constexpr std::size_t kMostIdBytes = 64;
    return !word.empty() && word.size() <= kMostIdBytes &&
           word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

/// "1.5", or "1 5" as the two words of a command.
std::optional<HeadId> head_of_words(std::span<const std::string_view> words) {
    if (words.size() == 1) {
        const auto dot = words[0].find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const auto layer = small_number(words[0].substr(0, dot)),
                   head = small_number(words[0].substr(dot + 1));
        return layer && head ? std::optional(HeadId{*layer, *head}) : std::nullopt;
    }
    if (words.size() != 2) return std::nullopt;
    const auto layer = small_number(words[0]), head = small_number(words[1]);
    return layer && head ? std::optional(HeadId{*layer, *head}) : std::nullopt;
}

std::optional<LessonMark> mark_of(std::string_view text) {
    const auto words = lesson_words(text);
    if (words.size() < 2) return std::nullopt;
    const std::span<const std::string_view> rest = std::span(words).subspan(1);
    LessonMark mark;
    if (words[0] == "view" && rest.size() == 1 && is_lesson_id(rest[0])) {
        mark.view = rest[0];
        return mark;
    }
    if (words[0] == "head") {
        const auto head = head_of_words(rest);
        if (!head) return std::nullopt;
        mark.kind = LessonMark::Kind::Head;
        mark.head = *head;
        return mark;
    }
    const auto first = small_number(rest[0]);
    if (!first) return std::nullopt;
    if (words[0] == "cell" && rest.size() == 2) {
        const auto second = small_number(rest[1]);
        if (!second) return std::nullopt;
        mark.kind = LessonMark::Kind::Cell;
        mark.query = *first;
        mark.key = *second;
        return mark;
    }
    if (rest.size() != 1) return std::nullopt;
    if (words[0] == "token") {
        mark.kind = LessonMark::Kind::Token;
        mark.query = *first;
        return mark;
    }
    if (words[0] != "key") return std::nullopt;
    mark.kind = LessonMark::Kind::Key;
    mark.key = *first;
    return mark;
}

std::optional<LessonQuestion::Kind> answer_kind(std::string_view word) {
    using Kind = LessonQuestion::Kind;
    constexpr std::pair<std::string_view, Kind> kKinds[] = {{"number", Kind::Number},
                                                            {"head", Kind::Head},
                                                            {"token", Kind::Token},
                                                            {"key", Kind::Key},
                                                            {"choice", Kind::Choice}};
    for (const auto& [name, kind] : kKinds) {
        if (word == name) return kind;
    }
    return std::nullopt;
}

class LessonReader {
  public:
    LessonReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    Result<Lesson> read();

  private:
    template <class... Values>
    tl::unexpected<Error> refuse(fmt::format_string<Values...> pattern, Values&&... values) const {
        const std::string what = fmt::format(pattern, std::forward<Values>(values)...);
        return fail(make_error(ErrorKind::Corrupt, "{}, line {}: {}", name_, number_, what).in_file(name_));
    }
    bool next_line();
    Status read_front();
    Status take_front(std::string_view key, std::string_view value);
    Status take_line();
    Status take_entry(std::string_view key, std::string_view value);
    Status take_words(std::string_view text);
    Status take_question_part(std::string_view key, std::string_view value);
    Status add(std::vector<LessonLine>& lines, std::string_view words, const char* what);
    Status begin_step(std::string_view title);
    Status end_step();
    std::vector<LessonLine>& scene() { return has_step() ? step().scene : lesson_.scene; }
    bool has_step() const { return !lesson_.steps.empty(); }
    LessonStep& step() { return lesson_.steps.back(); }

    std::string_view text_;  // what is left
    const std::string& name_;
    Lesson lesson_;
    std::string_view line_;
    int number_ = 0;
    bool is_in_scene_ = false, is_in_paragraph_ = false, has_kind_ = false;
    int scene_line_ = 0;
    std::size_t step_bytes_ = 0;
};

bool LessonReader::next_line() {
    if (text_.empty()) return false;
    const auto end = std::min(text_.find('\n'), text_.size());
    line_ = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    ++number_;
    return true;
}

Result<Lesson> LessonReader::read() {
    lesson_.source = name_;
    HEADLIGHT_CHECK(read_front());
    while (next_line())
        HEADLIGHT_CHECK(take_line());
    if (is_in_scene_)
        return refuse("the block of commands that begins in line {} is not closed by ```", scene_line_);
    if (!has_step()) return refuse("there is no step; each begins with a line such as “## What to see”");
    HEADLIGHT_CHECK(end_step());
    return std::move(lesson_);
}

Status LessonReader::read_front() {
    if (!next_line() || trimmed(line_) != "---")
        return refuse("a lesson begins with a line “---”, then “id: ...”, “title: ...”, “---”");
    while (next_line()) {
        const std::string_view line = trimmed(line_);
        if (line == "---") {
            if (lesson_.id.empty() || lesson_.title.empty())
                return refuse("a lesson needs “id: ...” and “title: ...” between the lines “---”");
            return {};
        }
        if (line.empty()) continue;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || line_.size() > kMostLessonLineBytes)
            return refuse("expected “key: value” or “---”, found “{}”", line.substr(0, 60));
        HEADLIGHT_CHECK(take_front(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))));
    }
    return refuse("the front matter is not closed by a line “---”");
}

Status LessonReader::take_front(std::string_view key, std::string_view value) {
    if (value.empty()) return refuse("“{}” has no value", key.substr(0, 60));
    if (key == "id") {
        if (!is_lesson_id(value)) return refuse("an id is made of a-z, 0-9, - and _, at most 64 of them");
        lesson_.id = value;
    } else if (key == "title") {
        lesson_.title = value;
    } else if (key == "summary") {
        lesson_.summary = value;
    } else if (key == "model") {
        lesson_.model = value;
    } else if (key == "minutes") {
        const auto minutes = small_number(value);
        if (!minutes || *minutes < 1 || *minutes > 600)
            return refuse("minutes are a whole number from 1 to 600, found “{}”", value.substr(0, 60));
        lesson_.minutes = *minutes;
    } else {
        return refuse("“{}” is not known; there are id, title, summary, minutes, model", key.substr(0, 60));
    }
    return {};
}

Status LessonReader::add(std::vector<LessonLine>& lines, std::string_view words, const char* what) {
    if (lines.size() >= kMostLessonLines)
        return refuse("more than {} {} in one step", kMostLessonLines, what);
    lines.push_back({std::string(words), number_});
    return {};
}

Status LessonReader::begin_step(std::string_view title) {
    if (has_step()) HEADLIGHT_CHECK(end_step());
    if (title.empty()) return refuse("a step needs a heading behind “##”");
    if (lesson_.steps.size() >= kMostLessonSteps) return refuse("more than {} steps", kMostLessonSteps);
    LessonStep next;
    next.title = title;
    next.line = number_;
    lesson_.steps.push_back(std::move(next));
    step_bytes_ = title.size();
    is_in_paragraph_ = has_kind_ = false;
    return {};
}

Status LessonReader::end_step() {
    if (step().paragraphs.empty()) return refuse("the step “{}” says nothing", step().title.substr(0, 60));
    if (!step().question) return {};
    const LessonQuestion& question = *step().question;
    if (!has_kind_) return refuse("the question of line {} has no “answer: ...”", question.line);
    const bool is_choice = question.kind == LessonQuestion::Kind::Choice;
    if (is_choice != !question.choices.empty())
        return refuse("“choice: ...” and “answer: choice N” belong together (question of line {})",
                      question.line);
    if (!is_choice) return {};
    const auto number = small_number(question.answer);
    if (!number || *number < 1 || *number > static_cast<int>(question.choices.size()))
        return refuse("“answer: choice N” names one of the {} choices (question of line {})",
                      question.choices.size(), question.line);
    return {};
}

Status LessonReader::take_line() {
    if (line_.size() > kMostLessonLineBytes)
        return refuse("the line has {} bytes; at most {} are read", line_.size(), kMostLessonLineBytes);
    const std::string_view line = trimmed(line_);
    if (line.starts_with("```")) {
        if (!is_in_scene_ && line != "```scene")
            return refuse("a block of commands begins with “```scene”, found “{}”", line.substr(0, 60));
        is_in_scene_ = !is_in_scene_;
        scene_line_ = number_;
        is_in_paragraph_ = false;
        return {};
    }
    if (is_in_scene_)
        return line.empty() || line.starts_with('#') ? Status{} : add(scene(), line, "commands");
    if (line.empty()) {
        is_in_paragraph_ = false;
        return {};
    }
    if (line.starts_with("## ") || line == "##") return begin_step(trimmed(line.substr(2)));
    if (!has_step()) return refuse("expected a step (“## ...”), found “{}”", line.substr(0, 60));
    for (const std::string_view key : {"look at", "claim", "question", "choice", "answer", "right", "hint"}) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
        is_in_paragraph_ = false;
        return take_entry(key, trimmed(line.substr(key.size() + 1)));
    }
    return take_words(line);
}

Status LessonReader::take_words(std::string_view text) {
    step_bytes_ += text.size();
    if (step_bytes_ > kMostStepBytes) return refuse("more than {} bytes of text in one step", kMostStepBytes);
    if (is_in_paragraph_) {
        step().paragraphs.back() += " " + std::string(text);
    } else {
        step().paragraphs.emplace_back(text);
    }
    is_in_paragraph_ = true;
    return {};
}

Status LessonReader::take_entry(std::string_view key, std::string_view value) {
    if (value.empty()) return refuse("“{}:” says nothing", key);
    if (key == "claim") return add(step().claims, value, "claims");
    if (key != "look at") return take_question_part(key, value);
    if (step().marks.size() >= kMostLessonLines)
        return refuse("more than {} marks in one step", kMostLessonLines);
    const auto mark = mark_of(value);
    if (!mark)
        return refuse(
            "“look at:” reads view ID, head LAYER HEAD, token N, key N or cell QUERY KEY; found “{}”",
            value.substr(0, 60));
    step().marks.push_back(*mark);
    return {};
}

Status LessonReader::take_question_part(std::string_view key, std::string_view value) {
    step_bytes_ += value.size();
    if (step_bytes_ > kMostStepBytes) return refuse("more than {} bytes of text in one step", kMostStepBytes);
    if (key == "question") {
        if (step().question) return refuse("a step asks one question");
        step().question.emplace();
        step().question->text = value;
        step().question->line = number_;
        return {};
    }
    if (!step().question) return refuse("“{}:” stands behind “question:”", key);
    LessonQuestion& question = *step().question;
    if (key == "choice") {
        if (question.choices.size() >= kMostLessonChoices)
            return refuse("more than {} choices", kMostLessonChoices);
        question.choices.emplace_back(value);
    } else if (key == "right") {
        question.right = value;
    } else if (key == "hint") {
        question.hint = value;
    } else {
        const auto space = std::min(value.find(' '), value.size());
        const auto kind = answer_kind(value.substr(0, space));
        if (!kind || has_kind_)
            return refuse(
                "one answer: “number”, “head”, “token”, “key” or “choice” and what it is; found “{}”",
                value.substr(0, 60));
        question.kind = *kind;
        question.answer = trimmed(value.substr(space));
        has_kind_ = true;
        if (question.answer.empty()) return refuse("the answer says only its kind");
    }
    return {};
}

}  // namespace

Result<Lesson> parse_lesson(const std::string& text, const std::string& name) {
    const auto refuse = [&](std::string what) {
        return fail(make_error(ErrorKind::Corrupt, "{}: {}", name, what).in_file(name));
    };
    if (text.size() > kMostLessonBytes)
        return refuse(
            fmt::format("a lesson has at most {} bytes, this has {}", kMostLessonBytes, text.size()));
    if (const auto valid = utf8::valid_prefix(text); valid < text.size())
        return refuse(fmt::format("byte {} is no UTF-8; save the lesson as UTF-8", valid));
    const auto is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
    };
    if (const auto found = std::find_if(text.begin(), text.end(), is_control); found != text.end())
        return refuse(fmt::format("byte {} is a control character", found - text.begin()));
    return LessonReader(text, name).read();
}

Result<std::vector<Lesson>> read_lessons(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code code;
    std::vector<std::string> files;
    const bool is_folder = fs::is_directory(path, code);
    if (!is_folder) files.push_back(path);
    if (is_folder) {
        for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
            if (it->path().extension() == ".md") files.push_back(it->path().string());
        }
        std::sort(files.begin(), files.end());
        files.resize(std::min(files.size(), kMostLessonFiles));
    }
    std::vector<Lesson> out;
    for (const std::string& file : files) {
        HEADLIGHT_TRY(const std::string text, read_text_file(file, kMostLessonBytes));
        if (is_folder && !text.starts_with("---")) continue;  // a page about them
        HEADLIGHT_TRY(Lesson lesson, parse_lesson(text, file));
        out.push_back(std::move(lesson));
    }
    if (out.empty())
        return fail(make_error(ErrorKind::Missing,
                               "reading lessons: the folder holds no file *.md that begins with “---”")
                        .in_file(path));
    return out;
}

}  // namespace headlight
