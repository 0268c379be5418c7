// Times the figures of a whole analysis on made-up attention: 30 layers of 9 heads, 40 tokens unless said.
//   bench_figure [tokens] [output folder] [threads] [format]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "base/parallel.h"
#include "figure/contents.h"

using namespace headlight;

namespace {

const char* const kWords[] = {"When",    "·Mary",  "·and",   "·John", "·went", "·to",
                              "·the",    "·store", ",",      "⏎",     "·שלום", "·العربية",
                              "·注意力", "😀",      "·naïve", "é",     "⟨0A⟩",  "·internationalisation",
                              "·fi",     "·."};

std::vector<Token> make_tokens(int count) {
    std::vector<Token> tokens(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        tokens[static_cast<std::size_t>(i)].display = kWords[i % std::size(kWords)];
    return tokens;
}

std::vector<float> make_weights(int count, int seed) {
    std::vector<float> weights(static_cast<std::size_t>(count) * static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        float* row = weights.data() + static_cast<std::size_t>(i) * count;
        double sum = 0;
        for (int j = 0; j <= i; ++j) {
            const double score =
                3 * std::sin(0.7 * j + seed) + (j == i - seed % 4 ? 4 : 0) + (j == 0 ? 2 : 0);
            row[j] = static_cast<float>(std::exp(score));
            sum += row[j];
        }
        for (int j = 0; j <= i; ++j)
            row[j] = static_cast<float>(row[j] / sum);
    }
    return weights;
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kLayers = 30, kHeads = 9;
    const int count = argc > 1 ? std::atoi(argv[1]) : 40;
    const std::string folder = argc > 2 ? argv[2] : "bench_figures";
    const int threads = argc > 3 ? std::atoi(argv[3]) : default_num_threads();
    FigureStyle style;
    style.format = figure_format(argc > 4 ? argv[4] : "png").value();
    const std::string suffix = std::string(".") + extension(style.format);
    const auto tokens = std::make_shared<const std::vector<Token>>(make_tokens(count));
    const FigureCaption caption{"SmolLM2-135M", "float32", "previous token 0.76"};
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu_start = std::clock();
    parallel_for(kLayers * kHeads + kLayers, threads, [&](std::size_t job) {
        const int index = static_cast<int>(job);
        Status status;
        if (index < kLayers * kHeads) {
            const HeadId head{index / kHeads, index % kHeads};
            status = write_figure(
                fmt::format("{}/layer_{}_head_{}{}", folder, head.layer, head.head, suffix),
                heatmap_figure({make_weights(count, index), {tokens, tokens}, "Layer and head", caption}),
                style);
        } else {
            GridContent grid;
            for (int h = 0; h < kHeads; ++h)
                grid.heads.push_back({fmt::format("Head {}", h), make_weights(count, index + h)});
            grid.axes = {tokens, tokens};
            grid.caption = caption;
            const int layer = index - kLayers * kHeads;
            status = write_figure(fmt::format("{}/layer_{}_all_heads{}", folder, layer, suffix),
                                  grid_figure(std::move(grid)), style);
        }
        if (!status) std::fprintf(stderr, "%s\n", status.error().to_string().c_str());
    });
    std::vector<FlowShares> flow;
    for (int l = 0; l < kLayers; ++l) {
        const double s = 0.1 + 0.08 * std::sin(l * 0.9), p = 0.15 + 0.1 * std::cos(l), f = 0.2 + 0.012 * l;
        flow.push_back({s, p, f, 1 - s - p - f, true});
    }
    const Status drawn = write_figure(folder + "/attention_flow" + suffix,
                                      flow_figure({flow, {0.09, 0.09, 0.09, 0.73, true}, caption}), style);
    if (!drawn) std::fprintf(stderr, "%s\n", drawn.error().to_string().c_str());
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%d heads and %d grids of %d tokens: %.2f s wall, %.2f s CPU, %d threads\n", kLayers * kHeads,
                kLayers, count, wall, static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC,
                threads);
    return 0;
}
