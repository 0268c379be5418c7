// device_bench MODEL [DEVICE] [TOKENS ...]: a device beside the capture kernel, in one process. Per length:
// the least times of a forward pass, of one that captures every head, and of one appended token, in turns;
// how far weights, entropies and logits of the two are apart. DEVICE as --device takes it (auto); 64, 1024
// and 4096 tokens.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "model/model_runner.h"

using namespace headlight;

namespace {

constexpr int kRepeats = 5;
constexpr int kRowsCompared = 16;  // of every head

template <class T>
T checked(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
    std::exit(1);
}

struct Least {
    double forward = std::numeric_limits<double>::infinity(), capture = forward, append = forward;
};

class Side {
  public:
    Side(const std::string& path, const std::string& device) {
        OpenModelRequest request;
        request.path = path;
        request.device = device;
        const Stopwatch watch;
        runner_ = checked(open_model_runner(request, {}, std::make_shared<const std::atomic<int>>(0)));
        std::printf("%-10s opened in %.0f ms\n", spec().device.c_str(), watch.milliseconds());
    }
    const ModelSpec& spec() const { return runner_->spec(); }

    /// One round of the three passes over all ids but the last, and over all; returns the last one's result.
    RunResult round(const std::vector<std::int32_t>& ids, Least& least) {
        RunRequest request;
        request.ids.assign(ids.begin(), ids.end() - 1);
        request.may_reuse_prefix = false;
        request.capture = CaptureMode::None;
        timed(request, least.forward);
        request.capture = CaptureMode::Auto;
        timed(request, least.capture);
        request.ids = ids;
        request.may_reuse_prefix = true;
        if (spec().can_predict()) request.logit_positions = {static_cast<int>(ids.size()) - 1};
        return timed(request, least.append);
    }

  private:
    RunResult timed(const RunRequest& request, double& least) {
        const Stopwatch watch;
        RunResult result = checked(runner_->run(request, {}));
        least = std::min(least, watch.milliseconds());
        return result;
    }
    std::unique_ptr<ModelRunner> runner_;
};

double distance(const std::vector<float>& a, const std::vector<float>& b) {
    double worst = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
        worst = std::max(worst, std::isfinite(difference) ? difference : INFINITY);
    }
    return worst;
}

struct Apart {
    double weights = 0, entropy = 0;
};

/// Every entropy, and rows spread over the text.
Apart apart(const AttentionTrace& a, const AttentionTrace& b) {
    Apart out;
    const int num_rows = a.num_queries();
    std::vector<RowStats> mine(static_cast<std::size_t>(num_rows)), theirs(mine.size());
    std::vector<float> row(static_cast<std::size_t>(a.num_keys())), other(row.size());
    for (int layer = 0; layer < a.num_layers(); ++layer) {
        for (int head = 0; head < a.num_heads(); ++head) {
            a.row_stats(layer, head, mine);
            b.row_stats(layer, head, theirs);
            for (std::size_t i = 0; i < mine.size(); ++i)
                out.entropy = std::max(out.entropy, std::abs(static_cast<double>(mine[i].entropy) -
                                                             static_cast<double>(theirs[i].entropy)));
            for (int k = 0; k < kRowsCompared; ++k) {
                const int query = num_rows - 1 - k * (num_rows - 1) / kRowsCompared;
                a.rows(layer, head, query, query + 1, row);
                b.rows(layer, head, query, query + 1, other);
                out.weights = std::max(out.weights, distance(row, other));
            }
        }
    }
    return out;
}

void compare(Side& kernel, Side& device, int num_tokens) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i <= num_tokens; ++i)
        ids.push_back(static_cast<std::int32_t>((i * 7919LL + 31LL * i * i) % kernel.spec().vocab_size));
    Least mine, theirs;
    RunResult a, b;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        ids.back() = (ids.back() + 1) % kernel.spec().vocab_size;  // the same text would be answered at once
        a = kernel.round(ids, mine);
        b = device.round(ids, theirs);
    }
    const Apart gap = apart(*a.trace, *b.trace);
    double largest = 1e-30;
    for (const float logit : a.logits.values)
        largest = std::max(largest, std::abs(static_cast<double>(logit)));
    std::printf("%7d %9.1f %9.1f %9.1f | %9.1f %9.1f %9.1f | %9.1e %9.1e %9.1e  %s\n", num_tokens,
                mine.forward, mine.capture, mine.append, theirs.forward, theirs.capture, theirs.append,
                gap.weights, gap.entropy, distance(a.logits.values, b.logits.values) / largest,
                a.trace->info().storage.c_str());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: device_bench MODEL [DEVICE] [TOKENS ...]\n");
        return 2;
    }
    const std::string path = argv[1];
    Side kernel(path, kProcessor), device(path, argc > 2 ? argv[2] : "auto");
    std::vector<int> lengths;
    for (int i = 3; i < argc; ++i)
        lengths.push_back(std::max(1, std::atoi(argv[i])));
    if (lengths.empty()) lengths = {64, 1024, 4096};
    std::printf("%s: %s beside %s; ms, the least of %d; then how far the two are apart\n",
                kernel.spec().name.c_str(), device.spec().device.c_str(), kernel.spec().device.c_str(),
                kRepeats);
    std::printf("%7s %9s %9s %9s | %9s %9s %9s | %9s %9s %9s\n", "tokens", "forward", "capture", "append",
                "forward", "capture", "append", "weights", "entropy", "logits");
    for (const int num_tokens : lengths) {
        if (kernel.spec().max_positions > 0 && num_tokens >= kernel.spec().max_positions) {
            std::printf("%7d longer than the model's positions\n", num_tokens);
            continue;
        }
        compare(kernel, device, num_tokens);
    }
    return 0;
}
