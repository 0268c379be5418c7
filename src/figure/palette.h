// The print theme: colours and sizes that every figure shares.
#pragma once

#include "core/colormap.h"

namespace headlight {

inline constexpr Rgb8 kPaper = {255, 255, 255};
inline constexpr Rgb8 kInk = {27, 31, 39};
inline constexpr Rgb8 kDim = {106, 115, 132};
inline constexpr Rgb8 kLine = {190, 197, 208};
inline constexpr Rgb8 kFaintLine = {226, 230, 236};
/// Keys that the mask forbids. Neutral, while every colour of colormap_light() but white has a hue: no weight
/// has it.
inline constexpr Rgb8 kMasked = {232, 232, 232};
// Shares of the flow plot.
inline constexpr Rgb8 kSelf = {44, 138, 79};
inline constexpr Rgb8 kPrevious = {217, 128, 20};
inline constexpr Rgb8 kFirst = {31, 111, 208};
inline constexpr Rgb8 kOther = {214, 219, 227};

inline constexpr double kTitlePx = 15;
inline constexpr double kTextPx = 11;
inline constexpr double kLabelPx = 10;
inline constexpr double kMarginPx = 16;
inline constexpr double kAxisNamePx = 18;  // room for "query (from)" and "key (to)"

}  // namespace headlight
