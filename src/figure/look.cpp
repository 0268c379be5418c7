#include "figure/look.h"

#include <fmt/format.h>

namespace headlight {
namespace {

constexpr const char* kSans = "Inter, Noto Sans, DejaVu Sans, sans-serif";
constexpr const char* kSerif =
    "Latin Modern Roman, CMU Serif, STIX Two Text, Libertinus Serif, Noto Serif, DejaVu Serif, serif";

FigureLook light_look() {
    FigureLook out;
    out.paper = {255, 255, 255};
    out.ink = {27, 31, 39};
    out.dim = {106, 115, 132};
    out.line = {190, 197, 208};
    out.faint_line = {226, 230, 236};
    out.node = {244, 246, 249};
    out.masked = {232, 232, 232};
    out.self = {44, 138, 79};
    out.previous = {217, 128, 20};
    out.first = {31, 111, 208};
    out.other = {214, 219, 227};
    return out;
}

FigureLook dark_look() {
    FigureLook out;
    out.is_dark = true;
    out.paper = {23, 26, 33};
    out.ink = {230, 233, 239};
    out.dim = {150, 159, 176};
    out.line = {70, 78, 94};
    out.faint_line = {42, 48, 60};
    out.node = {34, 39, 49};
    out.masked = {52, 52, 52};
    out.self = {108, 196, 138};
    out.previous = {242, 163, 58};
    out.first = {90, 169, 255};
    out.other = {66, 74, 90};
    return out;
}

/// The names that follow a family of the user's own are those of the sans or of the serif, so that no letter
/// is lost.
std::string families_of(const std::string& family) {
    if (family.empty() || family == "sans") return kSans;
    if (family == "serif") return kSerif;
    return family + ", " + kSans;
}

FigureLook look_of(const FigureStyle& style) {
    FigureLook out = style.is_dark ? dark_look() : light_look();
    out.is_transparent = style.is_transparent;
    // LaTeX sets the text of pgf in the document's font, most often a roman one: room is measured in its
    // like.
    const bool is_tex = style.format == FigureFormat::Pgf && style.font_family.empty();
    out.families = families_of(is_tex ? "serif" : style.font_family);
    out.weights = weight_map(style.colours, style.is_dark);
    if (out.weights == nullptr) out.weights = weight_map("blues", style.is_dark);
    out.changes = signed_map(style.signed_colours, style.is_dark);
    if (out.changes == nullptr) out.changes = signed_map("rose_blue", style.is_dark);
    // A neutral mask would be a weight of the neutral map.
    if (style.colours == "greys") out.masked = style.is_dark ? Rgb8{40, 52, 78} : Rgb8{246, 234, 214};
    return out;
}

thread_local const FigureLook* current_look = nullptr;

// After Okabe and Ito 2008, darkened for paper.
constexpr Rgb8 kCurveColours[kNumCurveColours] = {
    {31, 111, 208}, {213, 94, 0},  {0, 138, 100}, {190, 80, 150}, {120, 94, 40},
    {86, 160, 210}, {200, 140, 0}, {90, 70, 180}, {150, 30, 40},  {90, 100, 112}};

constexpr Rgb8 kDarkCurveColours[kNumCurveColours] = {
    {90, 169, 255},  {255, 148, 66}, {64, 200, 158},  {232, 134, 200}, {196, 166, 104},
    {150, 210, 245}, {244, 200, 80}, {166, 152, 250}, {240, 110, 110}, {170, 180, 194}};

}  // namespace

Rgb8 FigureLook::text_on(Rgb8 colour) {
    const double luminance = 0.2126 * colour.r + 0.7152 * colour.g + 0.0722 * colour.b;
    return luminance < 140 ? Rgb8{255, 255, 255} : Rgb8{27, 31, 39};
}

Rgb8 series_colour(int index) {
    if (index < 0) return look().dim;
    const Rgb8* colours = look().is_dark ? kDarkCurveColours : kCurveColours;
    return colours[static_cast<std::size_t>(index) % kNumCurveColours];
}

const FigureLook& look() {
    static const FigureLook plain = look_of({});
    return current_look != nullptr ? *current_look : plain;
}

LookScope::LookScope(const FigureStyle& style) : mine_(look_of(style)), before_(current_look) {
    current_look = &mine_;
}

LookScope::~LookScope() {
    current_look = before_;
}

Status check_style(const FigureStyle& style) {
    if (weight_map(style.colours, false) == nullptr)
        return fail(ErrorKind::InvalidInput, "'{}' is no colour map of weights; there are {}", style.colours,
                    colour_map_names(false));
    if (signed_map(style.signed_colours, false) == nullptr)
        return fail(ErrorKind::InvalidInput, "'{}' is no colour map of changes; there are {}",
                    style.signed_colours, colour_map_names(true));
    const auto is_within = [](double value, double least, double most) {
        return value == 0 || (value >= least && value <= most);
    };
    if (!is_within(style.width_mm, 20, 5000) || !is_within(style.height_mm, 20, 5000))
        return fail(ErrorKind::InvalidInput, "a figure is 20 to 5000 mm wide and high, not {:g} x {:g}",
                    style.width_mm, style.height_mm);
    if (!is_within(style.font_pt, 3, 200))
        return fail(ErrorKind::InvalidInput, "text has 3 to 200 points, not {:g}", style.font_pt);
    if (style.font_family.size() > 200)
        return fail(ErrorKind::InvalidInput, "the name of the font has {} bytes; at most 200",
                    style.font_family.size());
    if (style.scale < 0.1 || style.scale > 20 || style.gamma < 0.05 || style.gamma > 5)
        return fail(ErrorKind::InvalidInput, "scale {:g} or gamma {:g} is out of range", style.scale,
                    style.gamma);
    return {};
}

}  // namespace headlight
