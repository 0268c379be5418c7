// Filters that go over lists.
#pragma once

#include <span>

#include "tokenize/jinja/interpreter.h"

namespace headlight::jinja {

std::span<const Builtin> list_filters();

}  // namespace headlight::jinja
