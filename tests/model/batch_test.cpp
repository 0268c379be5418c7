// Several texts at once: every family gives what it gives text by text, whatever stands beside a text and
// however many threads there are.
#include "model/ablation_support.h"
#include "model/text_families.h"

namespace {

/// Texts of several lengths, more rows than one stack.
std::vector<RunRequest> some_requests(int vocab_size, bool has_decoder = false) {
    std::vector<RunRequest> requests;
    for (const int length : {37, 5, 128, 64, 33, 61, 128, 90, 101}) {
        RunRequest request;
        request.ids = some_ids(length, vocab_size);
        request.ids[0] = static_cast<std::int32_t>(requests.size());
        request.logit_positions = {has_decoder ? 0 : length - 1, 0};  // a decoder reads its start token
        request.may_reuse_prefix = false;
        requests.push_back(std::move(request));
    }
    return requests;
}

std::vector<RunResult> run_batch(ModelRunner& runner, std::span<const RunRequest> requests, int count) {
    auto results = runner.run_batch(requests, count, {});
    const std::string words = results ? "" : results.error().to_string();
    REQUIRE_MESSAGE(results.has_value(), words);
    return std::move(*results);
}

/// Bit for bit: rows, statistics, logits.
void check_equal(const RunResult& a, const RunResult& b) {
    CHECK(trace_difference(*a.trace, *b.trace) == 0.0);
    CHECK(a.logits.values == b.logits.values);
    const auto n = static_cast<std::size_t>(a.trace->num_queries());
    std::vector<RowStats> mine(n), theirs(n);
    const HeadGrid grid{a.trace->num_layers(), a.trace->num_heads()};
    for (std::size_t head = 0; head < grid.size(); ++head) {
        a.trace->row_stats(grid.at(head).layer, grid.at(head).head, mine);
        b.trace->row_stats(grid.at(head).layer, grid.at(head).head, theirs);
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(mine[i].entropy == theirs[i].entropy);
            CHECK(mine[i].max_weight == theirs[i].max_weight);
            CHECK(mine[i].argmax == theirs[i].argmax);
        }
    }
}

}  // namespace

TEST_CASE("batch: every family gives each text what it gives it alone, with one and with two threads") {
    for (const Family* family : text_families()) {
        CAPTURE(std::string(family->id));
        RandomModelRequest sizes;
        sizes.family = family->id;
        sizes.hidden_size = 32;
        sizes.vocab_size = 40;
        sizes.num_layers = 2;
        sizes.max_positions = 160;
        const auto runner = random_runner(sizes, 1);
        const std::vector<RunRequest> requests = some_requests(40, runner->spec().has_decoder);
        const std::vector<RunResult> one = run_batch(*runner, requests, 1),
                                     two = run_batch(*runner, requests, 2);
        REQUIRE(one.size() == requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            INFO("text " << i);
            const RunResult alone = run(*runner, requests[i]);
            CHECK(trace_difference(*one[i].trace, *alone.trace) < 1e-6);
            CHECK(one[i].logit_positions == alone.logit_positions);
            CHECK(largest_difference(one[i].logits.values, alone.logits.values) <=
                  1e-5 * std::max(1.0, largest_value(alone.logits.values)));
            check_equal(one[i], two[i]);
            check_equal(one[i], run_batch(*runner, {&requests[i], 1}, 2).front());
        }
    }
}

TEST_CASE("batch: hidden states, all logits and runs that keep nothing are those of the text alone") {
    const auto runner = random_runner(small_model("llama"), 1);
    std::vector<RunRequest> requests = some_requests(97);
    requests[0].wants_hidden = true;
    requests[1].wants_all_logits = true;
    requests[2].capture = CaptureMode::None;
    requests[3].capture = CaptureMode::QueryKey;
    const std::vector<RunResult> together = run_batch(*runner, requests, 2);
    for (std::size_t i = 0; i < 4; ++i) {
        INFO("text " << i);
        const RunResult alone = run(*runner, requests[i]);
        CHECK((together[i].trace == nullptr) == (alone.trace == nullptr));
        CHECK(largest_difference(together[i].logits.values, alone.logits.values) < 1e-5);
        REQUIRE(together[i].hidden.size() == alone.hidden.size());
        for (std::size_t l = 0; l < alone.hidden.size(); ++l)
            CHECK(largest_difference(together[i].hidden[l].values, alone.hidden[l].values) < 1e-5);
    }
    CHECK(together[3].trace->info().storage == "q and k");
    CHECK(together[3].trace->has_score_parts());
}

