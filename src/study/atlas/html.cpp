#include "study/atlas/html.h"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"

namespace headlight {
namespace {

/// Controls but tab and line feed, marks that turn the writing direction, and what no document may hold.
bool is_hidden(char32_t c) {
    if (c < 0x20) return c != '\t' && c != '\n';
    if (c >= 0x7F && c <= 0x9F) return true;
    if (c == 0x061C || c == 0x200E || c == 0x200F || c == 0xFEFF) return true;
    if ((c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)) return true;
    return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_escaped(std::string& out, char32_t c) {
    switch (c) {
        case '&':
            out += "&amp;";
            return;
        case '<':
            out += "&lt;";
            return;
        case '>':
            out += "&gt;";
            return;
        case '"':
            out += "&quot;";
            return;
        case '\'':
            out += "&#39;";
            return;
        default:
            break;
    }
    if (is_hidden(c))
        out += fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(c));
    else
        utf8::append(out, c);
}

bool is_right_to_left(char32_t c) {
    return (c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFC) ||
           (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

bool is_left_to_right(char32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xC0 && c < 0x0590 && c != 0xD7 && c != 0xF7) || (c >= 0x0900 && c < 0x2000) ||
           (c >= 0x2C00 && c < 0xD800);
}

constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--bg:#f7f7f4;--card:#fff;--ink:#1d2126;--soft:#5d6670;--line:#dfe2e0;--mark:#0b6e99;
--heat:230 120 10;--zero:#eef0ee;--tag:#14181c}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1c2024;--ink:#e7eaec;--soft:#98a2ab;--line:#30363c;
--mark:#5cc1ea;--heat:225 120 25;--zero:#262b30;--tag:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,"Inter","Noto Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 80px}
h1{font-size:28px;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:0 0 12px}
h3{font-size:15px;margin:18px 0 4px}
a{color:var(--mark)}
p{margin:6px 0 10px;max-width:85ch}
.soft{color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin:18px 0}
nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin:14px 0 0}
.tiles{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 16px;min-width:120px}
.tiles b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
.tiles span{color:var(--soft);font-size:13px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:5px 9px;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:bottom;position:sticky;top:0;background:var(--card)}
th.l,td.l{text-align:left}
td.w{white-space:normal;min-width:200px}
tbody tr:hover{background:var(--zero)}
.maps{display:flex;flex-wrap:wrap;gap:22px 30px}
figure{margin:0}
figcaption{font-weight:600;margin-bottom:4px;max-width:340px}
figcaption span{display:block;font-weight:400;color:var(--soft);font-size:12.5px}
svg{display:block;max-width:100%;height:auto}
svg text{fill:var(--soft);font:10px system-ui,"Inter",sans-serif}
svg .n{fill:var(--ink);font-size:13px;font-weight:600}
svg .z{fill:var(--zero)}
svg .h{fill:rgb(var(--heat))}
svg .t{fill:none;stroke:var(--tag);stroke-width:1.6}
details{border-top:1px solid var(--line);padding:8px 0}
summary{cursor:pointer}
details:target>summary{outline:2px solid var(--mark);outline-offset:3px}
summary b{display:inline-block;min-width:74px}
.chip{display:inline-block;border:1px solid var(--line);border-radius:9px;padding:0 8px;margin:0 4px 2px 0;font-size:13px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:0 22px;margin:8px 0;font-size:13.5px}
dl div{display:flex;justify-content:space-between;gap:10px;border-bottom:1px dotted var(--line)}
dt{color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums}
.row{font:13.5px/1.9 ui-monospace,"DejaVu Sans Mono","Noto Sans Hebrew",monospace;margin:4px 0 10px;max-width:none;
overflow-wrap:anywhere}
.row bdi{padding:2px 1px;border-radius:3px;white-space:pre-wrap;background:rgb(var(--heat)/var(--w,0))}
.row .q{outline:1.5px solid var(--mark)}
.row .gap{color:var(--soft);font-style:italic;padding:0 6px}
.bars{display:grid;grid-template-columns:max-content 140px max-content;gap:3px 12px;align-items:center;
font-size:13.5px}
.bars i{display:block;height:10px;border-radius:3px;background:rgb(var(--heat))}
.side{display:flex;flex-wrap:wrap;gap:24px 60px;align-items:flex-start}
.two{display:grid;grid-template-columns:1fr 1fr;gap:18px}
@media (max-width:760px){.two{grid-template-columns:1fr}}
@media print{body{background:#fff}section{break-inside:avoid}}
)css";

}  // namespace

std::string escape_html(std::string_view text, std::size_t most_code_points) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t byte = 0; byte < text.size();) {
        if (count++ == most_code_points) return out + "…";
        const utf8::Decoded next = utf8::decode(text, byte);
        append_escaped(out, next.code_point);
        byte += next.size_bytes;
    }
    return out;
}

std::string isolate_html(std::string_view text, std::size_t most_code_points) {
    return "<bdi>" + escape_html(text, most_code_points) + "</bdi>";
}

bool reads_right_to_left(std::string_view text) {
    int balance = 0;
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded next = utf8::decode(text, byte);
        balance += is_right_to_left(next.code_point) ? 1 : is_left_to_right(next.code_point) ? -1 : 0;
        byte += next.size_bytes;
    }
    return balance > 0;
}

std::string decimal_html(const std::optional<double>& value, int digits) {
    if (!value || !std::isfinite(*value)) return "–";
    // A zero that only rounding made negative would read like a finding.
    const std::string text = fmt::format("{:.{}f}", *value, digits);
    return text.find_first_not_of("-0.") == std::string::npos && text[0] == '-' ? text.substr(1) : text;
}

std::string probability_html(const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) return "–";
    return *value >= 0.001 || *value == 0 ? fmt::format("{:.3f}", *value) : fmt::format("{:.0e}", *value);
}

std::string page_head_html(std::string_view title) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src "
           "'unsafe-inline'\">\n"
           "<title>" +
           escape_html(title, 300) + "</title>\n<style>" + kStyle + "</style></head>\n<body><main>\n";
}

std::string page_end_html() {
    return "</main></body></html>\n";
}

std::string section_html(std::string_view id, std::string_view title, std::string_view body) {
    return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, title, body);
}

}  // namespace headlight
