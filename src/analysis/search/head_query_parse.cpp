// Reading an expression about heads: one function a line of the grammar in head_query.h.
#include <cstdlib>

#include "analysis/search/head_query.h"
#include "analysis/search/head_query_words.h"
#include "base/nearest_word.h"

namespace headlight {

class HeadQueryParser {
  public:
    HeadQueryParser(std::vector<HeadQueryWord> words, HeadQuery& query)
        : words_(std::move(words)), query_(query) {}

    Status read() {
        if (now().kind == Kind::End)
            return fail(ErrorKind::InvalidInput,
                        "the expression is empty; say what holds for a head, as induction and layer < 8");
        HEADLIGHT_CHECK(read_either());
        if (now().kind == Kind::End) return {};
        if (is_sign(")")) return wrong("stands ) without a ( before it");
        return wrong(fmt::format("“{}” does not follow; join two conditions by and, or", shown()));
    }

  private:
    using Kind = HeadQueryWord::Kind;
    using Step = HeadQuery::Step;
    static constexpr int kMostDepth = 100;  // of brackets and nots: the reader calls itself

    struct Part {
        const char* name;
        HeadField::Kind kind;
    };
    static constexpr Part kParts[] = {{"score", HeadField::Kind::Score},
                                      {"null", HeadField::Kind::Null},
                                      {"lift", HeadField::Kind::Lift},
                                      {"kappa", HeadField::Kind::Kappa},
                                      {"argmax_rate", HeadField::Kind::ArgmaxRate},
                                      {"q", HeadField::Kind::Q}};

    const HeadQueryWord& now() const { return words_[at_]; }
    bool is_sign(const char* sign) const { return now().kind == Kind::Sign && now().text == sign; }
    bool is_word(const char* word) const { return now().kind == Kind::Name && now().text == word; }
    std::string shown() const {
        return now().kind == Kind::Number ? fmt::format("{:g}", now().number) : now().text;
    }
    Status wrong(const std::string& what) const {
        return fail(ErrorKind::InvalidInput, "{} {}", query_place(now().at), what);
    }
    void join(Step::Kind kind) {
        Step step;
        step.kind = kind;
        query_.steps_.push_back(step);
    }

    Status read_either() {
        HEADLIGHT_CHECK(read_both());
        while (is_word("or")) {
            ++at_;
            HEADLIGHT_CHECK(read_both());
            join(Step::Kind::Or);
        }
        return {};
    }

    Status read_both() {
        HEADLIGHT_CHECK(read_single());
        while (is_word("and")) {
            ++at_;
            HEADLIGHT_CHECK(read_single());
            join(Step::Kind::And);
        }
        return {};
    }

    Status read_single() {
        if (++depth_ > kMostDepth) return wrong("the expression is nested too deeply");
        const Status done = read_nested();
        --depth_;
        return done;
    }

    Status read_nested() {
        if (is_word("not")) {
            ++at_;
            HEADLIGHT_CHECK(read_single());
            join(Step::Kind::Not);
            return {};
        }
        if (is_sign("(")) {
            const std::size_t opened = now().at;
            ++at_;
            HEADLIGHT_CHECK(read_either());
            if (!is_sign(")"))
                return fail(ErrorKind::InvalidInput, "{} a ( is opened that nothing closes",
                            query_place(opened));
            ++at_;
            return {};
        }
        return read_condition();
    }

    /// A tag, a head, or values that are compared.
    Status read_condition() {
        if (now().kind == Kind::Name && is_tag()) return {};
        HeadQuery::Value left;
        HEADLIGHT_CHECK(read_value(left));
        const std::size_t before = at_ - 1;
        int num_compared = 0;
        for (auto compare = read_compare(); compare; compare = read_compare(), ++num_compared) {
            Step step;
            step.kind = Step::Kind::Compare;
            step.compare = *compare;
            step.left = left;
            HEADLIGHT_CHECK(read_value(step.right));
            left = step.right;
            query_.steps_.push_back(step);
            if (num_compared > 0) join(Step::Kind::And);
        }
        if (num_compared > 0) return {};
        const std::string name = left.number ? fmt::format("{:g}", *left.number) : left.field.name();
        return fail(ErrorKind::InvalidInput, "{} “{}” is a number: compare it, as {} < 1",
                    query_place(words_[before].at), name, left.number ? "layer" : name);
    }

