#include "train/recipe.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace headlight {
namespace {

// Shares of the run. On a small alphabet matching and copying are learned first; without that, none of the
// runs that were tried found induction at all.
constexpr double kAlphabetGrowsFrom = 0.125;
constexpr double kAlphabetIsWholeAt = 0.3125;
constexpr double kShortRowsUntil = 0.34;
constexpr double kSharesFallFrom = 0.4;
constexpr double kLastRate = 0.1;
// Longest random block: 24 of 64 tokens in short rows, 100 of 256 in full ones.
constexpr double kLongestBlockShort = 24.0 / 64.0;
constexpr double kLongestBlockFull = 100.0 / 256.0;

template <class T>
Status check_range(const char* option, T value, T least, T most) {
    if (value >= least && value <= most) return {};  // not so for NaN
    return fail(ErrorKind::InvalidInput, "training option {} is {}, it must lie between {} and {}", option,
                value, least, most);
}

int alphabet_at(double progress, int num_pieces) {
    if (num_pieces <= kFirstAlphabet) return num_pieces;
    const double grown = (progress - kAlphabetGrowsFrom) / (kAlphabetIsWholeAt - kAlphabetGrowsFrom);
    const double ratio = static_cast<double>(num_pieces) / kFirstAlphabet;
    return static_cast<int>(kFirstAlphabet * std::pow(ratio, std::clamp(grown, 0.0, 1.0)) + 1e-9);
}

Status check_sizes(const TrainRequest& request) {
    HEADLIGHT_CHECK(check_range("num_layers", request.num_layers, 1, 64));
    HEADLIGHT_CHECK(check_range("num_heads", request.num_heads, 1, 256));
    HEADLIGHT_CHECK(check_range("hidden_size", request.hidden_size, 2, 8192));
    HEADLIGHT_CHECK(check_range("intermediate_size", request.intermediate_size, 1, 32768));
    HEADLIGHT_CHECK(check_range("context_length", request.context_length, 8, 8192));
    HEADLIGHT_CHECK(check_range("vocab_size", request.vocab_size, 2, 65536));
    HEADLIGHT_CHECK(check_range("tokens_per_step", request.tokens_per_step, request.context_length, 1 << 20));
    HEADLIGHT_CHECK(check_range("num_steps", request.num_steps, 1, 10'000'000));
    HEADLIGHT_CHECK(check_range("warmup_steps", request.warmup_steps, 0, 10'000'000));
    if (request.short_length != 0) {
        HEADLIGHT_CHECK(check_range("short_length", request.short_length, 8, request.context_length));
    }
    if (is_addition(request)) {
        HEADLIGHT_CHECK(check_range("modulus", request.modulus, 2, kLargestModulus));
        HEADLIGHT_CHECK(check_range("train_fraction", request.train_fraction, 0.01, 0.99));
        if (request.hidden_size % request.num_heads == 0) return {};
        return fail(ErrorKind::InvalidInput,
                    "training option hidden_size is {}, it must be a multiple of the {} heads",
                    request.hidden_size, request.num_heads);
    }
    if (request.hidden_size % (2 * request.num_heads) != 0) {
        return fail(ErrorKind::InvalidInput,
                    "training option hidden_size is {}, it must be a multiple of twice the {} "
                    "heads (rotary positions turn pairs)",
                    request.hidden_size, request.num_heads);
    }
    return {};
}

}  // namespace

double learning_rate_at(const TrainRequest& request, int step) {
    const double warmup = std::min(1.0, (step + 1.0) / std::max(1, request.warmup_steps));
    if (is_addition(request)) return request.learning_rate * warmup;
    const double rest = std::max(1, request.num_steps - request.warmup_steps);
    const double progress = std::clamp((step - request.warmup_steps) / rest, 0.0, 1.0);
    const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
    return request.learning_rate * warmup * (kLastRate + (1.0 - kLastRate) * cosine);
}

