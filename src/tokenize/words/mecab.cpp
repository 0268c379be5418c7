#include "tokenize/words/mecab.h"

#include <dlfcn.h>

#include <array>
#include <charconv>
#include <filesystem>

namespace headlight {
namespace {

constexpr const char* kMecabLibrary = "libmecab.so.2";
constexpr const char* kMecabPackages =
    "install them (Debian, Ubuntu: apt-get install libmecab2 mecab-ipadic-utf8)";

template <class Function>
bool find_function(void* library, const char* name, Function*& found) {
    found = reinterpret_cast<Function*>(dlsym(library, name));
    return found != nullptr;
}

std::string option(const char* name, const std::string& value) {
    return std::string("--") + name + "=" + value;
}

}  // namespace

Result<std::shared_ptr<const Mecab>> Mecab::open(const std::string& folder) {
    void* library = dlopen(kMecabLibrary, RTLD_NOW);  // stays for the run of the program
    if (library == nullptr)
        return fail(ErrorKind::Missing,
                    "the words of this tokenizer are MeCab's, whose library {} is not there; {}",
                    kMecabLibrary, kMecabPackages);
    std::error_code code;
    if (!std::filesystem::is_regular_file(folder + "/sys.dic", code))
        return fail(ErrorKind::Missing, "MeCab's dictionary is not there: '{}' has no sys.dic; {}", folder,
                    kMecabPackages);
    std::shared_ptr<Mecab> made(new Mecab);
    void* (*create)(int, char**) = nullptr;
    const char* (*reason)(void*) = nullptr;
    if (!find_function(library, "mecab_new", create) || !find_function(library, "mecab_strerror", reason) ||
        !find_function(library, "mecab_sparse_tostr2", made->parse_) ||
        !find_function(library, "mecab_destroy", made->destroy_))
        return fail(ErrorKind::Corrupt, "{} lacks functions of MeCab 0.996; {}", kMecabLibrary,
                    kMecabPackages);
    // A word is written as its first byte and the one behind it.
    std::array<std::string, 6> options = {"headlight",
                                          option("rcfile", "/dev/null"),
                                          option("dicdir", folder),
                                          option("node-format", "%ps %pe\\n"),
                                          option("unk-format", "%ps %pe\\n"),
                                          option("eos-format", "\\n")};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < options.size(); ++i)
        arguments[i] = options[i].data();
    made->analyser_ = create(static_cast<int>(arguments.size()), arguments.data());
    if (made->analyser_ == nullptr) {
        const char* said = reason(nullptr);
        return fail(ErrorKind::Corrupt, "MeCab does not take the dictionary in '{}': {}", folder,
                    said != nullptr ? said : "no reason given");
    }
    return std::shared_ptr<const Mecab>(std::move(made));
}

Mecab::~Mecab() {
    if (analyser_ != nullptr) destroy_(analyser_);
}

std::vector<std::pair<std::size_t, std::size_t>> Mecab::words(std::string_view text) const {
    text = text.substr(0, text.find('\0'));
    std::vector<std::pair<std::size_t, std::size_t>> found;
    const std::scoped_lock lock(mutex_);
    const char* written = parse_(analyser_, text.data(), text.size());
    if (written == nullptr) return found;
    const std::string_view lines = written;
    for (std::size_t at = 0; at < lines.size();) {
        std::size_t begin = 0, end = 0;
        const char* last = lines.data() + lines.size();
        const auto first = std::from_chars(lines.data() + at, last, begin);
        if (first.ec != std::errc() || first.ptr == last) break;
        const auto second = std::from_chars(first.ptr + 1, last, end);
        if (second.ec != std::errc() || begin >= end || end > text.size()) break;
        found.emplace_back(begin, end);
        at = static_cast<std::size_t>(second.ptr - lines.data()) + 1;
    }
    return found;
}

}  // namespace headlight
