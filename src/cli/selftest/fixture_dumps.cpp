// Attention files as other programs write them, against the attention that they were made from.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/selftest/fixture_table.h"
#include "io/attention/attention_dump.h"
#include "io/json_file.h"
#include "study/parity/reference.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

struct Source {
    std::string model;  // "models/gpt2"
    int text = 0;
};

/// From "models/gpt2, text t1".
Result<Source> source_of(const nlohmann::json& list, const std::string& file) {
    const std::string words = list.value("made_from", "");
    const auto comma = words.find(',');
    const auto mark = words.rfind('t');
    if (comma != std::string::npos && mark != std::string::npos && mark + 1 < words.size() &&
        words[mark + 1] >= '0' && words[mark + 1] <= '9') {
        return Source{words.substr(0, comma), words[mark + 1] - '0'};
    }
    return fail(make_error(ErrorKind::Corrupt,
                           "'made_from' is '{}', expected the model and the text: \"models/gpt2, text t1\"",
                           words.substr(0, 60))
                    .in_file(file));
}

Result<double> difference(const AttentionTrace& trace, const ParityReference& reference, int text) {
    double worst = 0;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        HEADLIGHT_TRY(const std::vector<float> wanted,
                      reference.values(text, fmt::format("attn.{}", layer),
                                       {trace.num_heads(), trace.num_queries(), trace.num_keys()}));
        const std::size_t size =
            static_cast<std::size_t>(trace.num_queries()) * static_cast<std::size_t>(trace.num_keys());
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> got = trace.matrix(layer, head);
            for (std::size_t i = 0; i < size; ++i) {
                const double apart =
                    std::abs(static_cast<double>(got[i]) - wanted[static_cast<std::size_t>(head) * size + i]);
                worst = std::max(worst, std::isfinite(apart) ? apart : INFINITY);
            }
        }
    }
    // A file with fewer layers than it was made from is not the same attention.
    if (reference.has(text, fmt::format("attn.{}", trace.num_layers()))) return INFINITY;
    return worst;
}

FixtureRow check_dump(const std::string& path, const ParityReference& reference, int text) {
    FixtureRow row;
    row.part = "dumps";
    row.name = fs::path(path).filename().string();
    const auto dump = read_attention_dump(path);
    if (!dump) {
        row.detail = short_error(dump.error());
        return row;
    }
    const TraceInfo& info = dump->trace->info();
    row.kind = info.dtype;
    const auto apart = difference(*dump->trace, reference, text);
    if (!apart) {
        row.detail = short_error(apart.error());
        return row;
    }
    // Half precision keeps 11 bits: a weight near 1 is rounded by up to 2^-12.
    const bool is_half = row.name.find("float16") != std::string::npos || info.dtype == "float16";
    const double tolerance = is_half ? 2.5e-4 : 2e-5;
    row.attention = *apart;
    row.measure = fmt::format("{:.1e}", *apart);
    row.is_good = *apart <= tolerance;
    const auto named = std::count_if(dump->tokens.tokens.begin(), dump->tokens.tokens.end(),
                                     [](const Token& token) { return !token.piece.empty(); });
    row.detail = fmt::format("{} layers x {} heads, {} tokens{}", info.num_layers, info.num_heads, named,
                             row.is_good ? "" : fmt::format("; more than {:.1e}", tolerance));
    return row;
}

}  // namespace

Status check_fixture_dumps(const FixtureWork& work) {
    const std::string file = (fs::path(work.folder) / "dumps" / "dumps.json").string();
    HEADLIGHT_TRY(const nlohmann::json list, read_json_file(file));
    HEADLIGHT_TRY(const Source source, source_of(list, file));
    HEADLIGHT_TRY(
        const ParityReference reference,
        ParityReference::open((fs::path(work.folder) / source.model / "reference.safetensors").string()));
    for (const auto& entry : list.value("files", nlohmann::json::array())) {
        if (work.job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        const std::string path = (fs::path(work.folder) / "dumps" / entry.value("path", "")).string();
        work.add(check_dump(path, reference, source.text));
    }
    return {};
}

}  // namespace headlight
