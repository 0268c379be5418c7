#include "io/torch/pickle.h"

#include <bit>
#include <charconv>
#include <optional>

#include "io/torch/pickle_globals.h"
#include "io/torch/pickle_machine.h"

namespace headlight {
namespace {

/// All of it is code: a name, or a call that says nothing of what it would make.
bool is_all_code(const PickleNode& root) {
    return (root.kind == PickleKind::Global && !is_known_global(root.text)) ||
           (root.kind == PickleKind::Object && root.items.empty());
}

class PickleReader : private PickleMachine {
  public:
    PickleReader(std::span<const std::byte> bytes, const std::string& file, std::uint64_t offset)
        : PickleMachine(bytes, file, offset) {}

    Result<PickleTree> read() {
        while (true) {
            HEADLIGHT_TRY(const unsigned char code, next_instruction());
            if (code == '.') break;
            HEADLIGHT_CHECK(step(code));
        }
        HEADLIGHT_TRY(PickleTree tree, finish());
        const PickleNode& root = tree[tree.root];
        if (is_all_code(root)) return fail(pickled_code(root, file()));
        return tree;
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
                return make_object(pop_many(2));
            case 0x92:
                return make_object(pop_many(3));
            case 'o':
                return make_object(pop_to_mark());
            case 'i':
                return make_named_object();
            case 0x98:
                return {};  // READONLY_BUFFER
            case 0x82:
            case 0x83:
            case 0x84:
                return refuse("an extension object");
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
            case 0x96:
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
        const std::uint64_t begin = next_offset();
        HEADLIGHT_TRY(const std::string_view text, take(length));
        PickleNode node{kind};
        node.text = text;
        if (kind == PickleKind::Bytes) node.number = static_cast<std::int64_t>(begin);
        return push(std::move(node));
    }

    PickleNode object_of(const std::string& name) const {
        PickleNode object{PickleKind::Object};
        object.text = name.substr(0, kLongestName);
        object.number = static_cast<std::int64_t>(offset());
        return object;
    }
    Status refuse(const std::string& name) const { return fail(pickled_code(object_of(name), file())); }
    Status push_global(const std::string& name) {
        return is_dangerous_global(name) ? refuse(name) : push_text(PickleKind::Global, name);
    }
    Status read_global() {
        HEADLIGHT_TRY(const std::string module, line());
        HEADLIGHT_TRY(const std::string name, line());
        return push_global(module + "." + name);
    }
    Status read_stack_global() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        const PickleNode &module = node(parts[0]), &name = node(parts[1]);
        const bool is_named = module.kind == PickleKind::Text && name.kind == PickleKind::Text &&
                              module.text.size() + name.text.size() <= kLongestGlobal;
        if (!is_named) return broken("a global has no name");
        return push_global(module.text + "." + name.text);
    }
    /// The first name of code in a tuple.
    std::string code_named_in(const PickleNode& parts) const {
        for (const PickleId id : parts.items) {
            if (node(id).kind == PickleKind::Global || node(id).kind == PickleKind::Object)
                return node(id).text;
        }
        return "something outside of the pickle";
    }
    Status read_persistent_id() {
        HEADLIGHT_TRY(const PickleId id, pop());
        const PickleNode& parts = node(id);
        const bool is_storage = parts.kind == PickleKind::Tuple && parts.items.size() >= 5 &&
                                node(parts.items[0]).kind == PickleKind::Text &&
                                node(parts.items[0]).text == "storage";
        // The older stream refers to the source of a module in this way.
        if (!is_storage) return push_object(code_named_in(parts));
        return push_items(PickleKind::Storage, parts.items);
    }
    /// What a class or a function that is not known would make.
    Status push_object(const std::string& name) { return push(object_of(name)); }
    Status reduce() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        return call(parts[0], parts[1]);
    }
    Status call(PickleId called, PickleId with) {
        const PickleNode &callable = node(called), &arguments = node(with);
        if (callable.kind == PickleKind::Object) return push_object(callable.text);
        if (callable.kind != PickleKind::Global || arguments.kind != PickleKind::Tuple)
            return broken("a call without a name or without arguments");
        if (!is_known_global(callable.text)) return push_object(callable.text);
        auto made = evaluate_global(tree(), callable.text, arguments.items);
        if (made) return push(std::move(*made));
        const PickleNode* code = code_in(arguments, 0);
        return code != nullptr ? push_object(code->text) : broken("{}", made.error().message);
    }
    /// The first value among the arguments, or in a tuple of them, that is code itself.
    const PickleNode* code_in(const PickleNode& arguments, int depth) const {
        for (const PickleId id : arguments.items) {
            const PickleNode& one = node(id);
            if (one.kind == PickleKind::Object) return &one;
            if (one.kind == PickleKind::Global && !is_known_global(one.text)) return &one;
            if (one.kind != PickleKind::Tuple || depth > 0) continue;
            if (const PickleNode* inner = code_in(one, depth + 1)) return inner;
        }
        return nullptr;
    }
    /// cls, arguments[, keywords]; of the oldest instruction the arguments one by one.
    Status make_object(Result<std::vector<PickleId>> parts) {
        if (!parts) return fail(std::move(parts).error());
        if (parts->empty()) return broken("an object without a class");
        const PickleNode& cls = node(parts->front());
        if (cls.kind == PickleKind::Object) return push_object(cls.text);
        if (cls.kind != PickleKind::Global) return broken("an object without a class");
        const bool is_call = parts->size() == 2 && node((*parts)[1]).kind == PickleKind::Tuple;
        return is_call ? call(parts->front(), (*parts)[1]) : push_object(cls.text);
    }
    Status make_named_object() {
        HEADLIGHT_TRY(const std::string module, line());
        HEADLIGHT_TRY(const std::string name, line());
        HEADLIGHT_CHECK(drop(pop_to_mark()));
        const std::string whole = module + "." + name;
        return is_dangerous_global(whole) ? refuse(whole) : push_object(whole);
    }

