#include "agent/confinement/call_filter.hpp"

#include <bit>
#include <cerrno>
#include <cstddef>
#include <vector>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace oobm::confinement {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
constexpr std::uint32_t architecture = AUDIT_ARCH_ARM;
#else
constexpr std::uint32_t architecture = 0;  // not known here
#endif

constexpr std::size_t max_rules = 1000;
constexpr std::uint32_t load_word = BPF_LD | BPF_W | BPF_ABS;

sock_filter statement(std::uint32_t code, std::uint32_t value) {
  return {.code = static_cast<std::uint16_t>(code), .jt = 0, .jf = 0, .k = value};
}

sock_filter load(std::size_t offset) {
  return statement(load_word, static_cast<std::uint32_t>(offset));
}

sock_filter give(std::uint32_t action) { return statement(BPF_RET | BPF_K, action); }

// Goes on with the next statement where the loaded word is `value`, else skips `distance`.
sock_filter unless_equal_skip(std::uint32_t value, std::size_t distance) {
  auto jump = statement(BPF_JMP | BPF_JEQ | BPF_K, value);
  jump.jf = static_cast<std::uint8_t>(distance);
  return jump;
}

std::size_t offset_of_argument(int argument) {
  constexpr std::size_t low = std::endian::native == std::endian::little ? 0 : 4;
  return offsetof(seccomp_data, args) + static_cast<std::size_t>(argument) * 8 + low;
}

std::uint32_t failing_with(std::uint16_t error) { return SECCOMP_RET_ERRNO | error; }

class Program {
 public:
  explicit Program(Otherwise otherwise)
      : otherwise_(otherwise == Otherwise::kills ? SECCOMP_RET_KILL_PROCESS : failing_with(EPERM)),
        code_{load(offsetof(seccomp_data, arch)), unless_equal_skip(architecture, 1),
              statement(BPF_JMP | BPF_JA, 1), give(SECCOMP_RET_KILL_PROCESS),
              load(offsetof(seccomp_data, nr))} {}

  void add(const CallRule& rule) {
    if (rule.number < 0) return;
    const auto verdict = rule.error != 0 ? failing_with(rule.error) : SECCOMP_RET_ALLOW;
    const auto number = static_cast<std::uint32_t>(rule.number);
    if (rule.argument == CallRule::any) {
      code_.push_back(unless_equal_skip(number, 1));
      code_.push_back(give(verdict));
      return;
    }
    const auto length = 3 + 2 * rule.values.size();
    code_.push_back(unless_equal_skip(number, length));
    code_.push_back(load(offset_of_argument(rule.argument)));
    code_.push_back(statement(BPF_ALU | BPF_AND | BPF_K, rule.mask));
    for (const auto value : rule.values) {
      code_.push_back(unless_equal_skip(value, 1));
      code_.push_back(give(verdict));
    }
    code_.push_back(give(otherwise_));
  }

  bool load_into_kernel() {
    code_.push_back(give(otherwise_));
    const sock_fprog program{.len = static_cast<unsigned short>(code_.size()),
                             .filter = code_.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }

 private:
  std::uint32_t otherwise_;
  std::vector<sock_filter> code_;
};

// A kernel without filters says EINVAL; user-mode emulation has no filters to give either. Where
// one is loaded already, it says 2.
bool kernel_has_filters() { return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0; }

}  // namespace

FilterOutcome load_filter(std::span<const CallRule> rules, Otherwise otherwise) {
  if (architecture == 0 || !kernel_has_filters()) return FilterOutcome::no_filters;
  if (rules.size() > max_rules) return FilterOutcome::refused;
  Program program(otherwise);
  for (const auto& rule : rules) program.add(rule);
  return program.load_into_kernel() ? FilterOutcome::loaded : FilterOutcome::refused;
}

}  // namespace oobm::confinement
