// The interactive page: one HTML file that holds everything, fetches nothing and needs no server.
#pragma once

#include <string>

#include "publish/page/page_content.h"

namespace headlight {

/// A browser shows every token of a page, and keeps whole matrices.
inline constexpr int kMostPageTokens = 4096;

struct PageOptions {
    double most_megabytes = 20;  // of the file
    bool wants_wide = false;     // cells in two bytes, or an error where that does not fit
    int num_threads = 1;
};

/// What was written, for people.
struct PageFacts {
    std::string path;
    std::size_t size_bytes = 0;
    int num_heads = 0, num_queries = 0, num_keys = 0;
    int levels = 0;  // CellCode::levels; 0: the wide code
    double max_error = 0, max_sum_error = 0;
};

/// "270 heads × 512 queries × 512 keys, 17.4 MB; no cell is off by more than 0.0012"
std::string page_facts_text(const PageFacts& facts);

/// Would a page of that many cells be refused whatever they are? For before a model runs; sizes as
/// check_page_cells().
Status check_page_size(double num_heads, int num_queries, int num_keys, bool is_causal,
                       const PageOptions& options);

/// The page as bytes. Errors: InvalidInput (no attention, a head that is not there, too large: says what
/// would fit), Cancelled.
Result<std::string> page_html(const PageContent& content, const PageOptions& options, const JobContext& job,
                              PageFacts& facts);

/// Writes it in one step. Errors: those of page_html() and of write_file_atomic().
Result<PageFacts> write_page(const std::string& path, const PageContent& content, const PageOptions& options,
                             const JobContext& job);

}  // namespace headlight
