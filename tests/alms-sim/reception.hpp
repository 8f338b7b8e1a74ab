// The desk that routers come to. Any data is kept; data that bears an announcement nonce is an
// announcement and is always answered with oobm.register_result, that nonce in it:
// - nobody has registered this serial: PENDING, NOT_REGISTERED; the nonce stays open, so that the
//   operator's act can answer it later without a new announcement;
// - a registration that the portal refused, or one that this router does not fit: REFUSED with the
//   code; the nonce stays open likewise;
// - retired: REFUSED, RETIRED, with a signed statement that says so;
// - else ACCEPTED with a signed entitlement. The nonce is used up.
// A router that still holds the entitlement of a registration which was deleted is told so again.
// Where keys were rotated, the set in use goes ahead of the answer until the router has
// acknowledged it, and again when its memory is empty or it refuses a statement for its key.
#pragma once

#include <string>
#include <string_view>

#include "tests/alms-sim/platform.hpp"

namespace oobm::alms_sim {

class Reception {
 public:
  explicit Reception(Platform& platform) : platform_(platform) {}

  // Any topic, any bytes: what cannot be read is counted.
  void on_message(std::string_view topic, std::string_view payload, Millis now);

  // Tells a router what has changed about it, the best way it can believe: by its open nonce, or
  // by oobm.entitle when it knows this registration, or else by asking it to announce itself. A
  // router that was never heard of learns it when it first announces itself.
  void inform(const std::string& serial, Millis now);

 private:
  void take_data(const std::string& serial, std::string_view payload, Millis now);
  void take_acks(const std::string& serial, std::string_view payload, Millis now);
  void announced(const std::string& serial, Millis now);
  void answer(const std::string& serial, Millis now);
  void answer_system(System& system, Millis now);
  void reply(const std::string& serial, const std::string& result, const Error& why,
             const std::string& statement, Millis now);
  void repeat_deregistration(const std::string& serial, Millis now);
  void send_keys(const std::string& serial, Millis now);
  void keys_acknowledged(const Task& task, const Ack& ack, Millis now);

  Platform& platform_;
  std::string missed_keys_;  // this router's acknowledgement says that it lacks them
};

}  // namespace oobm::alms_sim
