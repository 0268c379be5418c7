// write_pages FOLDER: one page of each kind, as wide and as long as pages get, for pages_in_browser.py.
#include <cstdio>
#include <string>

#include "base/atomic_file.h"
#include "report/atlas/atlas_page.h"
#include "report/atlas/comparison_page.h"
#include "report/sample_atlas.h"
#include "report/sample_validation.h"
#include "report/validation/validation_html.h"

using namespace headlight;

namespace {

/// Names without a place to break, rows longer than any screen.
const std::string kLongName(120, 'w');

/// Many layers and heads, every third head with patterns.
Atlas wide_atlas(const std::string& model, int num_layers, int num_heads) {
    Atlas atlas = test::sample_atlas();
    const AtlasHead head = atlas.heads[0];
    const AtlasEntry quiet = atlas.entries[0];
    atlas.model = model;
    atlas.num_layers = num_layers;
    atlas.num_heads = num_heads;
    atlas.corpus.assign(12, "folder/" + kLongName + ".txt");
    atlas.detectors[0].label = kLongName;
    atlas.detectors[1].definition = kLongName;
    atlas.methods = "Scanned " + kLongName + " as told.";
    atlas.heads.clear();
    atlas.entries.clear();
    for (int i = 0; i < num_layers * num_heads; ++i) {
        AtlasHead one = head;
        one.head = {i / num_heads, i % num_heads};
        one.examples[0].tokens.assign(300, "token·");
        one.examples[0].tokens[3] = kLongName;
        one.examples[0].weights.assign(300, 0.004f);
        one.examples[0].query = 299;
        one.metrics[kLongName] = 0.5;
        atlas.heads.push_back(one);
        for (const AtlasDetector& detector : atlas.detectors) {
            AtlasEntry entry = quiet;
            entry.head = one.head;
            entry.detector = detector.id;
            if (i % 3 == 0) test::tag_entry(entry, 0.9 - 0.8 * i / (num_layers * num_heads), 0.9);
            atlas.entries.push_back(entry);
        }
    }
    return atlas;
}

Status write_pages(const std::string& folder) {
    HEADLIGHT_CHECK(write_atlas_report(folder + "/atlas.html", wide_atlas("a model", 12, 32)));
    HEADLIGHT_CHECK(write_atlas_report(folder + "/atlas_long_name.html", wide_atlas(kLongName, 2, 3)));
    HEADLIGHT_CHECK(write_atlas_report(folder + "/atlas_silent.html", test::silent_atlas()));
    HEADLIGHT_CHECK(write_atlas_comparison(folder + "/comparison.html", wide_atlas("left", 6, 12),
                                           wide_atlas(kLongName, 2, 4)));
    const auto short_names = [](const std::string& name) { return "the " + name + " of a check"; };
    const auto long_names = [](const std::string& name) { return name + " " + kLongName; };
    ValidationReport wide = test::sample_validation(long_names);
    for (CheckReport& check : wide.checks) {
        check.tables[0].columns.assign(30, "a wide column");
        check.tables[0].rows.assign(200, std::vector<std::optional<double>>(30, 0.123456));
        check.tables[0].row_names.clear();
    }
    HEADLIGHT_CHECK(write_file_atomic(folder + "/validation.html",
                                      validation_html(test::sample_validation(short_names))));
    return write_file_atomic(folder + "/validation_wide.html", validation_html(wide));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("use: write_pages FOLDER\n", stderr);
        return 2;
    }
    const Status written = write_pages(argv[1]);
    if (!written) std::fprintf(stderr, "error: %s\n", written.error().to_string().c_str());
    return written ? 0 : 1;
}
