#include "run/saved/session_file.h"

#include <climits>
#include <filesystem>

#include "analysis/search/token_rule.h"
#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/text_file.h"
#include "io/identify_path.h"
#include "io/json_file.h"
#include "run/saved/session_parts.h"
#include "run/saved/settings_json.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOtherHeads = 65'536, kMostQueries = 65'536, kMostNameBytes = 1000;
constexpr std::size_t kMostStrokeWords = 2 * kMostStrokePoints + 8;
constexpr const char* kComparedWords[] = {"off", "text", "model", "change", "head", "stored"};
constexpr const char* kCompareWords[] = {"before", "after", "difference"};

std::optional<PatchDirection> patch_direction(const std::string& name) {
    for (const PatchDirection direction : kPatchDirections) {
        if (name == to_string(direction)) return direction;
    }
    return std::nullopt;
}

std::optional<std::optional<AttentionKind>> shown_kind(const std::string& name) {
    for (const AttentionKind kind : {AttentionKind::Encoder, AttentionKind::Decoder, AttentionKind::Cross}) {
        if (name == kind_name(kind)) return std::optional(kind);
    }
    return std::nullopt;
}

/// One of a list of words.
template <std::size_t kCount>
auto one_of(const char* const (&words)[kCount]) {
    return [&words](const std::string& name) -> std::optional<std::string> {
        for (const char* word : words) {
            if (name == word) return name;
        }
        return std::nullopt;
    };
}

/// A file or folder as it lies, and as it is seen from the session file's folder.
SessionJson place_json(const std::string& path, const std::string& session_path) {
    SessionJson out;
    put_bytes(out, "path", path);
    const fs::path from = fs::path(session_path).parent_path();
    if (!fs::path(path).is_absolute() || !from.is_absolute()) return out;
    put_bytes(out, "relative", fs::path(path).lexically_relative(from).string());
    return out;
}

/// What lies where it is seen from the session file comes first: a folder that was moved as a whole still
/// opens.
std::string read_place(JsonFields& fields, const std::string& session_path) {
    std::string path, relative;
    fields.bytes("path", path, kMostSavedPathBytes);
    fields.bytes("relative", relative, kMostSavedPathBytes);
    if (path.find('\0') != std::string::npos || relative.find('\0') != std::string::npos) {
        fields.blame("path", "a path without NUL");
        return {};
    }
    if (relative.empty() || fs::path(relative).is_absolute()) return path;
    std::error_code code;
    const fs::path folder = fs::absolute(session_path, code).parent_path();
    const fs::path beside = (folder / relative).lexically_normal();
    return fs::exists(beside, code) ? beside.string() : path;
}

std::string read_place(JsonFields& fields, const char* key, const std::string& session_path) {
    auto place = fields.object(key);
    return place ? read_place(*place, session_path) : std::string();
}

SessionJson selection_json(const Selection& selection) {
    SessionJson out = {{"layer", selection.head.layer}, {"head", selection.head.head}};
    for (const HeadId head : selection.others)
        out["others"].push_back(SessionJson::array({head.layer, head.head}));
    out["query"] = selection.query;
    out["key"] = selection.key;
    if (!selection.queries.empty()) out["queries"] = selection.queries;
    return out;
}

void read_selection(JsonFields fields, Selection& out) {
    fields.count("layer", 0, kMostHeadIndex, out.head.layer);
    fields.count("head", 0, kMostHeadIndex, out.head.head);
    fields.count("query", -1, kMostTokenIndex, out.query);
    fields.count("key", -1, kMostTokenIndex, out.key);
    fields.counts("queries", kMostQueries, 0, kMostTokenIndex, out.queries);
    const auto* others = fields.list("others", kMostOtherHeads);
    for (std::size_t i = 0; others && i < others->size() && fields.is_good(); ++i) {
        const nlohmann::json& entry = (*others)[i];
        const nlohmann::json named = entry.is_array() && entry.size() == 2
                                         ? nlohmann::json{{"layer", entry[0]}, {"head", entry[1]}}
                                         : nlohmann::json();
        JsonFields head = fields.inside(named, "others", i);
        HeadId& id = out.others.emplace_back();
        head.count("layer", 0, kMostHeadIndex, id.layer);
        head.count("head", 0, kMostHeadIndex, id.head);
    }
}

SessionJson comparison_json(const SavedComparison& comparison, const std::string& path) {
    SessionJson out = {{"with", comparison.with}};
    if (comparison.with == "text") put_bytes(out, "text", comparison.other);
    if (comparison.with == "model" || comparison.with == "stored")
        out["file"] = place_json(comparison.other, path);
    if (comparison.with != "head") return out;
    out["a"] = {{"layer", comparison.head_a.layer}, {"head", comparison.head_a.head}};
    out["b"] = {{"layer", comparison.head_b.layer}, {"head", comparison.head_b.head}};
    return out;
}

