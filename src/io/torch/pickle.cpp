#include "io/torch/pickle.h"

#include <bit>
#include <charconv>
#include <optional>

#include "io/torch/pickle_globals.h"
#include "io/torch/pickle_machine.h"

namespace headlight {
namespace {

class PickleReader : private PickleMachine {
  public:
    PickleReader(std::span<const std::byte> bytes, const std::string& file, std::uint64_t offset,
                 PickleDialect dialect)
        : PickleMachine(bytes, file, offset), dialect_(dialect) {}

    Result<PickleTree> read() {
        while (true) {
            HEADLIGHT_TRY(const unsigned char code, next_instruction());
            if (code == '.') return finish();
            HEADLIGHT_CHECK(step(code));
        }
    }

  private:
    Status step(unsigned char code) {
        if (const auto done = step_value(code)) return *done;
        if (const auto done = step_container(code)) return *done;
        if (const auto done = step_memo(code)) return *done;
        switch (code) {
            case 0x80:
                return skip(1);  // PROTO
            case 0x95:
                return skip(8);  // FRAME
            case '(':
                mark();
                return {};
            case '0':
                return drop(pop());
            case '1':
                return drop(pop_to_mark());
            case 'c':
                return read_global();
            case 0x93:
                return read_stack_global();
            case 'Q':
                return read_persistent_id();
            case 'R':
                return reduce();
            case 'b':
                return build();
            case 0x81:
            case 0x92:
            case 'i':
            case 'o':
                return refused("an instruction that makes an object of a class");
            case 0x82:
            case 0x83:
            case 0x84:
                return refused("an extension object");
            default:
                return broken("unknown instruction 0x{:02x}", code);
        }
    }

    template <class T>
    static Status drop(Result<T> value) {
        if (!value) return fail(std::move(value).error());
        return {};
    }
    Status skip(std::uint64_t count) { return drop(take(count)); }

    std::optional<Status> step_value(unsigned char code) {
        switch (code) {
            case 'N':
                return push({PickleKind::None});
            case 0x88:
                return push_number(PickleKind::Bool, 1);
            case 0x89:
                return push_number(PickleKind::Bool, 0);
            case 'J':
                return read_integer(4, true);
            case 'K':
                return read_integer(1, false);
            case 'M':
                return read_integer(2, false);
            case 0x8a:
                return read_long(1);
            case 0x8b:
                return read_long(4);
            case 'I':
            case 'L':
                return read_text_integer();
            case 'G':
                return read_real();
            case 'X':
            case 'T':
                return read_text(4, PickleKind::Text);
            case 0x8c:
            case 'U':
                return read_text(1, PickleKind::Text);
            case 0x8d:
                return read_text(8, PickleKind::Text);
            case 'B':
                return read_text(4, PickleKind::Bytes);
            case 'C':
                return read_text(1, PickleKind::Bytes);
            case 0x8e:
                return read_text(8, PickleKind::Bytes);
            default:
                return std::nullopt;
        }
    }

    std::optional<Status> step_container(unsigned char code) {
        switch (code) {
            case ')':
                return push({PickleKind::Tuple});
            case ']':
            case 0x8f:
                return push({PickleKind::List});
            case '}':
                return push({PickleKind::Dict});
            case 0x85:
            case 0x86:
            case 0x87:
                return collect(pop_many(code - 0x84), PickleKind::Tuple);
            case 't':
                return collect(pop_to_mark(), PickleKind::Tuple);
            case 'l':
            case 0x91:
                return collect(pop_to_mark(), PickleKind::List);
            case 'd':
                return collect(pop_to_mark(), PickleKind::Dict);
            case 'a':
                return append(pop_many(1), PickleKind::List);
            case 'e':
            case 0x90:
                return append(pop_to_mark(), PickleKind::List);
            case 's':
                return append(pop_many(2), PickleKind::Dict);
            case 'u':
                return append(pop_to_mark(), PickleKind::Dict);
            default:
                return std::nullopt;
        }
    }
    Status collect(Result<std::vector<PickleId>> items, PickleKind kind) {
        if (!items) return fail(std::move(items).error());
        if (kind == PickleKind::Dict && items->size() % 2 != 0)
            return broken("a dict has a key without a value");
        return push_items(kind, std::move(*items));
    }
    Status append(Result<std::vector<PickleId>> items, PickleKind kind) {
        if (!items) return fail(std::move(items).error());
        return add_to_top(kind, *items);
    }

