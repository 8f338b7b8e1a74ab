// TLS tickets across restarts of the daemon and of the router. They are secrets, and change with
// every connection: they live in RAM, in a folder of their own below run_folder, and are copied to
// flash at most once a day, and when the daemon leaves in good order, if that is a day since.
// What is lost costs one full handshake and nothing else, so whatever cannot be read, or could have
// been read by others, is no ticket.
//
// Read and written as docs/store.md says for the state.
// docs/adr/0010-tickets-outlive-the-process.md
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/slots.hpp"
#include "agent/uplink/tls_ticket.hpp"

namespace oobm::daemon {

inline constexpr const char* ticket_folder = "tickets";
inline constexpr int ticket_schema = 1;
inline constexpr std::chrono::hours flash_interval{24};

struct StoredTickets {
  std::string boot_id;                   // the boot whose clock counts in the moments
  std::optional<uplink::Moment> copied;  // to flash, last
  std::vector<uplink::TlsTicket> tickets;
  bool operator==(const StoredTickets&) const = default;
};

// One line of JSON.
std::string to_json(const StoredTickets& stored);
// Nothing: it is no such document, or beyond a bound (uplink::max_tickets, max_session_bytes).
std::optional<StoredTickets> tickets_from_json(std::string_view json);
// What is left of it in the boot `boot_id`: another boot's clock says nothing.
StoredTickets in_boot(StoredTickets stored, const std::string& boot_id);

// Blocks while a medium works. Loop thread only.
class TicketMemory {
 public:
  using Now = std::function<uplink::Moment()>;
  using Report = std::function<void(std::string)>;  // a sentence for log and technician

  // Both folders must exist. Loads at once: from RAM, else from flash.
  TicketMemory(const std::string& run_folder, const std::string& state_folder, std::string boot_id,
               Now now, Report report);
  TicketMemory(const TicketMemory&) = delete;
  TicketMemory& operator=(const TicketMemory&) = delete;

  uplink::TlsTickets& tickets() { return tickets_; }
  // The daemon leaves in good order.
  void leave();

 private:
  std::optional<StoredTickets> load(store::TwoSlotStore& slots, const std::string& folder);
  void changed();
  void save(store::TwoSlotStore& slots, const StoredTickets& stored);
  [[nodiscard]] bool copy_is_due() const;
  void copy();
  [[nodiscard]] StoredTickets stored() const;

  std::string ram_folder_;
  std::string flash_folder_;
  std::string boot_id_;
  Now now_;
  Report report_;
  store::TwoSlotStore ram_;
  store::TwoSlotStore flash_;
  std::optional<uplink::Moment> copied_;
  bool uncopied_ = false;  // flash does not hold what RAM holds
  bool failing_ = false;
  uplink::TlsTickets tickets_;
};

}  // namespace oobm::daemon
