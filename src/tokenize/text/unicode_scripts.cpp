#include "tokenize/text/unicode_scripts.h"

#include <unicode/uscript.h>

#include "tokenize/text/unicode_age.h"

namespace headlight {
namespace {
constexpr int kScriptsUnicode = 9;
}

int script_of(char32_t c) {
    if (c == U' ' || !is_assigned_by(c, kScriptsUnicode)) return kAnyScript;
    if (c == 0x30FC) return USCRIPT_HAN;
    if (c == 0x0953 || c == 0x0954) return USCRIPT_DEVANAGARI;  // these four have another script since
    if (c == 0x0589 || c == 0x061C) return USCRIPT_COMMON;
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
    if (script == USCRIPT_UNKNOWN) return kAnyScript;
    return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ? USCRIPT_HAN : script;
}

}  // namespace headlight
