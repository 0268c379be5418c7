// The comparison in the window: of the shown text, follows it, and goes when it is ended.
#include "session/tasks/comparison.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

ComparisonState with_text(const std::string& text) {
    ComparisonState next;
    next.with = ComparedWith::Text;
    next.other = text;
    return next;
}

const ComparisonState& state_of(const SessionFixture& f) {
    return f.now().part<ComparisonState>();
}

}  // namespace

TEST_CASE("comparison: another text beside the shown one, aligned, and begun anew for another text") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    compare_with(f.session, with_text("1 2 9 4"));
    CHECK(state_of(f).task.is_running());
    REQUIRE(f.settle());
    const auto first = state_of(f).task.value();
    REQUIRE(first);
    CHECK(first->a.text == f.now().base_text);
    CHECK(first->b.text->tokens.ids() == std::vector<std::int32_t>{1, 2, 9, 4});
    CHECK(first->alignment.queries.pairs.size() == 3);
    CHECK(first->alignment.first_changed == 2);
    CHECK(first->heads.size() == first->a.text->trace->grid().size());

    f.session.set_text("1 2 3 4 5");
    REQUIRE(f.settle());
    const auto second = state_of(f).task.value();
    REQUIRE(second);
    CHECK(second->a.text == f.now().base_text);
    CHECK(second->alignment.queries.size_a == 5);

    compare_with(f.session, {});
    CHECK(!state_of(f).task.value());
    CHECK(state_of(f).with == ComparedWith::Nothing);
}

TEST_CASE("comparison: replaced attention is what is missing, until it is there") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    ComparisonState next;
    next.with = ComparedWith::Change;
    compare_with(f.session, next);
    CHECK(!state_of(f).task.is_running());
    CHECK(!state_of(f).why_not.empty());
}

TEST_CASE("comparison: two heads of one run, and another model that is none") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    ComparisonState next;
    next.with = ComparedWith::Head;
    next.head_a = {0, 0};
    next.head_b = {1, 1};
    compare_with(f.session, next);
    REQUIRE(f.settle());
    REQUIRE(state_of(f).task.value());
    CHECK(state_of(f).task.value()->heads.size() == 1);
    CHECK(state_of(f).task.value()->by == ComparedBy::Heads);
    f.open("no_such_folder/other");  // another model: nothing of it is left
    CHECK((!state_of(f).task.value() ||
           state_of(f).task.of().fits({f.now().model->id, f.now().model->tokenizer_id})));
}
