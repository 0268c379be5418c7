#include "io/attention/dump_axes.h"

#include <algorithm>
#include <cmath>

#include "io/checkpoint/checkpoint.h"

namespace headlight {
namespace {

struct Order {
    int query = 0, key = 0;
};

Error axes_error(const AxisQuestion& question, ErrorKind kind, const std::string& what) {
    return make_error(kind, "attention '{}' of shape {}: {}", question.name, shape_to_string(question.shape),
                      what)
        .at_tensor(question.name);
}
tl::unexpected<Error> blame_axes(const AxisQuestion& question, ErrorKind kind, const std::string& what) {
    return fail(axes_error(question, kind, what));
}

/// "queries along axis 2, keys along axis 3"
std::string describe(const Order& order) {
    return fmt::format("queries along axis {}, keys along axis {}", order.query, order.key);
}

std::string letters_for(const AxisQuestion& question, const AxisRoles& roles) {
    std::string letters;
    for (int axis = 0; axis < static_cast<int>(question.shape.size()); ++axis) {
        letters += axis == roles.layer   ? 'l'
                   : axis == roles.head  ? 'h'
                   : axis == roles.query ? 'q'
                   : axis == roles.key   ? 'k'
                                         : 'b';
    }
    return letters;
}

/// Gives the axes that are left to layers, heads and a batch of one. Nothing, or what is unclear, into
/// `problem`.
AxisRoles with_rest(const AxisQuestion& question, const Order& order, std::string& problem) {
    AxisRoles roles{-1, -1, order.query, order.key};
    std::vector<int> rest;
    for (int axis = 0; axis < static_cast<int>(question.shape.size()); ++axis) {
        if (axis != order.query && axis != order.key) rest.push_back(axis);
    }
    const std::size_t wanted = (question.is_one_layer ? 0U : 1U) + (question.is_one_head ? 0U : 1U);
    // A batch of one is taken off: beside the first axis, as a stack of batches has it, before the first axis
    // itself.
    while (rest.size() > wanted) {
        const auto has_one = [&](int axis) { return question.shape[static_cast<std::size_t>(axis)] == 1; };
        auto batch = std::find_if(rest.begin() + (wanted == 2 ? 1 : 0), rest.end(), has_one);
        if (batch == rest.end()) batch = std::find_if(rest.begin(), rest.end(), has_one);
        if (batch == rest.end()) {
            problem = fmt::format(
                "it has an axis more than layers, heads, queries and keys, and none of length 1; a dump "
                "holds "
                "one text (axis {} has {})",
                rest.front(), question.shape[static_cast<std::size_t>(rest.front())]);
            return roles;
        }
        rest.erase(batch);
    }
    if (rest.size() == 2) {
        roles.layer = rest[0];
        roles.head = rest[1];
    } else if (rest.size() == 1) {
        const std::int64_t size = question.shape[static_cast<std::size_t>(rest[0])];
        if (wanted == 2 && size != 1) {
            problem = fmt::format("axis {} (of {}) may be layers or heads", rest[0], size);
        }
        (question.is_one_layer ? roles.head : roles.layer) = rest[0];
    }
    return roles;
}

/// All (query, key) that the lengths and the sums allow.
std::vector<Order> possible_orders(const AxisQuestion& question, const std::vector<bool>& sums) {
    std::vector<Order> out;
    const int rank = static_cast<int>(question.shape.size());
    const auto length = [&](int axis) { return question.shape[static_cast<std::size_t>(axis)]; };
    for (int key = rank - 1; key >= 0; --key) {
        if (!sums[static_cast<std::size_t>(key)] ||
            (question.num_keys > 0 && length(key) != question.num_keys))
            continue;
        std::vector<int> queries;
        for (int query = rank - 1; query >= 0; --query) {
            if (query == key) continue;
            const bool fits = question.num_queries > 0 ? length(query) == question.num_queries
                                                       : question.is_square && length(query) == length(key);
            if (fits) queries.push_back(query);
        }
        // Nothing says how many queries there are: beside the keys, as all programs write it.
        if (queries.empty() && question.num_queries == 0 && key >= rank - 2)
            queries.push_back(key == rank - 1 ? rank - 2 : rank - 1);
        for (const int query : queries)
            out.push_back({query, key});
    }
    // Along an axis of length 1 everything that is 1 "sums to one".
    if (std::any_of(out.begin(), out.end(), [&](Order order) { return length(order.key) > 1; }))
        std::erase_if(out, [&](Order order) { return length(order.key) == 1; });
    return out;
}

/// Offset of the first element of each line along `axis`, and the step in it.
template <class Visit>
bool for_each_line(std::span<const std::int64_t> shape, std::size_t axis, const Visit& visit) {
    std::int64_t inner = 1, outer = 1;
    for (std::size_t i = axis + 1; i < shape.size(); ++i)
        inner *= shape[i];
    for (std::size_t i = 0; i < axis; ++i)
        outer *= shape[i];
    for (std::int64_t o = 0; o < outer; ++o) {
        for (std::int64_t i = 0; i < inner; ++i) {
            if (!visit(o * shape[axis] * inner + i, inner)) return false;
        }
    }
    return true;
}

bool is_symmetric(std::span<const float> values, std::span<const std::int64_t> shape, const Order& order) {
    AxisRoles roles{-1, -1, order.query, order.key}, turned{-1, -1, order.key, order.query};
    // Other axes keep their order: batch them as layers through the generic reordering.
    std::vector<int> rest;
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
        if (axis != order.query && axis != order.key) rest.push_back(axis);
    }
    if (rest.size() > 2) return false;
    if (!rest.empty()) roles.layer = turned.layer = rest[0];
    if (rest.size() > 1) roles.head = turned.head = rest[1];
    return in_usual_order(values, shape, roles) == in_usual_order(values, shape, turned);
}

}  // namespace

