// The loop over the sequences of one shard, with the journal that lets it go on after a kill.
#include "study/scan/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/parallel.h"
#include "study/scan/journal.h"
#include "study/scan/measure.h"
#include "study/scan/plan.h"

namespace headlight {
namespace {

/// Marks what a journal holds of this plan's items.
Result<JournalWriter> continue_journal(const std::string& path, const ScanPlan& plan,
                                       std::vector<bool>& is_done) {
    HEADLIGHT_TRY(const JournalContents contents, read_journal(path, [&](std::string_view bytes) -> Status {
                      HEADLIGHT_TRY(const ScanRecord record, decode_record(bytes));
                      if (record.index >= is_done.size())
                          return fail(ErrorKind::Corrupt,
                                      "the journal has a sequence {} that its scan does not have",
                                      record.index);
                      is_done[record.index] = true;
                      return {};
                  }));
    if (const std::string differences = header_differences(contents.header, plan.header);
        !differences.empty()) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "the folder holds the journal of another scan, which differs in: {}; use "
                               "another --output-dir, or "
                               "remove that journal to start over",
                               differences)
                        .in_file(path));
    }
    return JournalWriter::resume(path, contents.sound_bytes);
}

Result<JournalWriter> open_journal(const std::string& path, const ScanPlan& plan,
                                   std::vector<bool>& is_done) {
    std::error_code problem;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
    if (problem)
        return fail(
            make_error(ErrorKind::InvalidInput, "the output folder cannot be made: {}", problem.message())
                .in_file(path));
    if (!std::filesystem::exists(path, problem)) return JournalWriter::create(path, plan.header);
    return continue_journal(path, plan, is_done);
}

Error stopped(std::size_t num_done, std::size_t num_all, const std::string& folder) {
    return make_error(ErrorKind::Cancelled,
                      "stopped after {} of {} sequences; the journal is kept, and the same command goes on "
                      "from there",
                      num_done, num_all)
        .in_file(folder);
}

}  // namespace

Status scan_shard(const ScanRequest& request, const ScanModel& model, const JobContext& job) {
    HEADLIGHT_TRY(const ScanPlan plan, make_plan(request, model, job));
    const std::string path = request.output_dir + "/" + journal_name(request.shard, request.num_shards);
    std::vector<bool> is_done(plan.items().size(), false);
    HEADLIGHT_TRY(JournalWriter journal, open_journal(path, plan, is_done));
    std::vector<std::size_t> own;
    for (auto i = static_cast<std::size_t>(request.shard); i < is_done.size();
         i += static_cast<std::size_t>(request.num_shards))
        own.push_back(i);
    const std::size_t num_own = own.size();
    own.erase(std::remove_if(own.begin(), own.end(), [&](std::size_t i) { return is_done[i]; }), own.end());
    ScanMeasurer measurer(plan, model, request.num_threads > 0 ? request.num_threads : default_num_threads());
    for (std::span<const std::size_t> left = own; !left.empty();) {
        const std::size_t num_done = num_own - left.size();
        const std::string detail = fmt::format("{} of {}", num_done + 1, num_own);
        job.report(
            {"measuring sequences", static_cast<double>(num_done) / static_cast<double>(num_own), detail});
        const std::span<const std::size_t> batch = left.first(measurer.batch_length(left));
        const Result<std::vector<ScanRecord>> records = measurer.measure(batch, job);
        const bool is_stopped =
            job.should_stop() || (!records && records.error().kind == ErrorKind::Cancelled);
        if (is_stopped) return fail(stopped(num_done, num_own, request.output_dir));
        if (!records) return fail(records.error());
        for (const ScanRecord& record : *records)
            HEADLIGHT_CHECK(journal.append(encode_record(record)));
        left = left.subspan(batch.size());
    }
    return {};
}

}  // namespace headlight
