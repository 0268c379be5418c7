// Ablations against the reference library with its attention edited
// (tests/fixtures/make_ablation_reference.py), and against closed forms.
#include "model/ablation_support.h"

TEST_CASE("ablation: loss, distribution, logits and patterns equal the reference library's") {
    for (const char* folder : kFolders) {
        INFO(folder);
        const std::string path = own_fixture(fmt::format("{}/ablation_reference.safetensors", folder));
        const Reference reference(path);
        const std::vector<std::int32_t> ids = reference_ids(path);
        const auto runner = open(own_fixture(folder));
        const auto run = start(*runner, ids);
        CHECK(largest_difference(run->base_loss(), reference.floats("base.loss")) <= kLossTolerance);
        const int n = static_cast<int>(ids.size());
        AblationWish wish;
        wish.wants_distribution = wish.wants_trace = true;
        wish.logit_positions = {n - 2, n - 1};
        for (const auto& [name, changes] : reference_cases(n, runner->spec().head_dim)) {
            compare_case(reference, name, apply(*run, changes, wish));
        }
    }
}

TEST_CASE("ablation: value norms and copy ranks equal the reference library's") {
    for (const char* folder : kFolders) {
        INFO(folder);
        const std::string path = own_fixture(fmt::format("{}/ablation_reference.safetensors", folder));
        const Reference reference(path);
        const auto runner = open(own_fixture(folder));
        RunRequest request;
        request.ids = reference_ids(path);
        request.wants_value_norms = true;
        const std::vector<float> norms = reference.floats("value_norms");
        const RunResult fresh = test::run(*runner, request);
        CHECK(largest_difference(fresh.value_norms.values, norms) <= 1e-5 * largest_value(norms));
        const RunResult reused = test::run(*runner, request);
        CHECK(reused.num_reused == static_cast<int>(request.ids.size()));
        CHECK(reused.value_norms.values == fresh.value_norms.values);
        CHECK(runner->copy_ranks(request.ids, false, {}).value().values == reference.floats("copy_ranks"));
        CHECK(runner->copy_ranks(request.ids, true, {}).value().values ==
              reference.floats("copy_ranks_negated"));
    }
}

TEST_CASE("ablation: nothing changed, a head's own pattern and a factor of 1 give the unchanged model") {
    for (const char* family : {"llama", "gpt2", "headlight"}) {
        INFO(family);
        const auto runner = random_runner(small_model(family));
        const std::vector<std::int32_t> ids = some_ids(60, 97);
        const auto run = start(*runner, ids);
        AblationWish wish;
        wish.wants_distribution = true;
        const AblationOutcome same = apply(*run, {}, wish);
        CHECK(same.first_layer == 3);
        CHECK(same.token_loss == run->base_loss());
        CHECK(largest_value(same.kl) == 0);
        CHECK(largest_value(same.tvd) == 0);
        RunRequest request;
        request.ids = ids;
        request.wants_all_logits = true;
        const RunResult measured = test::run(*runner, request);
        for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
            const auto logits = measured.logits.row(static_cast<std::int64_t>(t));
            double sum = 0;
            for (const float x : logits)
                sum += std::exp(static_cast<double>(x));
            const double expected = std::log(sum) - logits[static_cast<std::size_t>(ids[t + 1])];
            CHECK(run->base_loss()[t] == doctest::Approx(expected).epsilon(1e-5));
        }
        Intervention own = change(InterventionMode::Pattern, {{1, 2}});
        own.patterns.emplace_back(60, 60);
        own.patterns[0].values = measured.trace->matrix(1, 2);
        CHECK(largest_difference(apply(*run, {own}).token_loss, run->base_loss()) < 1e-5);
        CHECK(largest_difference(apply(*run, {scaled({{0, 1}}, 1.0)}).token_loss, run->base_loss()) < 1e-6);
    }
}

TEST_CASE("ablation: all heads of a model without biases scaled by 0 leave each token alone in its text") {
    const auto runner = random_runner(small_model("llama"));
    const std::vector<std::int32_t> ids = some_ids(9, 97);
    std::vector<HeadId> all;
    for (int layer = 0; layer < 3; ++layer) {
        for (int head = 0; head < 4; ++head)
            all.push_back({layer, head});
    }
    AblationWish wish;
    for (int i = 0; i < 9; ++i)
        wish.logit_positions.push_back(i);
    const auto run = start(*runner, ids);
    const AblationOutcome silent = apply(*run, {scaled(all, 0.0)}, wish);
    CHECK(apply(*run, {change(InterventionMode::ZeroOutput, all)}, wish).logits.values ==
          silent.logits.values);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto alone = start(*runner, {ids[i]});
        CHECK(alone->base_loss().empty());
        AblationWish first;
        first.logit_positions = {0};
        const Matrix expected = apply(*alone, {scaled(all, 0.0)}, first).logits;
        const auto found = silent.logits.row(static_cast<std::int64_t>(i));
        CHECK(largest_difference({found.begin(), found.end()}, expected.values) < 1e-5);
    }
}

