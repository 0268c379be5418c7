// Ids and offsets of every text of cases.json, for real tokenizers and those of the fixture models.
#include <algorithm>
#include <filesystem>

#include "cli/selftest/fixture_table.h"
#include "io/json_file.h"
#include "report/token_offsets.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;
using PlainJson = nlohmann::json;

bool has_same_ids(const TokenizedText& text, const PlainJson& ids) {
    return PlainJson(text.ids()) == ids;
}

bool has_same_offsets(const TokenizedText& text, const PlainJson& offsets) {
    if (!offsets.is_array() || offsets.size() != text.tokens.size()) return false;
    const CodePointOffsets positions(text.text);
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const auto [begin, end] = positions.of(text.tokens[i]);
        const PlainJson& wanted = offsets[i];
        if (!wanted.is_array() || wanted.size() != 2) return false;
        // Tokens that are not in the text have no place there: theirs is (0, 0) in the reference.
        const bool is_empty = begin == end && wanted[0] == wanted[1];
        if (!is_empty && (wanted[0] != begin || wanted[1] != end)) return false;
    }
    return true;
}

struct Tally {
    std::size_t texts = 0, ids = 0, offsets = 0, plain = 0;
    bool has_offsets = false, has_plain = false;
    std::string first_wrong;  // what of which text
    bool is_good() const {
        return texts > 0 && ids == texts && (!has_offsets || offsets == texts) &&
               (!has_plain || plain == texts);
    }
    void wrong(const char* what, std::size_t index) {
        if (first_wrong.empty()) first_wrong = fmt::format("{} of text {}", what, index);
    }
};

/// Lists of cases.json run in parallel; `ids_without_special` and `offsets` may be absent. A second source of
/// a vocabulary says nothing of offsets: `ids_only`.
Tally compare_cases(const Tokenizer& tokenizer, const PlainJson& cases, bool ids_only) {
    Tally tally;
    const auto list = [&cases](const char* key) {
        return cases.contains(key) ? cases[key] : PlainJson::array();
    };
    const PlainJson texts = list("texts"), ids = list("ids"),
                    offsets = ids_only ? PlainJson::array() : list("offsets"),
                    plain = list("ids_without_special");
    tally.has_offsets = !offsets.empty();
    tally.has_plain = !plain.empty();
    const std::size_t count = std::min(texts.size(), ids.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (!texts[i].is_string()) continue;
        ++tally.texts;
        const auto text = texts[i].get<std::string>();
        const auto encoded = tokenizer.try_encode(text);
        if (!encoded) {
            tally.wrong("refusal", i);
            continue;
        }
        const TokenizedText& tokens = *encoded;
        const bool ids_agree = has_same_ids(tokens, ids[i]);
        ids_agree ? void(++tally.ids) : tally.wrong("ids", i);
        if (i < offsets.size()) {
            has_same_offsets(tokens, offsets[i]) ? void(++tally.offsets) : tally.wrong("offsets", i);
        }
        if (i < plain.size()) {
            has_same_ids(tokenizer.encode(text, false), plain[i])
                ? void(++tally.plain)
                : tally.wrong("ids without special tokens", i);
        }
    }
    return tally;
}

FixtureRow check_tokenizer(const std::string& name, const std::string& path, const PlainJson& cases,
                           bool ids_only = false) {
    FixtureRow row;
    row.part = "tokenizers";
    row.name = name;
    const auto tokenizer = open_tokenizer(path);
    if (!tokenizer) {
        row.detail = short_error(tokenizer.error());
        return row;
    }
    row.kind = (*tokenizer)->family();
    const Tally tally = compare_cases(**tokenizer, cases, ids_only);
    row.is_good = tally.is_good();
    row.measure = fmt::format("{:.1f} %", 100.0 * static_cast<double>(tally.ids) /
                                              static_cast<double>(std::max<std::size_t>(tally.texts, 1)));
    row.detail = fmt::format("ids {} of {}", tally.ids, tally.texts);
    if (tally.has_offsets) row.detail += fmt::format(", offsets {}", tally.offsets);
    if (tally.has_plain) row.detail += fmt::format(", without special tokens {}", tally.plain);
    if (!tally.first_wrong.empty()) row.detail += "; first: " + tally.first_wrong;
    return row;
}

}  // namespace

Status check_fixture_tokenizers(const FixtureWork& work) {
    for (const char* part : {"tokenizers", "models"}) {
        std::error_code code;
        std::vector<fs::path> folders;
        for (const auto& entry : fs::directory_iterator(fs::path(work.folder) / part, code)) {
            if (fs::exists(entry.path() / "cases.json")) folders.push_back(entry.path());
        }
        std::sort(folders.begin(), folders.end());
        for (const fs::path& folder : folders) {
            if (work.job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
            const std::string name = std::string(part) + "/" + folder.filename().string();
            HEADLIGHT_TRY(const PlainJson cases, read_json_file((folder / "cases.json").string()));
            if (!cases.is_object()) {
                return fail(
                    make_error(ErrorKind::Corrupt, "cases.json is no JSON object").in_file(folder.string()));
            }
            work.add(check_tokenizer(name, folder.string(), cases));
            // A second way to the same vocabulary: the two files of byte-level BPE without tokenizer.json.
            const bool has_pair = fs::exists(folder / "merges.txt") && fs::exists(folder / "vocab.json");
            if (has_pair && fs::exists(folder / "tokenizer.json"))
                work.add(
                    check_tokenizer(name + " (vocab.json)", (folder / "vocab.json").string(), cases, true));
        }
    }
    return {};
}

}  // namespace headlight