void read_compared_head(JsonFields& fields, const char* key, HeadId& out) {
    auto head = fields.object(key);
    if (!head) return fields.blame(key, "a head");
    head->count("layer", 0, kMostHeadIndex, out.layer);
    head->count("head", 0, kMostHeadIndex, out.head);
}

void read_comparison(JsonFields fields, const std::string& path, SavedComparison& out) {
    fields.word("with", one_of(kComparedWords), out.with);
    if (out.with == "text") fields.bytes("text", out.other, kMostTextBytes);
    if (out.with == "model" || out.with == "stored") {
        out.other = read_place(fields, "file", path);
        if (out.other.empty()) fields.blame("file", "a path");
    }
    if (out.with != "head") return;
    read_compared_head(fields, "a", out.head_a);
    read_compared_head(fields, "b", out.head_b);
}

SessionJson search_json(const SavedSearch& search) {
    SessionJson out = {{"mode", search.is_rule ? "rule" : "drawing"}};
    for (const Stroke& stroke : search.strokes)
        out["strokes"].push_back(stroke_words(stroke));
    put_bytes(out, "rule", search.rule);
    return out;
}

void read_search(JsonFields fields, SavedSearch& out) {
    std::string mode = "drawing";
    static constexpr const char* kModes[] = {"rule", "drawing"};
    fields.word("mode", one_of(kModes), mode);
    out.is_rule = mode == "rule";
    fields.bytes("rule", out.rule, kMostRuleBytes);
    const auto* strokes = fields.list("strokes", kMostStrokes);
    for (std::size_t i = 0; strokes && i < strokes->size() && fields.is_good(); ++i) {
        std::vector<std::string> words;
        const nlohmann::json& entry = (*strokes)[i];
        for (std::size_t w = 0; entry.is_array() && w < entry.size() && w < kMostStrokeWords; ++w) {
            if (entry[w].is_string()) words.push_back(entry[w].get<std::string>().substr(0, 64));
        }
        auto stroke = parse_stroke(words);
        if (!stroke || words.size() != entry.size())
            return fields.blame("strokes", "a list of strokes as `draw` takes them");
        out.strokes.push_back(std::move(*stroke));
    }
}

SessionJson question_json(const AskedQuestion& question) {
    SessionJson out = {{"at", question.at}, {"answer", question.answer}};
    if (question.rival) out["rival"] = *question.rival;
    return out;
}

AskedQuestion read_question(JsonFields fields) {
    AskedQuestion out;
    fields.count("at", INT_MIN, INT_MAX, out.at);
    fields.count("answer", 0, INT_MAX, out.answer);
    if (!fields.find("answer")) fields.blame("answer", "a token id");
    if (fields.find("rival")) fields.count("rival", 0, INT_MAX, out.rival.emplace(0));
    return out;
}

void add_texts(SessionJson& out, const SavedSession& session) {
    put_bytes(out, "text", session.text);
    if (!session.decoder_text.empty()) put_bytes(out, "decoder_text", session.decoder_text);
    if (session.written) out["written"] = written_json(*session.written);
    out["writing"] = writing_json(session);
}

void add_work(SessionJson& out, const SavedSession& session, const std::string& path) {
    if (session.interventions) out["interventions"] = interventions_json(*session.interventions);
    out["compare"] = session.compare;
    if (session.question) out["question"] = question_json(*session.question);
    SessionJson& patching = out["patching"];
    put_bytes(patching, "corrupted_text", session.corrupted_text);
    patching["site"] = to_string(session.patch_site);
    patching["direction"] = to_string(session.patch_direction);
    out["comparison"] = comparison_json(session.comparison, path);
    out["search"] = search_json(session.search);
}

void read_texts(JsonFields& file, const std::string& path, SavedSession& out) {
    file.bytes("text", out.text, kMostTextBytes);
    file.bytes("decoder_text", out.decoder_text, kMostTextBytes);
    if (auto writing = file.object("writing")) read_writing(*writing, path, out);
    if (auto written = file.object("written")) out.written = read_written(*written, path);
    const bool is_of_text =
        out.written && (out.written->tokens.text == out.text || out.written->tokens.text == out.decoder_text);
    if (out.written && !is_of_text) file.blame("written", "the tokens of the text");
}

void read_work(JsonFields& file, const std::string& path, SavedSession& out) {
    out.interventions = read_interventions(file, "interventions");
    file.word("compare", one_of(kCompareWords), out.compare);
    if (auto question = file.object("question")) out.question = read_question(*question);
    if (auto patching = file.object("patching")) {
        patching->bytes("corrupted_text", out.corrupted_text, kMostTextBytes);
        patching->word("site", patch_site, out.patch_site);
        patching->word("direction", patch_direction, out.patch_direction);
    }
    if (auto comparison = file.object("comparison")) read_comparison(*comparison, path, out.comparison);
    if (auto search = file.object("search")) read_search(*search, out.search);
}

