// Units of the run that is shown: kept, or made on the pool.
#include "session/parts/shown_units.h"

#include <algorithm>

namespace headlight {

UnitChoice ShownUnits::wanted() const {
    const Settings& settings = core_.snapshot.settings;
    if (settings.text_unit == TextUnit::Token) return {};
    return {settings.text_unit, settings.from_group};
}

std::shared_ptr<const AnalyzedText> ShownUnits::find(const std::shared_ptr<const AnalyzedText>& tokens,
                                                     UnitChoice choice) const {
    if (choice.unit == TextUnit::Token || !tokens || !tokens->trace) return tokens;
    const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const auto& text) {
        return text->of_tokens == tokens && text->groups->unit == choice.unit &&
               text->groups->from == choice.from;
    });
    return found == groups_.end() ? nullptr : *found;
}

void ShownUnits::show(const std::shared_ptr<const AnalyzedText>& text,
                      const std::shared_ptr<const AnalyzedText>& base) {
    Snapshot& snapshot = core_.snapshot;
    const auto try_choice = [&](UnitChoice choice) {
        auto shown = find(text, choice), shown_base = find(base, choice);
        if ((text && !shown) || (base && !shown_base)) return false;
        snapshot.text = std::move(shown);
        snapshot.shown_base = std::move(shown_base);
        shown_ = choice;
        return true;
    };
    if (try_choice(wanted())) return;
    for (const auto& tokens : {text, base})
        if (tokens && !find(tokens, wanted())) start(tokens);
    if (!try_choice(shown_)) try_choice({});
}

void ShownUnits::keep(const TextKinds& grouped) {
    groups_.insert(groups_.end(), grouped.begin(), grouped.end());
}

void ShownUnits::start(const std::shared_ptr<const AnalyzedText>& tokens) {
    const UnitChoice choice = wanted();
    const bool is_on_its_way = std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
        return one.tokens == tokens && one.choice == choice;
    });
    if (is_on_its_way) return;
    const auto control = std::make_shared<JobControl>();
    waiting_.push_back({tokens, choice, control});
    core_.pool.submit(control, [this, core = &core_, tokens, choice, control, id = core_.new_id(),
                                num_threads = core_.num_analysis_threads](const JobContext& job) {
        auto grouped = guarded([&] { return group_text(tokens, choice, id, num_threads, job); });
        core->mailbox.post([this, control, grouped = std::move(grouped)] {
            std::erase_if(waiting_, [&](const Waiting& one) { return one.control == control; });
            if (!grouped && grouped.error().kind == ErrorKind::Cancelled) return;
            if (!grouped) return core_.job_failed("The text could not be cut into units", grouped.error());
            groups_.push_back(*grouped);
            is_there_();
        });
    });
}

void ShownUnits::drop_strangers() {
    const Snapshot& now = core_.snapshot;
    const auto is_there = [&](const std::shared_ptr<const AnalyzedText>& tokens) {
        return (now.ablation && now.ablation->after == tokens) ||
               std::find(now.kinds.begin(), now.kinds.end(), tokens) != now.kinds.end();
    };
    std::erase_if(groups_, [&](const auto& text) {
        const bool is_wanted = UnitChoice{text->groups->unit, text->groups->from} == wanted();
        const bool is_shown = text == now.text || text == now.shown_base;
        return !is_there(text->of_tokens) || !(is_wanted || is_shown);
    });
    std::erase_if(waiting_, [&](const Waiting& one) {
        const bool is_stranger = !is_there(one.tokens) || one.choice != wanted();
        if (is_stranger) one.control->stop.request_stop();
        return is_stranger;
    });
}

}  // namespace headlight
