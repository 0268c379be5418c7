// The reference values of comparisons and words beside the shared fixtures, with their own tolerance.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/json_file.h"
#include "model/model_support.h"

namespace headlight::test {

/// One model of the folder of reference values: the prompts, and how exact each key is.
class CausalReference {
  public:
    explicit CausalReference(const std::string& name)
        : name_(name),
          json_(read_json_file(path(name, ".json"), std::size_t{1} << 28).value()),
          values_(path(name, ".safetensors")) {}

    static std::string path(const std::string& name, const std::string& ending) {
        return shared_fixture("../causal/" + name + ending);
    }
    std::string model_path() const { return shared_fixture("models/" + name_); }
    const nlohmann::json& json() const { return json_; }
    std::vector<std::int32_t> ids(const char* key) const {
        return json_.at(key).get<std::vector<std::int32_t>>();
    }
    std::vector<float> floats(const std::string& key) const { return values_.floats(key); }

    /// |ours - reference| <= 1e-5 + 20 noise, never above 1e-3 of the largest value (at least of 1).
    void check(const std::string& key, const std::vector<float>& found) const {
        const std::vector<float> expected = values_.floats(key);
        INFO(name_ << " " << key);
        REQUIRE(found.size() == expected.size());
        const double noise = json_.at("float32_noise").value(key, 0.0);
        const double tolerance = std::min(1e-3 * std::max(1.0, largest_value(expected)), 1e-5 + 20 * noise);
        CHECK(largest_difference(found, expected) <= tolerance);
    }

    /// Every tensor of `dump` whose name is in the reference and begins with one of `prefixes`, and none of
    /// those of the reference missing. Ids of a list may change places in their row; ranks and ids may differ
    /// in three times as many places as the reference library's own float32 does.
    void check_dump(const std::string& dump, const std::vector<std::string>& prefixes) const {
        const Reference ours(dump);
        int compared = 0;
        for (const std::string& key : values_.names()) {
            if (std::none_of(prefixes.begin(), prefixes.end(),
                             [&](const std::string& prefix) { return key.starts_with(prefix); }))
                continue;
            INFO(name_ << " " << key);
            REQUIRE_MESSAGE(ours.has(key), key);
            ++compared;
            if (values_.is_float(key))
                check(key, ours.floats(key));
            else
                check_integers(key, ours.ids(key));
        }
        CHECK(compared > 0);
    }

  private:
    void check_integers(const std::string& key, std::vector<std::int32_t> found) const {
        std::vector<std::int32_t> expected = values_.ids(key);
        REQUIRE(found.size() == expected.size());
        if (key.ends_with("_ids")) {
            const auto length = static_cast<std::ptrdiff_t>(values_.last_dimension(key));
            for (auto* list : {&found, &expected})
                for (auto row = list->begin(); row != list->end(); row += length)
                    std::sort(row, row + length);
        }
        int wrong = 0;
        for (std::size_t i = 0; i < found.size(); ++i)
            wrong += found[i] != expected[i];
        CHECK(wrong <= 3 * json_.at("float32_noise").value(key, 0.0));
    }

    std::string name_;
    nlohmann::json json_;
    Reference values_;
};

}  // namespace headlight::test