    /// State of something that is there already. A dict's own attributes (torch's _metadata) nobody needs.
    Status build() {
        HEADLIGHT_TRY(const auto parts, pop_many(2));
        const PickleNode &made = node(parts[0]), &state = node(parts[1]);
        if (made.kind == PickleKind::Array) {
            HEADLIGHT_CHECK(build_array(parts[0], state));
        } else if (made.kind == PickleKind::Text) {
            HEADLIGHT_CHECK(build_element_type(parts[0], state));
        } else if (made.kind == PickleKind::Object) {
            HEADLIGHT_CHECK(build_object(parts[0], state));
        } else if (made.kind != PickleKind::Dict && made.kind != PickleKind::Tensor) {
            return broken("state for a value that has none");
        }
        push_again(parts[0]);
        return {};
    }

    /// (version, shape, dtype, is_fortran, bytes), or a list of the elements: then it is that list.
    Status build_array(PickleId array, const PickleNode& state) {
        const std::vector<PickleId>& parts = state.items;
        if (state.kind != PickleKind::Tuple || parts.size() != 5)
            return broken("the state of an array has another form");
        const PickleNode& values = node(parts[4]);
        if (values.kind == PickleKind::List) return become(array, PickleKind::List, values.items);
        return set_items(array, {parts[1], parts[2], parts[3], parts[4]});
    }

    /// (version, order of bytes, ...): "f4" becomes "<f4".
    Status build_element_type(PickleId type, const PickleNode& state) {
        const bool has_order = state.kind == PickleKind::Tuple && state.items.size() >= 2 &&
                               node(state.items[1]).kind == PickleKind::Text &&
                               node(state.items[1]).text.size() == 1;
        if (!has_order || node(type).text.size() > kLongestName)
            return broken("state for a value that has none");
        set_text(type, node(state.items[1]).text + node(type).text);
        return {};
    }

    /// Attributes: a dict, or that and one of slots.
    Status build_object(PickleId object, const PickleNode& state) {
        if (!node(object).items.empty()) return {};  // a dict of its own, whose entries say the same
        if (state.kind == PickleKind::Dict) return set_items(object, state.items);
        const bool is_pair = state.kind == PickleKind::Tuple && state.items.size() == 2 &&
                             node(state.items[1]).kind == PickleKind::Dict;
        return is_pair ? set_items(object, node(state.items[1]).items) : Status{};
    }

    static constexpr std::size_t kLongestName = 200, kLongestGlobal = 8192;
};

}  // namespace

Result<PickleTree> read_pickle(std::span<const std::byte> bytes, const std::string& file,
                               std::uint64_t offset_bytes) {
    return PickleReader(bytes, file, offset_bytes).read();
}

}  // namespace headlight
