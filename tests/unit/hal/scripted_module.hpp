// A module that answers from a table, for dialects that the simulated module does not speak. The
// answers are exact bytes; a command that is not in the table gets the dialect's refusal.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hal/modem/modem_service.hpp"

namespace oobm::hal {

struct Dialect {
  std::string name;
  std::string start;                           // what it says when it has started
  std::map<std::string, std::string> answers;  // by command; without framing: lines, then OK
  std::string refusal = "\r\nERROR\r\n";
  std::string open = "\r\n";   // before each line
  std::string close = "\r\n";  // behind each line
  std::string between;         // said of its own accord before each final code
  bool echoes = true;          // until ATE0
};

class ScriptedModule {
 public:
  explicit ScriptedModule(Dialect dialect) : dialect_(std::move(dialect)) {}

  // Brings the module into service, as far as it ever gets.
  void run(core::Duration time) {
    service.opened(now_);
    service.feed(dialect_.start, now_);
    for (const auto end = now_ + time; now_ < end;) {
      now_ = std::max(now_ + core::Duration(1), std::min(end, service.deadline().value_or(end)));
      service.tick(now_);
      exchange();
    }
  }
  void say(std::string_view bytes) {
    service.feed(bytes, now_);
    exchange();
  }
  [[nodiscard]] const RadioFacts& facts() const { return service.facts(); }

  ModemService service;

 private:
  void exchange() {
    for (auto bytes = service.take_writes(); !bytes.empty(); bytes = service.take_writes()) {
      now_ = now_ + core::Duration(30);
      while (!bytes.empty()) {
        const auto end = std::min(bytes.find('\r'), bytes.size());
        answer(bytes.substr(0, end));
        bytes.erase(0, end + 1);
      }
    }
    service.take_changed();
  }

  void answer(const std::string& command) {
    std::string said = dialect_.echoes ? command + "\r" : "";
    if (command == "ATE0") dialect_.echoes = false;
    const auto found = dialect_.answers.find(command);
    const bool known = found != dialect_.answers.end();
    const bool plain = command == "AT" || command == "ATE0";
    if (known) said += framed(found->second);
    said += dialect_.between;
    said += known || plain ? dialect_.open + "OK" + dialect_.close : dialect_.refusal;
    service.feed(said, now_);
  }

  // One line of the table's text is one line of the answer.
  std::string framed(std::string_view text) const {
    std::string said;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      said += dialect_.open + std::string(text.substr(0, end)) + dialect_.close;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return said;
  }

  Dialect dialect_;
  core::BootTime now_{std::chrono::seconds(50)};
};

}  // namespace oobm::hal
