// What an expression about heads means for one of them.
#include "analysis/search/head_query.h"

#include <algorithm>

namespace headlight {
namespace {

using Truth = std::optional<bool>;

Truth both(Truth a, Truth b) {
    if (a == false || b == false) return false;
    return a && b ? Truth(true) : std::nullopt;
}
Truth either(Truth a, Truth b) {
    if (a == true || b == true) return true;
    return a && b ? Truth(false) : std::nullopt;
}

}  // namespace

std::string HeadField::name() const {
    const auto part = [&](const char* name) { return std::string(detector->id) + "." + name; };
    switch (kind) {
        case Kind::Layer:
            return "layer";
        case Kind::Head:
            return "head";
        case Kind::Metric:
            return metric->id;
        case Kind::Score:
            return part("score");
        case Kind::Null:
            return part("null");
        case Kind::Lift:
            return part("lift");
        case Kind::Kappa:
            return part("kappa");
        case Kind::ArgmaxRate:
            return part("argmax_rate");
        case Kind::Q:
            return part("q");
    }
    return {};
}

std::optional<double> HeadField::value(const HeadNumbers& numbers, HeadId head) const {
    if (kind == Kind::Layer) return head.layer;
    if (kind == Kind::Head) return head.head;
    if (kind == Kind::Metric) return head_metric(numbers, head, *metric);
    const Tag* tag = head_tag(numbers, head, *detector);
    if (tag == nullptr) return std::nullopt;
    switch (kind) {
        case Kind::Score:
            return tag->score.score;
        case Kind::Null:
            return tag->score.null;
        case Kind::Lift:
            return tag->score.lift;
        case Kind::Kappa:
            return tag->score.kappa;
        case Kind::ArgmaxRate:
            return tag->score.argmax_rate;
        default:
            return tag->score.q;
    }
}

std::optional<bool> HeadQuery::truth(const Step& step, const HeadNumbers& numbers, HeadId head) {
    if (step.kind == Step::Kind::IsHead) return head == step.head;
    if (step.kind == Step::Kind::Tag) return is_head_tagged(numbers, head, *step.detector);
    if (step.kind == Step::Kind::AnyTag) {
        const auto all = detectors();
        return std::any_of(all.begin(), all.end(), [&](const DetectorDescriptor* detector) {
            return is_head_tagged(numbers, head, *detector);
        });
    }
    const auto value_of = [&](const Value& value) {
        return value.number ? value.number : value.field.value(numbers, head);
    };
    const std::optional<double> left = value_of(step.left), right = value_of(step.right);
    if (!left || !right) return std::nullopt;
    switch (step.compare) {
        case Compare::Less:
            return *left < *right;
        case Compare::LessEqual:
            return *left <= *right;
        case Compare::Greater:
            return *left > *right;
        case Compare::GreaterEqual:
            return *left >= *right;
        case Compare::Equal:
            return *left == *right;
        case Compare::NotEqual:
            return *left != *right;
    }
    return std::nullopt;
}

std::optional<bool> HeadQuery::test(const HeadNumbers& numbers, HeadId head) const {
    std::vector<Truth> stack;
    for (const Step& step : steps_) {
        if (step.kind == Step::Kind::Not) {
            if (stack.back()) stack.back() = !*stack.back();
        } else if (step.kind == Step::Kind::And || step.kind == Step::Kind::Or) {
            const Truth last = stack.back();
            stack.pop_back();
            stack.back() =
                step.kind == Step::Kind::And ? both(stack.back(), last) : either(stack.back(), last);
        } else {
            stack.push_back(truth(step, numbers, head));
        }
    }
    return stack.empty() ? std::nullopt : stack.back();
}

std::vector<HeadId> HeadQuery::find(const HeadNumbers& numbers, HeadGrid grid) const {
    std::vector<HeadId> out;
    for (std::size_t i = 0; i < grid.size(); ++i)
        if (test(numbers, grid.at(i)) == true) out.push_back(grid.at(i));
    return out;
}

std::vector<HeadField> HeadQuery::fields() const {
    std::vector<HeadField> out;
    const auto add = [&out](const Value& value) {
        if (!value.number && std::find(out.begin(), out.end(), value.field) == out.end())
            out.push_back(value.field);
    };
    for (const Step& step : steps_) {
        if (step.kind != Step::Kind::Compare) continue;
        add(step.left);
        add(step.right);
    }
    return out;
}

bool HeadQuery::needs(MetricKind kind) const {
    const std::vector<HeadField> named = fields();
    return std::any_of(named.begin(), named.end(), [kind](const HeadField& field) {
        return field.kind == HeadField::Kind::Metric && field.metric->kind == kind;
    });
}

}  // namespace headlight