TEST_CASE("batch: a stop request ends it between layers; what does not fit is refused") {
    const auto runner = random_runner(small_model("llama"), 2);
    std::vector<RunRequest> requests = some_requests(97);
    for (const int count : {1, 2}) {
        std::stop_source stop;
        const JobContext job(stop.get_token(), [&](const ProgressUpdate&) { stop.request_stop(); });
        const auto stopped = runner->run_batch(requests, count, job);
        REQUIRE_FALSE(stopped.has_value());
        CHECK(stopped.error().kind == ErrorKind::Cancelled);
    }
    requests[4].ids[2] = 97;
    const auto refused = runner->run_batch(requests, 2, {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(run_batch(*runner, {}, 2).empty());
}

TEST_CASE("batch: changed passes are those made one by one, in every family, with one and with two threads") {
    for (const Family* family : text_families()) {
        CAPTURE(std::string(family->id));
        RandomModelRequest sizes;
        sizes.family = family->id;
        sizes.hidden_size = 32;
        sizes.vocab_size = 40;
        sizes.num_layers = 2;
        sizes.max_positions = 160;
        std::vector<std::vector<Intervention>> changes = {{}};
        for (int layer = 0; layer < 2; ++layer) {
            for (int head = 0; head < 4; ++head)
                changes.push_back({change(InterventionMode::ZeroOutput, {{layer, head}})});
        }
        changes.push_back({change(InterventionMode::Uniform, {{0, 1}}), scaled({{1, 0}}, 0.5)});
        changes.push_back({cut({{0, 2}}, {{9, 8}, {5, 3}})});  // in every window
        AblationWish wish;
        wish.wants_distribution = true;
        wish.logit_positions = {39};
        std::vector<std::vector<AblationOutcome>> outcomes;
        for (const int count : {1, 2}) {
            const auto runner = random_runner(sizes, count);
            const auto run = runner->start_ablation(some_ids(40, 40), {});
            if (!run) {
                CHECK(run.error().kind == ErrorKind::Unsupported);
                break;
            }
            outcomes.emplace_back();
            const Status done =
                (*run)->apply_each(changes, wish, {}, [&](std::size_t i, AblationOutcome&& outcome) {
                    CHECK(i == outcomes.back().size());
                    outcomes.back().push_back(std::move(outcome));
                });
            REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
            REQUIRE(outcomes.back().size() == changes.size());
            for (std::size_t i = 0; i < changes.size(); ++i) {
                INFO("change " << i << ", threads " << count);
                const AblationOutcome alone = apply(**run, changes[i], wish);
                const AblationOutcome& found = outcomes.back()[i];
                CHECK(found.first_layer == alone.first_layer);
                CHECK(largest_difference(found.token_loss, alone.token_loss) < 1e-5);
                CHECK(largest_difference(found.kl, alone.kl) < 1e-5);
                CHECK(largest_difference(found.tvd, alone.tvd) < 1e-5);
                CHECK(largest_difference(found.logits.values, alone.logits.values) < 1e-4);
            }
        }
        for (std::size_t i = 0; outcomes.size() == 2 && i < changes.size(); ++i) {
            CHECK(outcomes[0][i].token_loss == outcomes[1][i].token_loss);
            CHECK(outcomes[0][i].kl == outcomes[1][i].kl);
            CHECK(outcomes[0][i].logits.values == outcomes[1][i].logits.values);
        }
    }
}

TEST_CASE("batch: feed-forward parts left out of several passes at once, and a stop request") {
    const auto runner = random_runner(small_model("llama"), 2);
    const auto run = start(*runner, some_ids(40, 97));
    std::vector<std::vector<Intervention>> changes;
    for (const int layer : {0, 0, 1, 2}) {
        Intervention one;
        one.mode = InterventionMode::ZeroOutput;
        one.mlp_layers = {layer};
        changes.push_back({one});
    }
    changes[1].front().heads = {{0, 1}};
    std::vector<AblationOutcome> found;
    REQUIRE(run->apply_each(changes, {}, {}, [&](std::size_t, AblationOutcome&& outcome) {
        found.push_back(std::move(outcome));
    }));
    for (std::size_t i = 0; i < changes.size(); ++i)
        CHECK(largest_difference(found[i].token_loss, apply(*run, changes[i], {}).token_loss) < 1e-5);
    std::stop_source stop;
    std::size_t num_handed = 0;
    const JobContext job(stop.get_token());
    const Status stopped = run->apply_each(changes, {}, job, [&](std::size_t, AblationOutcome&&) {
        ++num_handed;
        stop.request_stop();
    });
    CHECK(num_handed <= changes.size());
    if (!stopped) CHECK(stopped.error().kind == ErrorKind::Cancelled);
    stop.request_stop();
    const Status never = run->apply_each(changes, {}, job, [](std::size_t, AblationOutcome&&) {});
    REQUIRE_FALSE(never);
    CHECK(never.error().kind == ErrorKind::Cancelled);
}
