// One run of a helper program, contained: no shell, a process group of its own, /dev/null as
// standard input, no other descriptor, a small environment, and bounds on time and output. Whatever
// is left of the group when the program has ended, or must end, is killed; a helper that wants to
// leave a process behind puts it into a session of its own (setsid). Who starts it is a Spawner.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "agent/core/time.hpp"
#include "hal/board/spawner.hpp"
#include <oobm/hal/error.hpp>

namespace oobm::hal {

struct HelperRun {
  std::string role;                      // ChildOrder::role
  std::string path;                      // absolute; not searched for
  std::vector<std::string> arguments;    // without the program's own name
  std::vector<std::string> environment;  // NAME=value, the whole of it
  core::Duration time_limit{0};
};

struct HelperEnd {
  enum class Cause : std::uint8_t { not_started, exited, signalled, timed_out, babbled };
  Cause cause = Cause::exited;
  int number = 0;         // errno, exit status or signal
  std::string output;     // standard output
  std::string complaint;  // the end of standard error
};

class HelperProcess {
 public:
  static constexpr std::size_t max_output_bytes = 8192;
  static constexpr std::size_t max_error_bytes = 65'536;  // more is babbling
  static constexpr std::size_t kept_error_bytes = 512;
  static constexpr core::Duration term_grace{500};   // from SIGTERM to SIGKILL
  static constexpr core::Duration kill_grace{1000};  // for a killed program to be gone

  using Handler = std::move_only_function<void(const HelperEnd&)>;

  // The handler runs once on the executor's thread, at the latest term_grace + kill_grace after the
  // time limit; not after the object is gone. Errors: helper_failed (no resources).
  static std::expected<std::unique_ptr<HelperProcess>, Error> start(
      const asio::any_io_executor& executor, Spawner& spawner, const HelperRun& run, Handler done);

  // Kills the group if it still runs.
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

 private:
  class Impl;
  explicit HelperProcess(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::hal