TEST_CASE("ablation: the trace shows the rows that were put in, with their statistics and masses") {
    const auto runner = random_runner(small_model("gpt2"));
    const std::vector<std::int32_t> ids = some_ids(50, 97);
    AblationWish wish;
    wish.wants_trace = true;
    KeySet firsts{"firsts", {0}, {}};
    for (std::uint32_t i = 0; i < 50; ++i) {
        firsts.keys.push_back(0);
        firsts.row_begin.push_back(i + 1);
    }
    wish.key_sets = {firsts};
    const auto run = start(*runner, ids);
    const TracePtr base = apply(*run, {}, wish).trace;
    const AblationOutcome outcome = apply(*run, {change(InterventionMode::Uniform, {{1, 3}})}, wish);
    CHECK(outcome.first_layer == 1);
    for (int head = 0; head < 4; ++head)
        CHECK(outcome.trace->matrix(0, head) == base->matrix(0, head));
    CHECK(outcome.trace->matrix(1, 0) == base->matrix(1, 0));
    CHECK(outcome.trace->matrix(2, 0) != base->matrix(2, 0));
    std::vector<RowStats> stats(50);
    std::vector<float> mass(50), measured(50);
    outcome.trace->row_stats(1, 3, stats);
    REQUIRE(outcome.trace->key_set_mass("firsts", 1, 3, mass));
    REQUIRE(outcome.trace->key_set_mass("firsts", 0, 3, measured));
    CHECK_FALSE(outcome.trace->key_set_mass("others", 1, 3, mass));
    std::vector<float> rows(50 * 2);
    outcome.trace->rows(1, 3, 20, 22, rows);
    for (int i = 0; i < 50; ++i) {
        const auto at = static_cast<std::size_t>(i);
        CHECK(stats[at].entropy == doctest::Approx(std::log(i + 1.0)).epsilon(1e-5));
        CHECK(stats[at].num_keys == i + 1);
        CHECK(mass[at] == doctest::Approx(1.0 / (i + 1)).epsilon(1e-6));
        CHECK(rows[at] == doctest::Approx(i <= 20 ? 1.0 / 21 : 0.0).epsilon(1e-6));
    }
    CHECK(outcome.trace->overview(1, 3).max[0] == doctest::Approx(1.0));
    CHECK(outcome.trace->size_bytes() > 50 * 50 * sizeof(float));
}

TEST_CASE("ablation: replaced rows keep the sliding window of their layer") {
    LoadedModel model = make_random_model(small_model("llama")).value();
    model.arch.window = {3, 0, 3};
    const auto run = start_ablation_run(model, threads(), some_ids(20, 97), {}).value();
    AblationWish wish;
    wish.wants_trace = true;
    std::vector<HeadId> heads;
    for (int layer = 0; layer < 3; ++layer)
        heads.push_back({layer, 1});
    const AblationOutcome outcome =
        apply(*run, {change(InterventionMode::Uniform, heads), cut({{2, 0}}, {{9, 8}})}, wish);
    for (int layer = 0; layer < 3; ++layer) {
        const std::vector<float> matrix = outcome.trace->matrix(layer, 1);
        for (int i = 0; i < 20; ++i) {
            const int first = layer == 1 ? 0 : std::max(0, i - 2);
            for (int j = 0; j < 20; ++j) {
                const double expected = j >= first && j <= i ? 1.0 / (i + 1 - first) : 0.0;
                CHECK(matrix[static_cast<std::size_t>(i * 20 + j)] ==
                      doctest::Approx(expected).epsilon(1e-6));
            }
        }
    }
    std::vector<float> row(20);
    outcome.trace->rows(2, 0, 9, 10, row);
    CHECK(row[8] == 0.0f);
    CHECK(row[7] > 0.0f);
    CHECK(row[7] + row[9] == doctest::Approx(1.0));
    const Intervention outside = cut({{0, 0}}, {{9, 6}});
    CHECK_FALSE(run->apply(std::span(&outside, 1), {}, {}).has_value());
}

