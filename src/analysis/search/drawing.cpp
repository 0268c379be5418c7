#include "analysis/search/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace headlight {
namespace {

constexpr const char* kUsage =
    "box Q0 Q1 K0 K1, stripe OFFSET [WIDTH [Q0 Q1]], column K [Q0 Q1], row Q, diagonal [WIDTH] or brush "
    "WIDTH "
    "Q K ...";
constexpr int kMostWidth = 1000;

class Canvas {
  public:
    Canvas(int num_queries, int num_keys, bool is_causal)
        : num_queries_(num_queries),
          num_keys_(num_keys),
          is_causal_(is_causal),
          cells_(static_cast<std::size_t>(num_queries) * static_cast<std::size_t>(num_keys), 0) {}

    void draw(const Stroke& stroke) {
        value_ = stroke.erases ? 0 : 1;
        switch (stroke.kind) {
            case Stroke::Kind::Box:
                return box(stroke.first_query, resolved(stroke.last_query, num_queries_), stroke.first_key,
                           resolved(stroke.last_key, num_keys_));
            case Stroke::Kind::Stripe:
                return stripe(stroke);
            case Stroke::Kind::Brush:
                for (const auto& [query, key] : stroke.points) {
                    const int before = (stroke.width - 1) / 2, behind = stroke.width / 2;
                    box(query - before, query + behind, key - before, key + behind);
                }
        }
    }

    PairTemplate take() const {
        PairTemplate out{num_queries_, num_keys_, {0}, {}, {}};
        for (int query = 0; query < num_queries_; ++query) {
            for (int key = 0; key < num_keys_; ++key) {
                if (cells_[place(query, key)] != 0) out.keys.push_back(static_cast<std::uint32_t>(key));
            }
            out.row_begin.push_back(static_cast<std::uint32_t>(out.keys.size()));
        }
        out.values.assign(out.keys.size(), 1.0f);
        return out;
    }

  private:
    static int resolved(int last, int count) { return last == Stroke::kLast ? count - 1 : last; }
    std::size_t place(int query, int key) const {
        return static_cast<std::size_t>(query) * static_cast<std::size_t>(num_keys_) +
               static_cast<std::size_t>(key);
    }
    void box(int first_query, int last_query, int first_key, int last_key) {
        for (int query = std::max(0, first_query); query <= std::min(last_query, num_queries_ - 1); ++query) {
            const int last = std::min(last_key, is_causal_ ? query : num_keys_ - 1);
            for (int key = std::max(0, first_key); key <= std::min(last, num_keys_ - 1); ++key)
                cells_[place(query, key)] = value_;
        }
    }
    void stripe(const Stroke& stroke) {
        const int nearest = stroke.offset - (stroke.width - 1) / 2,
                  farthest = stroke.offset + stroke.width / 2;
        const int last = std::min(resolved(stroke.last_query, num_queries_), num_queries_ - 1);
        for (int query = std::max(0, stroke.first_query); query <= last; ++query)
            box(query, query, query - farthest, query - nearest);
    }

    int num_queries_, num_keys_;
    bool is_causal_;
    std::uint8_t value_ = 1;
    std::vector<std::uint8_t> cells_;
};

class StrokeReader {
  public:
    explicit StrokeReader(std::span<const std::string> words) : words_(words) {}

    Result<Stroke> read() {
        Stroke stroke;
        if (!words_.empty() && words_.front() == "erase") {
            stroke.erases = true;
            words_ = words_.subspan(1);
        }
        if (words_.empty()) return fail(ErrorKind::InvalidInput, "a stroke is {}", kUsage);
        const std::string kind = words_.front();
        words_ = words_.subspan(1);
        HEADLIGHT_CHECK(read_kind(kind, stroke));
        if (!words_.empty())
            return fail(ErrorKind::InvalidInput, "“{}” is too much; a stroke is {}", words_.front(), kUsage);
        return stroke;
    }

