// Each way in which a transfer can fail has a code of its own, and the table says what follows from
// it: whether it is worth another attempt, and whether the part that was fetched, and paid for, is
// still of use. docs/transfer.md holds the same table for people; a test compares them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace oobm::daemon {

enum class TransferCode : std::uint8_t {
  // Refused before anything is fetched.
  url_malformed,
  url_not_https,
  host_not_allowed,
  name_invalid,
  hash_invalid,
  busy,
  not_in_service,
  data_used_up,
  not_installed,
  no_space,
  too_large,
  // The way there.
  link_failed,
  link_not_trusted,
  connection_lost,
  stalled,
  time_over,
  // What the server says.
  server_refuses,
  server_unavailable,
  not_http,
  redirect_refused,
  too_many_redirects,
  range_ignored,
  // The file.
  size_mismatch,
  hash_mismatch,
  write_failed,
  // This router.
  helper_failed,
  cancelled,
  stopped,
};

enum class Retry : std::uint8_t { yes, no };
enum class Part : std::uint8_t { kept, removed, untouched };  // of the file

struct TransferRow {
  TransferCode code;
  std::string_view name;      // stable, upper case
  std::string_view sentence;  // for a technician: what happened and what to look at
  Retry retry;
  Part part;  // once the transfer has failed for good
};

// In the order of the enumeration.
std::span<const TransferRow> transfer_rows();
const TransferRow& row(TransferCode code);

struct TransferFailure {
  TransferCode code = TransferCode::helper_failed;
  std::string detail;  // the particular case, printable; may be empty
};

// "HASH_MISMATCH: <sentence> (<detail>)".
std::string to_text(const TransferFailure& failure);

}  // namespace oobm::daemon
