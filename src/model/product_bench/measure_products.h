// Times of products with stored weights beside LibTorch's: Engine::measure_products().
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "core/bench/product_timing.h"

namespace headlight {

/// For each type and number of rows both are run in turns, so that a busy moment hits both. With one thread
/// times are the thread's own, else the clock's. Errors: as in core/engine.h.
Result<ProductsReport> measure_products_of(const ProductsRequest& request, const JobContext& job);

}  // namespace headlight
