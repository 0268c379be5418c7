#include "run/picture/picture_tokenizer.h"

#include <filesystem>
#include <mutex>
#include <vector>

#include "io/checkpoint/model_files.h"

namespace headlight {
namespace {

class PictureTokenizer final : public Tokenizer {
  public:
    PictureTokenizer(Preprocessor steps, std::weak_ptr<ModelRunner> runner)
        : steps_(std::move(steps)), runner_(std::move(runner)) {}

    std::string family() const override { return kPictureTokenizer; }
    std::string source() const override { return steps_.file; }
    int vocab_size() const override { return kMostPictureIds; }

    TokenizedText encode(std::string_view text, bool add_special) const override {
        auto made = try_encode(text, add_special);
        return made ? std::move(*made) : TokenizedText{std::string(text), {}};
    }

    Result<TokenizedText> try_encode(std::string_view text, bool) const override {
        const std::string path(text);
        TokenizedText out{path, {}};
        if (path.empty()) return out;
        HEADLIGHT_TRY(const std::shared_ptr<const ShownPicture> shown, show(path));
        for (int i = 0; i < shown->tokens.count(); ++i)
            out.tokens.push_back(token_of(shown->tokens, i));
        return out;
    }

    Result<Token> token(std::int32_t id) const override {
        const std::shared_ptr<const ShownPicture> shown = find(id);
        if (!shown) return fail(ErrorKind::InvalidInput, "id {} is of no picture that was opened", id);
        return token_of(shown->tokens, id - shown->tokens.first_id);
    }

    Result<TokenizedText> from_ids(std::span<const std::int32_t> ids) const override {
        TokenizedText out;
        for (const std::int32_t id : ids) {
            HEADLIGHT_TRY(Token known, token(id));
            out.tokens.push_back(std::move(known));
        }
        if (const auto shown = ids.empty() ? nullptr : find(ids.front())) out.text = shown->path;
        return out;
    }

    std::int32_t bos_id() const override { return -1; }

    std::shared_ptr<const ShownPicture> find(std::int32_t id) const {
        const std::lock_guard lock(mutex_);
        for (const auto& shown : shown_) {
            const PictureTokens& tokens = shown->tokens;
            if (id >= tokens.first_id && id < tokens.first_id + tokens.count()) return shown;
        }
        return nullptr;
    }

  private:
    static Token token_of(const PictureTokens& tokens, int index) {
        const std::string name = picture_token_name(tokens, index);
        const bool is_patch = index >= static_cast<int>(tokens.leading.size());
        return {tokens.first_id + index, name, name, 0, 0, !is_patch};
    }

    Result<std::shared_ptr<const ShownPicture>> show(const std::string& path) const {
        const std::shared_ptr<ModelRunner> runner = runner_.lock();
        if (!runner) return fail(ErrorKind::InvalidInput, "the model was closed; open it again");
        std::error_code problem;
        if (!std::filesystem::is_regular_file(path, problem)) {
            return fail(ErrorKind::InvalidInput,
                        "this model reads pictures, and '{}' is no file; give the path of a PNG, JPEG or "
                        "WebP file, or drop one on the window",
                        path.substr(0, 200));
        }
        HEADLIGHT_TRY(Raster raster, read_picture(path));
        HEADLIGHT_TRY(SeenPicture seen, preprocess(steps_, std::move(raster)));
        HEADLIGHT_TRY(PictureTokens tokens, runner->add_picture(seen.pixels));
        auto made = std::make_shared<const ShownPicture>(
            ShownPicture{path, std::move(seen.raster), std::move(tokens)});
        const std::lock_guard lock(mutex_);
        std::erase_if(shown_, [&](const auto& known) {
            return known->tokens.first_id == made->tokens.first_id;  // the same pixels from another file
        });
        shown_.push_back(made);
        constexpr std::size_t kMostShown = 64;
        if (shown_.size() > kMostShown) shown_.erase(shown_.begin());
        return made;
    }

    Preprocessor steps_;
    std::weak_ptr<ModelRunner> runner_;
    mutable std::mutex mutex_;
    mutable std::vector<std::shared_ptr<const ShownPicture>> shown_;
};

}  // namespace

Result<TokenizerPtr> open_picture_tokenizer(const std::string& model_path,
                                            const std::shared_ptr<ModelRunner>& runner) {
    const std::string folder =
        std::filesystem::is_directory(model_path) ? model_path : folder_of_path(model_path);
    HEADLIGHT_TRY(Preprocessor steps, read_preprocessor(folder, runner->spec().family));
    return std::make_shared<const PictureTokenizer>(std::move(steps), runner);
}

bool takes_pictures(const Tokenizer* tokenizer) {
    return dynamic_cast<const PictureTokenizer*>(tokenizer) != nullptr;
}

std::shared_ptr<const ShownPicture> picture_of(const Tokenizer* tokenizer, const TokenizedText& text) {
    const auto* pictures = dynamic_cast<const PictureTokenizer*>(tokenizer);
    if (pictures == nullptr || text.tokens.empty()) return nullptr;
    const auto shown = pictures->find(text.tokens.front().id);
    const bool is_whole = shown && static_cast<std::size_t>(shown->tokens.count()) == text.tokens.size();
    return is_whole ? shown : nullptr;
}

std::string picture_token_name(const PictureTokens& tokens, int index) {
    const auto num_leading = static_cast<int>(tokens.leading.size());
    if (index < num_leading) return tokens.leading[static_cast<std::size_t>(index)];
    const int patch = index - num_leading, columns = std::max(1, tokens.columns);
    return fmt::format("patch {},{}", patch / columns + 1, patch % columns + 1);
}

}  // namespace headlight