TEST_CASE("ablation: models that see both ways spread over all keys and have no next-token loss") {
    FamilyFiles files = family_files(*family_by_id("headlight"));
    files.config["is_causal"] = false;
    const std::string folder = fresh_dir("ablation_both_ways");
    write_files(folder, files);
    const auto runner = open(folder);
    const auto run = start(*runner, some_ids(8, 50));
    CHECK(run->base_loss().empty());
    AblationWish wish;
    wish.wants_trace = wish.wants_distribution = true;
    Intervention local = change(InterventionMode::LocalWindow, {{0, 2}});
    local.window = 1;
    const AblationOutcome outcome = apply(*run, {change(InterventionMode::Uniform, {{0, 1}}), local}, wish);
    CHECK(outcome.token_loss.empty());
    CHECK(outcome.kl.size() == 8);
    CHECK(largest_value(outcome.tvd) > 0);
    const std::vector<float> uniform = outcome.trace->matrix(0, 1), near = outcome.trace->matrix(0, 2);
    for (const float weight : uniform)
        CHECK(weight == doctest::Approx(1.0 / 8));
    CHECK(near[0] == doctest::Approx(0.5));
    CHECK(near[1] == doctest::Approx(0.5));
    for (int j = 0; j < 8; ++j) {
        CHECK(near[static_cast<std::size_t>(4 * 8 + j)] == doctest::Approx(j >= 3 && j <= 5 ? 1.0 / 3 : 0.0));
    }
}

TEST_CASE("ablation: means of head outputs, put in everywhere, are what a constant head gives") {
    const auto runner = random_runner(small_model("llama"));
    const auto run = start(*runner, some_ids(30, 97));
    const Matrix means = run->mean_outputs();
    CHECK(means.rows == 12);
    CHECK(means.cols == 12);
    // Scaling the mean by hand equals scaling the head that has been replaced by it.
    Intervention mean = change(InterventionMode::MeanOutput, {{2, 1}});
    const auto row = means.row(9);
    mean.outputs = {{row.begin(), row.end()}};
    const AblationOutcome halved = apply(*run, {mean, scaled({{2, 1}}, 0.5)});
    for (float& value : mean.outputs[0])
        value *= 0.5f;
    CHECK(largest_difference(halved.token_loss, apply(*run, {mean}).token_loss) < 1e-6);
    // The mean over one token is that token's output.
    const auto single = start(*runner, {3});
    const Matrix only = single->mean_outputs();
    Intervention same = change(InterventionMode::MeanOutput, {{0, 0}});
    const auto first = only.row(0);
    same.outputs = {{first.begin(), first.end()}};
    AblationWish wish;
    wish.logit_positions = {0};
    CHECK(largest_difference(apply(*single, {same}, wish).logits.values,
                             apply(*single, {}, wish).logits.values) < 1e-6);
}

TEST_CASE("ablation: the runner's kept work and the run's unchanged pass stay as they are") {
    const auto runner = random_runner(small_model("llama"));
    RunRequest request;
    request.ids = some_ids(40, 97);
    const RunResult before = test::run(*runner, request);
    const auto run = start(*runner, some_ids(64, 97, 3));
    const std::vector<float> zero = apply(*run, {change(InterventionMode::ZeroOutput, {{0, 0}})}).token_loss;
    apply(*run, {change(InterventionMode::Uniform, {{0, 0}, {1, 1}, {2, 2}})});
    CHECK(apply(*run, {}).token_loss == run->base_loss());
    CHECK(apply(*run, {change(InterventionMode::ZeroOutput, {{0, 0}})}).token_loss == zero);
    CHECK(zero != run->base_loss());
    request.ids.push_back(5);
    const RunResult after = test::run(*runner, request);
    CHECK(after.num_reused == 40);
    const auto fresh = random_runner(small_model("llama"));
    CHECK(trace_difference(*after.trace, *test::run(*fresh, request).trace) < 1e-6);
}

