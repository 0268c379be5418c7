#include "run/dilute/dilution_contexts.h"

#include <algorithm>
#include <set>

#include "analysis/statistics/split_mix.h"
#include "run/text_tokens.h"

extern "C" const unsigned char headlight_dilution_filler_begin[], headlight_dilution_filler_end[];

namespace headlight {
namespace {

constexpr std::size_t kMostFillerBytes = std::size_t{8} << 20;  // of which tokens are made

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return std::string(text);
}

/// Ids of a piece as they are behind other words, without what a tokenizer adds around a text. Behind a
/// letter and a space every family of tokenizers begins a word anew.
Result<std::vector<std::int32_t>> piece_ids(const ModelInfo& model, std::string_view piece) {
    const std::string words = trimmed(piece);
    if (words.empty()) return std::vector<std::int32_t>{};
    if (!model.tokenizer) {
        HEADLIGHT_TRY(const TokenizedText numbers, tokens_of_text(model, words));
        return numbers.ids();
    }
    HEADLIGHT_TRY(const TokenizedText tokens, model.tokenizer->try_encode("a " + words, false));
    std::vector<std::int32_t> out;
    for (const Token& token : tokens.tokens)
        if (!token.is_special && token.byte_begin >= 1 && token.byte_end > token.byte_begin)
            out.push_back(token.id);
    return out;
}

Status check_lengths(const DilutionRequest& request, std::size_t least) {
    if (request.lengths.empty() || request.lengths.size() > kMostDilutionLengths)
        return fail(ErrorKind::InvalidInput, "got {} lengths; 1 to {} can be measured together",
                    request.lengths.size(), kMostDilutionLengths);
    for (const int length : request.lengths) {
        if (length > kMostDilutionTokens)
            return fail(ErrorKind::InvalidInput, "a context of {} tokens is too long; at most {}", length,
                        kMostDilutionTokens);
        if (length < 0 || static_cast<std::size_t>(length) < least)
            return fail(
                ErrorKind::InvalidInput,
                "a context of {} tokens has no room: begin and end tokens, target, fact and one token of "
                "filler take {}",
                length, least);
    }
    return {};
}

}  // namespace

std::string_view bundled_filler() {
    const auto* begin = reinterpret_cast<const char*>(headlight_dilution_filler_begin);
    return {begin, static_cast<std::size_t>(headlight_dilution_filler_end - headlight_dilution_filler_begin)};
}

std::vector<std::string> distinct_sentences(const std::vector<std::string>& texts) {
    std::vector<std::string> out;
    std::set<std::string> known;
    const auto add = [&](std::string_view piece) {
        std::string sentence = trimmed(piece);
        if (!sentence.empty() && known.insert(sentence).second) out.push_back(std::move(sentence));
    };
    for (const std::string& text : texts) {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool ends_sentence = (text[i] == '.' || text[i] == '!' || text[i] == '?') &&
                                       (i + 1 == text.size() || is_blank(text[i + 1]));
            if (!ends_sentence && text[i] != '\n') continue;
            add(std::string_view(text).substr(begin, i + 1 - begin));
            begin = i + 1;
        }
        add(std::string_view(text).substr(begin));
    }
    return out;
}

Status DilutionContexts::read_pieces(const ModelInfo& model, const DilutionRequest& request) {
    target_ = request.ids;
    if (target_.empty()) {
        HEADLIGHT_TRY(target_, piece_ids(model, request.text));
    }
    if (target_.empty())
        return fail(ErrorKind::InvalidInput,
                    "the target has no token; give a sentence whose rows are measured");
    HEADLIGHT_TRY(fact_, piece_ids(model, request.fact));
    if (fact_.empty() && !trimmed(request.fact).empty())
        return fail(ErrorKind::InvalidInput, "the fact has no token");
    if (!model.tokenizer) return {};
    HEADLIGHT_TRY(const TokenizedText framed, model.tokenizer->try_encode("a", true));
    const auto is_text = [](const Token& token) { return !token.is_special; };
    const auto first = std::find_if(framed.tokens.begin(), framed.tokens.end(), is_text);
    for (auto token = framed.tokens.begin(); token != first; ++token)
        begin_.push_back(token->id);
    for (auto token = first; token != framed.tokens.end(); ++token)
        if (token->is_special) end_.push_back(token->id);
    return {};
}

