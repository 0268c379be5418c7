// One way to open: each kind of path becomes its own alternative, and what has to be asked is asked.
#include <doctest/doctest.h>

#include "run/open_source.h"
#include "session/fake_engine.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

struct Fixture {
    std::shared_ptr<test::FakeWorld> world = std::make_shared<test::FakeWorld>();
    test::FakeEngine engine{world};
    int num_starts = 0;

    Result<Opened> open(const std::string& path, OpenChoices choices = {}) {
        OpenRequest request;
        request.path = path;
        request.model_id = 7;
        request.text_id = 11;
        request.choices = std::move(choices);
        return open_source([this]() -> Result<Engine*> { return ++num_starts, &engine; }, request,
                           JobContext());
    }
};

}  // namespace

TEST_CASE("open: a model runs and knows its tokenizer, or says why there is none") {
    Fixture f;
    const auto opened = f.open(test::own_fixture("gpt2"));
    REQUIRE(opened);
    const auto* model = std::get_if<LiveModel>(&opened->source);
    REQUIRE(model != nullptr);
    CHECK(model->info->id == 7);
    CHECK(model->info->is_live);
    CHECK(model->engine == &f.engine);
    CHECK(f.num_starts == 1);
    CHECK((model->tokenizer() != nullptr) != model->tokenizer_error.has_value());
}

TEST_CASE("open: stored attention needs no engine") {
    Fixture f;
    const auto opened = f.open(test::own_fixture("dumps/one_head.npz"));
    REQUIRE(opened);
    const auto* trace = std::get_if<StoredTrace>(&opened->source);
    REQUIRE(trace != nullptr);
    REQUIRE_FALSE(trace->text.empty());
    CHECK(trace->text.front()->id == 11);
    CHECK_FALSE(trace->text.front()->was_measured_now);
    CHECK(f.num_starts == 0);
}

TEST_CASE("open: an ambiguous order of axes is a question with its answers, and the answer opens it") {
    Fixture f;
    const auto asked = f.open(test::own_fixture("dumps/square_both.npz"));
    REQUIRE(asked);
    const auto* question = std::get_if<OpenQuestion>(&asked->source);
    REQUIRE(question != nullptr);
    CHECK(question->kind == OpenQuestion::Kind::AxisOrder);
    REQUIRE(question->answers.size() >= 2);
    const auto opened = f.open(question->path, {.axes = question->answers.front()});
    REQUIRE(opened);
    CHECK(std::holds_alternative<StoredTrace>(opened->source));
}

TEST_CASE("open: code in a file is asked about before anything runs") {
    const std::string path = test::own_fixture("torchscript");
    std::string file;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        if (entry.path().extension() == ".pt") file = entry.path().string();
    HEADLIGHT_NEEDS(file);
    Fixture f;
    const auto asked = f.open(file);
    REQUIRE(asked);
    const auto* question = std::get_if<OpenQuestion>(&asked->source);
    REQUIRE(question != nullptr);
    CHECK(question->kind == OpenQuestion::Kind::RunsCode);
    CHECK(f.num_starts == 0);
}
