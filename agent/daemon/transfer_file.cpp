#include "agent/daemon/transfer_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/store/file_system.hpp"
#include "agent/transfer/protocol.hpp"

namespace oobm::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_record_bytes = 8192;

std::unexpected<TransferFailure> write_failed(std::string detail) {
  return std::unexpected(TransferFailure{TransferCode::write_failed, std::move(detail)});
}

std::unexpected<TransferFailure> write_failed(const std::string& path, int number) {
  return write_failed(path + ": " + std::strerror(number));
}

std::string member(const json& record, const char* name) {
  const auto found = record.find(name);
  const auto* text = found == record.end() ? nullptr : found->get_ptr<const std::string*>();
  return text != nullptr ? *text : std::string();
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  const char small = static_cast<char>(c | 0x20);
  if (small >= 'a' && small <= 'f') return static_cast<std::uint8_t>(small - 'a' + 10);
  return std::nullopt;
}

// Below this everything had reached the medium when the first byte beyond it was written.
std::uint64_t surely_written(std::uint64_t size) {
  return size == 0 ? 0 : (size - 1) / transfer::sync_step * transfer::sync_step;
}

}  // namespace

std::expected<Sha256, TransferFailure> parse_sha256(std::string_view hex) {
  Sha256 hash{};
  bool good = hex.size() == 2 * hash.size();
  for (std::size_t i = 0; good && i < hash.size(); ++i) {
    const auto high = hex_digit(hex[2 * i]);
    const auto low = hex_digit(hex[2 * i + 1]);
    good = high && low;
    if (good) hash[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  if (!good) return std::unexpected(TransferFailure{TransferCode::hash_invalid, {}});
  return hash;
}

bool is_file_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= max_name_bytes && !name.starts_with('.') &&
         std::ranges::all_of(name, allowed);
}

PartFile::PartFile(std::string folder, PartOrder order, std::string boot)
    : folder_(std::move(folder)), order_(std::move(order)), boot_(std::move(boot)) {}

std::string PartFile::part_path() const {
  return path(order_.sha256.empty() ? text_part_name : part_name);
}

std::expected<PartFile, TransferFailure> PartFile::open(const std::string& folder, PartOrder order,
                                                        const std::string& boot) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return write_failed(folder, errno);
  PartFile part(folder, std::move(order), boot);
  const auto path = part.part_path();
  const bool known = part.load_record();
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (known ? 0 : O_TRUNC);
  part.file_.reset(::open(path.c_str(), flags, S_IRUSR | S_IWUSR));
  if (!part.file_) return write_failed(path, errno);
  if (auto saved = part.save_record(); !saved) return std::unexpected(saved.error());
  return part;
}

// The record of an earlier part of this order, believed when all of it fits.
bool PartFile::load_record() {
  const auto text = store::posix_file_system().read(record_path(), max_record_bytes);
  if (!text) return false;
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  if (text->contains('\0')) return false;
  const auto record = json::parse(*text, nullptr, false);
  if (!record.is_object()) return false;
  const auto size = record.find("size");
  const auto* bytes = size == record.end() ? nullptr : size->get_ptr<const std::uint64_t*>();
  const PartOrder order{member(record, "url"), member(record, "sha256"),
                        bytes != nullptr ? *bytes : 0};
  const auto validator = member(record, "validator");
  if (order != order_ || validator.empty() || validator.size() > transfer::max_validator_bytes)
    return false;
  validator_ = validator;
  if (member(record, "boot") == boot_) return true;
  struct stat status{};
  const auto file = part_path();
  if (::stat(file.c_str(), &status) != 0) return false;
  const auto sure = surely_written(static_cast<std::uint64_t>(status.st_size));
  return ::truncate(file.c_str(), static_cast<off_t>(sure)) == 0;
}

std::expected<void, TransferFailure> PartFile::save_record() {
  const json record{{"url", order_.url},
                    {"sha256", order_.sha256},
                    {"size", order_.size},
                    {"validator", validator_},
                    {"boot", boot_}};
  auto& files = store::posix_file_system();
  const auto file = files.create(record_path() + ".new");
  if (!file) return write_failed(store::sentence(file.error()));
  auto done = files.write(*file, record.dump(-1, ' ', true, json::error_handler_t::replace));
  if (done) done = files.sync(*file);
  files.close(*file);
  if (done) done = files.rename(record_path() + ".new", record_path());
  if (done) done = files.sync_folder(folder_);
  if (!done) return write_failed(store::sentence(done.error()));
  return {};
}

std::uint64_t PartFile::size() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

std::uint64_t PartFile::free_bytes() const {
  struct statvfs space{};
  if (::fstatvfs(file_.get(), &space) != 0) return 0;
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

std::expected<void, TransferFailure> PartFile::remember(const std::string& validator) {
  if (validator == validator_) return {};
  validator_ = validator;
  return save_record();
}

std::expected<void, TransferFailure> PartFile::start_over() {
  if (::ftruncate(file_.get(), 0) != 0) return write_failed(part_path(), errno);
  return remember({});
}

std::expected<void, TransferFailure> PartFile::finish(const std::string& name) {
  if (::fsync(file_.get()) != 0) return write_failed(part_path(), errno);
  auto& files = store::posix_file_system();
  auto done = files.rename(part_path(), path(name));
  if (done) done = files.sync_folder(folder_);
  if (!done) return write_failed(store::sentence(done.error()));
  ::unlink(record_path().c_str());
  return {};
}

void PartFile::remove() {
  ::unlink(record_path().c_str());
  ::unlink(part_path().c_str());
}

}  // namespace oobm::daemon
