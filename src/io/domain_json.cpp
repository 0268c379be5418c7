#include "io/domain_json.h"

#include "base/utf8.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxCount = 1 << 24;  // layers, heads, sizes: far beyond any model
constexpr std::size_t kMaxWindows = 1 << 16;

// Reads typed members of one JSON object; the first wrong one is remembered and reported at the end.
class DomainReader {
  public:
    DomainReader(const json& object, const std::string& file) : object_(object), file_(file) {}

    void read(const char* key, std::string& out) {
        if (const json* value = find(key); value != nullptr && value->is_string()) {
            out = value->get<std::string>();
        } else if (value != nullptr) {
            blame(key, "a string");
        }
    }
    void read(const char* key, bool& out) {
        if (const json* value = find(key); value != nullptr && value->is_boolean()) {
            out = value->get<bool>();
        } else if (value != nullptr) {
            blame(key, "true or false");
        }
    }
    template <class Int>
    void read_count(const char* key, Int& out, std::int64_t most) {
        const json* value = find(key);
        if (value == nullptr) return;
        if (value->is_number_integer() && value->get<std::int64_t>() >= 0 &&
            value->get<std::int64_t>() <= most) {
            out = static_cast<Int>(value->get<std::int64_t>());
        } else {
            blame(key, "a whole number in range");
        }
    }
    const json* find(const char* key) const {
        const auto found = object_.find(key);
        return found != object_.end() && !found->is_null() ? &*found : nullptr;
    }
    void blame(const char* key, const char* expected) {
        if (!error_)
            error_ = make_error(ErrorKind::Corrupt, "expected {}", expected).in_file(file_).at_tensor(key);
    }
    Status status() const {
        if (error_) return fail(*error_);
        return {};
    }

  private:
    const json& object_;
    const std::string& file_;
    std::optional<Error> error_;
};

std::string to_hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes)
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

bool from_hex(std::string_view digits, std::string& out) {
    if (digits.size() % 2 != 0) return false;
    const auto value = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = value(digits[i]), low = value(digits[i + 1]);
        if (high < 0 || low < 0) return false;
        out += static_cast<char>(high * 16 + low);
    }
    return true;
}

constexpr std::int64_t kMostSegment = 7;

Result<Token> token_from_json(const json& entry, std::size_t text_size, const std::string& file) {
    if (!entry.is_object())
        return fail(make_error(ErrorKind::Corrupt, "a token is no JSON object").in_file(file));
    Token token;
    DomainReader reader(entry, file);
    const json* id = reader.find("id");
    if (id == nullptr || !id->is_number_integer() || id->get<std::int64_t>() < -1 ||
        id->get<std::int64_t>() > INT32_MAX) {
        reader.blame("id", "a token id");
    } else {
        token.id = static_cast<std::int32_t>(id->get<std::int64_t>());
    }
    reader.read("piece", token.piece);
    reader.read("display", token.display);
    reader.read("special", token.is_special);
    reader.read_count("begin", token.byte_begin, static_cast<std::int64_t>(text_size));
    reader.read_count("segment", token.segment, kMostSegment);
    reader.read_count("end", token.byte_end, static_cast<std::int64_t>(text_size));
    if (token.byte_begin > token.byte_end) reader.blame("end", "an end that is not before its begin");
    if (token.display.empty()) token.display = token.piece.empty() ? "∅" : token.piece;
    HEADLIGHT_CHECK(reader.status());
    return token;
}

constexpr std::pair<Prediction, const char*> kPredictions[] = {{Prediction::None, "none"},
                                                               {Prediction::NextToken, "next_token"},
                                                               {Prediction::MaskedToken, "masked_token"}};

const char* prediction_name(Prediction prediction) {
    for (const auto& [value, name] : kPredictions) {
        if (value == prediction) return name;
    }
    return "none";
}

/// A list of at most kMaxWindows whole numbers from `least` on.
void read_counts(DomainReader& reader, const char* key, std::vector<int>& out, std::int64_t least = 0) {
    const json* list = reader.find(key);
    if (list == nullptr) return;
    const bool is_list = list->is_array() && list->size() <= kMaxWindows;
    if (!is_list) reader.blame(key, "a list of whole numbers");
    for (std::size_t i = 0; is_list && i < list->size(); ++i) {
        const json& size = (*list)[i];
        const bool is_whole = size.is_number_unsigned() ? size.get<std::uint64_t>() <= INT32_MAX
                                                        : size.is_number_integer() && size >= least;
        if (!is_whole) {
            reader.blame(key, "a list of whole numbers");
            return;
        }
        out.push_back(size.get<int>());
    }
}

/// What only some models have.
void read_kinds(DomainReader& reader, ModelSpec& spec) {
    std::string prediction = prediction_name(spec.prediction);
    reader.read("prediction", prediction);
    for (const auto& [value, name] : kPredictions) {
        if (prediction == name) spec.prediction = value;
    }
    reader.read("has_decoder", spec.has_decoder);
    reader.read_count("num_decoder_layers", spec.num_decoder_layers, kMaxCount);
    reader.read_count("num_decoder_heads", spec.num_decoder_heads, kMaxCount);
    if (const json* id = reader.find("decoder_start_id"); id != nullptr && id->is_number_integer() &&
                                                          id->get<std::int64_t>() >= -1 &&
                                                          id->get<std::int64_t>() <= INT32_MAX)
        spec.decoder_start_id = id->get<int>();
    read_counts(reader, "layers_without_attention", spec.layers_without_attention);
}

}  // namespace

