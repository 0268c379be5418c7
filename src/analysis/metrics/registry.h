// Declares one descriptor per line of metrics.def; each is defined in the file of its name.
#pragma once

#include "analysis/metric.h"

namespace headlight::metric_list {

#define HEADLIGHT_METRIC(name) extern const MetricDescriptor name;
#include "analysis/metrics/metrics.def"
#undef HEADLIGHT_METRIC

}  // namespace headlight::metric_list
