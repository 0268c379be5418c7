#include "io/torch/pickle_machine.h"

#include <charconv>

namespace headlight {
namespace {

constexpr std::size_t kLongestLine = 4096;  // of the textual instructions
constexpr std::size_t kMostTextCopies = 8;

}  // namespace

Result<unsigned char> PickleMachine::next_instruction() {
    begin_ = at_;
    HEADLIGHT_TRY(const std::uint64_t code, unsigned_number(1));
    return static_cast<unsigned char>(code);
}

Result<std::string_view> PickleMachine::take(std::uint64_t count) {
    if (count > bytes_.size() - at_)
        return broken("it ends {} bytes too early", count - (bytes_.size() - at_));
    const std::string_view part(reinterpret_cast<const char*>(bytes_.data()) + at_, count);
    at_ += count;
    return part;
}

Result<std::uint64_t> PickleMachine::unsigned_number(int num_bytes) {
    HEADLIGHT_TRY(const std::string_view part, take(static_cast<std::uint64_t>(num_bytes)));
    std::uint64_t value = 0;
    for (int i = num_bytes - 1; i >= 0; --i)
        value = value << 8 | static_cast<unsigned char>(part[static_cast<std::size_t>(i)]);
    return value;
}

Result<std::string> PickleMachine::line() {
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && bytes_[at_] != std::byte{'\n'} && at_ - begin < kLongestLine)
        ++at_;
    if (at_ >= bytes_.size() || bytes_[at_] != std::byte{'\n'}) return broken("a line of it does not end");
    std::string text(reinterpret_cast<const char*>(bytes_.data()) + begin, at_ - begin);
    ++at_;
    return text;
}

Status PickleMachine::push(PickleNode node) {
    if (tree_.nodes.size() >= kMostPickleNodes) return broken("it has more than {} values", kMostPickleNodes);
    HEADLIGHT_CHECK(count_items(node.items.size()));
    // A call may repeat a long text that stands once in the file.
    const bool is_name = node.kind == PickleKind::Object || node.kind == PickleKind::Global;
    if (!is_name) num_text_bytes_ += node.text.size();
    if (num_text_bytes_ > kMostTextCopies * bytes_.size())
        return broken("it repeats its texts to more than {} times its size", kMostTextCopies);
    tree_.nodes.push_back(std::move(node));
    stack_.push_back(static_cast<PickleId>(tree_.nodes.size() - 1));
    return {};
}

Status PickleMachine::count_items(std::size_t count) {
    num_items_ += count;
    if (num_items_ > kMostPickleItems) return broken("its lists have more than {} entries", kMostPickleItems);
    return {};
}

Status PickleMachine::push_text(PickleKind kind, std::string_view text) {
    PickleNode node{kind};
    node.text = text;
    return push(std::move(node));
}

Status PickleMachine::push_number(PickleKind kind, std::int64_t value) {
    PickleNode node{kind};
    node.number = value;
    return push(std::move(node));
}

Result<PickleId> PickleMachine::pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) return broken("an instruction finds no value");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
}

Result<std::vector<PickleId>> PickleMachine::pop_to_mark() {
    if (marks_.empty() || marks_.back() > stack_.size()) return broken("an instruction finds no mark");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
}

Result<std::vector<PickleId>> PickleMachine::pop_many(int count) {
    std::vector<PickleId> items(static_cast<std::size_t>(count));
    for (int i = count - 1; i >= 0; --i) {
        HEADLIGHT_TRY(items[static_cast<std::size_t>(i)], pop());
    }
    return items;
}

Status PickleMachine::push_items(PickleKind kind, std::vector<PickleId> items) {
    PickleNode node{kind};
    node.items = std::move(items);
    return push(std::move(node));
}

Status PickleMachine::add_to_top(PickleKind kind, const std::vector<PickleId>& items) {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
        return broken("an instruction finds no container");
    PickleNode& node = tree_.nodes[stack_.back()];
    if (node.kind == PickleKind::Object && kind == PickleKind::List) return {};
    if (node.kind != kind && node.kind != PickleKind::Object)
        return broken("an instruction finds another value than the container it fills");
    if (kind == PickleKind::Dict && items.size() % 2 != 0) return broken("a dict has a key without a value");
    HEADLIGHT_CHECK(count_items(items.size()));
    node.items.insert(node.items.end(), items.begin(), items.end());
    return {};
}

Status PickleMachine::put(Result<std::uint64_t> index) {
    if (!index) return fail(std::move(index).error());
    if (stack_.empty()) return broken("there is no value to remember");
    memo_[*index] = stack_.back();
    return {};
}

Status PickleMachine::get(Result<std::uint64_t> index) {
    if (!index) return fail(std::move(index).error());
    const auto found = memo_.find(*index);
    if (found == memo_.end()) return broken("value {} was never remembered", *index);
    stack_.push_back(found->second);
    return {};
}

Status PickleMachine::duplicate() {
    if (stack_.empty()) return broken("there is no value to repeat");
    stack_.push_back(stack_.back());
    return {};
}

Result<std::uint64_t> PickleMachine::line_number() {
    HEADLIGHT_TRY(const std::string text, line());
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    if (std::from_chars(text.data(), end, value).ptr != end)
        return broken("'{}' is no number", text.substr(0, 40));
    return value;
}

Status PickleMachine::set_items(PickleId id, std::vector<PickleId> items) {
    HEADLIGHT_CHECK(count_items(items.size()));
    tree_.nodes[id].items = std::move(items);
    return {};
}

Status PickleMachine::become(PickleId id, PickleKind kind, std::vector<PickleId> items) {
    HEADLIGHT_CHECK(set_items(id, std::move(items)));
    tree_.nodes[id].kind = kind;
    return {};
}

Result<PickleTree> PickleMachine::finish() {
    HEADLIGHT_TRY(const PickleId root, pop());
    tree_.root = root;
    tree_.length_bytes = at_;
    return std::move(tree_);
}

}  // namespace headlight
