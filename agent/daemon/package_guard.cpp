#include "agent/daemon/package_guard.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <mbedtls/sha256.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/alms/package_manifest.hpp"
#include "agent/core/package.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/install_journal.hpp"
#include "agent/daemon/roots_own.hpp"
#include "agent/daemon/system.hpp"
#include "agent/daemon/transfer_file.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {
namespace {

using core::PackageManifest;
using core::Reason;
using core::Refusal;
using uplink::UniqueFd;
using Piece = std::array<unsigned char, 16UL * 1024>;

constexpr const char* record_file = "oobm-package.json";  // beside the copy
constexpr std::size_t max_record_bytes = 4096;
constexpr int folder_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::unexpected<Refusal> refuse(Reason reason, std::string detail) {
  return std::unexpected(Refusal{reason, std::move(detail)});
}

// ---- what the daemon has

// A plain file of the daemon's user. Opened once: what its name means a moment later is of no
// matter. A pipe does not hold up who opens it.
std::expected<UniqueFd, Refusal> open_given(const MonitorPlan& plan, const char* name) {
  const UniqueFd state(::open(plan.state_folder.c_str(), folder_flags));
  const UniqueFd files(::openat(state.get(), transfer_folder, folder_flags));
  UniqueFd file(
      ::openat(files.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return refuse(Reason::install_failed, std::string(name) + ": " + std::strerror(errno));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink != 1 ||
      info.st_uid != plan.user)
    return refuse(Reason::install_failed,
                  std::string(name) + " is no plain file of the daemon's own.");
  return file;
}

ssize_t read_piece(int file, Piece& piece) {
  ssize_t got = 0;
  do got = ::read(file, piece.data(), piece.size());
  while (got < 0 && errno == EINTR);
  return got;
}

// At most one piece more than a manifest can have.
std::string read_start(int file) {
  std::string text;
  Piece piece;
  while (text.size() <= alms::max_manifest_bytes) {
    const auto got = read_piece(file, piece);
    if (got <= 0) break;
    text.append(reinterpret_cast<const char*>(piece.data()), static_cast<std::size_t>(got));
  }
  return text;
}

// ---- whose word counts

std::expected<Directory, Refusal> keys_of_firmware(const MonitorPlan& plan) {
  const auto path = roots_own_path(plan.instances_file);
  if (!path) return refuse(Reason::install_failed, path.error());
  auto instances = load_instances(*path);
  if (!instances) return refuse(Reason::install_failed, to_text(instances.error()));
  if (!plan.instance.empty())
    std::erase_if(*instances, [&](const auto& i) { return i.instance.id != plan.instance; });
  return Directory(*std::move(instances));
}

std::expected<PackageManifest, Refusal> believe(const Directory& keys, std::string_view text) {
  std::expected<PackageManifest, Refusal> said =
      refuse(Reason::package_signature, "No key of this firmware's for packages signed it.");
  for (const auto& instance : keys.instances()) {
    if (!keys.signed_package(instance.id, text)) continue;
    said = keys.verify_package(instance.id, text);
    if (said) break;
  }
  return said;
}

// Whether this is the version that root let pass last: it is the floor from now on.
bool take_for_floor(InstallRecord& record, const std::string& version) {
  const bool it = record.phase == InstallRecord::Phase::installing &&
                  core::Version::parse(record.order.revision) == core::Version::parse(version);
  if (!it) return false;
  record.phase = InstallRecord::Phase::ended;
  record.floor = record.order.revision;
  record.floor_time = record.manifest_time;
  return true;
}

core::PackageGround ground(const MonitorPlan& plan, const InstallRecord& record) {
  return {.architecture = std::string(built_for()),
          .running = core::Version::parse(plan.version).value_or(core::Version()),
          .floor = core::Version::parse(record.floor).value_or(core::Version()),
          .floor_time = record.floor_time};
}

std::expected<PackageManifest, Refusal> judge(const MonitorPlan& plan, const InstallRecord& record,
                                              const core::SoftwareInstall& order) {
  const auto keys = keys_of_firmware(plan);
  if (!keys) return std::unexpected(keys.error());
  const auto file = open_given(plan, manifest_file);
  if (!file) return std::unexpected(file.error());
  auto manifest = believe(*keys, read_start(file->get()));
  if (!manifest) return manifest;
  if (auto good = core::judge_package(*manifest, order, ground(plan, record)); !good)
    return std::unexpected(good.error());
  return manifest;
}

// ---- the copy

class Hash {
 public:
  Hash() {
    mbedtls_sha256_init(&context_);
    mbedtls_sha256_starts(&context_, 0);
  }
  ~Hash() { mbedtls_sha256_free(&context_); }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  void add(const unsigned char* bytes, std::size_t size) {
    mbedtls_sha256_update(&context_, bytes, size);
  }
  Sha256 end() {
    Sha256 hash{};
    mbedtls_sha256_finish(&context_, hash.data());
    return hash;
  }

 private:
  mbedtls_sha256_context context_{};
};

bool write_all(int file, const unsigned char* bytes, std::size_t size) {
  while (size > 0) {
    const auto put = ::write(file, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

// Not a byte more than was signed, however long the file grows meanwhile.
std::expected<void, Refusal> copy(int from, int to, const PackageManifest& manifest) {
  Hash hash;
  Piece piece;
  std::uint64_t copied = 0;
  for (;;) {
    const auto got = read_piece(from, piece);
    if (got < 0) return refuse(Reason::install_failed, std::strerror(errno));
    if (got == 0) break;
    const auto size = static_cast<std::size_t>(got);
    copied += size;
    if (copied > manifest.size) break;
    hash.add(piece.data(), size);
    if (!write_all(to, piece.data(), size))
      return refuse(Reason::install_failed,
                    std::string("there is no room for the package: ") + std::strerror(errno));
  }
  if (copied != manifest.size)
    return refuse(Reason::package_size,
                  "The manifest says " + std::to_string(manifest.size) + " bytes.");
  if (const auto signed_hash = parse_sha256(manifest.sha256);
      !signed_hash || hash.end() != *signed_hash)
    return refuse(Reason::package_hash, "It is not the one that was signed.");
  return {};
}

std::expected<UniqueFd, Refusal> create(const std::string& path) {
  ::unlink(path.c_str());
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       S_IRUSR | S_IWUSR));
  if (!file) return refuse(Reason::install_failed, path + ": " + std::strerror(errno));
  return file;
}

std::expected<void, Refusal> copy_package(const MonitorPlan& plan, const std::string& path,
                                          const PackageManifest& manifest) {
  const auto from = open_given(plan, package_file);
  if (!from) return std::unexpected(from.error());
  const auto to = create(path);
  if (!to) return std::unexpected(to.error());
  return copy(from->get(), to->get(), manifest);
}

std::expected<void, Refusal> note(const std::string& path, const PackageManifest& manifest,
                                  const core::SoftwareInstall& order) {
  const auto file = create(path);
  if (!file) return std::unexpected(file.error());
  const auto text = to_json({.phase = InstallRecord::Phase::installing,
                             .order = order,
                             .manifest_time = manifest.issued_at});
  if (!write_all(file->get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()))
    return refuse(Reason::install_failed, path + ": " + std::strerror(errno));
  return {};
}

void complain(const std::string& sentence) {
  std::fprintf(stderr, "oobmd: %s\n", sentence.c_str());
}

// What root remembers is changed by `change`, which says whether there is something to be stored.
template <class Change>
void remember(const MonitorPlan& plan, Change change) {
  const auto folder = roots_folder_beside(plan.state_folder);
  if (!folder) return complain(folder.error());
  InstallJournal journal(*folder);
  auto record = journal.load();
  if (!change(record)) return;
  if (const auto saved = journal.save(record); !saved) complain(saved.error());
}

}  // namespace

std::string given_package(const MonitorPlan& plan) {
  return plan.state_folder + "/" + transfer_folder + "/" + package_file;
}

std::expected<std::string, Refusal> take_package(const MonitorPlan& plan,
                                                 const std::string& version) {
  const auto keeps = roots_folder_beside(plan.state_folder);
  const auto folder = roots_folder_beside(plan.run_folder);
  if (!keeps || !folder)
    return refuse(Reason::install_failed, keeps ? folder.error() : keeps.error());
  const core::SoftwareInstall order{std::string(core::agent_package), version, {}};
  auto record = InstallJournal(*keeps).load();
  take_for_floor(record, plan.version);
  const auto manifest = judge(plan, record, order);
  if (!manifest) return std::unexpected(manifest.error());
  auto path = *folder + "/" + package_file;
  auto done = copy_package(plan, path, *manifest);
  if (done) done = note(*folder + "/" + record_file, *manifest, order);
  if (done) return path;
  ::unlink(path.c_str());
  return std::unexpected(done.error());
}

void release_package(const MonitorPlan& plan, bool accepted) {
  const auto folder = roots_folder_beside(plan.run_folder);
  if (!folder) return complain(folder.error());
  const auto path = *folder + "/" + record_file;
  const auto taken = install_record_from_json(read_head(path, max_record_bytes));
  for (const auto& file : {path, *folder + "/" + package_file}) ::unlink(file.c_str());
  if (!accepted || !taken) return;
  remember(plan, [&](InstallRecord& record) {
    // No board begins while another version is on trial: what runs stays, whoever heard of it.
    take_for_floor(record, plan.version);
    record.phase = taken->phase;
    record.order = taken->order;
    record.manifest_time = taken->manifest_time;
    return true;
  });
}

void confirm_package(const MonitorPlan& plan, const std::string& version) {
  remember(plan, [&](InstallRecord& record) { return take_for_floor(record, version); });
}

}  // namespace oobm::daemon
