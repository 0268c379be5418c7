// The shown text as a page: from a live model, from stored attention, between words, and what stands in the
// way.
#include <fstream>
#include <sstream>

#include "io/attention/attention_dump.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct PageFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};
    Status run(const std::string& id, const std::vector<std::string>& arguments = {}) {
        return run_command(context, {id, arguments});
    }
    std::string export_to(const std::string& path) {
        REQUIRE(run("export_page", {path}));
        REQUIRE(settle());
        std::ifstream in(path, std::ios::binary);
        std::ostringstream page;
        page << in.rdbuf();
        return page.str();
    }
    std::string last_notice() {
        const auto notices = session.take_notices();
        return notices.empty() ? "" : notices.back().text;
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("page: what the window shows becomes one file, and a notice says where and how exact") {
    PageFixture f;
    CHECK_FALSE(f.run("export_page", {"page.html"}));  // nothing is shown
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    f.session.select({0, 1});
    f.session.set_query(2);
    f.session.take_notices();
    const std::string path = fresh_dir("page") + "/page.html";
    const std::string page = f.export_to(path);
    CHECK(has(page, R"("queries":["5","6","5","7"])"));
    CHECK(has(page, R"("first":{"layer":0,"head":1,"query":2})"));
    CHECK(has(page, R"("weights":"raw")"));
    const std::string notice = f.last_notice();
    CHECK(has(notice, path));
    CHECK(has(notice, "4 queries"));
    CHECK(has(notice, "no cell is off by more than"));
}

TEST_CASE("page: the weights that the window shows, and a changed run by name") {
    PageFixture f;
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    REQUIRE(f.run("weights", {"no-sink"}));
    REQUIRE(f.settle());
    const std::string folder = fresh_dir("page_weights");
    CHECK(has(f.export_to(folder + "/no_sink.html"), R"("weights":"no-sink")"));
    REQUIRE(f.run("ablate", {"uniform", "0", "0"}));
    REQUIRE(f.settle());
    if (f.now().shown() != Compare::Before)
        CHECK(has(f.export_to(folder + "/changed.html"), "changed run: L0H0"));
}

TEST_CASE("page: a file that cannot be written is said") {
    PageFixture f;
    f.open();
    f.session.set_text("5 6");
    REQUIRE(f.settle());
    f.session.take_notices();
    const std::string folder = fresh_dir("page_no_place");
    std::ofstream(folder + "/file") << "x";
    REQUIRE(f.run("export_page", {folder + "/file/page.html"}));
    REQUIRE(f.settle());
    CHECK(has(f.last_notice(), "The page could not be written"));
}
