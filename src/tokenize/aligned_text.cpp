#include "tokenize/aligned_text.h"

#include "base/utf8.h"
#include "tokenize/clean_text.h"

namespace headlight {

SourceRange AlignedText::source(std::size_t begin, std::size_t end) const {
    if (!is_identity_) return {ranges_[begin].begin, ranges_[end - 1].end};
    expand_to_characters(text_, begin, end);
    return {static_cast<std::uint32_t>(begin + shift_), static_cast<std::uint32_t>(end + shift_)};
}

AlignedText AlignedText::slice(std::size_t begin, std::size_t end) const {
    if (is_identity_) return AlignedText(std::string_view(text_).substr(begin, end - begin), shift_ + begin);
    AlignedText out;
    out.text_ = text_.substr(begin, end - begin);
    out.ranges_.assign(ranges_.begin() + static_cast<std::ptrdiff_t>(begin),
                       ranges_.begin() + static_cast<std::ptrdiff_t>(end));
    return out;
}

void AlignedText::append(std::string_view bytes, SourceRange range) {
    text_ += bytes;
    ranges_.insert(ranges_.end(), bytes.size(), range);
}

AlignedText AlignedText::prepended(std::string_view prefix) const {
    AlignedText out;
    if (text_.empty()) return out;
    out.text_.reserve(prefix.size() + text_.size());
    out.append(prefix, source(0, 1));
    for (std::size_t i = 0; i < text_.size();) {
        const std::size_t length = utf8::decode(text_, i).size_bytes;
        out.append(std::string_view(text_).substr(i, length), source(i, i + length));
        i += length;
    }
    return out;
}

}  // namespace headlight
