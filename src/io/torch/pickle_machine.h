// What the instructions of a pickle work on: its bytes one after the other, the stack of values with its
// marks, and the memo. Every way in which they may not fit together is an error with the byte of the
// instruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "io/torch/pickle.h"

namespace headlight {

class PickleMachine {
  public:
    PickleMachine(std::span<const std::byte> bytes, const std::string& file, std::uint64_t offset)
        : bytes_(bytes), file_(file), offset_(offset) {}

    /// The code of the next instruction, to whose first byte errors point from now on.
    Result<unsigned char> next_instruction();

    template <class... Args>
    tl::unexpected<Error> broken(fmt::format_string<Args...> format, Args&&... args) const {
        return fail(make_error(ErrorKind::Corrupt, "broken pickle: {}",
                               fmt::format(format, std::forward<Args>(args)...))
                        .in_file(file_)
                        .at_offset(offset_ + begin_));
    }

    const std::string& file() const { return file_; }
    /// Of the instruction at hand in the file, and of the next byte.
    std::uint64_t offset() const { return offset_ + begin_; }
    std::uint64_t next_offset() const { return offset_ + at_; }

    /// Bytes behind the instruction. A number is little-endian; a line ends with \n, which is left out.
    Result<std::string_view> take(std::uint64_t count);
    Result<std::uint64_t> unsigned_number(int num_bytes);
    Result<std::string> line();
    Result<std::uint64_t> line_number();

    const PickleNode& node(PickleId id) const { return tree_[id]; }
    const PickleTree& tree() const { return tree_; }
    /// Makes a value and puts it on the stack.
    Status push(PickleNode node);
    Status push_text(PickleKind kind, std::string_view text);
    Status push_number(PickleKind kind, std::int64_t value);
    Status push_items(PickleKind kind, std::vector<PickleId> items);
    /// Puts a value on the stack that is there already.
    void push_again(PickleId id) { stack_.push_back(id); }
    void mark() { marks_.push_back(stack_.size()); }
    Result<PickleId> pop();
    Result<std::vector<PickleId>> pop_many(int count);
    Result<std::vector<PickleId>> pop_to_mark();
    /// Appends to the container on top of the stack. Of a list's values an Object keeps nothing.
    Status add_to_top(PickleKind kind, const std::vector<PickleId>& items);
    /// Gives a value other entries, or makes it another one.
    Status set_items(PickleId id, std::vector<PickleId> items);
    Status become(PickleId id, PickleKind kind, std::vector<PickleId> items);
    void set_text(PickleId id, std::string text) { tree_.nodes[id].text = std::move(text); }

    Status put(Result<std::uint64_t> index);
    Status put_next() { return put(static_cast<std::uint64_t>(memo_.size())); }
    Status get(Result<std::uint64_t> index);
    Status duplicate();

    /// All values; the one on top of the stack is the root.
    Result<PickleTree> finish();

  private:
    Status count_items(std::size_t count);

    std::span<const std::byte> bytes_;
    const std::string& file_;
    std::uint64_t offset_;
    std::size_t num_items_ = 0, num_text_bytes_ = 0;  // of all nodes
    std::size_t at_ = 0, begin_ = 0;                  // next byte; first byte of the instruction at hand
    PickleTree tree_;
    std::vector<PickleId> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, PickleId> memo_;
};

}  // namespace headlight
