// Broken and malicious files: the program must refuse each with one clear message, in a process of its own,
// and run nothing.
#include <unistd.h>

#include <filesystem>
#include <regex>

#include "cli/selftest/child_process.h"
#include "cli/selftest/fixture_table.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLongest{120};
constexpr double kMostMegabytes =
    200;  // while refusing; the engine is not loaded before the file was looked at
constexpr std::size_t kMostWords = 4096;
const char* const kTrace = "PICKLE_WAS_EXECUTED";

std::vector<std::string> matches(const std::string& text, const char* pattern) {
    const std::string bounded = text.substr(0, kMostWords);
    const std::regex expression(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator it(bounded.begin(), bounded.end(), expression), end; it != end; ++it)
        found.push_back(it->str());
    return found;
}

/// Words that the list says the message must hold: tensor names, shapes, config keys, file names.
std::vector<std::string> promised_words(const std::string& what, const std::string& must) {
    std::vector<std::string> words;
    const auto add = [&words](const std::vector<std::string>& more) {
        words.insert(words.end(), more.begin(), more.end());
    };
    if (must.find("tensor") != std::string::npos)
        add(matches(what, R"(\b[a-z_]+\.h\.\d+\.[a-z0-9_.]*[a-z0-9_])"));
    if (must.find("shape") != std::string::npos) {
        for (std::string shape : matches(what, R"(\[\d+(,\d+)*\])"))
            words.push_back(std::regex_replace(shape, std::regex(","), ", "));
    }
    if (must.find("both keys") != std::string::npos) add(matches(what, R"(\bn_[a-z]+\b)"));
    if (must.find("holds code") != std::string::npos) words.push_back("code");
    add(matches(must, R"(\btokenizer\.[a-z]+\b)"));
    return words;
}

/// Empty if the process did what it must, else what was wrong.
std::string verdict(const ChildOutcome& child, const nlohmann::json& entry, const fs::path& folder) {
    const std::string must = entry.value("must", "");
    if (child.timed_out) return fmt::format("still running after {} s", kLongest.count());
    if (child.signal != 0) return fmt::format("crashed with signal {}", child.signal);
    const bool may_open = must.find("loads with a warning") != std::string::npos;
    if (child.exit_code != 1 && !(may_open && child.exit_code == 0))
        return fmt::format("exit code {}, expected 1", child.exit_code);
    if (child.exit_code == 1 && child.errors.rfind("error: ", 0) != 0 &&
        child.errors.find("\nerror: ") == std::string::npos) {
        return "no line 'error: ...'";
    }
    const bool names_file = child.errors.find(folder.filename().string()) != std::string::npos;
    if (!names_file && must.find("the file") != std::string::npos)
        return "the message does not name the file";
    for (const std::string& word : promised_words(entry.value("what", ""), must)) {
        if (child.errors.find(word) == std::string::npos)
            return fmt::format("the message does not name '{}'", word);
    }
    if (child.peak_mb > kMostMegabytes && !may_open)
        return fmt::format("took {:.0f} MB, more than {:.0f}", child.peak_mb, kMostMegabytes);
    return {};
}

std::string said(const std::string& errors) {
    const auto at = errors.rfind("error: ", 0) == 0 ? 0 : errors.find("\nerror: ");
    const std::string from = at == std::string::npos ? errors : errors.substr(at == 0 ? 0 : at + 1);
    return from.substr(0, from.find('\n'));
}

FixtureRow check_case(const FixtureWork& work, const nlohmann::json& entry, const fs::path& scratch) {
    FixtureRow row;
    row.part = "hostile";
    row.name = entry.value("name", "");
    row.kind = entry.value("kind", "");
    std::error_code code;
    const fs::path folder = fs::absolute(fs::path(work.folder) / "hostile" / row.name, code);
    const auto child =
        run_self({"analyze", "--model", folder.string(), "--text", "In the beginning", "--no-plots"},
                 scratch.string(), kLongest);
    if (!child) {
        row.detail = short_error(child.error());
        return row;
    }
    std::string wrong = verdict(*child, entry, folder);
    if (fs::exists(scratch / kTrace) || fs::exists(folder / kTrace) || fs::exists(kTrace))
        wrong = "CODE OF THE FILE RAN";
    row.is_good = wrong.empty();
    row.measure = fmt::format("{:.0f} MB", child->peak_mb);
    row.detail = wrong.empty() ? said(child->errors).substr(0, 120) : wrong;
    return row;
}

}  // namespace

Status check_fixture_hostile(const FixtureWork& work) {
    HEADLIGHT_TRY(const nlohmann::json list,
                  read_json_file((fs::path(work.folder) / "hostile" / "hostile.json").string()));
    std::error_code code;
    const fs::path scratch = fs::temp_directory_path() / fmt::format("headlight-hostile-{}", getpid());
    fs::create_directories(scratch, code);
    for (const auto& entry : list.value("cases", nlohmann::json::array())) {
        if (work.job.should_stop()) break;
        if (entry.is_object()) work.add(check_case(work, entry, scratch));
    }
    fs::remove_all(scratch, code);
    if (work.job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
    return {};
}

}  // namespace headlight
