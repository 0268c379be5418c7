#include "tokenize/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "tokenize/added_tokens.h"
#include "tokenize/clean_text.h"
#include "tokenize/precompiled_map.h"
#include "tokenize/sentencepiece_content.h"
#include "tokenize/sentencepiece_proto.h"
#include "tokenize/tokenizer_class.h"
#include "tokenize/tokenizer_files.h"
#include "tokenize/tokenizer_json.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kId = "sentencepiece_model";
constexpr std::size_t kMaxModelBytes = std::size_t{256} << 20;
constexpr std::string_view kSpaceMark = "▁";

using Processor = sentencepiece::SentencePieceProcessor;

// Serialized ModelProto { normalizer_spec { add_dummy_prefix: false } }. Protocol buffers merge what is
// appended.
constexpr std::string_view kNoDummyPrefix("\x1A\x02\x18\x00", 4);

std::string with_spaces(std::string_view piece) {
    std::string out;
    for (std::size_t i = 0; i < piece.size();) {
        const bool is_mark = piece.substr(i).starts_with(kSpaceMark);
        out += is_mark ? ' ' : piece[i];
        i += is_mark ? kSpaceMark.size() : 1;
    }
    return out;
}

class SentencePieceTokenizer final : public Tokenizer {
  public:
    /// `bare_model` puts no space before a text; null: every stretch of text gets one ("legacy" of Llama's
    /// files).
    SentencePieceTokenizer(std::string source, std::unique_ptr<Processor> model,
                           std::unique_ptr<Processor> bare_model, const json& config)
        : source_(std::move(source)), model_(std::move(model)), bare_model_(std::move(bare_model)) {
        read_added_tokens(config);
        bos_ = special_id(config, "bos_token", model_->bos_id());
        eos_ = special_id(config, "eos_token", model_->eos_id());
        mask_ = special_id(config, "mask_token", -1);
        // Llama and Gemma put BOS first unless told otherwise.
        if (config.value("add_bos_token", true) && bos_ >= 0) before_ = bos_;
        if (config.value("add_eos_token", false) && eos_ >= 0) after_ = eos_;
    }

    std::string family() const override { return kId; }
    std::string source() const override { return source_; }
    int vocab_size() const override { return vocab_size_; }
    std::int32_t bos_id() const override { return bos_; }
    std::int32_t eos_id() const override { return eos_; }
    std::int32_t mask_id() const override { return mask_; }

    Result<Token> token(std::int32_t id) const override {
        if (id >= 0 && id < vocab_size_) return dressed(id);
        return fail(ErrorKind::InvalidInput, "token id {} is out of range: the vocabulary has ids 0 to {}",
                    id, vocab_size_ - 1);
    }

    TokenizedText encode(std::string_view text, bool add_special) const override {
        const CleanText clean(text);
        const AlignedText whole(clean.text(), 0);
        std::vector<TextSection> sections;
        added_.split({&whole, 0, whole.text().size(), -1}, false, sections);
        TokenizedText out;
        out.text = text;
        if (add_special && before_ >= 0) out.tokens.push_back(dressed(before_));
        for (const TextSection& section : sections) {
            if (section.added_id >= 0) {
                out.tokens.push_back(dressed(section.added_id));
                set_span(clean, section.begin, section.end, out.tokens.back());
            } else {
                encode_section(clean, section, out.tokens);
            }
        }
        if (add_special && after_ >= 0) out.tokens.push_back(dressed(after_));
        return out;
    }

    Result<TokenizedText> from_ids(std::span<const std::int32_t> ids) const override {
        TokenizedText out;
        bool is_first = true;
        for (const std::int32_t id : ids) {
            HEADLIGHT_TRY(Token token, this->token(id));
            token.byte_begin = out.text.size();
            if (!token.is_special) {
                std::string bytes = bytes_of(id);
                if (is_first && bytes.starts_with(' ')) bytes.erase(0, 1);  // the space put before the text
                out.text += bytes;
                is_first = false;
            }
            token.byte_end = out.text.size();
            out.tokens.push_back(std::move(token));
        }
        if (!utf8::is_valid(out.text)) return out;
        for (Token& token : out.tokens) {
            if (token.byte_begin < token.byte_end)
                expand_to_characters(out.text, token.byte_begin, token.byte_end);
        }
        return out;
    }

