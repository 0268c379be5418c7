// Recipes in the files of strangers: every length is checked against the file, nothing is unpacked.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/json_file.h"
#include "publish/recipe/recipe.h"

namespace headlight {
namespace {

constexpr std::string_view kRecipeKeyword = "headlight-recipe";
constexpr std::size_t kMostFigureBytes = std::size_t{512} << 20;

tl::unexpected<Error> no_recipe(const std::string& file) {
    return fail(
        make_error(ErrorKind::Missing,
                   "the file holds no recipe: it was made with --no-recipe, by another program, or went "
                   "through one that drops it")
            .in_file(file));
}

tl::unexpected<Error> broken_recipe(const std::string& file, const char* what) {
    return fail(
        make_error(ErrorKind::Corrupt, "the recipe in the file cannot be read: {}", what).in_file(file));
}

std::uint32_t big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes.substr(0, 4))
        value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

/// iTXt: keyword, 0, compressed?, method, language, 0, translated keyword, 0, text.
Result<std::string> recipe_of_png(std::string_view bytes, const std::string& file) {
    for (std::size_t at = 8; bytes.size() - at >= 12;) {
        const std::size_t length = big_endian(bytes.substr(at));
        const std::string_view type = bytes.substr(at + 4, 4);
        if (length > bytes.size() - at - 12)
            return broken_recipe(file, "a chunk reaches past the end of the file");
        std::string_view chunk = bytes.substr(at + 8, length);
        at += 12 + length;
        if (type != "iTXt" || !chunk.starts_with(kRecipeKeyword) ||
            chunk.size() <= kRecipeKeyword.size() + 3 || chunk[kRecipeKeyword.size()] != 0)
            continue;
        if (chunk[kRecipeKeyword.size() + 1] != 0) return broken_recipe(file, "its text is compressed");
        chunk.remove_prefix(kRecipeKeyword.size() + 3);
        for (int words = 0; words < 2; ++words) {
            const std::size_t end = chunk.find('\0');
            if (end == std::string_view::npos) return broken_recipe(file, "its chunk is cut off");
            chunk.remove_prefix(end + 1);
        }
        return std::string(chunk);
    }
    return no_recipe(file);
}

std::string without_entities(std::string_view text) {
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&amp;", '&'},   {"&lt;", '<'},   {"&gt;", '>'}, {"&quot;", '"'},
        {"&apos;", '\''}, {"&#39;", '\''}, {"&#34;", '"'}};
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto* const found =
            std::find_if(std::begin(kEntities), std::end(kEntities),
                         [&](const auto& entity) { return text.substr(i).starts_with(entity.first); });
        const bool is_entity = text[i] == '&' && found != std::end(kEntities);
        out += is_entity ? found->second : text[i];
        i += is_entity ? found->first.size() : 1;
    }
    return out;
}

Result<std::string> recipe_of_svg(std::string_view bytes, const std::string& file) {
    const std::size_t begin = bytes.find("<metadata id=\"headlight-recipe\">");
    if (begin == std::string_view::npos) return no_recipe(file);
    const std::size_t text = bytes.find('>', begin) + 1, end = bytes.find("</metadata>", text);
    if (end == std::string_view::npos || end - text > kMostRecipeBytes)
        return broken_recipe(file, "its element does not end");
    return without_entities(bytes.substr(text, end - text));
}

/// A literal string, behind its bracket: escapes, nested brackets. Nullopt: it does not end.
std::optional<std::string> literal_string(std::string_view bytes, std::size_t i) {
    std::string out;
    for (int depth = 1; i < bytes.size() && out.size() <= kMostRecipeBytes; ++i) {
        char c = bytes[i];
        if (c == '(') ++depth;
        if (c == ')' && --depth == 0) return out;
        if (c == '\\' && i + 1 < bytes.size()) {
            c = bytes[++i];
            if (c == '\n') continue;
            if (c >= '0' && c <= '7') {
                int code = 0;
                for (int digits = 0; digits < 3 && i < bytes.size() && bytes[i] >= '0' && bytes[i] <= '7';
                     ++digits)
                    code = code * 8 + (bytes[i++] - '0');
                --i;
                c = static_cast<char>(code & 0xff);
            } else if (c == 'n') {
                c = '\n';
            }
        }
        out += c;
    }
    return std::nullopt;
}

