#include "cli/self_checks.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/mapped_file.h"
#include "cli/bench/bench_run.h"
#include "cli/model_options.h"
#include "cli/window_check.h"
#include "figure/contents.h"
#include "figure/text_layout.h"
#include "io/attention/attention_dump.h"

namespace headlight {
namespace {

using State = CheckOutcome::State;

CheckOutcome good(std::string detail) {
    return {State::Good, std::move(detail)};
}
CheckOutcome failed(std::string detail) {
    return {State::Failed, std::move(detail)};
}
CheckOutcome failed(const Error& error) {
    return failed(error.message);
}

CheckOutcome check_engine() {
    const auto engine = load_engine();
    if (!engine) return failed(engine.error());
    return good(fmt::format("{}; {}", (*engine)->version(), machine_name()));
}

std::vector<std::int32_t> some_ids(int count, int vocab_size) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back((i * 37 + 11) % vocab_size);
    return ids;
}

Result<TracePtr> trace_of(ModelRunner& runner, std::vector<std::int32_t> ids, CaptureMode mode,
                          bool may_reuse) {
    RunRequest request;
    request.ids = std::move(ids);
    request.capture = mode;
    request.may_reuse_prefix = may_reuse;
    HEADLIGHT_TRY(RunResult result, runner.run(request, {}));
    return result.trace;
}

double largest_difference(const AttentionTrace& a, const AttentionTrace& b) {
    double worst = 0;
    for (int layer = 0; layer < a.num_layers(); ++layer) {
        for (int head = 0; head < a.num_heads(); ++head) {
            const auto x = a.matrix(layer, head), y = b.matrix(layer, head);
            if (x.size() != y.size()) return INFINITY;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double difference = std::abs(static_cast<double>(x[i]) - y[i]);
                worst = std::max(worst, std::isfinite(difference) ? difference : INFINITY);
            }
        }
    }
    return worst;
}

/// Largest |sum - 1| of a row, or infinity when a masked entry is not 0 or a weight is not in [0, 1].
double row_defect(const AttentionTrace& trace) {
    double worst = 0;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int head = 0; head < trace.num_heads(); ++head) {
            const auto matrix = trace.matrix(layer, head);
            for (int query = 0; query < trace.num_queries(); ++query) {
                const KeyRange allowed = trace.admissible(layer, query);
                double sum = 0;
                for (int key = 0; key < trace.num_keys(); ++key) {
                    const float weight = matrix[static_cast<std::size_t>(query) * trace.num_keys() + key];
                    const bool is_allowed = key >= allowed.begin && key < allowed.end;
                    if (!(weight >= 0 && weight <= 1.0001f) || (!is_allowed && weight != 0)) return INFINITY;
                    sum += weight;
                }
                worst = std::max(worst, std::abs(sum - 1));
            }
        }
    }
    return worst;
}

/// A tiny random model of a family, by ways that must agree.
Result<std::string> compare_ways(Engine& engine, const std::string& family) {
    RandomModelRequest random;
    random.family = family;
    random.hidden_size = 64;
    random.num_layers = 3;
    random.vocab_size = 128;
    HEADLIGHT_TRY(const auto runner, engine.random_model(random));
    const auto ids = some_ids(70, random.vocab_size);
    HEADLIGHT_TRY(const TracePtr kept, trace_of(*runner, ids, CaptureMode::Weights, false));
    HEADLIGHT_TRY(const TracePtr recomputed, trace_of(*runner, ids, CaptureMode::QueryKey, false));
    auto changed = ids;
    std::fill(changed.begin() + 50, changed.end(), 5);
    HEADLIGHT_TRY(const TracePtr other, trace_of(*runner, changed, CaptureMode::Weights, true));
    HEADLIGHT_TRY(const TracePtr reused, trace_of(*runner, ids, CaptureMode::Weights, true));
    engine.set_num_threads(2);
    HEADLIGHT_TRY(const TracePtr threaded, trace_of(*runner, ids, CaptureMode::Weights, false));
    engine.set_num_threads(0);
    const double rows = row_defect(*kept);
    const double storage = largest_difference(*kept, *recomputed),
                 prefix = largest_difference(*kept, *reused);
    const double threads = largest_difference(*kept, *threaded), edit = largest_difference(*kept, *other);
    const std::string numbers = fmt::format(
        "{}: rows sum to 1 within {:.0e}, storage {:.0e}, kept prefix {:.0e}, "
        "threads {:.0e}",
        family, rows, storage, prefix, threads);
    const bool is_good =
        rows < 1e-5 && storage < 2e-6 && prefix < kParityTolerance && threads < kParityTolerance;
    if (!is_good || edit == 0) return fail(ErrorKind::Internal, "{}", numbers);
    return numbers;
}

