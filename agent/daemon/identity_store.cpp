#include "agent/daemon/identity_store.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/core/time.hpp"
#include "agent/daemon/private_folder.hpp"
#include "agent/daemon/time_text.hpp"
#include "agent/store/file_system.hpp"
#include "agent/store/json_reader.hpp"
#include "agent/uplink/limits.hpp"
#include "agent/uplink/own_key.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;
using store::JsonReader;

constexpr std::string_view key_prefix = "key-";
constexpr std::string_view key_suffix = ".pem";
constexpr int most_keys = 100;  // numbers of key files
constexpr std::size_t max_path_bytes = 1024;

// ---- the document

Json node(const OwnIdentity& identity) {
  return {{"certificate", identity.certificate}, {"key", identity.key_file}};
}

void read_identity(const JsonReader& in, const char* key, std::optional<OwnIdentity>& identity) {
  if (!in.has(key)) return;
  const auto inner = in.member(key);
  auto& read = identity.emplace();
  inner.require({"certificate", "key"});
  inner.text("certificate", read.certificate, max_certificate_bytes);
  inner.text("key", read.key_file, max_path_bytes);
}

void read(const JsonReader& in, IdentityRecord& record) {
  read_identity(in, "installed", record.installed);
  read_identity(in, "fresh", record.fresh);
  in.require({"request_key", "refusal"});
  in.text("request_key", record.request_key, max_path_bytes);
  in.text("refusal", record.refusal, max_path_bytes);
}

// ---- files

std::expected<void, std::string> write_secret(const std::string& path, std::string_view text) {
  auto& files = store::posix_file_system();
  const auto handle = files.create(path);
  if (!handle) return std::unexpected(store::sentence(handle.error()));
  auto done = files.write(*handle, text).and_then([&] { return files.sync(*handle); });
  files.close(*handle);
  if (done) done = files.sync_folder(std::filesystem::path(path).parent_path().string());
  if (!done) return std::unexpected(store::sentence(done.error()));
  return {};
}

bool is_key_name(const std::string& name) {
  return name.starts_with(key_prefix) && name.ends_with(key_suffix);
}

bool is_usable(const OwnIdentity& identity) {
  return uplink::belong_together(identity.certificate, identity.key_file);
}

Json facts(const OwnIdentity& identity) {
  const auto facts = uplink::certificate_facts(identity.certificate);
  if (!facts) return Json{{"error", "the certificate cannot be read"}};
  if (!is_usable(identity)) return Json{{"error", "its key is missing or cannot be used"}};
  return {{"subject", facts->subject},
          {"issuer", facts->issuer},
          {"key", facts->key},
          {"not_before", rfc3339(core::UnixTime{facts->not_before})},
          {"not_after", rfc3339(core::UnixTime{facts->not_after})}};
}

}  // namespace

std::string to_json(const IdentityRecord& record) {
  Json json = Json::object();
  if (record.installed) json["installed"] = node(*record.installed);
  if (record.fresh) json["fresh"] = node(*record.fresh);
  json["request_key"] = record.request_key;
  json["refusal"] = record.refusal;
  return store::one_line(json);
}

std::optional<IdentityRecord> identity_from_json(std::string_view json) {
  return store::document_from<IdentityRecord>(
      json, [](const JsonReader& in, IdentityRecord& record) { read(in, record); });
}

IdentityStore::IdentityStore(const std::string& state_folder, IdentityConfig configured,
                             Report report)
    : folder_(private_folder(state_folder, identity_folder)),
      configured_(std::move(configured)),
      report_(std::move(report)),
      slots_(folder_, identity_schema) {
  const auto loaded = slots_.load();
  for (const auto& remark : loaded.remarks) report_(remark);
  if (loaded.outcome == store::LoadOutcome::empty) return;
  auto record = identity_from_json(loaded.payload);
  if (!record) {
    // Its keys stay: what was installed with them can be installed again.
    report_("the record of installed certificates cannot be read: the configured one is used");
    return;
  }
  record_ = *std::move(record);
  if (record_.fresh) trial_.begin();
}

std::optional<OwnIdentity> IdentityStore::named() const {
  if (record_.installed) return record_.installed;
  if (configured_.certificate.empty()) return std::nullopt;
  auto text = store::posix_file_system().read(configured_.certificate, uplink::max_pem_file_bytes);
  return OwnIdentity{std::move(text).value_or(std::string()), configured_.key};
}

std::optional<OwnIdentity> IdentityStore::kept() const {
  auto identity = named();
  return identity && is_usable(*identity) ? identity : std::nullopt;
}

void IdentityStore::show_in(uplink::TlsSettings& settings) {
  shown_ = true;
  const bool fresh = trial_.running() && trial_.next() == IdentityTrial::Turn::fresh;
  const auto& chosen = fresh ? record_.fresh : record_.installed;
  if (chosen) {
    settings.certificate_pem = chosen->certificate;
    settings.key_file = chosen->key_file;
  } else {
    settings.certificate_file = configured_.certificate;
    settings.key_file = configured_.key;
  }
}

