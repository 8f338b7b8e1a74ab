// The region rule: which ALMS instance a router belongs to, decided from its SKU alone, before the
// first byte leaves. A North American SKU belongs to the NA instance and a Global one to the EU
// instance; the country in which the router stands, and the account's wishes, do not count. What
// sits on one instance stays in that instance's country, so a router that belongs to one sends
// nothing at all to another. An unknown SKU is refused, never guessed.
//
// Source: Semtech, "Evolution of ALMS Accounts" quick reference guide (right data centre), and
// https://source.sierrawireless.com/airvantage/almsc/reference/accountMigration (XR series
// routers).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/identity.hpp"
#include "agent/core/reason.hpp"

namespace oobm::core {

enum class Region : std::uint8_t { na, global };

// "NA" or "GLOBAL"; nothing for any other text.
std::optional<Region> region_from_text(std::string_view text);
std::string_view to_text(Region region);

// One part number. `sample` marks an entry that the vendor has not confirmed.
struct CatalogueEntry {
  SkuCode sku;
  std::string model;  // "XR80", "XR90"
  Region region;
  bool sample = false;
};

// One ALMS instance, as far as the rule needs it.
struct Instance {
  std::string id;         // "na", "eu"
  std::string name;       // for people
  std::string portal;     // where an operator logs in
  std::string residency;  // where its data is stored
  std::vector<Region> serves;
  std::uint64_t trust_version = 0;  // of the key set shipped with it
};

// What the board says of itself, not yet believed. Absent means that the board gave no such key.
struct BoardClaim {
  std::optional<std::string> serial;
  std::optional<std::string> sku;
  std::optional<std::string> factory_imei;
  std::optional<std::string> factory_region;
  std::string firmware;
  std::string error;  // why the board said nothing; empty when it did
};

// A router whose identity is consistent. The IMEI is absent until factory data or the radio gave
// one.
struct RouterIdentity {
  Serial serial;
  SkuCode sku;
  std::string model;
  Region region;
  std::optional<Imei> imei;
  std::string firmware;
};

struct RegionInputs {
  BoardClaim board;
  std::optional<Imei> radio_imei;         // what the OOBM module says now
  std::vector<CatalogueEntry> catalogue;  // at most 1,024 entries
  std::vector<Instance> instances;        // at most 16
  std::optional<std::string> pinned;      // instance id from the configuration
};

struct Placement {
  RouterIdentity identity;
  Instance instance;
};

// Pure; evaluated before any connection and again whenever an input changes.
// Errors: the reason, and a sentence that names this router, what was asked and what is right.
std::expected<Placement, Refusal> check_region(const RegionInputs& inputs);

}  // namespace oobm::core