StepPlan plan_step(const TrainRequest& request, int step, int num_pieces) {
    const double progress = static_cast<double>(step) / request.num_steps;
    const bool is_short = request.short_length > 0 && request.short_length < request.context_length &&
                          progress < kShortRowsUntil;
    StepPlan plan;
    plan.length = is_short ? request.short_length : request.context_length;
    plan.num_rows = std::max(1, request.tokens_per_step / plan.length);
    plan.alphabet = alphabet_at(progress, num_pieces);
    plan.longest_block =
        std::max(4, static_cast<int>(plan.length * (is_short ? kLongestBlockShort : kLongestBlockFull)));
    const double fallen = std::max(0.0, (progress - kSharesFallFrom) / (1.0 - kSharesFallFrom));
    const double end = std::min(request.repeat_share, request.repeat_share_end);
    plan.random_share = request.repeat_share + (end - request.repeat_share) * fallen;
    plan.text_repeat_share = request.repeat_share > 0 ? request.text_repeat_share : 0.0;
    plan.learning_rate = learning_rate_at(request, step);
    return plan;
}

Status check_request(const TrainRequest& request) {
    if (request.task != "text" && !is_addition(request)) {
        return fail(ErrorKind::InvalidInput, "training option task is '{}', it must be text or addition",
                    request.task);
    }
    HEADLIGHT_CHECK(check_sizes(request));
    HEADLIGHT_CHECK(check_range("observe_every", request.observe_every, 0, 10'000'000));
    HEADLIGHT_CHECK(check_range("learning_rate", request.learning_rate, 1e-8, 10.0));
    HEADLIGHT_CHECK(check_range("weight_decay", request.weight_decay, 0.0, 10.0));
    HEADLIGHT_CHECK(check_range("clip_norm", request.clip_norm, 1e-6, 1e6));
    HEADLIGHT_CHECK(check_range("rope_theta", request.rope_theta, 1.0, 1e9));
    HEADLIGHT_CHECK(check_range("repeat_share", request.repeat_share, 0.0, 1.0));
    HEADLIGHT_CHECK(check_range("repeat_share_end", request.repeat_share_end, 0.0, 1.0));
    HEADLIGHT_CHECK(check_range("text_repeat_share", request.text_repeat_share, 0.0, 1.0));
    HEADLIGHT_CHECK(check_range("checkpoint_every", request.checkpoint_every, 0, 10'000'000));
    HEADLIGHT_CHECK(check_range("validate_every", request.validate_every, 0, 10'000'000));
    HEADLIGHT_CHECK(check_range("num_threads", request.num_threads, 0, 1024));
    if (request.save_dtype != "float32" && request.save_dtype != "float16" &&
        request.save_dtype != "bfloat16") {
        return fail(ErrorKind::InvalidInput,
                    "training option save_dtype is '{}', it must be float32, float16 or bfloat16",
                    request.save_dtype);
    }
    if (request.output_dir.empty()) {
        return fail(ErrorKind::InvalidInput, "training needs an output folder; none was given");
    }
    return {};
}

bool is_addition(const TrainRequest& request) {
    return request.task == "addition";
}

std::string describe_run(const TrainRequest& r) {
    nlohmann::json options = {{"tokenizer", r.tokenizer},
                              {"vocab_size", r.vocab_size},
                              {"hidden_size", r.hidden_size},
                              {"num_layers", r.num_layers},
                              {"num_heads", r.num_heads},
                              {"intermediate_size", r.intermediate_size},
                              {"context_length", r.context_length},
                              {"num_steps", r.num_steps},
                              {"tokens_per_step", r.tokens_per_step},
                              {"learning_rate", r.learning_rate},
                              {"weight_decay", r.weight_decay},
                              {"warmup_steps", r.warmup_steps},
                              {"clip_norm", r.clip_norm},
                              {"rope_theta", r.rope_theta},
                              {"repeat_share", r.repeat_share},
                              {"repeat_share_end", r.repeat_share_end},
                              {"text_repeat_share", r.text_repeat_share},
                              {"short_length", r.short_length},
                              {"seed", r.seed}};
    if (is_addition(r)) {
        options["task"] = r.task;
        options["modulus"] = r.modulus;
        options["train_fraction"] = r.train_fraction;
    }
    return options.dump();
}

}  // namespace headlight
