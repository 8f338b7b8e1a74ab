// Which AT commands of a technician's reach the module. The agent lives on this radio: a command
// that switches it off, moves it to another network or changes how it talks to the agent cuts off
// the very person who typed it from afar. Therefore:
//
//  - one command on one line; several joined by ';' are never sent, since modules run them in an
//    order of their own and one hides behind another; nor is "A/", which repeats whatever was last;
//  - questions pass (but not the search for networks, which stops all data for minutes);
//  - orders pass when they are known to change nothing; any other is refused with the reason,
//    unless it is forced. That holds for unknown orders too, and for PIN and PUK above all.
#pragma once

#include <expected>
#include <string>

#include <oobm/hal/radio.hpp>

namespace oobm::hal {

struct RawPlan {
  std::string text;       // to be sent, without CR
  std::string name;       // "+CEREG"; empty for basic commands such as ATI
  bool question = false;  // "AT+CEREG?"
  bool call = false;      // dials, answers or hangs up
  bool restarts = false;  // the module restarts or is switched off
};

// Errors: command_invalid, command_refused. Their texts name the command, never what follows it: a
// PIN may follow it.
std::expected<RawPlan, Error> plan_raw(const RawCommand& command);

}  // namespace oobm::hal
