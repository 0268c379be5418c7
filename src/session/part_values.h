// Values that parts of the session put into the snapshot, one of each type: a view asks for the type that it
// draws, and nobody in between has to know it.
#pragma once

#include <map>
#include <memory>
#include <typeindex>
#include <utility>

namespace headlight {

class PartValues {
  public:
    /// State{} until one was put in. Valid until the next put().
    template <class State>
    const State& get() const {
        static const State kNothing{};
        const auto found = values_.find(typeid(State));
        return found == values_.end() ? kNothing : *static_cast<const State*>(found->second.get());
    }

    template <class State>
    void put(State state) {
        values_[typeid(State)] = std::make_shared<const State>(std::move(state));
    }

  private:
    std::map<std::type_index, std::shared_ptr<const void>> values_;
};

}  // namespace headlight
