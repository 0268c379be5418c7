// A picture as an image model reads it, and the tokens that it becomes there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headlight {

/// Pixels after preprocessing: resized, cropped, rescaled and normalised.
struct PixelValues {
    int channels = 0, height = 0, width = 0;
    std::vector<float> values;  // [channels, height, width]

    bool is_sound() const {
        return channels > 0 && height > 0 && width > 0 &&
               values.size() == static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
                                    static_cast<std::size_t>(width);
    }
};

/// Largest id of a token of a picture, exclusive. Pictures get ids one after the other.
inline constexpr int kMostPictureIds = 1 << 20;

/// What a runner made of a picture: tokens `first_id` and following. Those with names of their own come
/// first, then the patches row by row.
struct PictureTokens {
    std::int32_t first_id = 0;
    std::vector<std::string> leading;  // "CLS", "register 1"
    int rows = 0, columns = 0;         // of patches

    int count() const { return static_cast<int>(leading.size()) + rows * columns; }
    std::vector<std::int32_t> ids() const {
        std::vector<std::int32_t> out;
        for (int i = 0; i < count(); ++i)
            out.push_back(first_id + i);
        return out;
    }
};

}  // namespace headlight
