#include "agent/core/region.hpp"

#include <algorithm>
#include <array>

#include "agent/core/text.hpp"

namespace oobm::core {
namespace {

struct RegionName {
  Region region;
  std::string_view text;
  std::string_view spoken;
};
constexpr std::array region_names{
    RegionName{Region::na, "NA", "North American"},
    RegionName{Region::global, "GLOBAL", "Global"},
};

const RegionName& name_of(Region region) {
  return *std::ranges::find(region_names, region, &RegionName::region);
}

std::unexpected<Refusal> refuse(Reason reason, const std::string& detail = {}) {
  return std::unexpected(Refusal{reason, clean_ascii(detail, max_detail)});
}

// Reads one identity out of the board's claim.
template <class Id>
std::expected<Id, Refusal> read(const std::optional<std::string>& text, Reason missing,
                                Reason invalid) {
  if (!text || text->empty()) return refuse(missing);
  auto id = Id::parse(*text);
  if (!id) return refuse(invalid, id.error());
  return *std::move(id);
}

// The IMEI that ALMS knows this router by: factory data, else what the module says.
std::expected<std::optional<Imei>, Refusal> read_imei(const RegionInputs& inputs) {
  if (!inputs.board.factory_imei || inputs.board.factory_imei->empty()) return inputs.radio_imei;
  auto factory = Imei::parse(*inputs.board.factory_imei);
  if (!factory) return refuse(Reason::imei_invalid, factory.error());
  if (inputs.radio_imei && *inputs.radio_imei != *factory)
    return refuse(Reason::imei_mismatch, "The router is known by " + factory->str() +
                                             ", the module says " + inputs.radio_imei->str() + ".");
  return *std::move(factory);
}

std::string describe(const CatalogueEntry& entry) {
  std::string text("This ");
  text += entry.model;
  text += " (SKU " + entry.sku.str() + ") is a ";
  return text.append(name_of(entry.region).spoken).append(" router");
}

bool serves(const Instance& instance, Region region) {
  return std::ranges::find(instance.serves, region) != instance.serves.end();
}

std::expected<Instance, Refusal> choose_instance(const RegionInputs& inputs,
                                                 const CatalogueEntry& entry) {
  const auto right = std::ranges::find_if(
      inputs.instances, [&](const Instance& i) { return serves(i, entry.region); });
  if (right == inputs.instances.end())
    return refuse(Reason::no_instance, describe(entry) + "; no instance in the data serves it.");
  if (!inputs.pinned) return *right;
  const auto pinned = std::ranges::find(inputs.instances, *inputs.pinned, &Instance::id);
  if (pinned == inputs.instances.end())
    return refuse(Reason::instance_unknown,
                  "\"" + inputs.pinned->substr(0, 40) + "\" is configured.");
  if (!serves(*pinned, entry.region))
    return refuse(Reason::region_mismatch, describe(entry) + " and belongs to " + right->name +
                                               " (" + right->portal + "), but " + pinned->name +
                                               " is configured. Nothing was sent.");
  return *pinned;
}

std::expected<CatalogueEntry, Refusal> look_up(const RegionInputs& inputs, const SkuCode& sku) {
  const auto entry = std::ranges::find(inputs.catalogue, sku, &CatalogueEntry::sku);
  if (entry == inputs.catalogue.end()) return refuse(Reason::sku_unknown, "SKU " + sku.str() + ".");
  const auto& factory = inputs.board.factory_region;
  if (factory && !factory->empty() && region_from_text(*factory) != entry->region)
    return refuse(Reason::region_conflict, describe(*entry) +
                                               " by the catalogue; its factory region reads \"" +
                                               factory->substr(0, 20) + "\".");
  return *entry;
}

}  // namespace

std::optional<Region> region_from_text(std::string_view text) {
  const auto* found = std::ranges::find(region_names, text, &RegionName::text);
  if (found == region_names.end()) return std::nullopt;
  return found->region;
}

std::string_view to_text(Region region) { return name_of(region).text; }

std::expected<Placement, Refusal> check_region(const RegionInputs& inputs) {
  if (!inputs.board.error.empty()) return refuse(Reason::board_silent, inputs.board.error);
  auto serial = read<Serial>(inputs.board.serial, Reason::serial_missing, Reason::serial_invalid);
  if (!serial) return std::unexpected(serial.error());
  auto sku = read<SkuCode>(inputs.board.sku, Reason::sku_missing, Reason::sku_invalid);
  if (!sku) return std::unexpected(sku.error());
  auto imei = read_imei(inputs);
  if (!imei) return std::unexpected(imei.error());
  auto entry = look_up(inputs, *sku);
  if (!entry) return std::unexpected(entry.error());
  auto instance = choose_instance(inputs, *entry);
  if (!instance) return std::unexpected(instance.error());
  return Placement{.identity = {.serial = *std::move(serial),
                                .sku = *std::move(sku),
                                .model = entry->model,
                                .region = entry->region,
                                .imei = *std::move(imei),
                                .firmware = inputs.board.firmware},
                   .instance = *std::move(instance)};
}

}  // namespace oobm::core
