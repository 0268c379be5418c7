#include "cli/bench/bench_passes.h"

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "base/measure/processor.h"
#include "base/stopwatch.h"

namespace headlight {

double peak_memory_mb() {
    // "VmHWM:   123456 kB"
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
    }
    return 0;
}

void reset_peak_memory() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::vector<std::int32_t> random_ids(int count, int vocab_size) {
    std::mt19937 random(1);  // the generator's own sequence is the same everywhere
    std::vector<std::int32_t> ids(static_cast<std::size_t>(count));
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(vocab_size));
    return ids;
}

RunRequest Passes::request(std::size_t count, CaptureMode capture, bool may_reuse) const {
    RunRequest out;
    out.ids.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count));
    out.capture = capture;
    out.may_reuse_prefix = may_reuse;
    // Of an encoder-decoder the decoder reads its start token alone.
    if (runner.spec().can_predict())
        out.logit_positions = {runner.spec().has_decoder ? 0 : static_cast<int>(count) - 1};
    return out;
}

Result<RunResult> Passes::timed(const RunRequest& wanted, Least& least) {
    const double processor = processor_seconds();
    const Stopwatch start;
    HEADLIGHT_TRY(RunResult result, runner.run(wanted, job));
    const double ms = start.milliseconds();
    least.add(ms, 1000 * (processor_seconds() - processor));
    return result;
}

void Passes::change_last_token() {
    ids.back() = (ids.back() + 1) % static_cast<std::int32_t>(runner.spec().vocab_size);
}

}  // namespace headlight