/// A string in hexadecimal, behind its "<": UTF-16 with its mark, which Cairo writes where a text has
/// brackets or escapes. Nullopt: it does not end, or is something else.
std::optional<std::string> utf16_string(std::string_view bytes, std::size_t i) {
    const std::size_t end = bytes.find('>', i);
    if (end == std::string_view::npos || (end - i) % 4 != 0 || end - i > 4 * kMostRecipeBytes)
        return std::nullopt;
    std::string out;
    char32_t high = 0;
    for (; i < end; i += 4) {
        std::uint32_t unit = 0;
        const auto [last, error] = std::from_chars(bytes.data() + i, bytes.data() + i + 4, unit, 16);
        if (error != std::errc() || last != bytes.data() + i + 4) return std::nullopt;
        if (unit == 0xFEFF) continue;
        if (unit >= 0xD800 && unit < 0xDC00) {
            high = 0x10000 + ((unit - 0xD800) << 10);
            continue;
        }
        utf8::append(out, unit >= 0xDC00 && unit < 0xE000 ? high + (unit - 0xDC00) : unit);
    }
    return out;
}

/// The newest /Keywords that holds one: a file that was changed has older ones before it.
Result<std::string> recipe_of_pdf(std::string_view bytes, const std::string& file) {
    for (std::size_t at = bytes.rfind("/Keywords"); at != std::string_view::npos && at > 0;
         at = bytes.rfind("/Keywords", at - 1)) {
        std::size_t i = at + 9;
        while (i < bytes.size() && std::isspace(static_cast<unsigned char>(bytes[i])) != 0)
            ++i;
        if (i >= bytes.size() || (bytes[i] != '(' && bytes[i] != '<')) continue;
        const auto text = bytes[i] == '(' ? literal_string(bytes, i + 1) : utf16_string(bytes, i + 1);
        if (!text) return broken_recipe(file, "its text does not end");
        if (text->starts_with(kRecipeKeyword))
            return text->substr(std::min(text->size(), kRecipeKeyword.size() + 1));
    }
    return no_recipe(file);
}

Result<std::string> recipe_of_pgf(std::string_view bytes, const std::string& file) {
    const std::size_t begin = bytes.find("% headlight-recipe ");
    if (begin == std::string_view::npos) return no_recipe(file);
    const std::size_t text = begin + std::string_view("% headlight-recipe ").size();
    return std::string(bytes.substr(text, std::min(bytes.find('\n', text), bytes.size()) - text));
}

}  // namespace

Result<std::string> find_recipe(std::string_view bytes, const std::string& file) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return recipe_of_png(bytes, file);
    if (bytes.starts_with("%PDF-")) return recipe_of_pdf(bytes, file);
    const std::string_view begin = bytes.substr(0, 4096);
    if (begin.find("<svg") != std::string_view::npos) return recipe_of_svg(bytes, file);
    if (begin.find("pgf") != std::string_view::npos) return recipe_of_pgf(bytes, file);
    const std::size_t first = begin.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && begin[first] == '{') return std::string(bytes);
    return fail(make_error(ErrorKind::Unsupported,
                           "this is no figure: expected PNG, SVG, PDF, PGF, or a recipe as JSON")
                    .in_file(file));
}

Result<FigureRecipe> read_recipe(const std::string& path) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(path, kMostFigureBytes));
    HEADLIGHT_TRY(const std::string json, find_recipe(bytes, path));
    return parse_recipe(json, path);
}

}  // namespace headlight