json model_spec_to_json(const ModelSpec& spec) {
    return json{{"name", utf8::replace_invalid(spec.name)},
                {"family", spec.family},
                {"family_label", spec.family_label},
                {"dtype", spec.dtype},
                {"compute_dtype", spec.compute_dtype},
                {"num_layers", spec.num_layers},
                {"num_heads", spec.num_heads},
                {"num_kv_heads", spec.num_kv_heads},
                {"head_dim", spec.head_dim},
                {"hidden_size", spec.hidden_size},
                {"vocab_size", spec.vocab_size},
                {"max_positions", spec.max_positions},
                {"is_causal", spec.is_causal},
                {"has_random_weights", spec.has_random_weights},
                {"window", spec.window},
                {"num_parameters", spec.num_parameters},
                {"position_encoding", spec.position_encoding},
                {"prediction", prediction_name(spec.prediction)},
                {"has_decoder", spec.has_decoder},
                {"num_decoder_layers", spec.num_decoder_layers},
                {"num_decoder_heads", spec.num_decoder_heads},
                {"decoder_start_id", spec.decoder_start_id},
                {"layers_without_attention", spec.layers_without_attention}};
}

Result<ModelSpec> model_spec_from_json(const json& value, const std::string& file) {
    if (!value.is_object())
        return fail(make_error(ErrorKind::Corrupt, "the model spec is no JSON object").in_file(file));
    ModelSpec spec;
    DomainReader reader(value, file);
    reader.read("name", spec.name);
    reader.read("family", spec.family);
    reader.read("family_label", spec.family_label);
    reader.read("dtype", spec.dtype);
    reader.read("compute_dtype", spec.compute_dtype);
    reader.read_count("num_layers", spec.num_layers, kMaxCount);
    reader.read_count("num_heads", spec.num_heads, kMaxCount);
    reader.read_count("num_kv_heads", spec.num_kv_heads, kMaxCount);
    reader.read_count("head_dim", spec.head_dim, kMaxCount);
    reader.read_count("hidden_size", spec.hidden_size, kMaxCount);
    reader.read_count("vocab_size", spec.vocab_size, INT32_MAX);
    reader.read_count("max_positions", spec.max_positions, INT32_MAX);
    reader.read("is_causal", spec.is_causal);
    reader.read("has_random_weights", spec.has_random_weights);
    reader.read_count("num_parameters", spec.num_parameters, INT64_MAX);
    reader.read("position_encoding", spec.position_encoding);
    read_counts(reader, "window", spec.window, -INT32_MAX);  // chunks
    read_kinds(reader, spec);
    if (spec.num_kv_heads > 0 && spec.num_heads % spec.num_kv_heads != 0) {
        reader.blame("num_kv_heads", "a divisor of num_heads");
    }
    HEADLIGHT_CHECK(reader.status());
    return spec;
}

json tokens_to_json(const TokenizedText& tokens) {
    json out = json::object();
    if (utf8::is_valid(tokens.text)) {
        out["text"] = tokens.text;
    } else {
        out["text_hex"] = to_hex(tokens.text);
    }
    json list = json::array();
    for (const Token& token : tokens.tokens) {
        list.push_back({{"id", token.id},
                        {"piece", utf8::replace_invalid(token.piece)},
                        {"display", utf8::replace_invalid(token.display)},
                        {"begin", token.byte_begin},
                        {"end", token.byte_end},
                        {"special", token.is_special}});
        if (token.segment > 0) list.back()["segment"] = token.segment;
    }
    if (tokens.is_pair()) {
        out["second_token"] = tokens.second_token;
        out["second_byte"] = tokens.second_byte;
    }
    out["tokens"] = std::move(list);
    return out;
}

Result<TokenizedText> tokens_from_json(const json& value, const std::string& file) {
    if (!value.is_object())
        return fail(make_error(ErrorKind::Corrupt, "the tokens are no JSON object").in_file(file));
    TokenizedText out;
    DomainReader reader(value, file);
    reader.read("text", out.text);
    std::string digits;
    reader.read("text_hex", digits);
    if (!digits.empty() && !from_hex(digits, out.text))
        reader.blame("text_hex", "pairs of hexadecimal digits");
    const json* list = reader.find("tokens");
    if (list == nullptr || !list->is_array()) reader.blame("tokens", "a list of tokens");
    HEADLIGHT_CHECK(reader.status());
    for (const json& entry : *list) {
        HEADLIGHT_TRY(Token token, token_from_json(entry, out.text.size(), file));
        out.tokens.push_back(std::move(token));
    }
    if (reader.find("second_token") == nullptr) return out;
    reader.read_count("second_token", out.second_token, static_cast<std::int64_t>(out.tokens.size()));
    reader.read_count("second_byte", out.second_byte, static_cast<std::int64_t>(out.text.size()));
    if (out.second_byte == 0) reader.blame("second_byte", "where the second of two sentences begins");
    HEADLIGHT_CHECK(reader.status());
    return out;
}

}  // namespace headlight
