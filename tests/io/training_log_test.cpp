// The training log: what is written is read back, by our reader and in the formats of other programs.
#include "io/training/training_log.h"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/mapped_file.h"
#include "io/training/crc32c.h"
#include "io/training/tensorboard_events.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

std::string text_of(const std::string& path) {
    const auto text = read_text_file(path);
    REQUIRE(text);
    return *text;
}

std::vector<std::string> event_files(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with("events.out.tfevents."))
            files.push_back(entry.path());
    }
    return files;
}

TrainingRow row_of(std::int64_t step, std::map<std::string, std::optional<double>> values) {
    return {step, -1, "SNAPSHOT", std::move(values)};
}

/// Payloads of a TFRecord file; both checksums of each are checked.
std::vector<std::string> records(const std::string& bytes) {
    std::vector<std::string> payloads;
    std::size_t at = 0;
    while (at < bytes.size()) {
        REQUIRE(bytes.size() - at >= 16);
        std::uint64_t length = 0;
        std::uint32_t crc = 0;
        std::memcpy(&length, bytes.data() + at, 8);
        std::memcpy(&crc, bytes.data() + at + 8, 4);
        CHECK(crc == masked_crc32c(std::string_view(bytes).substr(at, 8)));
        REQUIRE(bytes.size() - at - 16 >= length);
        payloads.push_back(bytes.substr(at + 12, length));
        std::memcpy(&crc, bytes.data() + at + 12 + length, 4);
        CHECK(crc == masked_crc32c(payloads.back()));
        at += 16 + length;
    }
    return payloads;
}

}  // namespace

TEST_CASE("training log: the checksum of the published vectors") {
    CHECK(crc32c("123456789") == 0xE3069283U);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);  // RFC 3720, B.4
    CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43U);
    CHECK(crc32c("") == 0U);
}

TEST_CASE("training log: event messages are the bytes that the protocol asks for") {
    const std::string version = file_version_event(1.0);
    CHECK(version == std::string("\x09\0\0\0\0\0\0\xf0\x3f\x1a\x0d", 11) + "brain.Event:2");
    const std::vector<EventScalar> scalars = {{"a/0", 0.5}};
    const std::string event = scalar_event(0.0, 300, scalars);
    // wall_time 0.0, step 300 = ac 02, summary of 12 bytes: value of 10: tag "a/0", simple_value 0.5
    CHECK(event == std::string("\x09\0\0\0\0\0\0\0\0\x10\xac\x02\x2a\x0c\x0a\x0a\x0a\x03", 18) + "a/0" +
                       std::string("\x15\0\0\0\x3f", 5));
    CHECK(session_start_event(0.0, 7) == std::string("\x09\0\0\0\0\0\0\0\0\x10\x07\x3a\x02\x08\x01", 15));
    CHECK(records(tfrecord(event) + tfrecord(version)) == std::vector<std::string>{event, version});
}

TEST_CASE("training log: two checkpoints of one step are two rows, and each keeps its name") {
    const std::string folder = test::fresh_dir("log_twins");
    auto writer = open_training_log(folder, {});
    REQUIRE(writer);
    for (const char* name : {"last.ckpt", "epoch=2-step=120.ckpt", "last.ckpt"}) {
        TrainingRow row = row_of(120, {{"loss", name[0] == 'l' ? 2.0 : 1.0}});
        row.checkpoint = name;
        REQUIRE((*writer)->append(row));
    }
    REQUIRE((*writer)->append(row_of(120, {{"loss", 3.0}})));  // of training code, which names no file
    CHECK(!(*writer)->append(row_of(121, {{"checkpoint", 1.0}})));
    const auto log = read_training_log(folder);
    REQUIRE(log);
    REQUIRE(log->rows.size() == 3);
    CHECK(log->rows[0].checkpoint.empty());
    CHECK(log->rows[1].checkpoint == "epoch=2-step=120.ckpt");
    CHECK(log->rows[2].checkpoint == "last.ckpt");
    CHECK(log->rows[2].values.at("loss") == 2.0);
    CHECK(log->names == std::vector<std::string>{"loss"});
}

