// Reads a page as a strict reader would: every tag is a known one, closed in order, its attributes quoted.
#pragma once

#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace headlight::test {

inline bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

/// What a page must not hold; empty for a good one.
class PageReader {
  public:
    explicit PageReader(const std::string& page) : page_(page) {}

    std::string first_fault() {
        while (at_ < page_.size()) {
            const std::string fault = page_[at_] == '<' ? read_tag() : read_text();
            if (!fault.empty()) return fault + " at: " + page_.substr(at_, 60);
        }
        return open_.empty() ? "" : "<" + open_.back() + "> is not closed";
    }
    const std::set<std::string>& tags() const { return tags_; }
    const std::set<std::string>& attributes() const { return attributes_; }

  private:
    std::string read_text() {
        const auto c = static_cast<unsigned char>(page_[at_]);
        if (c == '>') return "a > that closes nothing";
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return "a control character";
        if (page_.compare(at_, 3, "\xE2\x80\xAE") == 0) return "a mark that turns the direction";
        ++at_;
        return {};
    }
    std::string read_tag() {
        if (page_.compare(at_, 2, "<!") == 0) {
            at_ = page_.find('>', at_) + 1;
            return {};
        }
        ++at_;
        const bool is_end = page_[at_] == '/';
        if (is_end) ++at_;
        const std::string name = read_name();
        if (name.empty()) return "a < that opens nothing";
        tags_.insert(name);
        while (page_[at_] == ' ') {
            const std::string fault = read_attribute();
            if (!fault.empty()) return fault;
        }
        const bool has_no_body = page_[at_] == '/' || name == "meta";
        if (page_[at_] == '/') ++at_;
        if (page_[at_] != '>') return "a tag that does not end";
        ++at_;
        if (has_no_body) return {};
        if (is_end) {
            if (open_.empty() || open_.back() != name) return "</" + name + "> closes another";
            open_.pop_back();
            return {};
        }
        open_.push_back(name);
        if (name == "style") at_ = page_.find("</style>", at_);
        return {};
    }
    std::string read_attribute() {
        ++at_;
        const std::string name = read_name();
        if (name.empty() || page_.compare(at_, 2, "=\"") != 0) return "an attribute without a quoted value";
        attributes_.insert(name);
        at_ += 2;
        while (at_ < page_.size() && page_[at_] != '"') {
            if (page_[at_] == '<' || page_[at_] == '>') return "a < or > in an attribute";
            ++at_;
        }
        ++at_;
        return {};
    }
    std::string read_name() {
        std::string name;
        while (at_ < page_.size() &&
               (std::isalnum(static_cast<unsigned char>(page_[at_])) || page_[at_] == '-'))
            name += page_[at_++];
        return name;
    }

    const std::string& page_;
    std::size_t at_ = 0;
    std::vector<std::string> open_;
    std::set<std::string> tags_, attributes_;
};

}  // namespace headlight::test
