// Whatever a snapshot shows is of one model, one tokenizer and one text: in random orders with jobs that end
// late.
#include <functional>
#include <random>

#include "run/saved/session_file.h"
#include "session/belonging.h"
#include "session/recording_shell.h"
#include "session/saved/notes_state.h"
#include "session/saved/restore.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Intervention zero(HeadId head) {
    Intervention change;
    change.mode = InterventionMode::ZeroOutput;
    change.heads = {head};
    return change;
}

bool note(Session& session, const std::string& command, const std::string& word) {
    RecordingShell shell;
    CommandContext context{session, shell};
    return run_command(context, {command, {word}}).has_value();
}

}  // namespace

TEST_CASE("belonging: random orders, with jobs that end late") {
    const unsigned num_rounds = 30;
    for (unsigned seed = 0; seed < num_rounds; ++seed) {
        CAPTURE(seed);
        ManyModels f("belonging_random");
        std::mt19937 random(seed);
        const auto pick = [&](const std::vector<std::string>& list) { return list[random() % list.size()]; };
        const std::vector<std::string> paths = {f.words, f.sums,   f.ids,   f.pair, f.stored, f.stored_pair,
                                                f.words, f.broken, f.atlas, f.log,  f.sums};
        const std::vector<std::string> texts = {"a b c",
                                                "1 2 3",
                                                "",
                                                "0 1 =",
                                                "a",
                                                "64 65",
                                                "a b c d e a b c d e",
                                                "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"};
        Session& s = f.session;
        FakeWorld& world = *f.world;
        const std::vector<std::function<void()>> steps = {
            [&] { s.open(pick(paths)); },
            [&] { s.open(pick(paths)); },
            [&] {
                s.open_stored_trace(f.stored, pick({f.ids, f.words, f.broken}));
            },
            [&] { s.set_text(pick(texts)); },
            [&] { s.set_text(pick(texts)); },
            [&] { s.set_decoder_text(pick(texts)); },
            [&] { s.use_fitting_text(); },
            [&] {
                s.use_tokenizer(pick({f.other_words, f.wrong_words, f.root + "/absent.json"}));
            },
            [&] { s.set_kind(static_cast<AttentionKind>(random() % 4)); },
            [&] {
                s.select({static_cast<int>(random() % 4), static_cast<int>(random() % 4)}, random() % 2 == 0);
            },
            [&] { s.set_query(static_cast<int>(random() % 6)), s.set_key(static_cast<int>(random() % 6)); },
            [&] { s.add_intervention(zero(f.now().selection.head)); },
            [&] { s.set_compare(static_cast<Compare>(random() % 3)); },
            [&] { start_probe(s); },
            [&] { start_sweep(s, InterventionMode::ZeroOutput); },
            [&] { s.undo(); },
            [&] { s.redo(); },
            [&] { s.cancel(); },
            [&] { s.make_live(); },
            [&] { note(s, "note", "one"); },
            [&] { note(s, "note_cell", "two"); },
            [&] { note(s, "go_to_note", "0"); },
            [&] { REQUIRE(write_session(capture_session(s), f.root + "/random.headlight")); },
            [&] { s.open(f.root + "/random.headlight"); },
            [&] { s.pump(); },
            [&] { s.pump(); },
            [&] { world.run_gate.close(); },
            [&] { world.run_gate.open(); },
            [&] { world.open_gate.close(); },
            [&] { world.open_gate.open(); },
            [&] { world.ablation_gate.close(); },
            [&] { world.ablation_gate.open(); },
            [&] { world.weights_gate.close(); },
            [&] { world.weights_gate.open(); },
            [&] {
                for (Gate* gate :
                     {&world.run_gate, &world.open_gate, &world.ablation_gate, &world.weights_gate})
                    gate->open();
                REQUIRE(f.settle());
                CHECK((f.now().text || f.now().text_problem || !f.now().model));
                CHECK((!f.now().is_stale || f.now().text_problem));
            }};
        for (int i = 0; i < 150; ++i) {
            const std::size_t step = random() % steps.size();
            CAPTURE(step);
            steps[step]();
            belongs_together(s);
        }
        steps.back()();
        belongs_together(s);
    }
}
