// Which method runs, and what it needs.
#include "analysis/flow/flow_trace.h"

#include "analysis/flow/rollout.h"

namespace headlight {

const char* to_string(FlowMethod method) {
    switch (method) {
        case FlowMethod::Rollout:
            return "rollout";
        case FlowMethod::ValueWeighted:
            return "value_weighted";
        case FlowMethod::MaxFlow:
            return "max_flow";
    }
    return "rollout";
}

int count_row_tokens(const AttentionTrace& trace, int query) {
    return trace.info().is_causal ? query + 1 : trace.num_keys();
}

Status check_flow(const AttentionTrace& trace, const FlowRequest& request) {
    if (trace.num_queries() != trace.num_keys())
        return fail(ErrorKind::InvalidInput,
                    "cannot follow attention across layers: {} queries but {} keys, and a token must be both",
                    trace.num_queries(), trace.num_keys());
    if (request.query < 0 || request.query >= trace.num_queries())
        return fail(ErrorKind::InvalidInput,
                    "cannot follow attention from token {}: the text has tokens 0 to {}", request.query,
                    trace.num_queries() - 1);
    if (request.method != FlowMethod::ValueWeighted) return {};
    const std::int64_t num_rows = static_cast<std::int64_t>(trace.grid().size());
    const Matrix* norms = request.value_norms;
    if (norms == nullptr || norms->empty())
        return fail(
            ErrorKind::InvalidInput,
            "value-weighted flow needs the norms of the values, which this trace does not have; run the "
            "text through the model, or use plain rollout");
    if (norms->rows != num_rows || norms->cols != trace.num_keys())
        return fail(
            ErrorKind::InvalidInput,
            "value norms of {} x {} do not fit the trace: expected one row for each of {} heads and one "
            "column for each of {} keys",
            norms->rows, norms->cols, num_rows, trace.num_keys());
    return {};
}

Result<Rollout> trace_flow(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job) {
    HEADLIGHT_CHECK(check_flow(trace, request));
    if (request.method != FlowMethod::MaxFlow) return roll_out(trace, request, job);
    const int num_tokens = count_row_tokens(trace, request.query);
    if (num_tokens > kMostFlowTokens)
        return fail(
            ErrorKind::InvalidInput,
            "maximum flow from a token that sees {} tokens would take too long: at most {} are possible; "
            "choose an earlier token or use rollout",
            num_tokens, kMostFlowTokens);
    return flow_at_most(trace, request, job);
}

}  // namespace headlight
