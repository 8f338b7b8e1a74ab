// Who starts a program for the agent and tells of its end. A daemon without privileges cannot start
// what needs them: another process does it, which knows the programs by their roles and looks at
// their arguments. Everybody else starts them directly. A program runs in a process group of its
// own; when it has ended, whatever is left of the group is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>

namespace oobm::hal {

struct ChildOrder {
  std::string role;                      // "board", ...: by this name a monitor knows it
  std::string path;                      // absolute; not searched for
  std::vector<std::string> arguments;    // without the program's own name
  std::vector<std::string> environment;  // NAME=value, the whole of it
  // The program's descriptor, and which of ours it is. 0, 1 and 2 are /dev/null otherwise; rising.
  std::vector<std::pair<int, int>> descriptors;
};

struct ChildEnd {
  enum class Kind : std::uint8_t { not_started, exited, signalled };
  Kind kind = Kind::not_started;
  int number = 0;  // errno, exit status or signal
};

class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  virtual ~Child() = default;  // ends the group if the program runs; nothing is told then

  // To the group; SIGTERM or SIGKILL. Nothing happens when the program has ended.
  virtual void signal(int number) = 0;
};

class Spawner {
 public:
  // Called once, from the loop, never from within start().
  using Ended = std::move_only_function<void(ChildEnd)>;

  Spawner() = default;
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;
  virtual ~Spawner() = default;

  // The order's descriptors stay the caller's and may be closed when this returns.
  virtual std::unique_ptr<Child> start(const ChildOrder& order, Ended ended) = 0;
};

}  // namespace oobm::hal