void read_model(JsonFields model, const std::string& path, SavedSession& out) {
    out.path = read_place(model, path);
    model.bytes("name", out.model_name, kMostNameBytes);
    model.bytes("config", out.config_hash, JsonFields::kMostWordBytes);
    out.tokenizer = read_place(model, "tokenizer", path);
    out.adapter.base = read_place(model, "base", path);
    model.flag("shows_base", out.adapter.shows_base);
}

/// Errors: Corrupt, Unsupported.
Status check_format(const nlohmann::json& json, const std::string& path) {
    const auto format = json.is_object() ? json.find(kSessionKey) : json.end();
    if (!json.is_object() || format == json.end() || !format->is_number_integer()) {
        return fail(
            make_error(ErrorKind::Corrupt,
                       "this is no session: expected a JSON object with the number \"{}\"; sessions are "
                       "saved with Ctrl+S",
                       kSessionKey)
                .in_file(path));
    }
    const auto number = format->get<std::int64_t>();
    if (number >= 1 && number <= kSessionFormat) return {};
    return fail(
        make_error(ErrorKind::Unsupported,
                   "the session is of format {}, and this version of Headlight reads formats 1 to {}; "
                   "open it with a newer one",
                   number, kSessionFormat)
            .in_file(path));
}

}  // namespace

Result<std::string> session_to_json(const SavedSession& session, const std::string& path) {
    SessionJson out;
    out[kSessionKey] = kSessionFormat;
    out["version"] = HEADLIGHT_VERSION;
    SessionJson model = place_json(session.path, path);
    put_bytes(model, "name", session.model_name);
    model["config"] = session.config_hash;
    if (!session.tokenizer.empty()) model["tokenizer"] = place_json(session.tokenizer, path);
    if (!session.adapter.base.empty()) model["base"] = place_json(session.adapter.base, path);
    if (session.adapter.shows_base) model["shows_base"] = true;
    out["model"] = std::move(model);
    if (!session.atlas.empty()) out["atlas"] = place_json(session.atlas, path);
    if (!session.training.empty()) out["training"] = place_json(session.training, path);
    add_texts(out, session);
    if (session.kind) out["attention"] = kind_name(*session.kind);
    out["selection"] = selection_json(session.selection);
    add_work(out, session, path);
    out["settings"] = picture_settings_json(session.settings);
    if (session.notes) out["notes"] = notes_json(*session.notes);
    if (!session.saved_as.empty() || session.is_changed) {
        put_bytes(out["autosave"], "saved_as", session.saved_as);
        out["autosave"]["is_changed"] = session.is_changed;
    }
    std::string text = out.dump(1, ' ', false, SessionJson::error_handler_t::replace) + "\n";
    if (text.size() <= kMostSessionBytes) return text;
    return fail(
        make_error(ErrorKind::InvalidInput,
                   "the session takes {} MB, and session files hold at most {}; a shorter text or fewer "
                   "branches make it smaller",
                   text.size() >> 20, kMostSessionBytes >> 20)
            .in_file(path));
}

Result<SavedSession> session_from_json(std::string_view text, const std::string& path) {
    HEADLIGHT_TRY(const nlohmann::json json, parse_json(text, path));
    HEADLIGHT_CHECK(check_format(json, path));
    std::optional<Error> problem;
    JsonFields file(json, "", problem);
    SavedSession out;
    file.bytes("version", out.program, JsonFields::kMostWordBytes);
    if (auto model = file.object("model")) read_model(*model, path, out);
    out.atlas = read_place(file, "atlas", path);
    out.training = read_place(file, "training", path);
    read_texts(file, path, out);
    file.word("attention", shown_kind, out.kind);
    if (auto selection = file.object("selection")) read_selection(*selection, out.selection);
    read_work(file, path, out);
    if (const nlohmann::json* settings = file.find("settings"); settings && settings->is_object())
        read_picture_settings(*settings, out.settings);
    else if (settings)
        file.blame("settings", "a JSON object");
    out.notes = read_notes(file, "notes");
    if (auto autosave = file.object("autosave")) {
        autosave->bytes("saved_as", out.saved_as, kMostSavedPathBytes);
        autosave->flag("is_changed", out.is_changed);
    }
    if (!problem) return out;
    problem->message = "the session cannot be read: " + problem->message +
                       "; it was damaged or changed by another program, so take an older copy, or mend that "
                       "place with an editor";
    return fail(std::move(*problem).in_file(path));
}

Result<SavedSession> read_session(const std::string& path) {
    HEADLIGHT_TRY(const std::string text, read_text_file(path, kMostSessionBytes));
    return session_from_json(text, path);
}

Status write_session(const SavedSession& session, const std::string& path) {
    HEADLIGHT_TRY(const std::string text, session_to_json(session, path));
    return write_file_atomic(path, text);
}

}  // namespace headlight