std::int64_t axis_length(std::span<const std::int64_t> shape, int axis) {
    return axis < 0 ? 1 : shape[static_cast<std::size_t>(axis)];
}

std::vector<bool> axes_that_sum_to_one(std::span<const float> values, std::span<const std::int64_t> shape,
                                       const SumCheck& check) {
    std::vector<bool> out(shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        out[axis] = for_each_line(shape, axis, [&](std::int64_t first, std::int64_t step) {
            double sum = 0;
            for (std::int64_t i = 0; i < shape[axis]; ++i) {
                const float value = values[static_cast<std::size_t>(first + i * step)];
                if (!(value >= 0)) return false;
                sum += value;
            }
            return sum <= 1 + check.tolerance && (check.may_be_less || sum >= 1 - check.tolerance);
        });
    }
    return out;
}

bool is_causal_along(std::span<const float> values, std::span<const std::int64_t> shape, int query, int key) {
    std::int64_t query_step = 1, key_step = 1;
    for (std::size_t i = static_cast<std::size_t>(query) + 1; i < shape.size(); ++i)
        query_step *= shape[i];
    for (std::size_t i = static_cast<std::size_t>(key) + 1; i < shape.size(); ++i)
        key_step *= shape[i];
    const std::int64_t num_queries = shape[static_cast<std::size_t>(query)],
                       num_keys = shape[static_cast<std::size_t>(key)];
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (at / key_step % num_keys > at / query_step % num_queries && values[i] != 0) return false;
    }
    return true;
}

Result<AxisRoles> axes_from_letters(const AxisQuestion& question, const std::string& letters) {
    AxisRoles roles;
    if (letters.size() != question.shape.size()) {
        return blame_axes(question, ErrorKind::InvalidInput,
                          fmt::format("the axes '{}' name {} axes, but it has {}", letters, letters.size(),
                                      question.shape.size()));
    }
    for (std::size_t axis = 0; axis < letters.size(); ++axis) {
        const std::int64_t length = question.shape[axis];
        if (letters[axis] == 'b') {
            if (length == 1) continue;
            return blame_axes(question, ErrorKind::InvalidInput,
                              fmt::format("axis {} ('b', batch) has length {}; a dump holds one "
                                          "text",
                                          axis, length));
        }
        int* place = letters[axis] == 'l'   ? &roles.layer
                     : letters[axis] == 'h' ? &roles.head
                     : letters[axis] == 'q' ? &roles.query
                     : letters[axis] == 'k' ? &roles.key
                                            : nullptr;
        if (place == nullptr || *place >= 0) {
            return blame_axes(question, ErrorKind::InvalidInput,
                              fmt::format("the axes '{}' are not made of l, h, q, k (each once) "
                                          "and b",
                                          letters));
        }
        *place = static_cast<int>(axis);
    }
    if (roles.query < 0 || roles.key < 0)
        return blame_axes(question, ErrorKind::InvalidInput,
                          fmt::format("the axes '{}' lack q or k", letters));
    if (question.is_one_layer && axis_length(question.shape, roles.layer) != 1)
        return blame_axes(question, ErrorKind::InvalidInput,
                          fmt::format("its name says one layer, but axis {} ('l') has length {}", roles.layer,
                                      axis_length(question.shape, roles.layer)));
    return roles;
}