TEST_CASE("training log: rows come back; absent and infinite values are absent everywhere") {
    const std::string folder = test::fresh_dir("training_log_rows");
    {
        auto writer = open_training_log(folder, {});
        REQUIRE(writer);
        TrainingRow first = row_of(0, {{"loss", 0.1}, {"attn_entropy/0", std::nullopt}});
        first.epoch = 4;
        first.point = "POST_EPOCH";
        REQUIRE((*writer)->append(first));
        REQUIRE((*writer)->append(row_of(10, {{"loss", std::numeric_limits<double>::infinity()}})));
        REQUIRE((*writer)->append(row_of(20, {{"loss", 1e-7}, {"extra, \"x\"", 2.5}})));
    }
    CHECK(is_training_log(folder));
    CHECK(is_training_log(folder + "/metrics.csv"));
    const auto log = read_training_log(folder);
    REQUIRE(log);
    CHECK(log->title == "training_log_rows");
    CHECK(log->names == std::vector<std::string>{"attn_entropy/0", "extra, \"x\"", "loss"});
    REQUIRE(log->rows.size() == 3);
    CHECK(log->rows[0].epoch == 4);
    CHECK(log->rows[0].point == "POST_EPOCH");
    CHECK(log->rows[0].values.at("loss") == 0.1);
    CHECK_FALSE(log->rows[0].values.at("attn_entropy/0").has_value());
    CHECK_FALSE(log->rows[1].values.at("loss").has_value());
    CHECK(log->rows[1].epoch == -1);
    CHECK(log->rows[2].values.at("loss") == 1e-7);
    CHECK(text_of(folder + "/metrics.csv") ==
          "step,epoch,point,attn_entropy/0,loss,\"extra, \"\"x\"\"\"\n"
          "0,4,POST_EPOCH,,0.1,\n"
          "10,,SNAPSHOT,,,\n"
          "20,,SNAPSHOT,,1e-07,2.5\n");
    const auto events = event_files(folder);
    REQUIRE(events.size() == 1);
    CHECK(records(text_of(events[0])).size() == 4);  // the version and three rows
}

TEST_CASE("training log: going on drops the rows past the step that it goes on from") {
    const std::string folder = test::fresh_dir("training_log_resume");
    for (int sitting = 0; sitting < 2; ++sitting) {
        TrainingLogStart start;
        if (sitting == 1) start.keeps_up_to = 10;
        auto writer = open_training_log(folder, start);
        REQUIRE(writer);
        for (const int step : {5, 10, 15, 20}) {
            if (sitting == 1 && step <= 10) continue;
            REQUIRE((*writer)->append(row_of(step, {{"loss", step + 100.0 * sitting}})));
        }
        std::ofstream(folder + "/metrics.jsonl", std::ios::app)
            << "{\"step\": 25, \"lo";  // killed while writing
    }
    const auto log = read_training_log(folder);
    REQUIRE(log);
    REQUIRE(log->rows.size() == 4);
    CHECK(log->rows[1].values.at("loss") == 10.0);
    CHECK(log->rows[2].values.at("loss") == 115.0);
    CHECK(text_of(folder + "/metrics.csv") ==
          "step,epoch,point,loss\n5,,SNAPSHOT,5\n10,,SNAPSHOT,10\n15,,SNAPSHOT,115\n20,,SNAPSHOT,120\n");
    CHECK(event_files(folder).size() == 2);
    REQUIRE(open_training_log(folder, {}));  // anew
    CHECK(read_training_log(folder)->rows.empty());
    CHECK(event_files(folder).size() == 1);
    CHECK_FALSE(std::filesystem::exists(folder + "/metrics.csv"));
}

TEST_CASE("training log: of two rows of a step the later counts; strangers' fields are left out") {
    const std::string folder = test::fresh_dir("training_log_foreign");
    std::ofstream(folder + "/metrics.jsonl")
        << "{\"step\": 20, \"loss\": 1}\n\n{\"step\": 10, \"loss\": 3, \"name\": \"run\", \"list\": [1]}\n"
        << "{\"step\": 20, \"loss\": 2}\n{\"step\": 30, \"lo";
    const auto log = read_training_log(folder);
    REQUIRE(log);
    REQUIRE(log->rows.size() == 2);
    CHECK(log->rows[0].step == 10);
    CHECK(log->rows[1].values.at("loss") == 2.0);
    CHECK(log->names == std::vector<std::string>{"loss"});
}

TEST_CASE("training log: errors say which line") {
    const std::string folder = test::fresh_dir("training_log_corrupt");
    CHECK_FALSE(is_training_log(folder));
    CHECK(read_training_log(folder).error().kind == ErrorKind::Missing);
    for (const char* line : {"{\"step\": 2.5}", "[1, 2]", "{\"loss\": 1}", "{\"step\": 1, ", "nonsense"}) {
        std::ofstream(folder + "/metrics.jsonl") << "{\"step\": 1}\n" << line << "\n";
        const auto log = read_training_log(folder);
        REQUIRE_FALSE(log);
        CHECK(log.error().kind == ErrorKind::Corrupt);
        CHECK(log.error().message.find("line 2") != std::string::npos);
    }
    auto writer = open_training_log(test::fresh_dir("training_log_names"), {});
    REQUIRE(writer);
    CHECK((*writer)->append(row_of(1, {{"epoch", 1.0}})).error().kind == ErrorKind::InvalidInput);
}