Status DilutionContexts::read_filler(const ModelInfo& model, const DilutionRequest& request,
                                     std::size_t needed) {
    slices_.resize(static_cast<std::size_t>(request.num_slices));
    if (!model.tokenizer && request.fillers.empty()) {
        if (model.spec.vocab_size < 1)
            return fail(ErrorKind::Missing, "{} has no tokenizer and no vocabulary to draw filler from",
                        model.spec.name);
        SplitMix random(1);
        for (std::vector<std::int32_t>& slice : slices_)
            while (slice.size() < needed)
                slice.push_back(
                    static_cast<std::int32_t>(random.below(static_cast<std::size_t>(model.spec.vocab_size))));
        return {};
    }
    std::vector<std::string> texts = request.fillers;
    if (texts.empty()) texts.emplace_back(bundled_filler());
    const std::vector<std::string> sentences = distinct_sentences(texts);
    if (sentences.empty()) return fail(ErrorKind::InvalidInput, "the filler holds no sentence");
    for (std::size_t slice = 0; slice < slices_.size(); ++slice) {
        // Each context begins with another sentence and goes on in the filler's order, around its end.
        const std::size_t first = slice * sentences.size() / slices_.size();
        std::string text;
        for (std::size_t i = 0; i < sentences.size() && text.size() < kMostFillerBytes; ++i)
            text += (i > 0 ? " " : "") + sentences[(first + i) % sentences.size()];
        HEADLIGHT_TRY(slices_[slice], piece_ids(model, text));
        num_filler_ = slice == 0 ? slices_[slice].size() : std::min(num_filler_, slices_[slice].size());
        if (slices_[slice].size() < needed)
            return fail(
                ErrorKind::InvalidInput,
                "the filler has {} tokens without a sentence twice, the longest context needs {}; give "
                "longer --filler files, or shorter lengths",
                slices_[slice].size(), needed);
        slices_[slice].resize(needed);
    }
    return {};
}

Result<DilutionContexts> DilutionContexts::make(const ModelInfo& model, const DilutionRequest& request) {
    if (model.spec.has_decoder)
        return fail(ErrorKind::Unsupported,
                    "{} reads two texts; the length of one context is measured in models of one text",
                    model.spec.name);
    if (request.num_slices < kLeastSlices || request.num_slices > kMostSlices)
        return fail(ErrorKind::InvalidInput, "{} contexts a length: {} to {} give a mean with a spread",
                    request.num_slices, kLeastSlices, kMostSlices);
    if (request.last < 1) return fail(ErrorKind::InvalidInput, "the last {} keys are none", request.last);
    DilutionContexts out;
    HEADLIGHT_CHECK(out.read_pieces(model, request));
    const std::size_t framed = out.begin_.size() + out.end_.size() + out.target_.size() + out.fact_.size();
    HEADLIGHT_CHECK(check_lengths(request, framed + 1));
    const int longest = *std::max_element(request.lengths.begin(), request.lengths.end());
    HEADLIGHT_CHECK(out.read_filler(model, request, static_cast<std::size_t>(longest) - framed));
    return out;
}

DilutionContext DilutionContexts::context(FactPlace place, int length, int slice) const {
    DilutionContext out;
    std::vector<std::int32_t>& ids = out.ids;
    ids = begin_;
    const std::vector<std::int32_t>& filler = slices_[static_cast<std::size_t>(slice)];
    const auto num_filler = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(length) - begin_.size() -
                                                        end_.size() - target_.size() - fact_.size());
    const auto add = [&ids](auto from, auto to) {
        const int begin = static_cast<int>(ids.size());
        ids.insert(ids.end(), from, to);
        return KeyRange{begin, static_cast<int>(ids.size())};
    };
    const std::ptrdiff_t before = place == FactPlace::Near ? num_filler : begin_.empty() ? 1 : 0;
    add(filler.begin(), filler.begin() + before);
    out.fact = add(fact_.begin(), fact_.end());
    add(filler.begin() + before, filler.begin() + num_filler);
    out.target = add(target_.begin(), target_.end());
    add(end_.begin(), end_.end());
    return out;
}

}  // namespace headlight
