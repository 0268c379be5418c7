#include "views/find/find_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/snapshot.h"
#include "ui/kit.h"

namespace headlight {
namespace {

constexpr float kFindWidthDp = 480;
constexpr ui::FindBar::Mode kFindModes[] = {
    {"tokens##find_in_text", "Words, or id:123", "Tokens of the text in which the words begin"},
    {"heads##find_in_heads", "induction and layer < 8 and entropy < 1",
     "Heads by tags, metrics, layer and head, joined by and, or, not"}};

FindTarget target_of(int mode) {
    return mode == 1 ? FindTarget::Heads : FindTarget::Tokens;
}

template <class T>
std::string count_words(const std::vector<T>& found, const T& chosen) {
    const auto at = std::lower_bound(found.begin(), found.end(), chosen);
    if (found.empty()) return "not there";
    if (at != found.end() && *at == chosen)
        return fmt::format("{} of {}", at - found.begin() + 1, found.size());
    return fmt::format("{} there", found.size());
}

}  // namespace

std::string found_count(const Snapshot& now, const FoundMarks& found, FindTarget target) {
    if (target == FindTarget::Heads) {
        if (!found.has_heads()) return {};
        return found.is_pending() ? "computing …" : count_words(found.heads(), now.selection.head);
    }
    return now.part<FindState>().words.empty() ? "" : count_words(found.tokens(), now.selection.query);
}

FindLine::FindLine() : bar_(kFindModes) {}

void FindLine::open(FindTarget target, const Snapshot& now) {
    const FindState& state = now.part<FindState>();
    if (state.heads) bar_.set_words(1, state.heads->text());
    if (!state.words.empty()) bar_.set_words(0, state.words);
    bar_.open(target == FindTarget::Heads ? 1 : 0);
}

/// Words that are an expression at last are looked for; until then the marks stay as they were.
void FindLine::take_typed(Actions& actions) {
    problem_.clear();
    if (target_of(bar_.mode()) == FindTarget::Tokens)
        return actions.run("find_token", {bar_.words(), "here"});
    if (!bar_.words().empty()) {
        if (const auto query = HeadQuery::parse(bar_.words()); !query) {
            problem_ = query.error().message;
            return;
        }
    }
    actions.run("find_heads", {bar_.words()});
}

void FindLine::draw(const Snapshot& now, const FoundMarks& found, const LayoutRect& middle,
                    Actions& actions) {
    if (!bar_.is_open() || !now.text) return;
    const ImVec2 corner{middle.right() - ui::px(8), middle.y + ui::px(8)};
    const FindTarget target = target_of(bar_.mode());
    const std::string count = found_count(now, found, target);
    if (count != count_) ui::request_redraw();
    count_ = count;
    const std::string problem = problem_.empty() && target == FindTarget::Heads ? found.missing() : problem_;
    const float width = std::min(ui::px(kFindWidthDp), middle.width - ui::px(16));
    switch (bar_.draw(corner, width, count_, problem)) {
        case ui::FindBar::Event::None:
            return;
        case ui::FindBar::Event::Changed:
            return take_typed(actions);
        case ui::FindBar::Event::Next:
            return actions.run("find_next");
        case ui::FindBar::Event::Previous:
            return actions.run("find_previous");
        case ui::FindBar::Event::Closed:
            problem_.clear();
            return actions.run("clear_find");
    }
}

}  // namespace headlight
