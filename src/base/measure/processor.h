// What a measurement was made with: the processor's name, and the time that was had of it.
#pragma once

#include <string>

namespace headlight {

/// "AMD EPYC 9B14"; "unknown processor" where the system does not say.
std::string processor_name();

/// Seconds of processor time of the calling thread, which a busy machine hardly changes.
double thread_seconds();

/// The same of all threads of the process.
double processor_seconds();

}  // namespace headlight
