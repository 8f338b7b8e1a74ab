// A Radio without a module, for tests and simulation: the test sets facts, the radio tells them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <oobm/hal/radio.hpp>

namespace oobm::hal {

class FakeRadio final : public Radio {
 public:
  explicit FakeRadio(asio::any_io_executor executor);
  ~FakeRadio() override;

  void start(ChangeHandler on_change) override;
  void stop() override;
  [[nodiscard]] const RadioFacts& facts() const override { return facts_; }
  // Succeed at once, or fail with fail_next's error.
  void set_power(bool on, DoneHandler done) override;
  void reset(DoneHandler done) override;
  void reattach(DoneHandler done) override;
  // Answers with `raw_answer`, or fails with fail_next's error.
  void command(RawCommand command, RawHandler done) override;
  void refresh() override { ++refreshes; }

  // Changes the facts; a started radio tells when they differ from before.
  void change(const std::function<void(RadioFacts&)>& edit);

  std::optional<Error> fail_next;  // for the next request
  std::optional<bool> power_wish;  // of the last set_power
  int resets = 0;
  int reattachments = 0;
  std::vector<RawCommand> raw_commands;  // as they came
  RawAnswer raw_answer{.lines = {}, .result = "OK", .ok = true};
  int refreshes = 0;

 private:
  void answer(DoneHandler done);
  template <class Action>
  void later(Action action);

  asio::any_io_executor executor_;
  RadioFacts facts_;
  ChangeHandler on_change_;
  std::shared_ptr<int> life_;  // renewed by stop(): what was posted before has no effect
};

}  // namespace oobm::hal
