#include "train/validation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numbers>

namespace headlight {
namespace {

constexpr int kWindowsAtOnce = 16;

// Window `index` of `count` over the ids: BOS and `length` - 1 tokens in, `length` tokens out.
void append_window(Batch& batch, std::span<const std::int32_t> ids, std::int32_t bos_id, int index,
                   int count) {
    const auto length = static_cast<std::size_t>(batch.length);
    const std::size_t room = ids.size() - length;
    const std::size_t begin =
        count > 1 ? room * static_cast<std::size_t>(index) / static_cast<std::size_t>(count - 1) : 0;
    batch.inputs.push_back(bos_id);
    for (std::size_t i = 0; i < length; ++i) {
        if (i + 1 < length) batch.inputs.push_back(ids[begin + i]);
        batch.targets.push_back(ids[begin + i]);
    }
    ++batch.num_rows;
}

struct Sum {
    double nats = 0;
    std::int64_t tokens = 0;
};

Result<Sum> loss_of_file(const LanguageModel& model, std::span<const std::int32_t> ids, std::int32_t bos_id,
                         int length, int max_windows, const JobContext& job) {
    Sum sum;
    length = static_cast<int>(std::min(static_cast<std::size_t>(length), ids.size()));
    if (length == 0) return sum;
    const int count =
        std::clamp(static_cast<int>(ids.size() / static_cast<std::size_t>(length)), 1, max_windows);
    for (int first = 0; first < count; first += kWindowsAtOnce) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "validation was stopped");
        Batch batch{0, length, {}, {}};
        for (int i = first; i < std::min(count, first + kWindowsAtOnce); ++i)
            append_window(batch, ids, bos_id, i, count);
        HEADLIGHT_TRY(const double mean, model.evaluate(batch));
        const std::int64_t tokens = std::int64_t{batch.num_rows} * length;
        sum.nats += mean * static_cast<double>(tokens);
        sum.tokens += tokens;
    }
    return sum;
}

}  // namespace

Result<Validation> validate(const LanguageModel& model, const TokenizedCorpus& corpus, std::int32_t bos_id,
                            int length, int max_windows, const JobContext& job) {
    const at::NoGradGuard no_gradients;
    Validation result;
    Sum total;
    for (const HeldOutTokens& file : corpus.held_out) {
        HEADLIGHT_TRY(const Sum sum, loss_of_file(model, file.ids, bos_id, length, max_windows, job));
        if (sum.tokens == 0) continue;
        const double nats = sum.nats / static_cast<double>(sum.tokens);
        const double tokens_per_character =
            static_cast<double>(file.ids.size()) /
            static_cast<double>(std::max<std::size_t>(1, file.num_characters));
        result.files.push_back({file.name, nats, nats * tokens_per_character / std::numbers::ln2});
        total.nats += sum.nats;
        total.tokens += sum.tokens;
    }
    if (total.tokens > 0) result.nats_per_token = total.nats / static_cast<double>(total.tokens);
    return result;
}

}  // namespace headlight
