#include "analysis/flow/ribbon_tokens.h"

#include <algorithm>

namespace headlight {

RibbonTokens choose_ribbon_tokens(const Rollout& rollout, int num_tokens, int query, int most) {
    std::vector<double> importance(static_cast<std::size_t>(num_tokens), 0.0);
    for (std::size_t i = 0; i < importance.size() && i < rollout.input_share.size(); ++i)
        importance[i] = rollout.input_share[i];
    for (const FlowLink& link : rollout.links) {
        for (const int token : {link.from, link.to}) {
            auto& value = importance[static_cast<std::size_t>(token)];
            value = std::max(value, link.weight);
        }
    }
    std::vector<int> order(importance.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<int>(i);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        if ((a == query) != (b == query)) return a == query;
        return importance[static_cast<std::size_t>(a)] > importance[static_cast<std::size_t>(b)];
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(1, most))));
    std::erase_if(order, [&](int token) {
        return token != query && importance[static_cast<std::size_t>(token)] < 0.002;
    });
    std::sort(order.begin(), order.end());
    RibbonTokens out;
    out.tokens = order;
    out.row_of.assign(importance.size(), -1);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto token = static_cast<std::size_t>(order[i]);
        out.row_of[token] = static_cast<int>(i);
        out.share.push_back(token < rollout.input_share.size() ? rollout.input_share[token] : 0.0);
    }
    return out;
}

}  // namespace headlight
