#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>

namespace headlight::log {

void configure(int level) {
    const bool has_colour = isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    spdlog::sink_ptr sink;
    if (has_colour) {
        sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    auto logger = std::make_shared<spdlog::logger>("headlight", sink);
    logger->set_pattern("%^%l%$: %v");
    constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::err, spdlog::level::warn,
                                                     spdlog::level::info, spdlog::level::debug};
    logger->set_level(kLevels[level < 0 ? 0 : (level > 3 ? 3 : level)]);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace headlight::log
