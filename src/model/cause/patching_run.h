// Patching behind the engine's interface.
#pragma once

#include <memory>
#include <span>

#include "core/cause/patching.h"
#include "model/ablation_run.h"

namespace headlight {

/// As ModelRunner::start_patching says. The model must outlive the run.
Result<std::unique_ptr<PatchingRun>> start_patching_run(LoadedModel& model, ThreadSetting threads,
                                                        std::span<const std::int32_t> clean,
                                                        std::span<const std::int32_t> corrupted,
                                                        const Question& question, const JobContext& job);

/// The same of decoder_of(), each text with what its encoder read and gave.
struct EncodedText {
    std::span<const std::int32_t> ids;
    torch::Tensor hidden;  // [M, D]
};
Result<std::unique_ptr<PatchingRun>> start_decoder_patching_run(
    LoadedModel& decoder, ThreadSetting threads, const EncodedText& clean_encoder,
    std::span<const std::int32_t> clean, const EncodedText& corrupted_encoder,
    std::span<const std::int32_t> corrupted, const Question& question, const JobContext& job);

}  // namespace headlight
