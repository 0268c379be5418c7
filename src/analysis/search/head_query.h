// Heads by what is known of them: "induction and layer < 8 and entropy < 1".
//
//   either  = both { "or" both }          both = single { "and" single }
//   single  = "not" single | "(" either ")" | TAG | "tagged" | L5H3 | value { compare value }
//   compare = "<" "<=" ">" ">=" "=" "!="  value = NUMBER ["%"] | "layer" | "head" | METRIC | DETECTOR.PART
//   PART    = "score" | "null" | "lift" | "kappa" | "argmax_rate" | "q"
//
// TAG is the id of a detector and holds where the head has that tag; "sink" is short for first_token. A chain
// (2 <= layer < 8) holds where each of its comparisons does. A value that does not exist makes a comparison
// unknown, and so what hangs on it: such a head is never among those that match, whether the comparison
// stands behind a "not" or without one (Kleene's logic).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/search/head_numbers.h"
#include "base/result.h"

namespace headlight {

/// A number that an expression names.
struct HeadField {
    enum class Kind { Layer, Head, Metric, Score, Null, Lift, Kappa, ArgmaxRate, Q };
    Kind kind = Kind::Layer;
    const MetricDescriptor* metric = nullptr;      // Kind::Metric
    const DetectorDescriptor* detector = nullptr;  // from Score on
    bool operator==(const HeadField&) const = default;

    /// As an expression writes it: "entropy", "induction.score".
    std::string name() const;
    /// Nullopt: it does not exist.
    std::optional<double> value(const HeadNumbers& numbers, HeadId head) const;
};

/// An expression that was understood.
class HeadQuery {
  public:
    /// Errors: InvalidInput, with the place (counted from 1) and the nearest name.
    static Result<HeadQuery> parse(std::string_view text);

    /// Nullopt: it hangs on a value that does not exist.
    std::optional<bool> test(const HeadNumbers& numbers, HeadId head) const;
    /// All heads for which it holds, in the order of HeadGrid.
    std::vector<HeadId> find(const HeadNumbers& numbers, HeadGrid grid) const;

    const std::string& text() const { return text_; }
    /// Numbers that it names, each once, in their order.
    std::vector<HeadField> fields() const;
    /// It names a metric of that kind.
    bool needs(MetricKind kind) const;

  private:
    friend class HeadQueryParser;
    enum class Compare { Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual };
    struct Value {
        std::optional<double> number;  // none: the field's
        HeadField field;
    };
    /// One step over a stack of truths, in the order of a calculator: operands before what joins them.
    struct Step {
        enum class Kind { Compare, Tag, AnyTag, IsHead, And, Or, Not };
        Kind kind = Kind::AnyTag;
        Compare compare = Compare::Less;
        Value left, right;
        const DetectorDescriptor* detector = nullptr;
        HeadId head;
    };
    static std::optional<bool> truth(const Step& step, const HeadNumbers& numbers, HeadId head);

    std::string text_;
    std::vector<Step> steps_;
};

}  // namespace headlight
