#include "tests/sim/world.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::BootTime;

constexpr std::size_t most_published = 400;
constexpr core::Duration boot_time_least = 25s;
constexpr core::Duration boot_time_most = 70s;

core::CatalogueEntry entry(const char* sku, const char* model, core::Region region) {
  return {*core::SkuCode::parse(sku), model, region, true};
}

}  // namespace

std::vector<core::CatalogueEntry> usual_catalogue() {
  return {entry("XR80-NA-SAMPLE", "XR80", core::Region::na),
          entry("XR80-GL-SAMPLE", "XR80", core::Region::global)};
}

World::World(const WorldOptions& options)
    : chance(options.seed),
      story(time, options.told),
      oracle(time, story, figures),
      bus(time, chance, weather),
      ways(iron, weather, time),
      options_(options) {
  alms_sim::seed_random_hex(options.seed);
  for (const auto* id : instance_ids) make_cloud(id);
  shipped_ = std::make_unique<daemon::Directory>(shipped_instances());
  iron.catalogue = usual_catalogue();
  if (chance.percent(30) && !options.plain) iron.sku = "XR80-GL-SAMPLE";
  if (chance.percent(70) || options.plain) iron.factory_imei = iron.module_imei;
  main_wan_for_service_ = chance.percent(30) || options.plain;
  make_module();
  boot();
}

World::~World() = default;

void World::make_cloud(const std::string& instance) {
  auto& cloud = clouds_[instance];
  cloud.broker = std::make_unique<Broker>(
      bus, [this, instance](const std::string& topic, const std::string& payload) {
        clouds_[instance].alms->hear(topic, payload);
      });
  cloud.alms = std::make_unique<Alms>(
      instance, time,
      Alms::Outlets{
          .publish =
              [this, instance](alms_sim::Publication publication) {
                if (published.size() == most_published) published.pop_front();
                published.push_back(publication.payload);
                broker(instance).publish_to_router(std::move(publication.payload),
                                                   publication.retain);
              },
          .order_sim =
              [this, instance](const alms_sim::SimOrder& order) {
                // A module's order means the card in it.
                const bool module = order.name == iron.module_imei;
                cards[instance + "/" + (module ? iron.card_iccid : order.name)] = order.value;
                apply_subscription();
              },
          .acknowledged = [this](const alms_sim::Ack& ack) { oracle.acknowledged(ack); }});
}

// What firmware pins, as of the beginning of the world.
std::vector<daemon::InstanceConfig> World::shipped_instances() {
  std::vector<daemon::InstanceConfig> shipped;
  for (const auto* id : instance_ids) {
    const auto keys = alms(id).platform().keys().public_part();
    daemon::InstanceConfig instance;
    instance.instance.id = id;
    instance.instance.name = id;
    const bool na = std::string_view(id) == "na";
    instance.instance.serves = {na ? core::Region::na : core::Region::global};
    instance.mqtt = daemon::MqttEndpoint{.host = std::string(id) + ".example"};
    instance.tls_anchors = "/anchors.pem";
    instance.roots_json = keys.at("roots").dump();
    instance.trust = keys.at("trust").get<std::string>();
    shipped.push_back(std::move(instance));
  }
  return shipped;
}

Alms& World::alms(const std::string& instance) { return *clouds_.at(instance).alms; }
Broker& World::broker(const std::string& instance) { return *clouds_.at(instance).broker; }

void World::make_module() {
  modem_sim::SimConfig config;
  config.imei = iron.module_imei;
  config.iccid = iron.card_iccid;
  config.seed = options_.seed + module_number_++;
  config.data_port = true;
  iron.module = std::make_unique<modem_sim::SimModem>(config, time.now());
  set_network_time_lie(weather.network_time.lie);
  apply_subscription();
}

// ---- time

void World::pass(core::Duration length) {
  const auto end = time.now() + length;
  while (time.now() < end && !breached()) step(end);
  figures.lived += length;
}

void World::step(BootTime end) {
  auto next = end;
  if (const auto when = time.next()) next = std::min(next, *when);
  if (const auto when = iron.module->deadline()) next = std::min(next, *when);
  if (router_) next = std::min(next, router_->deadline());
  time.advance(std::max(next, time.now() + core::Duration(1)));
  iron.module->tick(time.now());
  (void)iron.module->take_output(time.now(), modem_sim::PortId::data);
  ++figures.counts["steps"];
  try {
    do_due();
  } catch (const store::PowerCut&) {
    ++figures.counts["power cuts within a step"];
    cut_power(chance.spread(30s, 30min));
  }
}

void World::do_due() {
  while (time.run_one()) {
  }
  if (router_) router_->run();
}

// ---- power

void World::boot() {
  ++iron.boots;
  iron.booted_at = time.now();
  iron.bearer_up = false;
  restart_agent();
}

// What could not be stored is forgotten with the run.
void World::end_run() {
  if (router_ && router_->storage_failed()) oracle.memory_lost();
  router_.reset();
}

