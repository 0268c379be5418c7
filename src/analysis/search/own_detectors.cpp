// The list of detectors: the registry, and saved rules behind it.
#include "analysis/search/own_detectors.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include "analysis/patterns/detector_scoring.h"

namespace headlight {

#define HEADLIGHT_DETECTOR(name, ...) extern const DetectorDescriptor k_detector_##name;
#include "analysis/detectors/detectors.def"
#undef HEADLIGHT_DETECTOR

namespace {

constexpr const DetectorDescriptor* kBuiltIn[] = {
#define HEADLIGHT_DETECTOR(name, ...) &k_detector_##name,
#include "analysis/detectors/detectors.def"
#undef HEADLIGHT_DETECTOR
};

/// A descriptor with the strings that it points to.
struct OwnDetector {
    explicit OwnDetector(const OwnRule& own_rule)
        : rule(own_rule),
          id(own_detector_id(rule.name)),
          label(rule.name + " (own)"),
          help("fits the saved rule: " + rule.rule.text()),
          definition("P: " + rule.rule.text() +
                     ". Null: pairs over admissible keys of each row. The tag is decided on the attention "
                     "outside the first token and the token itself, which must be 0.2 or more."),
          source("a rule of one's own, " + rule.origin),
          descriptor{
              .id = id.c_str(),
              .label = label.c_str(),
              .glyph = "*",
              .help = help.c_str(),
              .definition = definition.c_str(),
              .source = source.c_str(),
              .kind = rule.rule.is_positional() ? DetectorKind::Positional : DetectorKind::Content,
              .threshold = rule.threshold,
              .score = nullptr,
              .permutation = rule.rule.is_positional() ? LabelPermutation::None : LabelPermutation::Shift,
              .coarsest = TextUnit::Token,
              .why_no_coarser = "saved rules are of tokens",
              .own = &rule} {}
    OwnDetector(const OwnDetector&) = delete;

    OwnRule rule;
    std::string id, label, help, definition, source;
    DetectorDescriptor descriptor;
};

using DetectorList = std::vector<const DetectorDescriptor*>;

std::mutex own_mutex;
std::atomic<const DetectorList*> current_list{nullptr};  // null: the registry alone

/// Descriptors and lists are never taken down: tags and spans that were handed out point to them.
std::deque<std::unique_ptr<OwnDetector>>& made_detectors() {
    static auto* const all = new std::deque<std::unique_ptr<OwnDetector>>;
    return *all;
}

const OwnDetector& detector_of(const OwnRule& rule) {
    for (const auto& known : made_detectors()) {
        if (known->rule == rule) return *known;
    }
    made_detectors().push_back(std::make_unique<OwnDetector>(rule));
    return *made_detectors().back();
}

/// One list of each content: rules that come and go leave no more behind.
const DetectorList* list_of(DetectorList list) {
    static auto* const all = new std::deque<DetectorList>;
    const auto known = std::find(all->begin(), all->end(), list);
    return known != all->end() ? &*known : &all->emplace_back(std::move(list));
}

}  // namespace

std::string own_detector_id(const std::string& name) {
    std::string out = "own_";
    for (const char c : name) {
        const bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out += is_kept ? c : '_';
    }
    return out;
}

void set_own_detectors(const std::vector<OwnRule>& rules) {
    const std::scoped_lock lock(own_mutex);
    DetectorList list(std::begin(kBuiltIn), std::end(kBuiltIn));
    for (const OwnRule& rule : rules) {
        const std::string id = own_detector_id(rule.name);
        const bool is_known = std::any_of(list.begin(), list.end(),
                                          [&](const DetectorDescriptor* known) { return id == known->id; });
        if (is_known || list.size() >= std::size(kBuiltIn) + kMostOwnRules) continue;
        list.push_back(&detector_of(rule).descriptor);
    }
    current_list = list_of(std::move(list));
}

std::span<const DetectorDescriptor* const> detectors() {
    const DetectorList* const list = current_list.load(std::memory_order_acquire);
    return list == nullptr ? std::span<const DetectorDescriptor* const>(kBuiltIn)
                           : std::span<const DetectorDescriptor* const>(*list);
}

KeySet DetectorDescriptor::pairs(const TextLabels& labels) const {
    if (own == nullptr) return key_set(labels);
    KeySet set;
    if (labels.words.size() == labels.tokens.size()) {
        if (auto found = own->rule.pairs({labels.words, labels.tokens}, labels.is_causal))
            set = std::move(*found);
    }
    if (set.row_begin.empty())
        set.row_begin.assign(labels.tokens.size() + 1, 0);  // a pattern that takes too long
    set.id = id;
    return set;
}

DetectorScore DetectorDescriptor::measure(const DetectorInput& input) const {
    return own == nullptr ? score(input) : score_key_set(input, threshold);
}

}  // namespace headlight
