// Finding tokens and heads, walking through them, the table of heads as a file; dilution as a task.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "session/find/token_search.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/tasks/dilution.h"
#include "session/tasks/find.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct FindFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};
    Status run(const std::string& id, const std::vector<std::string>& arguments = {}) {
        return run_command(context, {id, arguments});
    }
};

TokenizedText text_of(const std::vector<std::string>& pieces) {
    TokenizedText text;
    for (const std::string& piece : pieces) {
        Token token;
        token.id = static_cast<std::int32_t>(text.tokens.size()) + 100;
        token.display = token.piece = piece;
        token.byte_begin = text.text.size();
        text.text += piece;
        token.byte_end = text.text.size();
        text.tokens.push_back(token);
    }
    return text;
}

}  // namespace

TEST_CASE("find: capitals count where there are any; ids are found by number") {
    const TokenizedText text = text_of({"The", " cat", " The", " the", " id:104"});
    CHECK(find_tokens(text, "the") == std::vector<int>{0, 2, 3});
    CHECK(find_tokens(text, "The") == std::vector<int>{0, 2});
    CHECK(find_tokens(text, "tHe").empty());
    CHECK(find_tokens(text, "id:103") == std::vector<int>{3});
    CHECK(find_tokens(text, "id:7").empty());
    CHECK(find_tokens(text, "id:") == std::vector<int>{4});
}

TEST_CASE("find: heads are marked, walked through around the end, and cleared") {
    FindFixture f;
    CHECK_FALSE(f.run("find_next"));  // no text
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    CHECK_FALSE(f.run("find_heads", {"layr < 1"}));
    CHECK_FALSE(f.now().part<FindState>().heads);
    REQUIRE(f.run("find_heads", {"head", ">", "0"}));  // words are joined
    f.session.select({0, 0});
    REQUIRE(f.run("find_next"));
    CHECK(f.now().selection.head == HeadId{0, 1});
    REQUIRE(f.run("find_next"));
    const HeadId second = f.now().selection.head;
    CHECK(second > HeadId{0, 1});
    CHECK(second.head > 0);
    REQUIRE(f.run("find_previous"));
    CHECK(f.now().selection.head == HeadId{0, 1});
    REQUIRE(f.run("find_previous"));
    CHECK(f.now().selection.head.layer == f.now().text->trace->num_layers() - 1);
    REQUIRE(f.run("find_heads", {"layer > 100"}));
    CHECK_FALSE(f.run("find_next"));
    REQUIRE(f.run("clear_find"));
    CHECK_FALSE(f.now().part<FindState>().heads);
    // What was looked for last comes back with F3, as the tokens do once they are looked for.
    CHECK_FALSE(f.run("find_next"));
    REQUIRE(f.now().part<FindState>().heads);
    CHECK(f.now().part<FindState>().heads->text() == "layer > 100");
    f.session.set_query(0);
    REQUIRE(f.run("find_token", {"5", "here"}));
    CHECK(f.now().selection.query == 0);
    CHECK(marked_tokens(f.now()) == std::vector<int>{0, 2});
    REQUIRE(f.run("find_next"));
    CHECK(f.now().selection.query == 2);
    REQUIRE(f.run("find_heads"));
    CHECK(f.shell.calls.back() == "find heads");
}

TEST_CASE("find: the table of heads goes to a file, of all heads or of those that match") {
    FindFixture f;
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    const std::string path = fresh_dir("heads") + "/heads.csv";
    const auto lines = [&] {
        std::ifstream in(path);
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);)
            out.push_back(line);
        return out;
    };
    REQUIRE(f.run("save_heads", {path}));
    REQUIRE(f.settle());
    REQUIRE(lines().size() == f.now().text->trace->grid().size() + 1);
    CHECK(lines()[0].starts_with("layer,head,tags,strongest,score,lift,kappa,entropy,"));
    CHECK(lines()[1].starts_with("0,0,"));
    const auto commas = [](const std::string& line) { return std::count(line.begin(), line.end(), ','); };
    CHECK(commas(lines()[0]) == commas(lines()[1]));
    REQUIRE(f.run("find_heads", {"layer = 1 and head = 0"}));
    REQUIRE(f.run("save_heads", {path}));
    REQUIRE(f.settle());
    REQUIRE(lines().size() == 2);
    CHECK(lines()[1].starts_with("1,0,"));
    CHECK_FALSE(f.run("save_heads"));
}

