#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "base/quantities.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "cli/train_presets.h"
#include "report/training/training_chart.h"

namespace headlight {
namespace {

/// What the observer saw, without the values of single layers and heads.
std::string observed_line(const TrainProgress& p) {
    std::string line = fmt::format("step {}:", p.step);
    for (const auto& [name, value] : p.observed) {
        if (name.find('/') == std::string::npos) line += fmt::format(" {} {:.4g}", name, value);
    }
    return line;
}

Status check_task(const TrainRequest& request) {
    if (request.task == "text" && request.corpus_files.empty()) {
        return fail(ErrorKind::InvalidInput, "training on text needs --corpus FILES (or --task addition)");
    }
    if (request.task != "text" && !request.corpus_files.empty()) {
        return fail(ErrorKind::InvalidInput, "the task '{}' makes its own data: leave out --corpus",
                    request.task);
    }
    return {};
}

/// The picture of the observer's log, when there is one.
Status draw_observed(const TrainRequest& request) {
    if (request.observe_every == 0) return {};
    return draw_training_log(request.output_dir + "/training");
}

Status train(const TrainRequest& request) {
    HEADLIGHT_CHECK(check_task(request));
    HEADLIGHT_TRY(Engine* const engine, load_engine());
    ProgressBar bar("train");
    const bool is_text = request.task == "text";
    const auto show = [&bar, is_text](const TrainProgress& p) {
        const double fraction = p.num_steps > 0 ? static_cast<double>(p.step) / p.num_steps : -1;
        bar.show(fraction,
                 fmt::format("step {}/{}  loss {:.3f}  {:.0f} tokens/s  {} left", p.step, p.num_steps, p.loss,
                             p.tokens_per_second, duration_text(p.seconds_left)));
        if (p.validation_loss && !is_text) {
            bar.note(fmt::format("step {}: loss {:.4f}, test {:.4f} nats an answer", p.step, p.loss,
                                 *p.validation_loss));
        } else if (p.validation_loss) {
            bar.note(fmt::format("step {}: loss {:.4f}, validation {:.4f} nats a token (perplexity {:.2f})",
                                 p.step, p.loss, *p.validation_loss, std::exp(*p.validation_loss)));
        }
        if (!p.observed.empty()) bar.note(observed_line(p));
        if (!p.note.empty()) bar.note(fmt::format("step {}: {}", p.step, p.note));
    };
    HEADLIGHT_TRY(const TrainReport report, engine->train(request, show, JobContext(interrupt_token())));
    bar.finish();
    HEADLIGHT_CHECK(draw_observed(request));
    if (report.was_stopped) {
        return fail(make_error(ErrorKind::Internal,
                               "stopped at step {}; the same command with --resume goes on from there",
                               report.step)
                        .in_file(report.output_dir));
    }
    std::printf("%s: %d steps in %s, loss %.4f nats %s", report.output_dir.c_str(), report.step,
                duration_text(report.seconds).c_str(), report.loss, is_text ? "a token" : "an answer");
    if (report.validation_loss)
        std::printf(", %s %.4f", is_text ? "validation" : "test", *report.validation_loss);
    std::printf("\n");
    for (const HeldOutLoss& held : report.held_out) {
        std::printf("  held out of %-24s %.4f nats a token, %.4f bits a character\n", held.name.c_str(),
                    held.nats_per_token, held.bits_per_character);
    }
    return {};
}

void add_model_shape(CLI::App& app, TrainRequest& r) {
    const std::string group = "Model";
    const auto count = CLI::Range(1, 1 << 20);
    app.add_option("--vocab-size", r.vocab_size, "Pieces of the vocabulary")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--embedding-dimension", r.hidden_size, "Size of the embedding")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--number-of-layers", r.num_layers, "Layers")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--number-of-heads", r.num_heads, "Heads of each layer")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--intermediate-size", r.intermediate_size, "Width of the MLP")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--context-length", r.context_length, "Tokens a row")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--rope-theta", r.rope_theta, "Base of the rotary positions")
        ->check(CLI::PositiveNumber)
        ->group(group)
        ->capture_default_str();
}