IdentityStore::Result<void> IdentityStore::commit(IdentityRecord record) {
  const auto stored = slots_.commit(to_json(record));
  if (!stored) return std::unexpected(stored.error().sentence);
  previous_ = std::exchange(record_, std::move(record));
  return {};
}

IdentityStore::Result<std::string> IdentityStore::make_key() {
  std::string path;
  for (int number = 1; number <= most_keys && path.empty(); ++number) {
    auto name = folder_ + "/" + std::string(key_prefix) + std::to_string(number);
    name += key_suffix;
    if (!std::filesystem::exists(name)) path = std::move(name);
  }
  if (path.empty()) return std::unexpected("there are too many keys in " + folder_);
  auto key = uplink::make_private_key();
  if (!key) return std::unexpected(to_string(key.error()));
  const auto written = write_secret(path, *key);
  uplink::wipe(*key);
  if (!written) return std::unexpected(written.error());
  return path;
}

IdentityStore::Result<std::string> IdentityStore::request(std::string_view serial) {
  auto record = record_;
  if (record.request_key.empty()) {
    auto path = make_key();
    if (!path) return path;
    record.request_key = *std::move(path);
    if (const auto stored = commit(std::move(record)); !stored)
      return std::unexpected(stored.error());
  }
  auto request = uplink::make_certificate_request(record_.request_key, serial);
  if (!request) return std::unexpected(to_string(request.error()));
  return *std::move(request);
}

IdentityStore::Result<void> IdentityStore::install(const std::string& certificate) {
  if (certificate.size() > max_certificate_bytes || !uplink::certificate_facts(certificate))
    return std::unexpected("this is no certificate in PEM form");
  const auto old = named();
  for (const auto& key : {record_.request_key, old ? old->key_file : std::string(),
                          record_.fresh ? record_.fresh->key_file : std::string()})
    if (!key.empty() && uplink::belong_together(certificate, key)) return take({certificate, key});
  return std::unexpected(
      "the certificate is made for no key of this router; `oobmctl identity csr` gives a request");
}

IdentityStore::Result<void> IdentityStore::take(OwnIdentity identity) {
  const bool tried = kept().has_value();
  auto record = record_;
  record.refusal.clear();
  if (identity.key_file == record.request_key) record.request_key.clear();
  record.fresh.reset();
  (tried ? record.fresh : record.installed) = std::move(identity);
  if (auto stored = commit(std::move(record)); !stored) return stored;
  trial_ = {};
  if (tried) trial_.begin();
  shown_ = false;
  remove_unused_keys();
  return {};
}

void IdentityStore::ready() {
  if (!shown_) return;
  const auto verdict = trial_.ready();
  if (verdict == IdentityTrial::Verdict::adopt) adopt();
  if (verdict == IdentityTrial::Verdict::refuse)
    refuse("connections with the old one get through, with the new one they do not");
}

void IdentityStore::failed(const uplink::Failure& failure) {
  if (shown_ && trial_.failed(failure) == IdentityTrial::Verdict::refuse)
    refuse(to_string(failure));
}

// The flash may fail: then the new one is used all the same, and tried again after a restart.
void IdentityStore::adopt() {
  auto record = record_;
  record.installed = std::exchange(record.fresh, std::nullopt);
  report_("the new certificate is accepted; the old one is dropped");
  if (const auto stored = commit(record); !stored) {
    report_(stored.error());
    record_ = std::move(record);
    return;
  }
  remove_unused_keys();
}

void IdentityStore::refuse(const std::string& why) {
  auto record = record_;
  const auto given_up = std::exchange(record.fresh, std::nullopt);
  record.refusal = why.substr(0, max_path_bytes);
  // A certificate that is issued anew for the same request can still be installed.
  const bool requested = given_up && given_up->key_file.starts_with(folder_ + "/") &&
                         !(record.installed && record.installed->key_file == given_up->key_file);
  if (requested && record.request_key.empty()) record.request_key = given_up->key_file;
  report_("the new certificate is refused, the old one goes on: " + why);
  if (const auto stored = commit(record); !stored) {
    report_(stored.error());
    record_ = std::move(record);
  }
}

void IdentityStore::remove_unused_keys() const {
  const auto uses = [](const IdentityRecord& record, const std::string& path) {
    return path == record.request_key || (record.installed && path == record.installed->key_file) ||
           (record.fresh && path == record.fresh->key_file);
  };
  // The other slot still holds the record before: should this one be torn, that one counts.
  const auto used = [&](const std::string& path) {
    return uses(record_, path) || uses(previous_, path);
  };
  std::error_code error;
  std::vector<std::string> unused;
  for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error))
    if (is_key_name(it->path().filename().string()) && !used(it->path().string()))
      unused.push_back(it->path().string());
  for (const auto& path : unused) std::filesystem::remove(path, error);
}

Json IdentityStore::view() const {
  Json json = Json::object();
  if (const auto old = named()) json["in_use"] = facts(*old);
  if (record_.fresh) json["on_trial"] = facts(*record_.fresh);
  if (!record_.refusal.empty()) json["refusal"] = record_.refusal;
  json["request_open"] = !record_.request_key.empty();
  return json;
}

}  // namespace oobm::daemon
