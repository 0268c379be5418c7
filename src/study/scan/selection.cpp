#include "study/scan/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "study/scan/random.h"

namespace headlight {
namespace {

constexpr std::uint32_t kLeastSectionBytes = 1 << 12;

/// A section with the hash that it stands in the draw with.
struct Ticket {
    std::uint64_t hash = 0;
    CorpusSection section;
    bool operator<(const Ticket& other) const {
        return std::tie(hash, section.file, section.number) <
               std::tie(other.hash, other.section.file, other.section.number);
    }
};

/// The lowest `limit` tickets of a stream.
class LowestTickets {
  public:
    explicit LowestTickets(std::size_t limit) : limit_(std::max<std::size_t>(1, limit)) {}
    void add(const Ticket& ticket) {
        if (heap_.size() == limit_ && !(ticket < heap_.front())) return;
        heap_.push_back(ticket);
        std::push_heap(heap_.begin(), heap_.end());
        if (heap_.size() <= limit_) return;
        std::pop_heap(heap_.begin(), heap_.end());
        heap_.pop_back();
    }
    std::vector<Ticket> take() {
        std::sort_heap(heap_.begin(), heap_.end());
        return std::move(heap_);
    }

  private:
    std::size_t limit_;
    std::vector<Ticket> heap_;  // largest first
};

class Chooser {
  public:
    Chooser(const std::vector<CorpusFile>& files, const SelectionRequest& request, const Tokenizer& tokenizer)
        : files_(files), request_(request), tokenizer_(tokenizer) {
        if (tokenizer.bos_id() < 0) return;
        if (auto bos = tokenizer.token(tokenizer.bos_id())) {
            bos->is_special = true;
            bos->byte_begin = bos->byte_end = 0;
            start_.push_back(std::move(*bos));
        }
    }

    /// `wanted` windows of these sections, fewer when there are no more.
    Result<std::vector<ScanWindow>> choose(const std::vector<Ticket>& tickets, std::size_t wanted,
                                           const JobContext& job, TokenFrequencies* frequencies) const {
        for (std::size_t depth = 1;;
             depth = std::max(2 * depth, wanted / std::max<std::size_t>(1, tickets.size()) + 1)) {
            bool is_exhausted = true;
            std::vector<std::vector<ScanWindow>> found;  // [section with a window][at most depth]
            for (const Ticket& ticket : tickets) {
                if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while choosing sequences");
                HEADLIGHT_TRY(auto windows, windows_of(ticket.section, depth, is_exhausted,
                                                       depth == 1 ? frequencies : nullptr));
                if (!windows.empty()) found.push_back(std::move(windows));
                if (found.size() == wanted) break;
            }
            std::vector<ScanWindow> chosen;
            for (std::size_t rank = 0; rank < depth; ++rank) {
                for (auto& windows : found) {
                    if (rank < windows.size() && chosen.size() < wanted)
                        chosen.push_back(std::move(windows[rank]));
                }
            }
            if (chosen.size() == wanted || is_exhausted) return chosen;
        }
    }

