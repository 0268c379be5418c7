#include "io/training/training_log.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/mapped_file.h"
#include "io/json_file.h"
#include "io/training/training_log_rows.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLogBytes = std::size_t{512} << 20;
constexpr std::size_t kMostLineBytes = std::size_t{4} << 20;
constexpr std::size_t kMostRows = 4'000'000;

/// metrics.jsonl of a folder, or of the folder of a file.
fs::path log_file(const std::string& path) {
    std::error_code code;
    const fs::path given(path);
    if (fs::is_directory(given, code)) return given / kTrainingRowsFile;
    return given.parent_path() / kTrainingRowsFile;
}

Error corrupt_line(const fs::path& file, std::size_t line, const std::string& why) {
    return make_error(ErrorKind::Corrupt, "line {} of the training log: {}", line, why)
        .in_file(file.string());
}

std::optional<std::int64_t> whole_number(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

std::string text_value(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Whatever is neither a number nor null is of another program and left out.
std::map<std::string, std::optional<double>> read_values(const nlohmann::json& object) {
    std::map<std::string, std::optional<double>> values;
    for (const auto& [name, value] : object.items()) {
        if (is_row_key(name)) continue;
        if (value.is_null()) values[name] = std::nullopt;
        if (!value.is_number()) continue;
        const double number = value.get<double>();
        values[name] = std::isfinite(number) ? std::optional(number) : std::nullopt;
    }
    return values;
}

Result<TrainingRow> read_row(std::string_view text, const fs::path& file, std::size_t line) {
    if (text.size() > kMostLineBytes) {
        return fail(corrupt_line(
            file, line, fmt::format("it has {} bytes, a row has at most {}", text.size(), kMostLineBytes)));
    }
    const auto parsed = parse_json(text, file.string());
    if (!parsed) return fail(corrupt_line(file, line, parsed.error().message));
    if (!parsed->is_object())
        return fail(corrupt_line(file, line, "expected an object {\"step\": ..., ...}"));
    const auto step = whole_number(*parsed, "step");
    if (!step) return fail(corrupt_line(file, line, "'step' is absent or no whole number"));
    TrainingRow row;
    row.step = *step;
    row.epoch = whole_number(*parsed, "epoch").value_or(-1);
    row.point = text_value(*parsed, "point");
    row.checkpoint = text_value(*parsed, "checkpoint");
    row.values = read_values(*parsed);
    return row;
}

}  // namespace

bool is_row_key(std::string_view name) {
    return name == "step" || name == "epoch" || name == "point" || name == "checkpoint";
}

bool is_training_log(const std::string& path) {
    std::error_code code;
    return fs::exists(path, code) && fs::is_regular_file(log_file(path), code);
}

Result<TrainingLog> read_training_log(const std::string& path) {
    const fs::path file = log_file(path);
    HEADLIGHT_TRY(const std::string text, read_text_file(file.string(), kMostLogBytes));
    std::map<std::pair<std::int64_t, std::string>, TrainingRow> rows;  // by step and checkpoint
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) break;  // still being written
        const std::string_view words = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        if (words.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        HEADLIGHT_TRY(TrainingRow row, read_row(words, file, line + 1));
        rows[std::pair(row.step, row.checkpoint)] = row;
        if (rows.size() > kMostRows)
            return fail(corrupt_line(file, line + 1, fmt::format("a log has at most {} rows", kMostRows)));
    }
    TrainingLog log;
    std::set<std::string> names;
    for (auto& [key, row] : rows) {
        for (const auto& [name, value] : row.values)
            names.insert(name);
        log.rows.push_back(std::move(row));
    }
    log.names.assign(names.begin(), names.end());
    log.title = fs::absolute(file).parent_path().filename().string();
    return log;
}

}  // namespace headlight
