// ModelRunner: kept prefixes, storages, logits on demand, cancelling, refusals.
#include <stop_token>

#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

RandomModelRequest small_llama() {
    RandomModelRequest request;
    request.hidden_size = 48;
    request.num_heads = 4;
    request.num_kv_heads = 2;
    request.num_layers = 3;
    request.vocab_size = 97;
    request.seed = 5;
    return request;
}

RunRequest request_for(std::vector<std::int32_t> ids, CaptureMode mode) {
    RunRequest request;
    request.ids = std::move(ids);
    request.capture = mode;
    request.logit_positions = {static_cast<int>(request.ids.size()) - 1};
    return request;
}

/// Key set "same": earlier tokens with the same id.
KeySet same_tokens(const std::vector<std::int32_t>& ids) {
    KeySet set{"same", {0}, {}};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (ids[j] == ids[i]) set.keys.push_back(static_cast<std::uint32_t>(j));
        }
        set.row_begin.push_back(static_cast<std::uint32_t>(set.keys.size()));
    }
    return set;
}

void check_same(const RunResult& a, const RunResult& b) {
    CHECK(trace_difference(*a.trace, *b.trace) < 1e-6);
    CHECK(largest_difference(a.logits.values, b.logits.values) < 1e-5);
    const auto n = static_cast<std::size_t>(a.trace->num_queries());
    std::vector<RowStats> mine(n), theirs(n);
    for (int head = 0; head < a.trace->num_heads(); ++head) {
        a.trace->row_stats(2, head, mine);
        b.trace->row_stats(2, head, theirs);
        for (std::size_t i = 0; i < n; ++i)
            CHECK(mine[i].entropy == doctest::Approx(theirs[i].entropy).epsilon(1e-5));
    }
}

}  // namespace

TEST_CASE("runner: an edited text equals the same text run from the start, in every storage") {
    for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey}) {
        const auto warm = random_runner(small_llama());
        std::vector<std::int32_t> ids = some_ids(70, 97);
        run(*warm, request_for(ids, mode));
        const auto step = [&](int expected_reuse) {
            const RunResult edited = run(*warm, request_for(ids, mode));
            CHECK(edited.num_reused == expected_reuse);
            const auto fresh = random_runner(small_llama());
            check_same(edited, run(*fresh, request_for(ids, mode)));
        };
        ids.push_back(3);
        step(70);  // a token at the end
        ids[40] = (ids[40] + 1) % 97;
        step(40);  // in the middle
        ids.resize(20);
        step(20);  // cut off
        ids.insert(ids.end(), {1, 2, 3, 4, 5});
        step(20);
        ids[0] = (ids[0] + 1) % 97;
        step(0);
        step(25);  // nothing changed
    }
}

TEST_CASE("runner: traces live on and stay as they were when the text changes") {
    const auto runner = random_runner(small_llama());
    std::vector<std::int32_t> ids = some_ids(40, 97);
    const RunResult first = run(*runner, request_for(ids, CaptureMode::QueryKey));
    const std::vector<float> before = first.trace->matrix(1, 2);
    ids[10] = (ids[10] + 1) % 97;
    const RunResult second = run(*runner, request_for(ids, CaptureMode::QueryKey));
    CHECK(first.trace->matrix(1, 2) == before);
    CHECK(second.trace->matrix(1, 2) != before);
}

TEST_CASE("runner: q and k give the same weights, statistics and masses as stored weights") {
    const auto runner = random_runner(small_llama());
    RunRequest request = request_for(some_ids(150, 97), CaptureMode::Weights);
    request.key_sets = {same_tokens(request.ids)};
    const RunResult dense = run(*runner, request);
    request.capture = CaptureMode::QueryKey;
    const RunResult sparse = run(*runner, request);
    CHECK(dense.trace->info().storage == "weights");
    CHECK(sparse.trace->info().storage == "q and k");
    CHECK(trace_difference(*dense.trace, *sparse.trace) == 0.0);
    check_same(dense, sparse);
    std::vector<float> mass(150), other(150);
    REQUIRE(dense.trace->key_set_mass("same", 1, 3, mass));
    REQUIRE(sparse.trace->key_set_mass("same", 1, 3, other));
    CHECK(mass == other);
    CHECK_FALSE(dense.trace->key_set_mass("induction", 1, 3, other));
    const std::vector<float> matrix = dense.trace->matrix(1, 3);
    for (std::size_t i = 0; i < 150; ++i) {
        double sum = 0;
        for (const std::uint32_t key : request.key_sets[0].row(i))
            sum += matrix[i * 150 + key];
        CHECK(mass[i] == doctest::Approx(sum).epsilon(1e-5));
    }
    std::vector<float> rows(3 * 150);
    sparse.trace->rows(1, 3, 77, 80, rows);
    CHECK(std::equal(rows.begin(), rows.end(), matrix.begin() + 77 * 150));
}

TEST_CASE("runner: Auto keeps weights only while they fit the budget") {
    const auto runner = random_runner(small_llama());
    RunRequest request = request_for(some_ids(60, 97), CaptureMode::Auto);
    CHECK(run(*runner, request).trace->info().storage == "weights");
    request.dense_budget_bytes = 1000;
    const RunResult sparse = run(*runner, request);
    CHECK(sparse.trace->info().storage == "q and k");
    CHECK(sparse.trace->size_bytes() > 0);
    request.capture = CaptureMode::None;
    CHECK(run(*runner, request).trace == nullptr);
    request.capture = CaptureMode::Weights;  // after a run that kept nothing, rows must be made anew
    CHECK(run(*runner, request).trace->num_queries() == 60);
}

