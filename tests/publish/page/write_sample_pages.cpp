// write_sample_pages FOLDER: a page of every shape, and beside each as JSON what it must hold, for
// page_in_browser.py.
#include <cstdio>
#include <string>

#include "base/atomic_file.h"
#include "publish/page/page_file.h"
#include "publish/page/sample_pages.h"
#include "report/json_out.h"

using namespace headlight;

namespace {

/// Some heads with all their values; of long texts every 13th row.
Json values_of(const PageContent& content) {
    const AttentionTrace& trace = content.trace();
    Json out = Json::array();
    const int step = trace.num_queries() > 100 ? 13 : 1;
    for (std::size_t i = 0; i < trace.grid().size(); ++i) {
        const HeadId head = trace.grid().at(i);
        if (trace.is_absent(head.layer)) continue;
        std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
        for (int query = 0; query < trace.num_queries(); query += step) {
            trace.rows(head.layer, head.head, query, query + 1, row);
            out.push_back({{"layer", head.layer}, {"head", head.head}, {"query", query}, {"values", row}});
        }
    }
    return out;
}

Status write_samples(const std::string& folder) {
    for (const test::SamplePage& page : test::sample_pages()) {
        HEADLIGHT_TRY(const PageFacts facts,
                      write_page(folder + "/" + page.name + ".html", page.content, {}, {}));
        const Json expected = {
            {"max_error", facts.max_error}, {"wide", facts.levels == 0}, {"rows", values_of(page.content)}};
        HEADLIGHT_CHECK(write_file_atomic(folder + "/" + page.name + ".json", json_line(expected)));
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("use: write_sample_pages FOLDER\n", stderr);
        return 2;
    }
    const Status written = write_samples(argv[1]);
    if (!written) std::fprintf(stderr, "error: %s\n", written.error().to_string().c_str());
    return written ? 0 : 1;
}
