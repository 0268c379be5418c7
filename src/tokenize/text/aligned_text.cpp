#include "tokenize/text/aligned_text.h"

#include "base/utf8.h"
#include "tokenize/text/byte_alphabet.h"
#include "tokenize/text/clean_text.h"

namespace headlight {

SourceRange AlignedText::source(std::size_t begin, std::size_t end) const {
    if (!is_identity_) return {ranges_[begin].begin, ranges_[end - 1].end};
    expand_to_characters(text_, begin, end);
    return {static_cast<std::uint32_t>(begin + origin_.begin),
            static_cast<std::uint32_t>(end + origin_.begin)};
}

AlignedText AlignedText::slice(std::size_t begin, std::size_t end) const {
    if (is_identity_)
        return AlignedText(std::string_view(text_).substr(begin, end - begin), origin_.begin + begin);
    AlignedText out;
    if (begin < end) out.origin_ = source(begin, end);
    out.append_copy(*this, begin, end);
    return out;
}

AlignedText AlignedText::with_origin() const {
    AlignedText out;
    out.text_.reserve(text_.size());
    out.ranges_.reserve(text_.size());
    out.origin_ = origin_;
    return out;
}

void AlignedText::append(std::string_view bytes, SourceRange range) {
    text_ += bytes;
    ranges_.insert(ranges_.end(), bytes.size(), range);
}

void AlignedText::append_copy(const AlignedText& from, std::size_t begin, std::size_t end) {
    text_.append(from.text_, begin, end - begin);
    if (!from.is_identity_) {
        ranges_.insert(ranges_.end(), from.ranges_.begin() + static_cast<std::ptrdiff_t>(begin),
                       from.ranges_.begin() + static_cast<std::ptrdiff_t>(end));
        return;
    }
    for (std::size_t i = begin; i < end;) {
        const SourceRange range = from.source(i, i + 1);
        ranges_.insert(ranges_.end(), range.end - range.begin, range);
        i += range.end - range.begin;
    }
}

void AlignedText::transform(std::span<const CharChange> changes, std::size_t num_removed) {
    std::size_t at = 0;  // the next old character
    const std::size_t end = origin_.begin < origin_.end ? text_.size() : 0;
    while (!is_identity_ && at < end && ranges_[at].begin == ranges_[at].end)
        ++at;
    AlignedText out = with_origin();
    out.append_copy(*this, 0, at);
    const auto skip = [&](std::size_t count) {
        for (; count > 0 && at < end; --count)
            at += utf8::decode(text_, at).size_bytes;
    };
    skip(num_removed);
    std::string bytes;
    for (const CharChange& next : changes) {
        bytes.clear();
        utf8::append(bytes, next.c);
        SourceRange range = front();
        if (next.change > 0) {
            if (at > 0) range = range_at(at - 1);
        } else {
            range = at < text_.size() ? range_at(at) : SourceRange{origin_.end, origin_.end};
            skip(1 + static_cast<std::size_t>(-next.change));
        }
        out.append(bytes, range);
    }
    out.append_copy(*this, end, text_.size());
    *this = std::move(out);
}

void AlignedText::prepend(std::string_view prefix) {
    if (text_.empty()) return;
    AlignedText out = with_origin();
    out.append(prefix, range_at(0));
    const std::size_t first = utf8::decode(text_, 0).size_bytes;
    out.append(std::string_view(text_).substr(0, first), prefix.empty() ? front() : range_at(0));
    out.append_copy(*this, first, text_.size());
    *this = std::move(out);
}

void AlignedText::spell_bytes() {
    std::vector<CharChange> changes;
    changes.reserve(text_.size());
    for (const char byte : text_) {
        const bool goes_on = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
        changes.push_back({byte_to_char(static_cast<unsigned char>(byte)), goes_on ? 1 : 0});
    }
    transform(changes);
}

}  // namespace headlight
