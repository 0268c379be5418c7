#include "io/picture/preprocessor.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>

#include "io/json_file.h"
#include "io/picture/decoders.h"

namespace headlight {
namespace {

constexpr std::array kStandard = {0.5, 0.5, 0.5};
constexpr std::array kClipMean = {0.48145466, 0.4578275, 0.40821073};
constexpr std::array kClipDeviation = {0.26862954, 0.26130258, 0.27577711};

/// A class of the reference: what holds where the file says nothing. Its name begins with `name`.
struct ProcessorClass {
    std::string_view name;
    std::array<std::string_view, 2> families;  // that have it when the file names no class
    Resampling filter;
    int shortest_edge, side, crop;  // crop 0: none
    bool lays_over_white;
    bool is_square;  // a size of one number is both sides, not the shorter one
    bool is_clip;    // means and deviations of CLIP
};
constexpr ProcessorClass kClasses[] = {
    {"ViT", {"vit", ""}, Resampling::Bilinear, 0, 224, 0, false, true, false},
    {"DeiT", {"deit", ""}, Resampling::Bicubic, 0, 256, 224, false, true, false},
    {"Beit", {"beit", ""}, Resampling::Bicubic, 0, 224, 0, false, true, false},
    {"Bit", {"dinov2", "dinov2_with_registers"}, Resampling::Bicubic, 224, 0, 224, true, false, true},
    {"CLIP", {"clip", ""}, Resampling::Bicubic, 224, 0, 224, true, false, true},
    {"Siglip", {"siglip", ""}, Resampling::Bicubic, 0, 224, 0, true, false, false},
};

/// Reads one file; keeps the first thing that is wrong.
class StepReader {
  public:
    StepReader(const nlohmann::json& config, const std::string& file) : config_(config), file_(file) {}

    void read(const char* key, bool& to) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        if (!value->is_boolean()) return refuse(key, "true or false");
        to = value->get<bool>();
    }
    void read(const char* key, double& to) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        if (!value->is_number() || !std::isfinite(value->get<double>())) return refuse(key, "a number");
        to = value->get<double>();
    }
    /// One number, or one for each colour.
    void read(const char* key, std::array<double, 3>& to) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        const auto is_fine = [](const nlohmann::json& x) {
            return x.is_number() && std::isfinite(x.get<double>());
        };
        if (is_fine(*value)) return to.fill(value->get<double>());
        if (!value->is_array() || value->size() != 3 || !std::all_of(value->begin(), value->end(), is_fine))
            return refuse(key, "a number for each of 3 colours");
        for (std::size_t i = 0; i < 3; ++i)
            to[i] = (*value)[i].get<double>();
    }
    void read(const char* key, Resampling& to) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        const auto most = static_cast<int>(Resampling::Hamming);
        if (!value->is_number_integer() || value->get<double>() < 0 || value->get<double>() > most)
            return refuse(key, "the number of a filter of Pillow, 0 to 5");
        to = static_cast<Resampling>(value->get<int>());
    }
    /// One number, [height, width], or an object of height and width or of shortest_edge (where there is
    /// one).
    void read_size(const char* key, int& height, int& width, int* shortest_edge, bool is_square) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        const auto side = [&](const nlohmann::json& x) {
            const bool is_fine =
                x.is_number_integer() && x.get<double>() >= 1 && x.get<double>() <= kMostPictureSide;
            if (!is_fine) refuse(key, "whole numbers of pixels");
            return is_fine ? x.get<int>() : 1;
        };
        const auto has = [&](const char* name) {
            return value->is_object() && value->contains(name) && !(*value)[name].is_null();
        };
        if (has("longest_edge") || has("max_height") || has("max_width"))
            return refuse(key, "height and width, or shortest_edge alone", ErrorKind::Unsupported);
        if (has("shortest_edge") && shortest_edge != nullptr) {
            *shortest_edge = side((*value)["shortest_edge"]);
            return;
        }
        if (value->is_number() && !is_square) {
            *shortest_edge = side(*value);
            return;
        }
        if (shortest_edge != nullptr) *shortest_edge = 0;
        if (value->is_number()) {
            height = width = side(*value);
        } else if (value->is_array() && value->size() == 2) {
            height = side((*value)[0]);
            width = side((*value)[1]);
        } else if (has("height") && has("width")) {
            height = side((*value)["height"]);
            width = side((*value)["width"]);
        } else {
            refuse(key, "a number, height and width, or shortest_edge");
        }
    }
    /// Steps that no class here has are refused where they are switched on.
    void refuse_other_steps() {
        constexpr std::string_view kKnown[] = {"do_resize",    "do_center_crop", "do_rescale",
                                               "do_normalize", "do_convert_rgb", "do_reduce_labels"};
        for (const auto& [key, value] : config_.items()) {
            if (!key.starts_with("do_") || !value.is_boolean() || !value.get<bool>()) continue;
            if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
                refuse(key.c_str(), "no such step", ErrorKind::Unsupported);
        }
    }
    Status status() const { return error_ ? Status(fail(*error_)) : Status(); }

  private:
    const nlohmann::json* find(const char* key) const {
        const auto found = config_.find(key);
        return found == config_.end() || found->is_null() ? nullptr : &*found;
    }
    void refuse(const char* key, const char* expected, ErrorKind kind = ErrorKind::Corrupt) {
        if (error_) return;
        constexpr std::size_t kMostShown = 60;
        const std::string value =
            config_[key].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, kMostShown);
        error_ =
            make_error(kind, "'{}' of the picture's preparation is {}, expected {}", key, value, expected)
                .in_file(file_);
    }

    const nlohmann::json& config_;
    const std::string& file_;
    std::optional<Error> error_;
};

