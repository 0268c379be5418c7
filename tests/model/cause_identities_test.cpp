// What must hold of causes in every family, and closed forms on models of the project's own.
#include <cmath>

#include "family/family.h"
#include "model/cause_support.h"
#include "model/model_support.h"
#include "run/cause/attribute_prompts.h"
#include "run/cause/causal_text.h"

using namespace headlight;

namespace {

/// Every model of the fixtures that reads one text, with two texts of as many tokens.
struct Subject {
    std::string name;
    std::unique_ptr<ModelRunner> runner;
    std::vector<std::int32_t> source;  // what an encoder reads; the texts are then its decoder's
    std::vector<std::int32_t> clean, corrupted;
    Question question;

    Result<std::unique_ptr<CausalRun>> explain() const {
        return source.empty() ? runner->start_causal(clean, {})
                              : runner->start_decoder_causal(source, clean, {});
    }
    Result<std::unique_ptr<PatchingRun>> patch() const {
        return source.empty()
                   ? runner->start_patching(clean, corrupted, question, {})
                   : runner->start_decoder_patching(source, clean, source, corrupted, question, {});
    }
    int num_layers() const {
        const ModelSpec& spec = runner->spec();
        return spec.has_decoder ? spec.num_decoder_layers : spec.num_layers;
    }
};

/// Those of the project, and those beside the clone where they are there.
std::vector<std::string> fixture_folders() {
    std::vector<std::string> out;
    for (const std::string& root : {test::own_fixture("decoders"), test::own_fixture("encoders"),
                                    test::own_fixture(""), test::shared_fixture("models")}) {
        if (!std::filesystem::is_directory(root)) continue;
        for (const auto& entry : std::filesystem::directory_iterator(root))
            if (entry.is_directory() && std::filesystem::exists(entry.path() / "config.json"))
                out.push_back(entry.path().string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// nullopt: no such model, or one that says why it cannot be explained.
std::optional<Subject> subject_of(const std::string& path) {
    auto runner = open_model_runner({path, {}}, {}, test::threads());
    if (!runner || !(*runner)->spec().layers_without_attention.empty() || (*runner)->takes_pictures())
        return std::nullopt;
    Subject out;
    out.name = std::filesystem::path(path).filename().string();
    out.runner = std::move(*runner);
    // Some know more rows than ids of one of their two texts: every id below 30 is known to all.
    const int vocab = std::min(30, out.runner->spec().vocab_size);
    for (int i = 0; i < 9; ++i)
        out.clean.push_back((7 + 31 * i) % vocab);
    out.corrupted = out.clean;
    out.corrupted[4] = (out.corrupted[4] + 11) % vocab;
    out.question = {8, 3, 5};
    if (out.runner->spec().has_decoder)
        for (int i = 0; i < 5; ++i)
            out.source.push_back((11 + 17 * i) % vocab);
    return out;
}

float difference_at(CausalRun& run, const Question& question) {
    const int row[] = {question.position};
    const Matrix logits = run.logits(row).value();
    return logits.at(0, question.answer) - logits.at(0, *question.rival);
}

}  // namespace

TEST_CASE("causes: in every family parts sum to the logit, cells to their head, or the reason is named") {
    int explained = 0, refused = 0;
    for (const std::string& path : fixture_folders()) {
        auto subject = subject_of(path);
        if (!subject) continue;
        CAPTURE(subject->name);
        auto started = subject->explain();
        if (!started) {
            CHECK(started.error().kind == ErrorKind::Unsupported);
            CHECK_FALSE(started.error().message.empty());
            ++refused;
            continue;
        }
        CausalRun& run = **started;
        if (!run.why_no_attribution().empty()) {
            const auto attribution = run.attribute(subject->question, false, {});
            REQUIRE_FALSE(attribution);
            CHECK(attribution.error().message == run.why_no_attribution());
            ++refused;
            continue;
        }
        ++explained;
        const auto attribution = run.attribute(subject->question, true, {});
        REQUIRE_MESSAGE(attribution, (attribution ? "" : attribution.error().to_string()));
        CHECK(attribution->largest_error < 1e-4);
        CHECK(attribution->answer_rank.size() == attribution->components.size());
        const auto effects =
            weighted_trace(run, run.trace(), WeightsShown::Effect, &subject->question).value();
        const int row = subject->question.position;
        for (std::size_t c = 0; c < attribution->components.size(); ++c) {
            const Component& component = attribution->components[c];
            if (component.kind != Component::Kind::Head) continue;
            std::vector<float> cells(static_cast<std::size_t>(effects->num_keys()));
            effects->rows(component.layer, component.head, row, row + 1, cells);
            double sum = 0;
            for (const float cell : cells)
                sum += cell;
            const double effect = attribution->effect(c, row);
            CHECK(std::abs(sum - effect) < 1e-4 * std::max(1.0, std::abs(effect)));
        }
        // The last state of the lens is the model's output.
        const auto lens = run.lens({subject->question, 3, false}, {});
        REQUIRE(lens);
        CHECK(std::abs(lens->difference.at(lens->num_states - 1, row) -
                       difference_at(run, subject->question)) < 1e-4);
        CHECK(lens->kl.at(lens->num_states - 1, row) == 0);
    }
    CHECK(explained >= 12);
    CHECK(refused >= 3);
}

TEST_CASE("causes: patching keeps its identities in every family") {
    int patched = 0;
    for (const std::string& path : fixture_folders()) {
        auto subject = subject_of(path);
        if (!subject) continue;
        CAPTURE(subject->name);
        const auto started = subject->patch();
        if (!started) {
            CHECK(started.error().kind == ErrorKind::Unsupported);
            continue;
        }
        ++patched;
        PatchingRun& run = **started;
        const int layers = subject->num_layers(), last = layers - 1, row = subject->question.position;
        const auto metrics = [&](PatchDirection direction, std::vector<PatchCell> cells) {
            std::vector<AnswerMetrics> out(cells.size());
            REQUIRE(run.patch(direction, cells, {},
                              [&](std::size_t i, const AnswerMetrics& found) { out[i] = found; }));
            return out;
        };
        const double scale = 2e-4 * std::max(1.0f, std::abs(run.clean().difference));
        // The stream that leaves the last layer at the question's row is the answer, in both directions.
        CHECK(std::abs(metrics(PatchDirection::Denoise, {{PatchSite::Resid, layers, -1, row}})[0].difference -
                       run.clean().difference) < scale);
        CHECK(std::abs(metrics(PatchDirection::Noise, {{PatchSite::Resid, layers, -1, row}})[0].difference -
                       run.corrupted().difference) < scale);
        // What enters layer 0 differs at one position alone: putting it in is the other run.
        CHECK(std::abs(metrics(PatchDirection::Denoise, {{PatchSite::Resid, 0, -1, 4}})[0].difference -
                       run.clean().difference) < scale);
        // Where both texts agree nothing changes.
        CHECK(std::abs(metrics(PatchDirection::Noise, {{PatchSite::Resid, 0, -1, 2}})[0].difference -
                       run.clean().difference) < scale);
        // In the last layer a head's output at the row that is asked is all that counts of it.
        const auto heads = metrics(PatchDirection::Noise, {{PatchSite::Head, last, 0, -1},
                                                           {PatchSite::HeadAt, last, 0, -1},
                                                           {PatchSite::HeadPos, last, 0, row}});
        CHECK(std::abs(heads[0].difference - heads[1].difference) < scale);
        CHECK(std::abs(heads[1].difference - heads[2].difference) < scale);
        // So is the direct path of that head, feed-forward parts computed again; a decoder's cross-attention
        // reads the head as well, and keeps its heads on a direct path.
        if (!subject->source.empty()) continue;
        const HeadId sender[] = {{last, 0}};
        AnswerMetrics path_metrics;
        REQUIRE(run.patch_path({}, sender, {},
                               [&](std::size_t, const AnswerMetrics& found) { path_metrics = found; }));
        CHECK(std::abs(path_metrics.difference - heads[0].difference) < scale);
    }
    CHECK(patched >= 15);
}

TEST_CASE("causes: texts that cannot be patched are refused with what to do") {
    const auto runner = test::open(test::own_fixture("gpt2"));
    const std::vector<std::int32_t> text{1, 2, 3}, longer{1, 2, 3, 4}, other{1, 2, 4};
    const auto lengths = runner->start_patching(text, longer, {2, 1, 2}, {});
    REQUIRE_FALSE(lengths);
    CHECK(lengths.error().message.find("3 tokens") != std::string::npos);
    CHECK_FALSE(runner->start_patching(text, text, {2, 1, 2}, {}));
    CHECK_FALSE(runner->start_patching(text, other, {3, 1, 2}, {}));
    CHECK_FALSE(runner->start_patching(text, other, {2, 1 << 30, 2}, {}));
    const auto run = runner->start_patching(text, other, {2, 1, 2}, {}).value();
    const PatchCell outside[] = {{PatchSite::Head, 1 << 20, 0, -1}};
    CHECK_FALSE(run->patch(PatchDirection::Noise, outside, {}, [](std::size_t, const AnswerMetrics&) {}));
}

TEST_CASE("causes: a stop between batches keeps what was reported") {
    const auto runner = test::open(test::own_fixture("gpt2"));
    const std::vector<std::int32_t> text{1, 2, 3}, other{1, 2, 4};
    const auto run = runner->start_patching(text, other, {2, 1, 2}, {}).value();
    const ModelSpec& spec = runner->spec();
    const auto cells = patch_cells(PatchSite::Head, spec.num_layers, spec.num_heads, 3);
    std::stop_source stop;
    std::size_t reported = 0;
    const auto status =
        run->patch(PatchDirection::Noise, cells, JobContext(stop.get_token()),
                   [&](std::size_t, const AnswerMetrics&) { ++reported, stop.request_stop(); });
    REQUIRE_FALSE(status);
    CHECK(status.error().kind == ErrorKind::Cancelled);
    CHECK(reported == static_cast<std::size_t>(spec.num_heads));
}

TEST_CASE("causes: of a decoder, cross-attention's heads and another text of the encoder") {
    HEADLIGHT_NEEDS(test::shared_fixture("models/t5"));
    for (const char* name : {"t5", "bart"}) {
        if (!std::filesystem::exists(test::shared_fixture(std::string("models/") + name))) continue;
        CAPTURE(name);
        auto subject = subject_of(test::shared_fixture(std::string("models/") + name));
        REQUIRE(subject);
        const auto run = subject->explain().value();
        const auto attribution = run->attribute(subject->question, true, {}).value();
        const auto crossed =
            std::count_if(attribution.components.begin(), attribution.components.end(),
                          [](const Component& part) { return part.kind == Component::Kind::CrossHead; });
        const ModelSpec& spec = subject->runner->spec();
        CHECK(crossed == spec.num_decoder_layers * spec.num_decoder_heads);
        CHECK(attribution.largest_error < 1e-4);
        CHECK(attribution.all_norms_frozen == (std::string_view(name) == "bart"));
        // The logits are those of the runner's own pass.
        RunRequest request;
        request.ids = subject->source;
        request.decoder_ids = subject->clean;
        request.logit_positions = {subject->question.position};
        const RunResult plain = test::run(*subject->runner, request);
        const int row[] = {subject->question.position};
        CHECK(test::largest_difference(run->logits(row).value().values, plain.logits.values) < 1e-4);
        CHECK_FALSE(subject->runner->start_causal(subject->clean, {}));

        std::vector<std::int32_t> other = subject->source;
        other.push_back(1);  // an encoder's text may be longer
        const auto patching = subject->runner
                                  ->start_decoder_patching(subject->source, subject->clean, other,
                                                           subject->clean, subject->question, {})
                                  .value();
        CHECK(patching->first_difference() == 0);
        CHECK(std::abs(patching->clean().difference - patching->corrupted().difference) > 1e-6);
        const PatchCell last[] = {
            {PatchSite::Resid, spec.num_decoder_layers, -1, subject->question.position}};
        REQUIRE(
            patching->patch(PatchDirection::Denoise, last, {}, [&](std::size_t, const AnswerMetrics& found) {
                CHECK(found.difference == doctest::Approx(patching->clean().difference).epsilon(1e-4));
            }));
    }
    const auto plain = test::open(test::own_fixture("gpt2"));
    const std::vector<std::int32_t> ids{1, 2};
    CHECK_FALSE(plain->start_decoder_causal(ids, ids, {}));
}
