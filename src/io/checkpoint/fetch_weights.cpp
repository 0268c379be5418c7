#include "io/checkpoint/fetch_weights.h"

#include <fmt/format.h>

#include "base/stopwatch.h"

namespace headlight {
namespace {

/// "model.layers.3.mlp.experts.7.w1.weight", "blk.3.ffn_up_exps.weight"
bool is_of_experts(std::string_view name) {
    return name.find(".experts.") != std::string_view::npos || name.find("_exps.") != std::string_view::npos;
}

bool is_fetched(const TensorInfo& tensor) {
    return !tensor.copy && !is_of_experts(tensor.name);
}

double gigabytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) * 1e-9;
}

}  // namespace

std::uint64_t weight_bytes(const Checkpoint& checkpoint) {
    std::uint64_t bytes = 0;
    for (const TensorInfo& tensor : checkpoint.tensors)
        bytes += tensor.length_bytes;
    return bytes;
}

std::string weights_beyond_memory(std::uint64_t weight_bytes, std::uint64_t available_bytes) {
    if (weight_bytes <= available_bytes) return {};
    return fmt::format(
        "The weights take {:.1f} GB, {:.1f} GB of memory can be had. They are read from the disk while a "
        "text "
        "runs, and again for every run and every token that is written: each takes as long as the disk needs "
        "for up to {:.1f} GB. Close other programs, or open the model in a smaller type: one that takes "
        "{:.0f} "
        "% of this one's bytes fits.",
        gigabytes(weight_bytes), gigabytes(available_bytes), gigabytes(weight_bytes),
        100 * gigabytes(available_bytes) / gigabytes(weight_bytes));
}

Status fetch_weights(const Checkpoint& checkpoint, const JobContext& job) {
    constexpr double kSecondsOfReport = 0.1;  // pages that lie in memory already are there sooner
    std::uint64_t total = 0, done = 0;
    for (const TensorInfo& tensor : checkpoint.tensors)
        if (is_fetched(tensor)) total += tensor.length_bytes;
    Stopwatch since_report;
    const auto go_on = [&](std::size_t count) {
        done += count;
        if (since_report.seconds() > kSecondsOfReport) {
            since_report = {};
            job.report({"reading the weights", static_cast<double>(done) / static_cast<double>(total),
                        fmt::format("{:.1f} of {:.1f} GB", gigabytes(done), gigabytes(total))});
        }
        return !job.should_stop();
    };
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading the weights");
        if (is_fetched(tensor))
            checkpoint.files.at(tensor.file_index)->populate(checkpoint.bytes(tensor), go_on);
    }
    return {};
}

}  // namespace headlight
