// Trains straight from the library, for work on the trainer itself: train_demo_tool OUT STEPS SEED [--resume]
// FILE... The schedule is that of STEPS; --stop-at N ends earlier with a saved checkpoint, as Ctrl-C does.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stop_token>
#include <string>

#include "train/trainer.h"

namespace {

std::stop_source stop_source;

void print(const headlight::TrainProgress& progress) {
    if (progress.note.empty() && !progress.validation_loss && progress.step % 25 != 0) return;
    std::printf("step %d/%d loss %.3f lr %.2e %.0f tokens/s %.0f s left", progress.step, progress.num_steps,
                progress.loss, progress.learning_rate, progress.tokens_per_second, progress.seconds_left);
    if (progress.validation_loss) std::printf(" held-out %.3f", *progress.validation_loss);
    std::printf(" %s\n", progress.note.c_str());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    headlight::TrainRequest request;
    int stop_at = -1;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--resume") {
            request.resume = true;
        } else if (argument == "--stop-at" && i + 1 < argc) {
            stop_at = std::atoi(argv[++i]);
        } else if (i == 1) {
            request.output_dir = argument;
        } else if (i == 2) {
            request.num_steps = std::atoi(argv[i]);
        } else if (i == 3) {
            request.seed = std::strtoull(argv[i], nullptr, 10);
        } else {
            request.corpus_files.push_back(argument);
        }
    }
    if (const char* threads = std::getenv("TRAIN_THREADS")) request.num_threads = std::atoi(threads);
    std::signal(SIGINT, [](int) { stop_source.request_stop(); });
    const auto report = headlight::train_model(
        request,
        [&](const headlight::TrainProgress& progress) {
            print(progress);
            if (progress.step == stop_at) stop_source.request_stop();
        },
        headlight::JobContext(stop_source.get_token()));
    if (!report) {
        std::fprintf(stderr, "error: %s\n", report.error().to_string().c_str());
        return 1;
    }
    std::printf("step %d loss %.4f in %.0f s%s\n", report->step, report->loss, report->seconds,
                report->was_stopped ? ", stopped" : "");
    if (report->validation_loss)
        std::printf("  held-out text together %.4f nats a token\n", *report->validation_loss);
    for (const auto& file : report->held_out) {
        std::printf("  %s %.4f nats a token, %.4f bits a character\n", file.name.c_str(), file.nats_per_token,
                    file.bits_per_character);
    }
    return 0;
}
