// A process that reads what strangers have written is left the system calls that its work needs.
// The list is data: one row for each call, some with a condition on one argument. What is not on it
// kills the process or fails, as the owner of the list wants; a call made under the numbers of
// another architecture always kills. A filter binds the calling thread and all that it starts from
// then on, and can be made narrower, never wider.
// Source: Linux Documentation/userspace-api/seccomp_filter.rst, seccomp(2).
#pragma once

#include <cstdint>
#include <span>

namespace oobm::confinement {

struct CallRule {
  static constexpr int any = -1;

  // SCMP_SYS(name) of <seccomp.h>; below zero where this architecture has no such call.
  int number;
  // The rule holds where the low 32 bits of this argument (0 to 5), masked, are one of `values`.
  int argument = any;
  std::uint32_t mask = ~std::uint32_t{0};
  std::span<const std::uint32_t> values{};
  // Not allowed, but failing with this errno; 0: allowed.
  std::uint16_t error = 0;
};

enum class Otherwise : std::uint8_t { fails, kills };  // with EPERM; the process by SIGSYS

enum class FilterOutcome : std::uint8_t {
  loaded,
  no_filters,  // kernel, emulator or architecture has none
  refused,     // the kernel has filters and did not take this one
};

// Sets no_new_privs too, without which a filter needs privileges. At most 1,000 rules.
FilterOutcome load_filter(std::span<const CallRule> rules, Otherwise otherwise);

}  // namespace oobm::confinement