  private:
    bool is_model_id(std::int32_t id) const { return id >= 0 && id < model_->GetPieceSize(); }

    // Control symbols of the model and added_tokens_decoder of the config are found when they are typed.
    void read_added_tokens(const json& config) {
        vocab_size_ = model_->GetPieceSize();
        if (const auto listed = config.find("added_tokens_decoder");
            listed != config.end() && listed->is_object()) {
            for (const auto& [key, entry] : listed->items()) {
                if (key.empty() || key.size() > 8 || key.find_first_not_of("0123456789") != std::string::npos)
                    continue;
                AddedToken token;
                token.id = std::stoi(key);
                token.content = token_content(entry);
                if (entry.is_object()) {
                    token.is_special = entry.value("special", false);
                    token.strips_left = entry.value("lstrip", false);
                    token.strips_right = entry.value("rstrip", false);
                    token.is_single_word = entry.value("single_word", false);
                }
                vocab_size_ = std::max(vocab_size_, token.id + 1);
                const std::string content = token.content;
                added_.add(std::move(token), content);
            }
        }
        for (std::int32_t id = 0; id < model_->GetPieceSize(); ++id) {
            if (!model_->IsControl(id)) continue;
            AddedToken token;
            token.id = id;
            token.content = model_->IdToPiece(id);
            token.is_special = true;
            const std::string content = token.content;
            added_.add(std::move(token), content);
        }
    }

    std::int32_t special_id(const json& config, const char* role, std::int32_t fallback) const {
        const std::string content = config.contains(role) ? token_content(config[role]) : std::string();
        const AddedToken* added = content.empty() ? nullptr : added_.find(std::string_view(content));
        return added != nullptr ? added->id : fallback;
    }

    std::string bytes_of(std::int32_t id) const {
        if (!is_model_id(id)) {
            const AddedToken* added = added_.find(id);
            return added != nullptr ? added->content : std::string();
        }
        const std::string& piece = model_->IdToPiece(id);
        if (!model_->IsByte(id)) return with_spaces(piece);
        return std::string(1, static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16)));  // "<0x0A>"
    }

    Token dressed(std::int32_t id) const {
        Token token;
        token.id = id;
        const AddedToken* added = added_.find(id);
        if (is_model_id(id)) {
            token.piece = model_->IdToPiece(id);
        } else if (added != nullptr) {
            token.piece = added->content;
        }
        token.display = display_form(bytes_of(id));
        const bool is_special =
            (added != nullptr && added->is_special) || (is_model_id(id) && model_->IsControl(id));
        token.is_special = is_special && id != model_->unk_id();
        return token;
    }

    static void set_span(const CleanText& clean, std::size_t begin, std::size_t end, Token& token) {
        token.byte_begin = clean.given_offset(begin);
        token.byte_end = clean.given_offset(end);
    }

    void encode_section(const CleanText& clean, const TextSection& section, std::vector<Token>& out) const {
        const std::string_view text = section.view();
        // Newer files want the space before the very first word only, and not if there is one.
        const bool is_bare = section.begin > 0 || text.starts_with(' ') || text.starts_with(kSpaceMark);
        const Processor& encoder = bare_model_ != nullptr && is_bare ? *bare_model_ : *model_;
        const auto pieces = encoder.EncodeAsImmutableProto({text.data(), text.size()});
        const std::size_t first = out.size(), count = pieces.pieces_size();
        for (std::size_t i = 0; i < count; ++i) {
            const auto piece = pieces.pieces(static_cast<int>(i));
            Token token = dressed(static_cast<std::int32_t>(piece.id()));
            if (token.id == model_->unk_id()) {  // the library gives the text that it does not know
                token.piece = piece.piece();
                token.display = display_form(with_spaces(piece.piece()));
            }
            std::size_t begin = std::min<std::size_t>(piece.begin(), text.size());
            std::size_t end = std::clamp<std::size_t>(piece.end(), begin, text.size());
            if (begin < end) expand_to_characters(text, begin, end);
            set_span(clean, section.begin + begin, section.begin + end, token);
            out.push_back(std::move(token));
        }
        share_character_spans(first, out);
    }

    // The library gives the span of a character that was cut into bytes to the last of them; all of them mean
    // it.
    void share_character_spans(std::size_t first, std::vector<Token>& out) const {
        for (std::size_t i = out.size(); i-- > first + 1;) {
            Token& before = out[i - 1];
            const bool are_bytes = model_->IsByte(out[i].id) && model_->IsByte(before.id);
            if (are_bytes && before.byte_begin == before.byte_end && before.byte_begin == out[i].byte_begin) {
                before.byte_end = out[i].byte_end;
            }
        }
    }

    std::string source_;
    std::unique_ptr<Processor> model_, bare_model_;
    AddedTokens added_;
    int vocab_size_ = 0;
    std::int32_t bos_ = -1, eos_ = -1, mask_ = -1, before_ = -1, after_ = -1;
};