  private:
    /// The `depth` windows of a section with the lowest hashes; is_exhausted becomes false when there were
    /// more.
    Result<std::vector<ScanWindow>> windows_of(const CorpusSection& section, std::size_t depth,
                                               bool& is_exhausted, TokenFrequencies* frequencies) const {
        const CorpusFile& file = files_[static_cast<std::size_t>(section.file)];
        HEADLIGHT_TRY(const std::string text, read_section(file, section));
        HEADLIGHT_TRY(const TokenizedText document, tokenizer_.try_encode(text, false));
        if (frequencies != nullptr) {
            for (const Token& token : document.tokens)
                ++frequencies->count[token.id];
            frequencies->total += static_cast<std::int64_t>(document.tokens.size());
        }
        const std::size_t length = static_cast<std::size_t>(request_.sequence_length) - start_.size();
        const std::size_t count = document.tokens.size() / length;
        std::vector<std::pair<std::uint64_t, std::size_t>> order(count);
        for (std::size_t w = 0; w < count; ++w)
            order[w] = {scan_hash(request_.seed, hash_bytes(file.name),
                                  static_cast<std::uint64_t>(section.number), w + 1),
                        w};
        std::sort(order.begin(), order.end());
        if (count > depth) is_exhausted = false;
        std::vector<ScanWindow> windows;
        for (std::size_t rank = 0; rank < std::min(depth, count); ++rank) {
            const std::size_t first = order[rank].second * length;
            ScanWindow& window = windows.emplace_back();
            window.document = file.name;
            if (file.is_json_lines || file.size_bytes > section.size_bytes)
                window.document +=
                    fmt::format(", {} {}", file.is_json_lines ? "document" : "section", section.number + 1);
            window.first_token = static_cast<std::int64_t>(first);
            window.tokens = start_;
            const auto begin = document.tokens.begin() + static_cast<std::ptrdiff_t>(first);
            window.tokens.insert(window.tokens.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
        }
        return windows;
    }

    const std::vector<CorpusFile>& files_;
    const SelectionRequest& request_;
    const Tokenizer& tokenizer_;
    std::vector<Token> start_;  // BOS, or nothing
};

std::uint32_t section_bytes_for(const std::vector<CorpusFile>& files, const SelectionRequest& request) {
    std::uint64_t total = 0;
    for (const CorpusFile& file : files)
        total += file.size_bytes;
    const auto wanted = static_cast<std::uint64_t>(request.num_discovery + request.num_confirmation);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
        total / (2 * std::max<std::uint64_t>(1, wanted)), kLeastSectionBytes, kSectionBytes));
}

Error too_short(const char* half, const SelectionRequest& request) {
    return make_error(
        ErrorKind::InvalidInput,
        "the corpus is too short: no window of {} tokens is left for the {} half; name more text with "
        "--corpus, or shorter sequences with --length",
        request.sequence_length, half);
}

}  // namespace

std::vector<int> split_files(const std::vector<CorpusFile>& files, std::uint64_t seed) {
    if (files.size() < 2) return {};
    std::vector<std::size_t> order(files.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto ticket = [&](std::size_t i) { return scan_hash(seed, hash_bytes(files[i].name)); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple(files[b].size_bytes, ticket(a), a) < std::tuple(files[a].size_bytes, ticket(b), b);
    });
    std::uint64_t load[2] = {0, 0};
    const int first = static_cast<int>(mix_bits(seed) & 1);
    std::vector<int> half(files.size());
    for (const std::size_t i : order) {
        const int lighter = load[first] <= load[1 - first] ? first : 1 - first;
        half[i] = lighter;
        load[lighter] += files[i].size_bytes;
    }
    if (5 * std::min(load[0], load[1]) < load[0] + load[1]) return {};
    return half;
}

Result<ScanSelection> select_windows(const std::vector<CorpusFile>& files, const SelectionRequest& request,
                                     const Tokenizer& tokenizer, const JobContext& job) {
    ScanSelection selection;
    selection.file_half = split_files(files, request.seed);
    selection.is_split_by_file = !selection.file_half.empty();
    const std::size_t wanted[2] = {static_cast<std::size_t>(request.num_discovery),
                                   static_cast<std::size_t>(request.num_confirmation)};
    LowestTickets lowest[2] = {LowestTickets(2 * wanted[0] + 16), LowestTickets(2 * wanted[1] + 16)};
    const std::uint32_t section_bytes = section_bytes_for(files, request);
    for (std::size_t f = 0; f < files.size(); ++f) {
        const std::uint64_t name = hash_bytes(files[f].name);
        job.report({"reading the corpus", static_cast<double>(f) / static_cast<double>(files.size()),
                    files[f].name});
        // Neighbouring sections go to different halves: both see the whole length of a book.
        const auto flip = static_cast<int>(scan_hash(request.seed, name) & 1);
        HEADLIGHT_CHECK(for_each_section(
            files[f], static_cast<int>(f), section_bytes, job, [&](const CorpusSection& section) {
                const int half =
                    selection.is_split_by_file ? selection.file_half[f] : (section.number + flip) % 2;
                if (section.size_bytes < static_cast<std::uint32_t>(request.sequence_length))
                    return;  // too few tokens
                lowest[half].add(
                    {scan_hash(request.seed, name, static_cast<std::uint64_t>(section.number)), section});
            }));
    }
    const Chooser chooser(files, request, tokenizer);
    HEADLIGHT_TRY(selection.discovery,
                  chooser.choose(lowest[0].take(), wanted[0], job, &selection.frequencies));
    HEADLIGHT_TRY(selection.confirmation, chooser.choose(lowest[1].take(), wanted[1], job, nullptr));
    if (selection.discovery.empty()) return fail(too_short("discovery", request));
    if (selection.confirmation.empty()) return fail(too_short("confirmation", request));
    return selection;
}

}  // namespace headlight