    std::optional<Status> step_memo(unsigned char code) {
        switch (code) {
            case 'q':
                return put(unsigned_number(1));
            case 'r':
                return put(unsigned_number(4));
            case 'p':
                return put(line_number());
            case 0x94:
                return put_next();
            case 'h':
                return get(unsigned_number(1));
            case 'j':
                return get(unsigned_number(4));
            case 'g':
                return get(line_number());
            case '2':
                return duplicate();
            default:
                return std::nullopt;
        }
    }
    Status read_integer(int num_bytes, bool is_signed) {
        HEADLIGHT_TRY(const std::uint64_t value, unsigned_number(num_bytes));
        const auto narrow = static_cast<std::uint32_t>(value);
        return push_number(PickleKind::Int,
                           is_signed ? static_cast<std::int32_t>(narrow) : static_cast<std::int64_t>(value));
    }
    Status read_long(int length_bytes) {
        HEADLIGHT_TRY(const std::uint64_t length, unsigned_number(length_bytes));
        HEADLIGHT_TRY(const std::string_view digits, take(length));
        PickleNode node{PickleKind::Int};
        if (length > 8) {
            node.text = digits;
        } else if (length > 0) {
            std::uint64_t value = (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;  // sign
            for (std::size_t i = length; i-- > 0;)
                value = value << 8 | static_cast<unsigned char>(digits[i]);
            node.number = static_cast<std::int64_t>(value);
        }
        return push(std::move(node));
    }
    Status read_text_integer() {
        HEADLIGHT_TRY(const std::string whole, line());
        std::string_view text = whole;
        if (text == "00" || text == "01") return push_number(PickleKind::Bool, text == "01");
        if (text.ends_with('L')) text.remove_suffix(1);
        std::int64_t value = 0;
        const auto end = text.data() + text.size();
        if (std::from_chars(text.data(), end, value).ptr != end)
            return broken("'{}' is no number", text.substr(0, 40));
        return push_number(PickleKind::Int, value);
    }
    Status read_real() {
        HEADLIGHT_TRY(const std::string_view part, take(8));
        std::uint64_t bits = 0;  // big-endian, alone among the instructions
        for (const char byte : part)
            bits = bits << 8 | static_cast<unsigned char>(byte);
        PickleNode node{PickleKind::Real};
        node.real = std::bit_cast<double>(bits);
        return push(std::move(node));
    }
    Status read_text(int length_bytes, PickleKind kind) {
        HEADLIGHT_TRY(const std::uint64_t length, unsigned_number(length_bytes));
        HEADLIGHT_TRY(const std::string_view text, take(length));
        return push_text(kind, text);
    }

    Status push_global(const std::string& name) {
        const bool is_known =
            is_known_global(name) || (dialect_ == PickleDialect::NumPy && is_numpy_global(name));
        if (!is_known) return refused("'" + name.substr(0, 200) + "'");
        return push_text(PickleKind::Global, name);
    }
    Status read_global() {
        HEADLIGHT_TRY(const std::string module, line());
        HEADLIGHT_TRY(const std::string name, line());
        return push_global(module + "." + name);
    }
    Status read_stack_global() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        const PickleNode &module = node(parts[0]), &name = node(parts[1]);
        if (module.kind != PickleKind::Text || name.kind != PickleKind::Text)
            return broken("a global has no name");
        return push_global(module.text + "." + name.text);
    }
    Status read_persistent_id() {
        HEADLIGHT_TRY(const PickleId id, pop());
        const PickleNode& parts = node(id);
        const bool is_storage = parts.kind == PickleKind::Tuple && parts.items.size() >= 5 &&
                                node(parts.items[0]).kind == PickleKind::Text &&
                                node(parts.items[0]).text == "storage";
        if (!is_storage) return broken("it refers to something outside that is no tensor storage");
        return push_items(PickleKind::Storage, parts.items);
    }
    Status reduce() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        const PickleNode &callable = node(parts[0]), &arguments = node(parts[1]);
        if (callable.kind != PickleKind::Global || arguments.kind != PickleKind::Tuple)
            return broken("a call without a name or without arguments");
        auto made = evaluate_global(tree(), callable.text, arguments.items);
        if (!made) return broken("{}", made.error().message);
        return push(std::move(*made));
    }
    /// State of an object that is there already: a dict's own attributes (torch's _metadata), which nobody
    /// needs.
    Status build() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        const PickleKind kind = node(parts[0]).kind;
        if (dialect_ == PickleDialect::NumPy && kind == PickleKind::List)
            return build_array(parts[0], parts[1]);
        if (kind != PickleKind::Dict && kind != PickleKind::Tensor)
            return refused("an object with state of its own");
        push_again(parts[0]);
        return {};
    }

    /// (version, shape, dtype, is_fortran, list of the elements); of a dtype nothing is kept.
    Status build_array(PickleId array, PickleId state) {
        const std::vector<PickleId>& parts = node(state).items;
        if (node(state).kind == PickleKind::Tuple && parts.size() == 5 &&
            node(parts[4]).kind == PickleKind::List)
            HEADLIGHT_CHECK(set_items(array, node(parts[4]).items));
        push_again(array);
        return {};
    }

    PickleDialect dialect_;
};

}  // namespace

const PickleNode* PickleTree::find(const PickleNode& dict, std::string_view key) const {
    if (dict.kind != PickleKind::Dict) return nullptr;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleNode& name = nodes[dict.items[i]];
        if (name.kind == PickleKind::Text && name.text == key) return &nodes[dict.items[i + 1]];
    }
    return nullptr;
}

Result<PickleTree> read_pickle(std::span<const std::byte> bytes, const std::string& file,
                               std::uint64_t offset_bytes, PickleDialect dialect) {
    return PickleReader(bytes, file, offset_bytes, dialect).read();
}

}  // namespace headlight