Result<std::unique_ptr<Processor>> load_model(const std::string& bytes, const std::string& file) {
    auto model = std::make_unique<Processor>();
    const auto status = model->LoadFromSerializedProto({bytes.data(), bytes.size()});
    if (status.ok() && model->GetPieceSize() > 0) return model;
    return fail(make_error(ErrorKind::Corrupt, "SentencePiece does not take this as a model: {}",
                           status.ok() ? "it has no pieces" : std::string(status.message()))
                    .in_file(file));
}

// Classes whose ids are those of the model file. Others shift or lowercase in ways that are not known here, and a wrong id is
// worse than none.
constexpr const char* kPlainClasses[] = {"Llama", "CodeLlama", "Gemma", "T5", "Mistral"};

bool keeps_ids(const std::string& name) {
    return name.empty() || std::any_of(std::begin(kPlainClasses), std::end(kPlainClasses),
                                       [&](const char* known) { return name.starts_with(known); });
}

// The library trusts some of what a model file says, so the file is read here first.
Result<SentencePieceProto> checked_proto(const std::string& bytes) {
    HEADLIGHT_TRY(SentencePieceProto proto, parse_sentencepiece(bytes));
    if (proto.character_map.empty()) return proto;
    HEADLIGHT_TRY(const PrecompiledMap map, PrecompiledMap::from_bytes(proto.character_map));
    if (!map.is_closed())
        return fail(ErrorKind::Corrupt, "the SentencePiece model's table of characters points outside itself");
    return proto;
}

Result<TokenizerPtr> open_plain(const std::string& bytes, const std::string& file, const json& config) {
    HEADLIGHT_TRY(auto model, load_model(bytes, file));
    std::unique_ptr<Processor> bare_model;
    if (!config.value("legacy", true)) {
        HEADLIGHT_TRY(bare_model, load_model(bytes + std::string(kNoDummyPrefix), file));
    }
    return std::make_shared<SentencePieceTokenizer>(file, std::move(model), std::move(bare_model), config);
}

}  // namespace

Result<TokenizerPtr> open_sentencepiece_alone(const std::string& file) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(file, kMaxModelBytes));
    auto proto = checked_proto(bytes);
    if (!proto) return fail(std::move(proto).error().in_file(file));
    return open_plain(bytes, file, json::object());
}

Result<TokenizerPtr> open_sentencepiece(const std::string& file) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(file, kMaxModelBytes));
    const std::string folder = tokenizer_folder(file), name = tokenizer_class_of(folder);
    auto proto = checked_proto(bytes);
    if (!proto) return fail(std::move(proto).error().in_file(file));
    try {
        const json config = read_tokenizer_settings(folder);
        if (is_converted_class(name, *proto))
            return make_json_tokenizer(content_from_sentencepiece(*proto, name, config), config, file, kId);
        if (keeps_ids(name)) return open_plain(bytes, file, config);
    } catch (const json::exception& problem) {
        return fail(make_error(ErrorKind::Corrupt, "tokenizer_config.json is malformed: {}", problem.what())
                        .in_file(folder + "/tokenizer_config.json"));
    }
    return fail(make_error(ErrorKind::Unsupported, "the tokenizer class '{}' changes the ids or the text of a SentencePiece model in a "
                           "way that is not known here; its tokenizer.json is read, if you put one beside this file",
                           name.substr(0, 60)).in_file(file));
}

}  // namespace headlight
