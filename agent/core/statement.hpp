// What ALMS has signed: entitlements, deregistrations and sets of keys. Together with the passing
// of time they alone move the subscription. Here they are plain values; agent/alms has already
// checked the JWS (RFC 7515) and its signature. Whether one is accepted is decided by
// check_addressee(), check_order() and check_fit().
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/identity.hpp"
#include "agent/core/reason.hpp"
#include "agent/core/region.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

// Longest compact JWS that is looked at, in bytes.
inline constexpr std::size_t statement_max_bytes = 1536;

// Grace after the end of the paid term: when a statement names none, and the most one may name.
inline constexpr std::chrono::seconds default_grace{7 * 86'400};
inline constexpr std::chrono::seconds max_grace{30 * 86'400};

// Lifecycle of a system in ALMS (AirVantage API, System: lifeCycleState).
enum class AlmsState : std::uint8_t { inventory, test_ready, active, suspended, retired };

// "INVENTORY" ...; nothing for any other text.
std::optional<AlmsState> alms_state_from_text(std::string_view text);
std::string_view to_text(AlmsState state);

enum class AccountClass : std::uint8_t { standard, avc };
enum class Billing : std::uint8_t { prepaid, direct };

struct Account {
  std::string id;
  std::string name;
  AccountClass account_class = AccountClass::standard;
  friend bool operator==(const Account&, const Account&) = default;
};

struct Offer {
  std::string name;
  std::vector<std::string> devices;   // models it fits; empty: any
  std::vector<std::string> services;  // "DM", "OOBM_CONNECTIVITY", ...
  friend bool operator==(const Offer&, const Offer&) = default;
};

// The service that an offer must include before the OOBM radio may be used.
inline constexpr std::string_view oobm_service = "OOBM_CONNECTIVITY";
// The audience of every statement for this agent.
inline constexpr std::string_view statement_audience = "oobm-agent";

struct DataAllowance {
  std::uint64_t limit_bytes = 0;
  std::string period;  // "month"
  friend bool operator==(const DataAllowance&, const DataAllowance&) = default;
};

// Claims that entitlement and deregistration share (RFC 7519 section 4.1 for the registered names).
struct StatementBase {
  std::string issuer;    // iss: instance id
  std::string audience;  // aud
  std::string subject;   // sub: serial number
  std::string imei;
  std::string registration;          // reg: ALMS's id of this registration
  std::uint64_t sequence = 0;        // seq: rises within one registration
  std::string id;                    // jti
  UnixTime issued_at;                // iat
  std::optional<std::string> nonce;  // present when it answers one of ours
  friend bool operator==(const StatementBase&, const StatementBase&) = default;
};

struct Entitlement {
  StatementBase base;
  AlmsState state = AlmsState::inventory;
  Region region = Region::na;
  Account account;
  Offer offer;
  Billing billing = Billing::prepaid;
  std::optional<UnixTime> valid_until;  // absent: no term runs (Inventory)
  std::optional<UnixTime> support_until;
  std::optional<UnixTime> warranty_until;
  std::chrono::seconds grace = default_grace;  // clamped to 0..max_grace by the codec
  std::optional<DataAllowance> data;
  friend bool operator==(const Entitlement&, const Entitlement&) = default;
};

struct Deregistration {
  StatementBase base;
  friend bool operator==(const Deregistration&, const Deregistration&) = default;
};

// Public key of a P-256 signer (RFC 7518 section 6.2.1), coordinates big-endian.
struct SigningKey {
  std::string id;  // kid
  std::array<std::uint8_t, 32> x{};
  std::array<std::uint8_t, 32> y{};
  friend bool operator==(const SigningKey&, const SigningKey&) = default;
};

// A root-signed set of the keys in use; `version` rises.
struct TrustSet {
  std::string issuer;
  std::uint64_t version = 0;
  UnixTime issued_at;
  std::vector<SigningKey> keys;  // at most 8
  friend bool operator==(const TrustSet&, const TrustSet&) = default;
};

// A statement whose signature holds, with the text it was read from.
struct SignedStatement {
  std::string text;  // compact JWS
  std::variant<Entitlement, Deregistration, TrustSet> claims;
};

// What the router remembers of its registration, for the order of statements.
struct RegistrationMemory {
  std::string issuer;
  std::string registration;
  std::uint64_t sequence = 0;
  std::string last_id;  // jti of the newest accepted statement
  std::string imei;
  friend bool operator==(const RegistrationMemory&, const RegistrationMemory&) = default;
};

struct OrderInputs {
  const std::optional<RegistrationMemory>& memory;
  const std::vector<std::string>& superseded;    // registrations that were replaced
  std::optional<std::string> outstanding_nonce;  // ours, single use
  bool retired = false;
};

enum class Order : std::uint8_t { newer, duplicate, first };  // first: consumes the nonce

// Order of statements: within the same issuer and registration the sequence must rise; the same id
// again is a duplicate. A new registration, an empty memory, leaving Retired or another IMEI needs
// our own outstanding nonce; a superseded registration stays refused. iat plays no part. Errors:
// statement_replayed, statement_nonce, statement_superseded.
std::expected<Order, Refusal> check_order(const StatementBase& base, const OrderInputs& inputs);

// Whether a statement speaks to this router at all. Errors: statement_issuer, statement_audience,
// identity_mismatch.
std::expected<void, Refusal> check_addressee(const StatementBase& base, const Placement& placement);

// Whether the entitlement fits this router: region, account class, offer's device and services.
// Errors: region_mismatch, account_class, offer_device_mismatch, offer_no_oobm.
std::expected<void, Refusal> check_fit(const Entitlement& entitlement, const Placement& placement);

}  // namespace oobm::core