CheckOutcome check_ways() {
    const auto engine = load_engine();
    if (!engine) return {State::Skipped, "no engine"};
    std::string details;
    for (const char* family : {"gpt2", "llama"}) {
        const auto numbers = compare_ways(**engine, family);
        if (!numbers) return failed(numbers.error());
        details += (details.empty() ? "" : "; ") + *numbers;
    }
    return good(details);
}

Result<LiveModel> open_demo() {
    ModelOptions options;
    HEADLIGHT_TRY(options.path, demo_path());
    return open_model(options, {});
}

CheckOutcome check_demo() {
    const auto model = open_demo();
    if (!model) return failed(model.error());
    if (!model->tokenizer()) return failed("the demo has no tokenizer");
    const std::string text = "The cat sat on the mat. The dog saw the cat, and it sat on the mat again.";
    const auto tokens = model->tokenizer()->try_encode(text);
    if (!tokens) return failed(tokens.error());
    const auto back = model->tokenizer()->from_ids(tokens->ids());
    if (!back) return failed(back.error());
    if (back->text.find("cat sat on the mat") == std::string::npos) {
        return failed("decoding gave another text: " + back->text);
    }
    const auto trace = trace_of(*model->runner, tokens->ids(), CaptureMode::Auto, false);
    if (!trace) return failed(trace.error());
    const double rows = row_defect(**trace);
    if (!(rows < 1e-5)) return failed(fmt::format("rows of the demo are off by {:.0e}", rows));
    return good(fmt::format("{} tokens, {} layers x {} heads, opened in {:.0f} ms", tokens->tokens.size(),
                            (*trace)->num_layers(), (*trace)->num_heads(), model->open_ms));
}

/// The stored picture of the demo was computed where it was trained; this machine must get the same.
CheckOutcome check_demo_trace() {
    const auto folder = demo_path();
    const std::string path = folder ? *folder + "/trace.safetensors" : "";
    if (!folder || !std::filesystem::exists(path)) return {State::Skipped, "no stored trace beside the demo"};
    const auto dump = read_attention_dump(path);
    if (!dump) return failed(dump.error());
    const auto model = open_demo();
    if (!model) return failed(model.error());
    const auto trace = trace_of(*model->runner, dump->tokens.ids(), CaptureMode::Weights, false);
    if (!trace) return failed(trace.error());
    const double difference = largest_difference(**trace, *dump->trace);
    const std::string detail = fmt::format("largest difference to the stored attention {:.1e}", difference);
    // Half-precision storage would be allowed its rounding.
    return difference < 1e-3 ? good(detail) : failed(detail);
}

CheckOutcome check_fonts() {
    struct Sample {
        const char* name;
        const char* text;
    };
    const Sample samples[] = {{"Latin", "Aé"},       {"Greek", "αΩ"},       {"Cyrillic", "жЯ"},
                              {"Hebrew", "שלום"},    {"Arabic", "العربية"}, {"Devanagari", "हिन्दी"},
                              {"Chinese", "注意力"}, {"Japanese", "かな"},  {"Korean", "한국"},
                              {"emoji", "😀"}};
    std::string drawn, missing;
    for (const Sample& sample : samples) {
        std::string& list = count_missing_glyphs(sample.text) == 0 ? drawn : missing;
        list += (list.empty() ? "" : ", ") + std::string(sample.name);
    }
    if (count_missing_glyphs("Az09") > 0)
        return failed("not even Latin letters can be drawn; install a font");
    if (missing.empty()) return good(drawn);
    return good(fmt::format("{}; no font for {} (shown as code points)", drawn, missing));
}

CheckOutcome check_figure() {
    const auto tokens = std::make_shared<std::vector<Token>>(4);
    for (std::size_t i = 0; i < tokens->size(); ++i)
        (*tokens)[i].display = std::string(1, static_cast<char>('a' + i));
    std::vector<float> weights(16, 0.0f);
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j <= i; ++j)
            weights[i * 4 + j] = 1.0f / static_cast<float>(i + 1);
    }
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("headlight-selftest-{}", getpid());
    CheckOutcome outcome = good("PNG, SVG, PDF and PGF");
    const FigureContent figure =
        heatmap_figure({weights, {tokens, tokens}, "Layer 0 · Head 0", {"selftest", "float32", ""}});
    for (const char* name : {"png", "svg", "pdf", "pgf"}) {
        FigureStyle style;
        style.format = figure_format(name).value();
        const std::string path = (folder / ("figure." + std::string(name))).string();
        const Status drawn = write_figure(path, figure, style);
        if (!drawn) outcome = failed(drawn.error());
    }
    std::error_code code;
    std::filesystem::remove_all(folder, code);
    return outcome;
}

}  // namespace

std::vector<SelfCheck> self_checks() {
    return {{"engine (LibTorch)", check_engine},
            {"parity of ways", check_ways},
            {"bundled demo", check_demo},
            {"demo's stored trace", check_demo_trace},
            {"fonts", check_fonts},
            {"figures", check_figure},
            {"window and GL", check_window}};
}

}  // namespace headlight
