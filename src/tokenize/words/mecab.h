// Words of a Japanese text as MeCab finds them (Kudo, Yamamoto and Matsumoto 2004). Its library is loaded
// when it is first needed: a system without it lacks this alone.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace headlight {

class Mecab {
  public:
    /// With the dictionary in `folder`. Errors: Missing (the library or the dictionary; says what to
    /// install), Corrupt (MeCab does not take the dictionary).
    static Result<std::shared_ptr<const Mecab>> open(const std::string& folder);
    ~Mecab();
    Mecab(const Mecab&) = delete;
    Mecab& operator=(const Mecab&) = delete;

    /// Byte ranges of the words of a text in UTF-8, in order; white space between them is in none. A text
    /// ends at its first zero byte. Safe from any thread.
    std::vector<std::pair<std::size_t, std::size_t>> words(std::string_view text) const;

  private:
    Mecab() = default;
    mutable std::mutex mutex_;  // an analyser takes one text at a time
    void* analyser_ = nullptr;
    const char* (*parse_)(void*, const char*, std::size_t) = nullptr;
    void (*destroy_)(void*) = nullptr;
};

}  // namespace headlight
