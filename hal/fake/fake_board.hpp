// A Board without a router, for tests and simulation: results are values that the test sets, calls
// are counted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <oobm/hal/board.hpp>

namespace oobm::hal {

class FakeBoard final : public Board {
 public:
  explicit FakeBoard(asio::any_io_executor executor);
  ~FakeBoard() override;

  void identity(Handler<BoardIdentity> done) override;
  void bearer_up(BearerRequest request, Handler<BearerStatus> done) override;
  void bearer_down(Handler<void> done) override;
  void bearer_status(Handler<BearerStatus> done) override;
  void wan_status(Handler<WanStatus> done) override;
  void led(Led state, Handler<void> done) override;
  void reboot(Handler<void> done) override;
  void modem_power_cycle(Handler<void> done) override;
  void install(std::string file, std::string version, Handler<void> done) override;
  void install_status(Handler<InstallStatus> done) override;
  void install_commit(std::string version, Handler<void> done) override;

  BoardIdentity identity_value;
  BearerStatus bearer_when_up;  // what bearer_up() leads to
  WanStatus wan;
  Led led_state = Led::off;
  bool bearer_is_up = false;
  int reboots = 0;
  int modem_power_cycles = 0;
  InstallStatus installed;         // what install() and install_commit() lead to
  std::string installed_package;   // path
  std::vector<std::string> calls;  // verbs, in order
  std::optional<Error> fail_next;  // for the next verb, whichever it is

 private:
  template <class T, class Action>
  void answer(std::string verb, Handler<T> done, Action action);
  [[nodiscard]] BearerStatus bearer() const;

  asio::any_io_executor executor_;
  std::shared_ptr<int> life_;
};

}  // namespace oobm::hal
