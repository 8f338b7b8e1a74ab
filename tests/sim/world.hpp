// One router and everything around it, from one seed: module and network, flash, brokers, ALMS for
// both instances, clocks, and the oracle. Faults (faults.hpp) and the operator (operator.hpp) act
// on it; a life (life.hpp) is what they make of the years.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/alms.hpp"
#include "tests/sim/router.hpp"
#include "tests/sim/ways.hpp"

namespace oobm::sim {

inline constexpr std::array<const char*, 2> instance_ids{"na", "eu"};

struct WorldOptions {
  std::uint64_t seed = 1;
  bool told = false;
  bool every_poll = false;
  bool plain = false;  // nothing of the router itself is drawn: an NA router with factory data,
                       // whose main WAN may stand in for its radio
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Lets time pass, until there is a breach at most.
  void pass(core::Duration length);
  [[nodiscard]] bool breached() const { return !oracle.breach().empty(); }

  // ---- power
  void boot();
  void cut_power(core::Duration off_for);
  // What the next cuts leave on the flash; drawn at random where nothing is chosen.
  struct CutOutcome {
    bool names_kept = false;
    store::Unsynced fate = store::Unsynced::lost;
  };
  std::optional<CutOutcome> cut_outcome;
  // In good order; the module keeps its power half the time.
  void reboot();
  // The agent dies and is started again; the kernel keeps what was written.
  void restart_agent();
  [[nodiscard]] bool running() const { return router_ != nullptr; }
  Router* router() { return router_.get(); }

  // ---- flash
  void set_flash(Weather::Flash condition);
  [[nodiscard]] store::DiskImage flash_image() const { return iron.flash->seen(); }
  // With the next start; what the flash held before is gone.
  void replace_flash(store::DiskImage image);

  // ---- radio
  void set_network_time_lie(std::chrono::seconds lie);
  void change_module(const std::string& imei, const std::string& iccid);
  // The subscription of the card in the module, as its operator has it.
  void apply_subscription();

  // ---- account
  Alms& alms(const std::string& instance);
  // False: the card was taken out of service and the main WAN may not stand in for it, so that a
  // router in service cannot hear why.
  [[nodiscard]] bool reachable_in_service() const;
  // By the firmware's data: the instance that this router belongs to; empty: none.
  [[nodiscard]] std::string home() const;
  // The same, as the running agent has read it.
  void read_catalogue();
  void set_catalogue(std::vector<core::CatalogueEntry> catalogue);
  void weather_changed();
  // No cut of the power is planned any more.
  void keep_power();
  // No fault is left but what the life itself has to mend.
  void clear_weather();

  Timeline time;
  Chance chance;
  Weather weather;
  Figures figures;
  Story story;
  Oracle oracle;
  Iron iron;
  Bus bus;
  RouterWays ways;
  // By instance and ICCID: "active", "dormant", "suspended". What a former account orders for a
  // card counts no more.
  std::map<std::string, std::string> cards;
  std::deque<std::string> published;   // payloads of ALMS, for replays; bounded
  std::uint64_t flash_generation = 0;  // rises whenever its content was replaced

  Broker& broker(const std::string& instance);

 private:
  struct Cloud {
    std::unique_ptr<Broker> broker;
    std::unique_ptr<Alms> alms;
  };

  void make_cloud(const std::string& instance);
  void make_module();
  [[nodiscard]] bool card_in_service() const;
  void step(core::BootTime end);
  void do_due();
  void power_is_gone(core::Duration off_for);
  void end_run();
  std::vector<daemon::InstanceConfig> shipped_instances();

  WorldOptions options_;
  std::map<std::string, Cloud> clouds_;
  std::unique_ptr<daemon::Directory> shipped_;
  std::unique_ptr<Router> router_;
  bool main_wan_for_service_ = false;
  std::uint64_t module_number_ = 0;
};

// The rows as shipped for tests: SKU -> model and region.
std::vector<core::CatalogueEntry> usual_catalogue();

}  // namespace oobm::sim