  private:
    Status read_kind(const std::string& kind, Stroke& stroke) {
        if (kind == "box") {
            HEADLIGHT_CHECK(read_range(stroke.first_query, stroke.last_query, "Q0", "Q1"));
            return read_range(stroke.first_key, stroke.last_key, "K0", "K1");
        }
        if (kind == "row") {
            HEADLIGHT_TRY(stroke.first_query, take("Q", 0));
            stroke.last_query = stroke.first_query;
            return {};
        }
        if (kind == "column") {
            HEADLIGHT_TRY(stroke.first_key, take("K", 0));
            stroke.last_key = stroke.first_key;
            return words_.empty() ? Status{} : read_range(stroke.first_query, stroke.last_query, "Q0", "Q1");
        }
        if (kind == "brush") return read_brush(stroke);
        if (kind != "stripe" && kind != "diagonal")
            return fail(ErrorKind::InvalidInput, "“{}” is no stroke; one is {}", kind, kUsage);
        stroke.kind = Stroke::Kind::Stripe;
        if (kind == "stripe") {
            HEADLIGHT_TRY(stroke.offset, take("OFFSET", -kMostSearchTokens));
        }
        if (!words_.empty()) {
            HEADLIGHT_TRY(stroke.width, take("WIDTH", 1));
        }
        stroke.width = std::min(stroke.width, kMostWidth);
        return words_.empty() ? Status{} : read_range(stroke.first_query, stroke.last_query, "Q0", "Q1");
    }

    Status read_brush(Stroke& stroke) {
        stroke.kind = Stroke::Kind::Brush;
        HEADLIGHT_TRY(stroke.width, take("WIDTH", 1));
        stroke.width = std::min(stroke.width, kMostWidth);
        do {
            if (stroke.points.size() >= kMostStrokePoints)
                return fail(ErrorKind::InvalidInput, "a brush has at most {} points", kMostStrokePoints);
            HEADLIGHT_TRY(const int query, take("Q", 0));
            HEADLIGHT_TRY(const int key, take("K", 0));
            stroke.points.emplace_back(query, key);
        } while (!words_.empty());
        return {};
    }

    /// In either order, as a mouse gives them.
    Status read_range(int& first, int& last, const char* first_name, const char* last_name) {
        HEADLIGHT_TRY(first, take(first_name, 0));
        HEADLIGHT_TRY(last, take(last_name, 0));
        if (last != Stroke::kLast && first != Stroke::kLast && last < first) std::swap(first, last);
        if (first == Stroke::kLast) std::swap(first, last);
        return {};
    }

    Result<int> take(const char* name, int least) {
        if (words_.empty())
            return fail(ErrorKind::InvalidInput, "{} is missing; a stroke is {}", name, kUsage);
        const std::string word = words_.front();
        words_ = words_.subspan(1);
        if (least == 0 && word == "last") return Stroke::kLast;
        int value = 0;
        const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
        if (read.ec != std::errc() || read.ptr != word.data() + word.size() || value < least ||
            value > 1'000'000)
            return fail(ErrorKind::InvalidInput, "{} must be a whole number{}; “{}” was given", name,
                        least >= 0 ? fmt::format(" from {} up", least) : std::string(), word);
        return value;
    }

    std::span<const std::string> words_;
};

std::string place_word(int place) {
    return place == Stroke::kLast ? "last" : std::to_string(place);
}

}  // namespace

PairTemplate draw_strokes(std::span<const Stroke> strokes, int num_queries, int num_keys, bool is_causal) {
    Canvas canvas(num_queries, num_keys, is_causal);
    for (const Stroke& stroke : strokes)
        canvas.draw(stroke);
    return canvas.take();
}

Result<Stroke> parse_stroke(std::span<const std::string> words) {
    return StrokeReader(words).read();
}

std::vector<std::string> stroke_words(const Stroke& stroke) {
    std::vector<std::string> out;
    if (stroke.erases) out.emplace_back("erase");
    if (stroke.kind == Stroke::Kind::Brush) {
        out.insert(out.end(), {"brush", std::to_string(stroke.width)});
        for (const auto& [query, key] : stroke.points)
            out.insert(out.end(), {std::to_string(query), std::to_string(key)});
    } else if (stroke.kind == Stroke::Kind::Stripe) {
        out.insert(out.end(), {"stripe", std::to_string(stroke.offset), std::to_string(stroke.width),
                               std::to_string(stroke.first_query), place_word(stroke.last_query)});
    } else {
        out.insert(out.end(), {"box", std::to_string(stroke.first_query), place_word(stroke.last_query),
                               std::to_string(stroke.first_key), place_word(stroke.last_key)});
    }
    return out;
}

std::string rule_of_strokes(std::span<const Stroke> strokes) {
    std::string out;
    for (const Stroke& stroke : strokes) {
        const bool is_whole = stroke.first_query == 0 && stroke.last_query == Stroke::kLast;
        if (stroke.kind != Stroke::Kind::Stripe || stroke.erases || !is_whole) return {};
        const int nearest = stroke.offset - (stroke.width - 1) / 2;
        out += out.empty() ? "offset " : " or offset ";
        out += stroke.width == 1 ? std::to_string(nearest)
                                 : fmt::format("{}..{}", nearest, nearest + stroke.width - 1);
    }
    return out;
}

}  // namespace headlight
