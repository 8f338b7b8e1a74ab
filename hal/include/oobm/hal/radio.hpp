// The OOBM radio as the agent drives it. Every Radio, real or fake, promises:
//  - all calls and all handlers happen on the thread that runs the event loop; no call blocks;
//  - a handler never runs inside the call that it was given to, runs at most once (on_change: once
//    per change), and never after stop() or destruction;
//  - only one process talks to the module; a port held by someone else is reported, not shared;
//  - a module's restart, a vanished port or garbage on the line is survived without help;
//  - a SIM PIN is never entered; a denied registration is never hurried by power cycling.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include <oobm/hal/error.hpp>
#include <oobm/hal/radio_facts.hpp>

namespace oobm::hal {

// A technician's own AT command (ITU-T V.250, 3GPP TS 27.007).
struct RawCommand {
  static constexpr std::size_t max_chars = 256;

  // One command on one line, "AT+CSQ": printable ASCII, at most max_chars characters. Several
  // joined by ';' are refused.
  std::string text;
  // Send it although it may cut the link that the agent lives on, or spend a PIN.
  bool force = false;
};

// What the module answered, as it is: an IMSI or a phone number is not masked. For the eyes of the
// technician who asked, never for a log.
struct RawAnswer {
  static constexpr std::size_t max_lines = 64;  // further ones are dropped
  std::vector<std::string> lines;               // printable ASCII, at most 1,024 characters each
  std::string result;                           // final result code: "OK", "+CME ERROR: 10"
  bool ok = false;                              // the result is OK
};

class Radio {
 public:
  using ChangeHandler = std::function<void(const RadioFacts&)>;
  using DoneHandler = std::move_only_function<void(std::expected<void, Error>)>;
  using RawHandler = std::move_only_function<void(std::expected<RawAnswer, Error>)>;

  Radio() = default;
  Radio(const Radio&) = delete;
  Radio& operator=(const Radio&) = delete;
  virtual ~Radio() = default;

  // Opens the port and keeps the facts up to date until stop(). The handler is told each time a
  // fact has changed (not for counters and time stamps alone). Calling it again replaces the
  // handler.
  virtual void start(ChangeHandler on_change) = 0;

  // Closes the port. Outstanding requests are dropped without a call. start() may follow.
  virtual void stop() = 0;

  // What is known now. Valid until the loop runs on.
  [[nodiscard]] virtual const RadioFacts& facts() const = 0;

  // Asks for transmission on or off (airplane mode: the card stays readable). The wish is
  // remembered and, where it is not so already, applied again after every restart of the module;
  // without a call the module is left as it is. Done: the module has confirmed; errors port_absent,
  // port_busy, modem_silent, modem_refused. An error does not withdraw the wish.
  virtual void set_power(bool on, DoneHandler done) = 0;

  // Restarts the module (+CFUN=1,1). Done: it answers again, within two minutes.
  virtual void reset(DoneHandler done) = 0;

  // Detaches from the packet service and attaches again (+CGATT, 3GPP TS 27.007 section 10.1.9);
  // the data context is activated again where the module had it active and does not do so by
  // itself. Takes up to six minutes. Done: attached again, with the context that was active before.
  // Errors port_absent, port_busy, modem_silent, modem_refused; stopped when a newer request came.
  // A module that could not be attached again is tried again at each regular time.
  virtual void reattach(DoneHandler done) = 0;

  // Passes one AT command to the module, between the agent's own. Waits at most half a minute for
  // its turn, then as long as the class of the command takes; at most four wait. An answer is an
  // answer also when its result is an error. Errors: command_invalid (never sent, forced or not),
  // command_refused (may cut the link; the sentence says why), queue_full, port_absent, port_busy,
  // modem_silent, stopped. After a forced command everything is set and read anew.
  virtual void command(RawCommand command, RawHandler done) = 0;

  // Reads everything again soon, instead of at the next regular time.
  virtual void refresh() = 0;
};

}  // namespace oobm::hal
