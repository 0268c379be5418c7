#include "base/mapping_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace headlight {

/// One watched range. Slots are used again and never freed, so that the signal handler may walk them at any
/// time.
struct MappingGuard::Slot {
    std::atomic<bool> is_taken{true};
    std::atomic<bool> is_damaged{false};
    std::atomic<std::uint32_t> version{0};  // odd while the range is being changed
    std::atomic<std::uintptr_t> begin{0}, end{0};
    Slot* next = nullptr;

    void set(std::uintptr_t from, std::uintptr_t to) {
        version.fetch_add(1, std::memory_order_acq_rel);
        begin.store(from, std::memory_order_release);
        end.store(to, std::memory_order_release);
        version.fetch_add(1, std::memory_order_release);
    }
};

/// All of them. Nothing here waits or allocates in the handler.
struct MappingSlots {
    using Slot = MappingGuard::Slot;
    static inline std::atomic<Slot*> first{nullptr};
    static inline std::uintptr_t page_bytes = 4096;
    static inline struct sigaction before {};

    static Slot* take() {
        for (Slot* slot = first.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
            if (!slot->is_taken.exchange(true, std::memory_order_acq_rel)) return slot;
        }
        auto* slot = new Slot;
        slot->next = first.load(std::memory_order_relaxed);
        while (!first.compare_exchange_weak(slot->next, slot, std::memory_order_acq_rel)) {
        }
        return slot;
    }

    /// A slot that is changing is none of the faulting thread's: whoever reads a mapping keeps its guard.
    static Slot* find(std::uintptr_t address, std::uintptr_t& end) {
        for (Slot* slot = first.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
            const std::uint32_t version = slot->version.load(std::memory_order_acquire);
            const std::uintptr_t begin = slot->begin.load(std::memory_order_acquire);
            end = slot->end.load(std::memory_order_acquire);
            if (version % 2 == 0 && version == slot->version.load(std::memory_order_relaxed) &&
                begin <= address && address < end)
                return slot;
        }
        return nullptr;
    }

    /// From the missing page on to the end: a file that was cut off lacks all of it.
    static bool put_zeros(std::uintptr_t address, std::uintptr_t end) {
        const std::uintptr_t page = address - address % page_bytes;
        const std::uintptr_t length = (end - page + page_bytes - 1) / page_bytes * page_bytes;
        return ::mmap(reinterpret_cast<void*>(page), length, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
    }

    static void pass_on(int signal, siginfo_t* info, void* context) {
        if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(signal, info, context);
        const bool is_sent = info->si_code <= 0;  // by kill(): no access that would be tried again
        if (before.sa_handler == SIG_IGN && is_sent) return;
        if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) return before.sa_handler(signal);
        std::signal(signal, SIG_DFL);  // the access is tried again, and ends as without us
        if (is_sent) ::raise(signal);
    }

    static void on_signal(int signal, siginfo_t* info, void* context) {
        const int kept_errno = errno;
        const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
        std::uintptr_t end = 0;
        Slot* slot = info->si_code > 0 ? find(address, end) : nullptr;
        // The mark first: whoever sees a zero must find it.
        if (slot != nullptr) slot->is_damaged.store(true, std::memory_order_seq_cst);
        if (slot == nullptr || !put_zeros(address, end)) pass_on(signal, info, context);
        errno = kept_errno;
    }

    static bool install() {
        page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = on_signal;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        return ::sigaction(SIGBUS, &action, &before) == 0;
    }
};

MappingGuard::MappingGuard(const void* begin, std::size_t size_bytes) {
    [[maybe_unused]] static const bool is_installed = MappingSlots::install();
    slot_ = MappingSlots::take();
    slot_->is_damaged.store(false, std::memory_order_relaxed);
    const auto from = reinterpret_cast<std::uintptr_t>(begin);
    slot_->set(from, from + size_bytes);
}

MappingGuard::~MappingGuard() {
    slot_->set(0, 0);
    slot_->is_taken.store(false, std::memory_order_release);
}

bool MappingGuard::is_damaged() const {
    return slot_->is_damaged.load(std::memory_order_seq_cst);
}

}  // namespace headlight