    /// Takes a word that holds or not by itself.
    bool is_tag() {
        Step step;
        const std::string& word = now().text;
        const std::string id = word == "sink" ? "first_token" : word;
        if (word == "tagged") {
            step.kind = Step::Kind::AnyTag;
        } else if (const auto head = head_of(word)) {
            step.kind = Step::Kind::IsHead;
            step.head = *head;
        } else if (const DetectorDescriptor* detector = find_detector(id)) {
            if (words_[at_ + 1].kind == Kind::Sign && words_[at_ + 1].text != ")") return false;
            step.kind = Step::Kind::Tag;
            step.detector = detector;
        } else {
            return false;
        }
        ++at_;
        query_.steps_.push_back(step);
        return true;
    }

    /// "l5h3", as names are in lower case.
    static std::optional<HeadId> head_of(const std::string& word) {
        const std::size_t middle = word.find('h');
        const auto is_number = [](const std::string& digits) {
            return !digits.empty() && digits.size() <= 6 &&
                   digits.find_first_not_of("0123456789") == std::string::npos;
        };
        if (word.empty() || word[0] != 'l' || middle == std::string::npos) return std::nullopt;
        const std::string layer = word.substr(1, middle - 1), head = word.substr(middle + 1);
        if (!is_number(layer) || !is_number(head)) return std::nullopt;
        return HeadId{std::atoi(layer.c_str()), std::atoi(head.c_str())};
    }

    std::optional<HeadQuery::Compare> read_compare() {
        using Compare = HeadQuery::Compare;
        static constexpr std::pair<const char*, Compare> kCompares[] = {
            {"<", Compare::Less},          {"<=", Compare::LessEqual}, {">", Compare::Greater},
            {">=", Compare::GreaterEqual}, {"=", Compare::Equal},      {"!=", Compare::NotEqual}};
        for (const auto& [sign, compare] : kCompares) {
            if (!is_sign(sign)) continue;
            ++at_;
            return compare;
        }
        return std::nullopt;
    }

    Status read_value(HeadQuery::Value& value) {
        if (now().kind == Kind::Number) {
            value = {now().number, {}};
            ++at_;
            return {};
        }
        if (now().kind == Kind::End) return wrong("the expression ends where a condition should stand");
        if (now().kind != Kind::Name || is_word("and") || is_word("or") || is_word("not"))
            return wrong(fmt::format("stands “{}” where a tag, a metric or a number should", now().text));
        HEADLIGHT_CHECK(read_field(value.field));
        value.number.reset();
        ++at_;
        return {};
    }

    Status read_field(HeadField& field) const {
        const std::string& name = now().text;
        field = {};
        if (name == "layer") return {};
        if (name == "head") return field.kind = HeadField::Kind::Head, Status{};
        if (const MetricDescriptor* metric = find_metric(name)) {
            field.kind = HeadField::Kind::Metric;
            field.metric = metric;
            return {};
        }
        const std::size_t dot = name.find('.');
        const std::string id = name.substr(0, dot);
        field.detector = find_detector(id == "sink" ? "first_token" : id);
        if (field.detector != nullptr && dot == std::string::npos)
            return wrong(
                fmt::format("“{0}” is a tag, no number: compare {0}.score, {0}.lift or {0}.kappa", name));
        for (const Part& part : kParts) {
            if (field.detector == nullptr || name.substr(dot + 1) != part.name) continue;
            field.kind = part.kind;
            return {};
        }
        if (field.detector != nullptr)
            return wrong(
                fmt::format("a detector has no “{}”; there are {}.score, .null, .lift, .kappa, "
                            ".argmax_rate and .q",
                            name.substr(dot + 1), id));
        return wrong(unknown(name));
    }

    static std::string unknown(const std::string& name) {
        std::vector<std::string> names = {"layer", "head", "tagged", "sink", "and", "or", "not"};
        for (const MetricDescriptor* metric : metrics())
            names.emplace_back(metric->id);
        for (const DetectorDescriptor* detector : detectors()) {
            names.emplace_back(detector->id);
            for (const Part& part : kParts)
                names.push_back(std::string(detector->id) + "." + part.name);
        }
        const std::string near = nearest_word(name, names);
        const std::string hint = near.empty() ? "names are those of metrics and detectors, layer and head"
                                              : "did you mean " + near + "?";
        return fmt::format("nothing is called “{}”; {}", name.substr(0, 60), hint);
    }

    std::vector<HeadQueryWord> words_;
    HeadQuery& query_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

Result<HeadQuery> HeadQuery::parse(std::string_view text) {
    constexpr std::size_t kMostBytes = 4000;
    if (text.size() > kMostBytes)
        return fail(ErrorKind::InvalidInput, "the expression has {} bytes; at most {} are read", text.size(),
                    kMostBytes);
    HEADLIGHT_TRY(std::vector<HeadQueryWord> words, head_query_words(text));
    HeadQuery query;
    query.text_ = text;
    HEADLIGHT_CHECK(HeadQueryParser(std::move(words), query).read());
    return query;
}

}  // namespace headlight
