// metrics.jsonl is the log; metrics.csv and the event file are copies of it for other programs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/atomic_file.h"
#include "base/csv.h"
#include "io/json_file.h"
#include "io/training/tensorboard_events.h"
#include "io/training/training_log.h"
#include "io/training/training_log_rows.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

std::optional<double> finite(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string json_line(const TrainingRow& row) {
    nlohmann::ordered_json line;
    line["step"] = row.step;
    line["epoch"] = row.epoch >= 0 ? nlohmann::ordered_json(row.epoch) : nlohmann::ordered_json(nullptr);
    line["point"] = row.point;
    if (!row.checkpoint.empty()) line["checkpoint"] = row.checkpoint;
    for (const auto& [name, value] : row.values) {
        const auto number = finite(value);
        line[name] = number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
    }
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string csv_header(const std::vector<std::string>& columns) {
    CsvLine line;
    line.text("step").text("epoch").text("point");
    for (const std::string& name : columns)
        line.text(name);
    return line.line();
}

/// Absent values are empty cells; numbers have as many digits as it takes to read the same number back.
std::string csv_line(const TrainingRow& row, const std::vector<std::string>& columns) {
    CsvLine line;
    line.count(row.step).text(row.epoch >= 0 ? std::to_string(row.epoch) : "").text(row.point);
    for (const std::string& name : columns) {
        const auto found = row.values.find(name);
        line.number(found == row.values.end() ? std::nullopt : finite(found->second));
    }
    return line.line();
}

class FileWriter final : public TrainingLogWriter {
  public:
    explicit FileWriter(std::string folder) : folder_(std::move(folder)) {}

    Status start(const TrainingLogStart& start) {
        std::error_code code;
        fs::create_directories(folder_, code);
        if (code) {
            return fail(make_error(ErrorKind::Internal, "cannot create the folder of the training log: {}",
                                   code.message())
                            .in_file(folder_));
        }
        std::vector<TrainingRow> kept;
        if (start.keeps_up_to && fs::exists(rows_path(), code)) {
            HEADLIGHT_TRY(TrainingLog log, read_training_log(rows_path()));
            std::copy_if(log.rows.begin(), log.rows.end(), std::back_inserter(kept),
                         [&](const TrainingRow& row) { return row.step <= *start.keeps_up_to; });
        }
        HEADLIGHT_CHECK(write_rows(kept));
        for (const TrainingRow& row : kept)
            add_columns(row);
        if (!kept.empty()) HEADLIGHT_CHECK(write_table(kept));
        if (kept.empty()) empty_table();
        if (!start.keeps_up_to) remove_event_files();
        HEADLIGHT_TRY(event_path_, create_event_file(folder_));
        if (kept.empty()) return {};
        return append_to(event_path_,
                         tfrecord(session_start_event(wall_clock_seconds(), kept.back().step + 1)));
    }

    Status append(const TrainingRow& row) override {
        for (const auto& [name, value] : row.values) {
            if (is_row_key(name) || name.empty()) {
                return fail(ErrorKind::InvalidInput, "no metric may be called '{}': the row itself uses it",
                            name);
            }
        }
        HEADLIGHT_CHECK(append_to(rows_path(), json_line(row)));
        HEADLIGHT_CHECK(append_to_table(row));
        std::vector<EventScalar> scalars;
        for (const auto& [name, value] : row.values) {
            if (const auto number = finite(value)) scalars.emplace_back(name, *number);
        }
        return append_to(event_path_, tfrecord(scalar_event(wall_clock_seconds(), row.step, scalars)));
    }

  private:
    std::string rows_path() const { return folder_ + "/" + kTrainingRowsFile; }
    std::string table_path() const { return folder_ + "/" + kTrainingTableFile; }

    /// True when the row brought a name that had no column.
    bool add_columns(const TrainingRow& row) {
        const std::size_t before = columns_.size();
        for (const auto& [name, value] : row.values) {
            if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) columns_.push_back(name);
        }
        return columns_.size() > before;
    }

    Status write_rows(const std::vector<TrainingRow>& rows) const {
        std::string text;
        for (const TrainingRow& row : rows)
            text += json_line(row);
        return write_file_atomic(rows_path(), text);
    }

    Status write_table(const std::vector<TrainingRow>& rows) const {
        std::string text = csv_header(columns_);
        for (const TrainingRow& row : rows)
            text += csv_line(row, columns_);
        return write_file_atomic(table_path(), text);
    }

    /// A link stays where somebody put it.
    void empty_table() const {
        std::error_code code;
        if (fs::is_symlink(table_path(), code))
            fs::resize_file(table_path(), 0, code);
        else
            fs::remove(table_path(), code);
    }

    /// A new name is a new last column of the whole table.
    Status append_to_table(const TrainingRow& row) {
        if (!add_columns(row)) return append_to(table_path(), csv_line(row, columns_));
        HEADLIGHT_TRY(const TrainingLog log, read_training_log(rows_path()));
        return write_table(log.rows);
    }

    void remove_event_files() const {
        std::error_code code;
        std::vector<fs::path> old;
        for (const auto& entry : fs::directory_iterator(folder_, code)) {
            if (entry.path().filename().string().starts_with("events.out.tfevents."))
                old.push_back(entry.path());
        }
        for (const fs::path& path : old)
            fs::remove(path, code);
    }

    static Status append_to(const std::string& path, const std::string& bytes) {
        std::ofstream out(path, std::ios::app | std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        out.flush();
        if (!out) return fail(make_error(ErrorKind::Internal, "cannot write the training log").in_file(path));
        return {};
    }

    std::string folder_, event_path_;
    std::vector<std::string> columns_;
};

}  // namespace

Result<std::unique_ptr<TrainingLogWriter>> open_training_log(const std::string& folder,
                                                             TrainingLogStart start) {
    auto writer = std::make_unique<FileWriter>(folder);
    HEADLIGHT_CHECK(writer->start(start));
    return std::unique_ptr<TrainingLogWriter>(std::move(writer));
}

}  // namespace headlight