Result<AxisRoles> detect_axes(const AxisQuestion& question, const std::vector<bool>& sums,
                              std::span<const float> values) {
    std::vector<Order> orders = possible_orders(question, sums);
    if (orders.empty()) {
        return blame_axes(
            question, ErrorKind::Corrupt,
            fmt::format("no axis holds the keys: there must be one along which the weights sum to 1{}{}",
                        question.num_keys > 0
                            ? fmt::format(" and that has the {} key tokens", question.num_keys)
                            : "",
                        question.num_queries > 0
                            ? fmt::format(", and another of the {} query tokens", question.num_queries)
                            : ""));
    }
    if (orders.size() > 1 && !values.empty()) {
        std::vector<Order> causal;
        for (const Order& order : orders) {
            if (is_causal_along(values, question.shape, order.query, order.key)) causal.push_back(order);
        }
        if (causal.size() == 1) orders = causal;
        // Where exchanging the two changes nothing there is nothing to ask.
        if (orders.size() == 2 && orders[0].query == orders[1].key && orders[0].key == orders[1].query &&
            is_symmetric(values, question.shape, orders[0]))
            orders.pop_back();
    }
    std::string problem;
    const AxisRoles roles = with_rest(question, orders.front(), problem);
    if (orders.size() > 1) {
        std::string described;
        std::vector<std::string> letters;
        for (const Order& order : orders) {
            std::string unused;
            letters.push_back(letters_for(question, with_rest(question, order, unused)));
            described += fmt::format("{}{} (axes \"{}\")", described.empty() ? "" : ", or ", describe(order),
                                     letters.back());
        }
        return fail(
            axes_error(
                question, ErrorKind::InvalidInput,
                fmt::format("the order of its axes is ambiguous: {}. Say which, as letters l (layers), h "
                            "(heads), q (queries), k (keys), b (batch of one)",
                            described))
                .with_choices(std::move(letters)));
    }
    if (!problem.empty()) {
        return blame_axes(
            question, ErrorKind::InvalidInput,
            fmt::format("{}. Say what the axes are, as letters l (layers), h (heads), q (queries), "
                        "k (keys), b (batch "
                        "of one), such as \"hqk\" or \"lqk\"",
                        problem));
    }
    return roles;
}

std::vector<float> in_usual_order(std::span<const float> values, std::span<const std::int64_t> shape,
                                  const AxisRoles& roles) {
    const auto step_of = [&](int axis) {
        std::int64_t step = 1;
        for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i)
            step *= shape[i];
        return axis < 0 ? std::int64_t{0} : step;
    };
    const std::int64_t layer_step = step_of(roles.layer), head_step = step_of(roles.head);
    const std::int64_t query_step = step_of(roles.query), key_step = step_of(roles.key);
    const std::int64_t layers = axis_length(shape, roles.layer), heads = axis_length(shape, roles.head);
    const std::int64_t queries = axis_length(shape, roles.query), keys = axis_length(shape, roles.key);
    std::vector<float> out;
    out.reserve(values.size());
    for (std::int64_t l = 0; l < layers; ++l) {
        for (std::int64_t h = 0; h < heads; ++h) {
            for (std::int64_t q = 0; q < queries; ++q) {
                const std::int64_t row = l * layer_step + h * head_step + q * query_step;
                for (std::int64_t k = 0; k < keys; ++k)
                    out.push_back(values[static_cast<std::size_t>(row + k * key_step)]);
            }
        }
    }
    return out;
}

}  // namespace headlight
