// What preprocessor_config.json says is done to a picture before a model reads it, as the reference's image
// processors on Pillow do it.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/picture.h"
#include "io/picture/raster.h"

namespace headlight {

struct Preprocessor {
    std::string file;              // where it stands
    bool lays_over_white = false;  // what is transparent; otherwise alpha is dropped
    bool resizes = true;
    int shortest_edge = 0;          // > 0: the shorter side; the other keeps the shape
    int height = 224, width = 224;  // otherwise
    Resampling filter = Resampling::Bilinear;
    bool crops = false;
    int crop_height = 224, crop_width = 224;
    bool rescales = true;
    double rescale_factor = 1.0 / 255;
    bool normalizes = true;
    std::array<double, 3> mean = {0.5, 0.5, 0.5}, deviation = {0.5, 0.5, 0.5};
};

/// What a model sees of a picture.
struct SeenPicture {
    Raster raster;  // resized and cropped
    PixelValues pixels;
};

/// Reads preprocessor_config.json of a model's folder, or what processor_config.json holds of it.
/// `family` says which class is meant where the file does not: "vit", "deit", "beit", "dinov2", "clip",
/// "siglip". Errors: Missing (no such file), Corrupt, Unsupported (a class or a step that is not known).
Result<Preprocessor> read_preprocessor(const std::string& folder, const std::string& family);
/// The same of a file that was read. Never fails on keys that no step of a picture reads.
Result<Preprocessor> parse_preprocessor(const nlohmann::json& config, const std::string& file,
                                        const std::string& family);

/// Resized, cropped, rescaled and normalised. Errors: InvalidInput (a result of too many pixels).
Result<SeenPicture> preprocess(const Preprocessor& steps, Raster raster);

}  // namespace headlight