TEST_CASE("dilution: contexts of every length, the target's rows, fact and filler") {
    FindFixture f;
    CHECK_FALSE(f.run("dilute", {"7 8"}));
    f.open();
    f.session.set_text("5 6 9");
    REQUIRE(f.settle());
    CHECK_FALSE(f.run("dilute"));  // no tokens are chosen
    CHECK_FALSE(f.run("dilute", {"7 8", "12,many"}));
    f.world->taken_requests();
    REQUIRE(f.run("dilute", {"7 8", "12,24", "both"}));
    CHECK(f.now().part<DilutionState>().task.is_running());
    REQUIRE(f.settle());
    const auto result = f.now().part<DilutionState>().task.value();
    REQUIRE(result);
    CHECK(result->target.ids() == std::vector<std::int32_t>{5, 6, 9});
    CHECK(result->fact.ids() == std::vector<std::int32_t>{7, 8});
    CHECK_FALSE(result->has_begin);
    REQUIRE(result->experiments.size() == 2);
    auto requests = f.world->taken_requests();
    std::erase_if(requests,
                  [](const RunRequest& request) { return request.ids.size() == 3; });  // the text's own
    REQUIRE(requests.size() == 2 * 2 * 3);
    const std::vector<std::int32_t>&first = requests[0].ids, &longer = requests[1].ids;
    REQUIRE(first.size() == 12);
    REQUIRE(longer.size() == 24);
    // The filler's first token, the fact, filler, the target; short and long share their beginning.
    CHECK(std::vector<std::int32_t>(first.begin() + 1, first.begin() + 3) == std::vector<std::int32_t>{7, 8});
    CHECK(std::vector<std::int32_t>(first.end() - 3, first.end()) == std::vector<std::int32_t>{5, 6, 9});
    CHECK(std::equal(first.begin(), first.end() - 3, longer.begin()));
    CHECK(requests[0].logit_positions == std::vector<int>{8, 9, 10});
    // The second experiment: the fact just before the target.
    const std::vector<std::int32_t>& near = requests[6].ids;
    CHECK(std::vector<std::int32_t>(near.end() - 5, near.end()) == std::vector<std::int32_t>{7, 8, 5, 6, 9});
    // Uniform nulls: means over the target's rows, of 10, 11 and 12 keys.
    const DilutionLength& shortest = result->experiments[0].lengths[0];
    CHECK(shortest.length == 12);
    REQUIRE(shortest.heads.size() == result->grid.size());
    const DilutionValues& null = shortest.heads[0].null;
    CHECK(*null[DilutionKind::Sink] == doctest::Approx((1.0 / 10 + 1.0 / 11 + 1.0 / 12) / 3));
    CHECK(*null[DilutionKind::Fact] == doctest::Approx((2.0 / 10 + 2.0 / 11 + 2.0 / 12) / 3));
    CHECK(*null[DilutionKind::EffectiveKeys] == doctest::Approx(11));
    CHECK(*null[DilutionKind::Last] == doctest::Approx(1));
    CHECK(shortest.loss.has_value());
}

TEST_CASE("dilution: lengths without room, and stopping") {
    FindFixture f;
    f.open();
    f.session.set_text("5 6 9");
    REQUIRE(f.settle());
    f.session.take_notices();
    REQUIRE(f.run("dilute", {"7 8", "4,12"}));
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<DilutionState>().task.value());
    const auto look = f.now().part<DilutionState>().task.look();
    REQUIRE(look.error);
    CHECK(look.error->message.find("no room") != std::string::npos);
    f.world->run_gate.close();
    REQUIRE(f.run("dilute", {"7 8", "12"}));
    REQUIRE(f.run("stop_dilution"));
    CHECK_FALSE(f.now().part<DilutionState>().task.is_running());
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<DilutionState>().task.value());
}

TEST_CASE("dilution: typing comes in between, and no context is lost or counted twice") {
    FindFixture f;
    f.open();
    f.session.set_text("5 6 9");
    REQUIRE(f.settle());
    REQUIRE(f.run("dilute", {"7 8", "12,24"}));
    REQUIRE(f.settle());
    const auto alone = f.now().part<DilutionState>().task.value();
    REQUIRE(alone);
    f.world->taken_requests();
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    REQUIRE(f.run("dilute", {"7 8", "12,24"}));
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.set_text("5 6 9 4");
    f.world->run_gate.wait_for_entries(before + 2);
    f.world->run_gate.open();
    REQUIRE(f.settle());
    const auto again = f.now().part<DilutionState>().task.value();
    REQUIRE(again);
    REQUIRE(again != alone);
    for (std::size_t head = 0; head < alone->grid.size(); ++head) {
        for (const DilutionKindInfo& kind : kDilutionKinds)
            CHECK(alone->experiments[0].lengths[1].heads[head].mean[kind.kind] ==
                  again->experiments[0].lengths[1].heads[head].mean[kind.kind]);
    }
}

TEST_CASE("dilution: the chosen tokens are the fact, the text behind them the target") {
    Snapshot now;
    auto text = std::make_shared<AnalyzedText>();
    text->tokens = text_of({"The", " code", " is", " 7421", ".", " Say", " it"});
    now.base_text = text;
    CHECK_FALSE(question_of_selection(now));
    now.token_selection.queries = {4, 1};
    now.token_selection.query = 3;
    const auto question = question_of_selection(now);
    REQUIRE(question);
    CHECK(question->fact == " code is 7421.");
    CHECK(question->target == " Say it");
    now.token_selection.query = 6;
    CHECK_FALSE(question_of_selection(now));
}