TEST_CASE("runner: logits of wanted positions only, equal to those of all") {
    const auto runner = random_runner(small_llama());
    RunRequest request = request_for(some_ids(30, 97), CaptureMode::None);
    request.wants_all_logits = true;
    const RunResult all = run(*runner, request);
    CHECK(all.logits.rows == 30);
    CHECK(all.logits.cols == 97);
    request.wants_all_logits = false;
    request.logit_positions = {29, 4};
    const RunResult some = run(*runner, request);
    CHECK(some.num_reused == 30);
    REQUIRE(some.logits.rows == 2);
    for (int v = 0; v < 97; ++v) {
        CHECK(some.logits.at(0, v) == doctest::Approx(all.logits.at(29, v)).epsilon(1e-4));
        CHECK(some.logits.at(1, v) == doctest::Approx(all.logits.at(4, v)).epsilon(1e-4));
    }
}

TEST_CASE("runner: one thread and two give the same numbers") {
    const RunRequest request = request_for(some_ids(90, 97), CaptureMode::Weights);
    const auto one = random_runner(small_llama(), 1), two = random_runner(small_llama(), 2);
    const RunResult a = run(*one, request), b = run(*two, request);
    CHECK(a.num_threads == 1);
    CHECK(b.num_threads == 2);
    check_same(a, b);
}

TEST_CASE("runner: a stop request ends the run between layers, and the next run is right") {
    const auto runner = random_runner(small_llama());
    const RunRequest request = request_for(some_ids(50, 97), CaptureMode::Weights);
    std::stop_source stop;
    int layers_seen = 0;
    const JobContext job(stop.get_token(), [&](const ProgressUpdate& update) {
        CHECK(update.fraction >= 0);
        if (++layers_seen == 2) stop.request_stop();
    });
    const auto stopped = runner->run(request, job);
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    CHECK(layers_seen == 2);
    const auto fresh = random_runner(small_llama());
    check_same(run(*runner, request), run(*fresh, request));
}

TEST_CASE("runner: what cannot be run is refused in words") {
    const auto runner = random_runner(small_llama());
    const auto refusal = [&](const RunRequest& request) {
        const auto result = runner->run(request, {});
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().kind == ErrorKind::InvalidInput);
        return result.error().message;
    };
    CHECK(refusal({}).find("no tokens") != std::string::npos);
    RunRequest request;
    request.ids = {1, 97};
    CHECK(refusal(request).find("97") != std::string::npos);
    request.ids = {1, -1};
    refusal(request);
    request.ids = {1, 2};
    request.logit_positions = {2};
    refusal(request);
    request.logit_positions.clear();
    request.key_sets = {{"future", {0, 1, 1}, {1}}};  // query 0 may not see key 1
    CHECK(refusal(request).find("future") != std::string::npos);
    request.key_sets = {{"short", {0, 0}, {}}};
    refusal(request);
    RandomModelRequest learned = small_llama();
    learned.family = "gpt2";
    learned.max_positions = 8;
    const auto gpt2 = random_runner(learned);
    request = {};
    request.ids = some_ids(9, 97);
    CHECK(gpt2->run(request, {}).error().message.find("at most 8") != std::string::npos);
}

TEST_CASE("runner: head weights rebuild the scores of the first layer") {
    RandomModelRequest request = small_llama();
    request.family = "gpt2";
    request.num_kv_heads = 0;
    const auto runner = random_runner(request);
    RunRequest text = request_for(some_ids(6, 97), CaptureMode::Weights);
    text.wants_hidden = true;
    const RunResult result = run(*runner, text);
    const HeadWeights head = runner->head_weights(0, 1).value();
    REQUIRE(head.query.rows == 48);
    REQUIRE(head.query.cols == 12);
    REQUIRE(head.output.rows == 12);
    REQUIRE(head.output.cols == 48);
    REQUIRE(head.query_bias.size() == 12);
    std::vector<std::vector<double>> q(6), k(6);
    for (std::int64_t i = 0; i < 6; ++i) {  // layer norm with gain 1 and bias 0, then the projections
        const auto x = result.hidden[0].row(i);
        double mean = 0, variance = 0;
        for (const float v : x)
            mean += v / 48.0;
        for (const float v : x)
            variance += (v - mean) * (v - mean) / 48.0;
        for (std::int64_t d = 0; d < 12; ++d) {
            double query = 0, key = 0;
            for (std::int64_t c = 0; c < 48; ++c) {
                const double normed = (x[static_cast<std::size_t>(c)] - mean) / std::sqrt(variance + 1e-5);
                query += normed * head.query.at(c, d);
                key += normed * head.key.at(c, d);
            }
            q[static_cast<std::size_t>(i)].push_back(query);
            k[static_cast<std::size_t>(i)].push_back(key);
        }
    }
    std::vector<double> row;
    double sum = 0;
    for (std::size_t j = 0; j < 6; ++j) {
        double score = 0;
        for (std::size_t d = 0; d < 12; ++d)
            score += q[5][d] * k[j][d];
        row.push_back(std::exp(score / std::sqrt(12.0)));
        sum += row.back();
    }
    const std::vector<float> matrix = result.trace->matrix(0, 1);
    for (std::size_t j = 0; j < 6; ++j)
        CHECK(matrix[30 + j] == doctest::Approx(row[j] / sum).epsilon(1e-5));
    CHECK(runner->head_weights(3, 0).error().kind == ErrorKind::InvalidInput);
    CHECK(runner->head_weights(0, 4).error().kind == ErrorKind::InvalidInput);
}