void World::restart_agent() {
  end_run();
  read_catalogue();
  story.tell("world", "the agent starts");
  try {
    router_ = std::make_unique<Router>(
        Router::Place{.time = time,
                      .chance = chance,
                      .weather = weather,
                      .story = story,
                      .figures = figures,
                      .oracle = oracle,
                      .iron = iron,
                      .ways = ways,
                      .broker = [this](const std::string& id) -> Broker& { return broker(id); },
                      .reboot = [this] { reboot(); },
                      .shipped = *shipped_,
                      .every_poll = options_.every_poll,
                      .main_wan_for_service = main_wan_for_service_});
    router_->start();
  } catch (const store::PowerCut&) {
    cut_power(1min);
  }
}

void World::cut_power(core::Duration off_for) {
  story.tell("world", "power cut");
  ++figures.counts["power cuts"];
  power_is_gone(off_for);
  const auto all_names = std::uint64_t{1} << iron.flash->pending_names();
  auto names = chance.below(all_names);
  auto fate = store::unsynced_fates[chance.below(store::unsynced_fates.size())];
  if (cut_outcome) {
    names = cut_outcome->names_kept ? all_names - 1 : 0;
    fate = cut_outcome->fate;
  }
  iron.flash = std::make_unique<store::PowerCutFs>(iron.flash->after_power_cut(names, fate));
  set_flash(weather.flash);
}

void World::power_is_gone(core::Duration off_for) {
  end_run();
  iron.module->power_cycle(time.now());
  iron.bearer_up = false;
  time.after(off_for, [this, boots = iron.boots] {
    if (boots == iron.boots && !running()) boot();
  });
}

void World::reboot() {
  if (!router_) return;
  story.tell("world", "the router reboots");
  ++figures.counts["reboots"];
  time.after(0ms, [this] {
    if (!router_) return;
    router_->stop();
    end_run();
    if (chance.percent(50)) iron.module->power_cycle(time.now());
    time.after(chance.between(boot_time_least, boot_time_most), [this, boots = iron.boots] {
      if (boots == iron.boots && !running()) boot();
    });
  });
}

// ---- flash

void World::set_flash(Weather::Flash condition) {
  weather.flash = condition;
  auto& flash = *iron.flash;
  flash.fail_no_more();
  if (condition == Weather::Flash::full) flash.fail_at(flash.operations(), true, ENOSPC);
  if (condition == Weather::Flash::read_only) flash.fail_at(flash.operations(), true, EROFS);
}

void World::replace_flash(store::DiskImage image) {
  router_.reset();
  oracle.memory_lost();
  ++flash_generation;
  iron.flash = std::make_unique<store::PowerCutFs>(image);
  set_flash(weather.flash);
}

// ---- radio

void World::set_network_time_lie(std::chrono::seconds lie) {
  weather.network_time.lie = lie;
  const auto value = weather.network_time.silent ? std::string("none")
                                                 : std::to_string((time.true_time() + lie).seconds);
  iron.module->control("time " + value, time.now());
  if (router_) router_->disturb_radio();
}

void World::change_module(const std::string& imei, const std::string& iccid) {
  end_run();
  iron.module_imei = imei;
  iron.card_iccid = iccid;
  make_module();
}

bool World::card_in_service() const {
  const auto found = cards.find(home() + "/" + iron.card_iccid);
  return found != cards.end() && found->second == "active";
}

bool World::reachable_in_service() const { return main_wan_for_service_ || card_in_service(); }

void World::apply_subscription() {
  if (!iron.module) return;
  iron.module->set_subscription_active(card_in_service(), time.now());
  if (router_) router_->disturb_radio();
}

// ---- account

std::string World::home() const {
  const auto found = std::ranges::find_if(
      iron.catalogue, [&](const auto& row) { return row.sku.str() == iron.sku; });
  if (found == iron.catalogue.end()) return {};
  return found->region == core::Region::na ? "na" : "eu";
}

void World::read_catalogue() { oracle.belongs_to(home()); }

void World::set_catalogue(std::vector<core::CatalogueEntry> catalogue) {
  end_run();
  iron.catalogue = std::move(catalogue);
  for (auto& [id, cloud] : clouds_)
    for (auto& sku : cloud.alms->world().catalogue)
      for (const auto& row : iron.catalogue)
        if (row.sku.str() == sku.sku) sku.region = row.region == core::Region::na ? "NA" : "GLOBAL";
  apply_subscription();
}

void World::weather_changed() {
  if (router_) router_->look_around();
}

void World::keep_power() {
  iron.flash->cut_at(std::numeric_limits<std::size_t>::max());
  if (router_) router_->cut_before_effect(0);
}

void World::clear_weather() {
  weather = Weather{};
  for (auto& [id, cloud] : clouds_) cloud.alms->set_signer_lie(0s);
  iron.module->behave(time.now());
  set_network_time_lie(0s);
  set_flash(Weather::Flash::works);
  apply_subscription();
  if (!running()) boot();
  weather_changed();
  for (const auto* id : instance_ids) alms(id).send_again(iron.serial);
  bus.hurry();
}

}  // namespace oobm::sim