Result<const ProcessorClass*> find_class(const nlohmann::json& config, const std::string& file,
                                         const std::string& family) {
    std::string name, known;
    for (const char* key : {"image_processor_type", "feature_extractor_type"}) {
        const auto found = config.find(key);
        if (name.empty() && found != config.end() && found->is_string()) name = found->get<std::string>();
    }
    for (const ProcessorClass& one : kClasses) {
        const std::string_view rest = std::string_view(name).substr(std::min(name.size(), one.name.size()));
        const bool is_named = name.starts_with(one.name) &&
                              (rest.starts_with("ImageProcessor") || rest.starts_with("FeatureExtractor"));
        const bool is_default =
            name.empty() && std::find(one.families.begin(), one.families.end(), family) != one.families.end();
        if (is_named || is_default) return &one;
        known += (known.empty() ? "" : ", ") + std::string(one.name) + "ImageProcessor";
    }
    return fail(make_error(ErrorKind::Unsupported,
                           "pictures that a '{}' prepares are not supported (known: {})", name.substr(0, 80),
                           known)
                    .in_file(file));
}

/// Sides after resizing, as the reference rounds them.
std::pair<int, int> resized_sides(const Preprocessor& steps, const Raster& raster) {
    if (steps.shortest_edge == 0) return {steps.height, steps.width};
    const bool is_high = raster.width <= raster.height;
    const int small = is_high ? raster.width : raster.height, large = is_high ? raster.height : raster.width;
    const double longer = static_cast<double>(std::int64_t{steps.shortest_edge} * large) / small;
    const int rounded = static_cast<int>(std::min(longer, double{kMostPictureSide} + 1));
    return is_high ? std::pair(rounded, steps.shortest_edge) : std::pair(steps.shortest_edge, rounded);
}

PixelValues pixel_values(const Preprocessor& steps, const Raster& raster) {
    PixelValues out{3, raster.height, raster.width, {}};
    out.values.reserve(raster.rgb.size());
    for (std::size_t c = 0; c < 3; ++c) {
        const auto mean = static_cast<float>(steps.mean[c]),
                   deviation = static_cast<float>(steps.deviation[c]);
        for (std::size_t i = 0; i < raster.num_pixels(); ++i) {
            const double byte = raster.rgb[i * 3 + c];
            const auto value = static_cast<float>(steps.rescales ? byte * steps.rescale_factor : byte);
            out.values.push_back(steps.normalizes ? (value - mean) / deviation : value);
        }
    }
    return out;
}

}  // namespace

Result<Preprocessor> parse_preprocessor(const nlohmann::json& config, const std::string& file,
                                        const std::string& family) {
    if (!config.is_object())
        return fail(
            make_error(ErrorKind::Corrupt, "the picture's preparation is no JSON object").in_file(file));
    HEADLIGHT_TRY(const ProcessorClass* const kind, find_class(config, file, family));
    Preprocessor steps;
    steps.file = file;
    steps.lays_over_white = kind->lays_over_white;
    steps.filter = kind->filter;
    steps.shortest_edge = kind->shortest_edge;
    if (kind->side > 0) steps.height = steps.width = kind->side;
    steps.crops = kind->crop > 0;
    steps.mean = kind->is_clip ? kClipMean : kStandard;
    steps.deviation = kind->is_clip ? kClipDeviation : kStandard;
    StepReader reader(config, file);
    reader.refuse_other_steps();
    reader.read("do_convert_rgb", steps.lays_over_white);
    reader.read("do_resize", steps.resizes);
    reader.read_size("size", steps.height, steps.width, &steps.shortest_edge, kind->is_square);
    reader.read("resample", steps.filter);
    reader.read("do_center_crop", steps.crops);
    reader.read_size("crop_size", steps.crop_height, steps.crop_width, nullptr, true);
    reader.read("do_rescale", steps.rescales);
    reader.read("rescale_factor", steps.rescale_factor);
    reader.read("do_normalize", steps.normalizes);
    reader.read("image_mean", steps.mean);
    reader.read("image_std", steps.deviation);
    HEADLIGHT_CHECK(reader.status());
    return steps;
}

Result<Preprocessor> read_preprocessor(const std::string& folder, const std::string& family) {
    const std::string own = folder + "/preprocessor_config.json", shared = folder + "/processor_config.json";
    if (std::filesystem::exists(own)) {
        HEADLIGHT_TRY(const nlohmann::json config, read_json_file(own));
        return parse_preprocessor(config, own, family);
    }
    if (std::filesystem::exists(shared)) {
        HEADLIGHT_TRY(const nlohmann::json config, read_json_file(shared));
        const auto found = config.is_object() ? config.find("image_processor") : config.end();
        if (found != config.end()) return parse_preprocessor(*found, shared, family);
    }
    return fail(make_error(ErrorKind::Missing,
                           "the model's preprocessor_config.json was not found; it says how pictures are "
                           "resized and normalised, so put it beside the weights")
                    .in_file(own));
}

Result<SeenPicture> preprocess(const Preprocessor& steps, Raster raster) {
    if (steps.lays_over_white) raster = over_white(std::move(raster));
    raster.alpha.clear();
    if (steps.resizes) {
        const auto [height, width] = resized_sides(steps, raster);
        HEADLIGHT_CHECK(check_picture_size(width, height, "the resized picture"));
        raster = resize(raster, height, width, steps.filter);
    }
    if (steps.crops) raster = crop_centre(raster, steps.crop_height, steps.crop_width);
    SeenPicture out;
    out.pixels = pixel_values(steps, raster);
    out.raster = std::move(raster);
    return out;
}

}  // namespace headlight
