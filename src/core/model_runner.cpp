// What a runner or an engine says to requests that it does not know (fakes in tests, engines of other
// builds).
#include "core/engine.h"

namespace headlight {
namespace {

Error not_offered(const char* what) {
    return make_error(ErrorKind::Unsupported, "this engine cannot {}", what);
}

}  // namespace

Result<std::vector<RunResult>> ModelRunner::run_batch(std::span<const RunRequest> requests, int,
                                                      const JobContext& job) {
    std::vector<RunResult> results;
    for (const RunRequest& request : requests) {
        RunRequest alone = request;
        alone.may_reuse_prefix = false;
        HEADLIGHT_TRY(RunResult result, run(alone, job));
        results.push_back(std::move(result));
    }
    return results;
}

Result<std::unique_ptr<AblationRun>> ModelRunner::start_ablation(std::span<const std::int32_t>,
                                                                 const JobContext&) {
    return fail(not_offered("ablate attention"));
}

Result<std::unique_ptr<CausalRun>> ModelRunner::start_causal(std::span<const std::int32_t>,
                                                             const JobContext&) {
    return fail(not_offered("explain an answer"));
}

Result<std::unique_ptr<CausalRun>> ModelRunner::start_encoder_causal(std::span<const std::int32_t>,
                                                                     const JobContext&) {
    return fail(not_offered("explain an encoder's attention"));
}

Result<ScoreParts> CausalRun::score_parts(AttentionKind, HeadId) {
    return fail(not_offered("take scores apart"));
}

Result<std::unique_ptr<CausalRun>> ModelRunner::start_decoder_causal(std::span<const std::int32_t>,
                                                                     std::span<const std::int32_t>,
                                                                     const JobContext&) {
    return fail(not_offered("explain a decoder's answer"));
}

Result<std::unique_ptr<PatchingRun>> ModelRunner::start_decoder_patching(std::span<const std::int32_t>,
                                                                         std::span<const std::int32_t>,
                                                                         std::span<const std::int32_t>,
                                                                         std::span<const std::int32_t>,
                                                                         const Question&, const JobContext&) {
    return fail(not_offered("put values of one text of a decoder into another"));
}

Result<std::unique_ptr<PatchingRun>> ModelRunner::start_patching(std::span<const std::int32_t>,
                                                                 std::span<const std::int32_t>,
                                                                 const Question&, const JobContext&) {
    return fail(not_offered("put values of one text into another"));
}

Result<Circuits> ModelRunner::circuits(const CircuitRequest&, const JobContext&) {
    return fail(not_offered("read heads off their weights"));
}

Result<Matrix> ModelRunner::copy_ranks(std::span<const std::int32_t>, bool, const JobContext&) {
    return fail(not_offered("measure copying"));
}

Result<Matrix> ModelRunner::token_embeddings(std::span<const std::int32_t>) const {
    return fail(not_offered("hand out token embeddings"));
}

Result<std::vector<ParameterHealth>> ModelRunner::attention_parameters(const JobContext&) const {
    return fail(not_offered("list its parameters"));
}

Result<PrecisionReport> ModelRunner::measure_precision(std::span<const std::int32_t>, const std::string&,
                                                       const JobContext&) const {
    return fail(not_offered("compute in other number types"));
}

Result<PictureTokens> ModelRunner::add_picture(const PixelValues&) {
    return fail(ErrorKind::Unsupported, "{} reads text, no pictures", spec().name);
}

Status ModelRunner::check_length(std::span<const std::int32_t>, std::span<const std::int32_t>) const {
    return {};
}

Result<std::unique_ptr<ModelRunner>> Engine::random_copy(const OpenModelRequest&, std::uint64_t) {
    return fail(not_offered("draw random weights for a checkpoint's architecture"));
}

Result<ProductsReport> Engine::measure_products(const ProductsRequest&, const JobContext&) {
    return fail(not_offered("time products"));
}

}  // namespace headlight