void add_recipe(CLI::App& app, TrainRequest& r) {
    const std::string group = "Recipe";
    const auto count = CLI::Range(1, 1 << 30);
    app.add_option("--steps", r.num_steps, "Optimizer steps")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--tokens-per-step", r.tokens_per_step, "Tokens of a batch")
        ->check(count)
        ->group(group)
        ->capture_default_str();
    app.add_option("--learning-rate", r.learning_rate, "Peak of the schedule")
        ->check(CLI::PositiveNumber)
        ->group(group)
        ->capture_default_str();
    app.add_option("--weight-decay", r.weight_decay, "AdamW's weight decay")
        ->check(CLI::NonNegativeNumber)
        ->group(group)
        ->capture_default_str();
    app.add_option("--warmup-steps", r.warmup_steps, "Steps of linear warm-up")
        ->check(CLI::NonNegativeNumber)
        ->group(group)
        ->capture_default_str();
    app.add_option("--clip-norm", r.clip_norm, "Largest norm of the gradient")
        ->check(CLI::PositiveNumber)
        ->group(group)
        ->capture_default_str();
    app.add_option("--repeat-share", r.repeat_share, "Share of random-repeat rows at the start")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group)
        ->capture_default_str();
    app.add_option("--repeat-share-end", r.repeat_share_end, "The same at the last step")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group)
        ->capture_default_str();
    app.add_option("--text-repeat-share", r.text_repeat_share, "Share of rows that repeat a window of text")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group)
        ->capture_default_str();
    app.add_option("--short-length", r.short_length, "Tokens a row in the first third (0: all of them)")
        ->check(CLI::NonNegativeNumber)
        ->group(group)
        ->capture_default_str();
    app.add_option("--seed", r.seed, "The same seed gives the same run")->group(group)->capture_default_str();
}

std::function<Status()> add(CLI::App& app) {
    const auto request = std::make_shared<TrainRequest>();
    app.add_option("--corpus", request->corpus_files, "Text files to train on")
        ->expected(1, -1)
        ->check(CLI::ExistingFile);
    app.add_option("--output-dir", request->output_dir, "Folder for checkpoints and the finished model")
        ->required();
    app.add_option("--task", request->task,
                   "text: predict the next token of the corpus; addition: a + b modulo --modulus, all "
                   "training pairs in "
                   "each step, a model that generalises long after it knows them by heart")
        ->check(CLI::IsMember({"text", "addition"}))
        ->capture_default_str();
    app.add_option(
           "--tokenizer", request->tokenizer,
           "Kind of vocabulary to make of the corpus; characters stands for a smaller model (2 layers of 4 "
           "heads, 1000 steps) unless its options are given")
        ->check(CLI::IsMember({"sentencepiece_bpe", "characters"}))
        ->capture_default_str();
    app.add_option("--modulus", request->modulus, "Of --task addition")
        ->check(CLI::Range(2, 256))
        ->capture_default_str();
    app.add_option("--train-fraction", request->train_fraction,
                   "Share of the pairs of --task addition to train on")
        ->check(CLI::Range(0.01, 0.99))
        ->capture_default_str();
    app.add_option("--observe-every", request->observe_every,
                   "Steps between two rows of attention metrics in DIR/training/metrics.jsonl, metrics.csv, "
                   "a TensorBoard "
                   "event file and a picture (0: none; addition: 50)")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    app.add_flag("--keep-checkpoints", request->keeps_checkpoints,
                 "Keep every checkpoint in DIR/checkpoints/step_N, for headlight watch");
    app.add_flag("--resume", request->resume, "Go on from the last checkpoint in the folder");
    app.add_option("--threads", request->num_threads, "Threads (0: all cores)")->check(CLI::Range(0, 1024));
    app.add_option("--checkpoint-every", request->checkpoint_every, "Steps between checkpoints")
        ->check(CLI::Range(1, 1 << 30))
        ->capture_default_str();
    app.add_option("--validate-every", request->validate_every, "Steps between validations")
        ->check(CLI::Range(1, 1 << 30))
        ->capture_default_str();
    app.add_option("--save-dtype", request->save_dtype, "Weights of the finished model")
        ->check(CLI::IsMember({"float32", "float16", "bfloat16"}))
        ->capture_default_str();
    add_model_shape(app, *request);
    add_recipe(app, *request);
    return [request, &app] {
        apply_preset(app, *request);
        return train(*request);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_train = {
    "train",
    "Trains a small model whose heads are worth looking at, as the bundled demo was, and watches them form",
    "  headlight train --corpus book.txt --output-dir my_model\n"
    "  headlight train --corpus *.txt --output-dir my_model --steps 5000 --number-of-layers 6 --seed 3\n"
    "  headlight train --corpus book.txt --output-dir my_model --resume\n"
    "  headlight train --corpus book.txt --output-dir letters --tokenizer characters --observe-every 50\n"
    "  headlight train --task addition --output-dir grokking --keep-checkpoints",
    add};

}  // namespace headlight
