// The router's own certificates and keys: the one that the configuration names, the one that was
// installed since, and the one that is on trial. Certificates and the roles of keys are a small
// document, read and written as docs/store.md says, in the folder "identity" beside the state; each
// key is a file of its own there, mode 0600, made here and never sent anywhere. So whatever happens
// between two steps, a certificate always stands beside the name of its own key.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/daemon/config.hpp"
#include "agent/daemon/identity_trial.hpp"
#include "agent/store/slots.hpp"
#include "agent/uplink/gate.hpp"

namespace oobm::daemon {

inline constexpr const char* identity_folder = "identity";
inline constexpr int identity_schema = 1;
// A certificate with its intermediates, PEM.
inline constexpr std::size_t max_certificate_bytes = 12 * 1024;

struct OwnIdentity {
  std::string certificate;  // PEM
  std::string key_file;     // path
  bool operator==(const OwnIdentity&) const = default;
};

struct IdentityRecord {
  std::optional<OwnIdentity> installed;  // nothing: the configured one
  std::optional<OwnIdentity> fresh;      // on trial
  std::string request_key;               // path of the key of the last request; empty: none
  std::string refusal;  // why the last one on trial was given up; empty: it was not
  bool operator==(const IdentityRecord&) const = default;
};
// One line of JSON.
std::string to_json(const IdentityRecord& record);
// Nothing: it is no such document.
std::optional<IdentityRecord> identity_from_json(std::string_view json);

// Blocks while the flash works. Loop thread only.
class IdentityStore {
 public:
  // A sentence for whoever asked.
  template <class T>
  using Result = std::expected<T, std::string>;
  using Report = std::function<void(std::string)>;

  // `state_folder` must exist. `report` takes sentences for log and technician.
  IdentityStore(const std::string& state_folder, IdentityConfig configured, Report report);

  // A certificate request, PEM, for the key of the last request where no certificate has come for
  // it yet, else for a new one.
  Result<std::string> request(std::string_view serial);
  // Puts a certificate on trial; it must be made for a key that this router has. Where there is no
  // other identity, or none that can be used, it is used at once.
  Result<void> install(const std::string& certificate);

  // What the next connection shows.
  void show_in(uplink::TlsSettings& settings);
  // That connection carried a session to ready, or ended before.
  void ready();
  void failed(const uplink::Failure& failure);

  // {"in_use":{...},"on_trial":{...},"refusal":"...","request_open":true}; docs/cli.md.
  [[nodiscard]] nlohmann::ordered_json view() const;

 private:
  // What is named as the one beside that on trial, usable or not; nothing: none is.
  [[nodiscard]] std::optional<OwnIdentity> named() const;
  // The same where it can be shown: a certificate that is made for its key.
  [[nodiscard]] std::optional<OwnIdentity> kept() const;
  Result<std::string> make_key();
  Result<void> take(OwnIdentity identity);
  Result<void> commit(IdentityRecord record);
  void adopt();
  void refuse(const std::string& why);
  void remove_unused_keys() const;

  std::string folder_;
  IdentityConfig configured_;
  Report report_;
  store::TwoSlotStore slots_;
  IdentityRecord record_;
  IdentityRecord previous_;  // what the other slot holds
  IdentityTrial trial_;
  // A connection was given a certificate since the trial began: how it ends counts. One that was
  // under way before has shown the old one.
  bool shown_ = false;
};

}  // namespace oobm::daemon