TEST_CASE("ablation: a stop request ends it between layers, and the run goes on being right") {
    const auto runner = random_runner(small_model("llama"));
    const auto run = start(*runner, some_ids(40, 97));
    std::stop_source stop;
    int layers_seen = 0;
    const JobContext job(stop.get_token(), [&](const ProgressUpdate&) {
        if (++layers_seen == 2) stop.request_stop();
    });
    const std::vector<Intervention> changes = {change(InterventionMode::Uniform, {{0, 0}})};
    const auto stopped = run->apply(changes, {}, job);
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    CHECK(layers_seen == 2);
    const auto other = start(*runner, some_ids(40, 97));
    CHECK(apply(*run, changes).token_loss == apply(*other, changes).token_loss);
    const auto never = runner->start_ablation(some_ids(40, 97), job);
    REQUIRE_FALSE(never.has_value());
    CHECK(never.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("ablation: what does not fit the model or the text is refused in words") {
    const auto runner = random_runner(small_model("llama"));
    const auto run = start(*runner, some_ids(10, 97));
    const auto refuse = [&](const Intervention& bad, const char* words) {
        const auto outcome = run->apply(std::span(&bad, 1), {}, {});
        REQUIRE_FALSE(outcome.has_value());
        CHECK(outcome.error().kind == ErrorKind::InvalidInput);
        CHECK_MESSAGE(outcome.error().message.find(words) != std::string::npos, outcome.error().message);
    };
    refuse(change(InterventionMode::Uniform, {}), "no head");
    refuse(change(InterventionMode::Uniform, {{3, 0}}), "L3H0");
    refuse(change(InterventionMode::Uniform, {{0, -1}}), "layers");
    refuse(cut({{0, 0}}, {}), "no edge");
    refuse(cut({{0, 0}}, {{10, 0}}), "10 tokens");
    refuse(cut({{0, 0}}, {{3, 4}}), "0 to 3");
    refuse(change(InterventionMode::Pattern, {{0, 0}}), "0 patterns");
    Intervention pattern = change(InterventionMode::Pattern, {{0, 0}});
    pattern.patterns.emplace_back(9, 9);
    refuse(pattern, "10 tokens");
    pattern.patterns[0] = Matrix(10, 10);
    for (int i = 0; i < 10; ++i)
        pattern.patterns[0].at(i, 9) = 1;  // row 0 has weight in the future only
    refuse(pattern, "row 0");
    pattern.patterns[0].at(0, 0) = -1;
    refuse(pattern, "0 or more");
    Intervention mean = change(InterventionMode::MeanOutput, {{0, 0}});
    refuse(mean, "0 mean outputs");
    mean.outputs = {{1, 2}};
    refuse(mean, "12 wide");
    Intervention local = change(InterventionMode::LocalWindow, {{0, 0}});
    local.window = -1;
    refuse(local, "local window");
    refuse(scaled({{0, 0}}, std::nan("")), "scaled");
    AblationWish wish;
    wish.logit_positions = {10};
    CHECK_FALSE(run->apply({}, wish, {}).has_value());
    CHECK_FALSE(runner->start_ablation(std::vector<std::int32_t>{}, {}).has_value());
    CHECK_FALSE(runner->start_ablation(std::vector<std::int32_t>{97}, {}).has_value());
}

TEST_CASE("ablation: without heads and feed-forward parts the output reads what enters the first block") {
    for (const char* family : {"llama", "gpt2", "gpt_neox"}) {
        const auto runner = random_runner(small_model(family));
        const std::vector<std::int32_t> ids = some_ids(9, 97);
        Intervention nothing = change(InterventionMode::Scale, {});
        nothing.factor = 0;
        for (int layer = 0; layer < 3; ++layer) {
            nothing.mlp_layers.push_back(layer);
            for (int head = 0; head < 4; ++head)
                nothing.heads.push_back({layer, head});
        }
        AblationWish wish;
        wish.logit_positions = {8};
        const auto run = start(*runner, ids);
        const Matrix found = apply(*run, {nothing}, wish).logits;
        auto causal = runner->start_causal(ids, {});
        REQUIRE_MESSAGE(causal.has_value(), (causal ? "" : causal.error().to_string()));
        LensRequest request;
        request.wants_logits = true;
        request.question = Question{.position = 8, .answer = 1, .rival = {}};
        const auto lens = (*causal)->lens(request, {});
        REQUIRE_MESSAGE(lens.has_value(), (lens ? "" : lens.error().to_string()));
        const auto first = lens->logits_at.row(0);
        INFO(family);
        CHECK(largest_difference(found.values, {first.begin(), first.end()}) < 1e-5);

        Intervention same = change(InterventionMode::Scale, {});
        same.factor = 1;
        same.mlp_layers = {1};
        const AblationOutcome unchanged = apply(*run, {same}, wish);
        CHECK(unchanged.first_layer == 1);
        CHECK(largest_difference(unchanged.token_loss, run->base_loss()) < 1e-6);
        same.mlp_layers = {3};
        CHECK(run->apply(std::span(&same, 1), wish, {}).error().kind == ErrorKind::InvalidInput);
        same.mode = InterventionMode::Uniform;
        same.mlp_layers = {0};
        CHECK(run->apply(std::span(&same, 1), wish, {}).error().kind == ErrorKind::InvalidInput);
    }
}
