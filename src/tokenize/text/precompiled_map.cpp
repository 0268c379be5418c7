#include "tokenize/text/precompiled_map.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/base64.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::size_t kLongestCluster = 5;        // bytes
constexpr std::size_t kLongestReplacement = 256;  // bytes of one character; Unicode's longest is 33

// A unit of the trie: where its children begin, the byte that leads to it, or a value.
std::uint32_t children_of(std::uint32_t unit) {
    return (unit >> 10) << ((unit & (1U << 9)) >> 6);
}
bool has_value(std::uint32_t unit) {
    return (unit >> 8 & 1) != 0;
}
std::uint32_t label_of(std::uint32_t unit) {
    return unit & (1U << 31 | 0xFF);
}

/// Beginnings of the clusters of a text, and its end.
std::vector<std::size_t> cluster_bounds(const std::string& text) {
    std::vector<std::size_t> bounds = {0};
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> breaks(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    UText view = UTEXT_INITIALIZER;
    utext_openUTF8(&view, text.data(), static_cast<std::int64_t>(text.size()), &status);
    if (U_SUCCESS(status)) {
        breaks->setText(&view, status);
        for (std::int32_t at = breaks->next(); at != icu::BreakIterator::DONE; at = breaks->next())
            bounds.push_back(static_cast<std::size_t>(at));
    }
    utext_close(&view);
    if (bounds.back() != text.size()) bounds.push_back(text.size());
    return bounds;
}

/// New characters take the places of the old ones in order; further ones are new, missing ones go with the
/// last character so far.
void append_replaced(std::string_view content, std::size_t num_old, std::vector<CharChange>& changes) {
    const std::size_t first = changes.size();
    for (std::size_t i = 0; i < content.size();) {
        const utf8::Decoded c = utf8::decode(content, i);
        changes.push_back({c.code_point, 0});
        i += c.size_bytes;
    }
    const std::size_t num_new = changes.size() - first;
    for (std::size_t k = num_old; k < num_new; ++k)
        changes[first + k].change = 1;
    if (num_new < num_old && !changes.empty()) changes.back().change -= static_cast<int>(num_old - num_new);
}

}  // namespace

Result<PrecompiledMap> PrecompiledMap::from_base64(std::string_view encoded) {
    const auto bytes = headlight::from_base64(encoded);
    if (!bytes) return fail(ErrorKind::Corrupt, "'precompiled_charsmap' is no base64 table");
    return from_bytes(*bytes);
}

Result<PrecompiledMap> PrecompiledMap::from_bytes(std::string_view bytes) {
    std::uint32_t trie_bytes = 0;
    if (bytes.size() < sizeof trie_bytes)
        return fail(ErrorKind::Corrupt, "'precompiled_charsmap' is no table");
    std::memcpy(&trie_bytes, bytes.data(), sizeof trie_bytes);
    if (trie_bytes % 4 != 0 || trie_bytes > bytes.size() - sizeof trie_bytes)
        return fail(ErrorKind::Corrupt, "'precompiled_charsmap' claims a table of {} bytes, it has {}",
                    trie_bytes, bytes.size());
    PrecompiledMap map;
    map.trie_.resize(trie_bytes / 4);
    std::memcpy(map.trie_.data(), bytes.data() + sizeof trie_bytes, trie_bytes);
    map.replacements_ = bytes.substr(sizeof trie_bytes + trie_bytes);
    if (!utf8::is_valid(map.replacements_))
        return fail(ErrorKind::Corrupt, "'precompiled_charsmap' holds text that is no UTF-8");
    return map;
}

bool PrecompiledMap::is_closed() const {
    if (trie_.empty() || replacements_.empty() || replacements_.back() != '\0') return false;
    for (std::size_t i = 0; i < trie_.size(); ++i) {
        if (trie_[i] >> 31 != 0) continue;  // a value, which leads nowhere
        const std::size_t children = i ^ children_of(trie_[i]);
        if ((children | 0xFF) >= trie_.size()) return false;
        if (has_value(trie_[i]) && (trie_[children] & 0x7FFFFFFF) >= replacements_.size()) return false;
    }
    return true;
}

std::optional<std::string_view> PrecompiledMap::find(std::string_view text) const {
    if (trie_.empty()) return std::nullopt;
    std::uint32_t at = children_of(trie_[0]);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == 0) break;
        at ^= byte;
        if (at >= trie_.size() || label_of(trie_[at]) != byte) break;
        const std::uint32_t unit = trie_[at];
        at ^= children_of(unit);
        if (!has_value(unit)) continue;
        if (at >= trie_.size()) return std::nullopt;
        const std::size_t begin = trie_[at] & 0x7FFFFFFF;
        if (begin > replacements_.size()) return std::nullopt;
        const std::size_t end = std::min(replacements_.find('\0', begin), replacements_.size());
        if (end - begin > kLongestReplacement) return std::nullopt;
        return std::string_view(replacements_).substr(begin, end - begin);
    }
    return std::nullopt;
}

AlignedText PrecompiledMap::apply(AlignedText text) const {
    const std::string& source = text.text();
    if (source.empty()) return text;
    const std::vector<std::size_t> bounds = cluster_bounds(source);
    std::vector<CharChange> changes;
    changes.reserve(source.size());
    bool is_same = true;
    for (std::size_t b = 0; b + 1 < bounds.size(); ++b) {
        const std::size_t begin = bounds[b], end = bounds[b + 1];
        const std::string_view cluster = std::string_view(source).substr(begin, end - begin);
        if (cluster.size() <= kLongestCluster) {
            if (const auto content = find(cluster)) {
                append_replaced(*content, utf8::count_code_points(cluster), changes);
                is_same = false;
                continue;
            }
        }
        for (std::size_t i = begin; i < end;) {
            const utf8::Decoded c = utf8::decode(source, i);
            if (const auto content = find(std::string_view(source).substr(i, c.size_bytes))) {
                append_replaced(*content, 1, changes);
                is_same = false;
            } else {
                changes.push_back({c.code_point, 0});
            }
            i += c.size_bytes;
        }
    }
    if (!is_same) text.transform(changes);
    return text;
}

}  // namespace headlight
