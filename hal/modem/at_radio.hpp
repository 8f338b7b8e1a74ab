// A Radio that speaks AT on a serial port. All decisions are in ModemService; here are only the
// descriptor, the timer and the handlers. A port that is missing, taken or lost is opened again
// with growing pauses, for ever.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <asio/any_io_executor.hpp>

#include "hal/modem/modem_service.hpp"
#include "hal/modem/port_name.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal {

struct AtRadioOptions {
  std::string path;  // device, symbolic link or USB interface (port_name.hpp)
  DeviceFolders folders{};
  RadioSettings settings{};
  int baud = 115200;
  bool hardware_flow_control = true;
  core::Duration reopen_first{500};
  core::Duration reopen_longest{10'000};
  ModemTiming timing{};
  // Called when this user may not open the port, with its path; it is tried again as ever.
  std::function<void(const std::string& path)> denied{};
};

class AtRadio final : public Radio {
 public:
  // `executor` runs everything; it must be a single thread's.
  AtRadio(asio::any_io_executor executor, AtRadioOptions options);
  ~AtRadio() override;

  void start(ChangeHandler on_change) override;
  void stop() override;
  [[nodiscard]] const RadioFacts& facts() const override;
  void set_power(bool on, DoneHandler done) override;
  void reset(DoneHandler done) override;
  void reattach(DoneHandler done) override;
  void command(RawCommand command, RawHandler done) override;
  void refresh() override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with pending operations, which outlive stop()
};

}  // namespace oobm::hal
