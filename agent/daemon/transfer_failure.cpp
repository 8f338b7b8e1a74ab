#include "agent/daemon/transfer_failure.hpp"

#include <array>

namespace oobm::daemon {
namespace {

using enum TransferCode;

constexpr std::array table{
    TransferRow{url_malformed, "URL_MALFORMED",
                "The address is not of the form https://host[:port]/path.", Retry::no,
                Part::untouched},
    TransferRow{url_not_https, "URL_NOT_HTTPS", "Only https:// addresses are taken.", Retry::no,
                Part::untouched},
    TransferRow{host_not_allowed, "HOST_NOT_ALLOWED",
                "The host is not among the file servers of this router's ALMS instance. Check the "
                "address and the instance data.",
                Retry::no, Part::untouched},
    TransferRow{name_invalid, "NAME_INVALID",
                "A file's name has 1 to 64 letters, digits, '.', '_' and '-', and does not begin "
                "with '.'.",
                Retry::no, Part::untouched},
    TransferRow{hash_invalid, "HASH_INVALID", "A SHA-256 has 64 hexadecimal digits.", Retry::no,
                Part::untouched},
    TransferRow{busy, "BUSY", "One transfer is under way and another one waits. Try again later.",
                Retry::no, Part::untouched},
    TransferRow{not_in_service, "NOT_IN_SERVICE",
                "Files are moved only while the OOBM service is active. See `oobmctl status`.",
                Retry::no, Part::kept},
    TransferRow{data_used_up, "DATA_USED_UP",
                "This month's data allowance of the OOBM link is used up; files wait. Order it "
                "again next month, or with a larger allowance. See `oobmctl usage`.",
                Retry::no, Part::kept},
    TransferRow{
        not_installed, "NOT_INSTALLED",
        "The transfer helper is not installed where the configuration says (transfer.helper).",
        Retry::no, Part::untouched},
    TransferRow{no_space, "NO_SPACE",
                "The file does not fit into the free space of this router. Remove what is not "
                "needed.",
                Retry::no, Part::removed},
    TransferRow{too_large, "TOO_LARGE",
                "The file is larger than this router, or the file server, accepts.", Retry::no,
                Part::removed},
    TransferRow{link_failed, "LINK_FAILED",
                "No connection to the file server. Look at the OOBM link.", Retry::yes, Part::kept},
    TransferRow{link_not_trusted, "LINK_NOT_TRUSTED",
                "The file server did not prove who it is, or refused this router. Check its "
                "certificate and the instance data.",
                Retry::no, Part::kept},
    TransferRow{connection_lost, "CONNECTION_LOST",
                "The connection ended before the file was complete.", Retry::yes, Part::kept},
    TransferRow{stalled, "STALLED", "The file moved too slowly for too long.", Retry::yes,
                Part::kept},
    TransferRow{time_over, "TIME_OVER", "The file was not complete within its time limit.",
                Retry::no, Part::kept},
    TransferRow{server_refuses, "SERVER_REFUSES",
                "The file server does not give, or does not take, this file. Check the "
                "address.",
                Retry::no, Part::removed},
    TransferRow{server_unavailable, "SERVER_UNAVAILABLE",
                "The file server says that it cannot answer now.", Retry::yes, Part::kept},
    TransferRow{not_http, "NOT_HTTP", "What answers there does not speak HTTP/1.1.", Retry::no,
                Part::removed},
    TransferRow{redirect_refused, "REDIRECT_REFUSED",
                "The file server points to another host, or not to https. That is not followed.",
                Retry::no, Part::removed},
    TransferRow{too_many_redirects, "TOO_MANY_REDIRECTS", "The file server points on and on.",
                Retry::no, Part::removed},
    TransferRow{range_ignored, "RANGE_IGNORED",
                "The file server answered with another part of the file than the one asked for.",
                Retry::yes, Part::removed},
    TransferRow{size_mismatch, "SIZE_MISMATCH",
                "The file has another size than the order says. Check the order.", Retry::no,
                Part::removed},
    TransferRow{hash_mismatch, "HASH_MISMATCH",
                "The file is not the one that was ordered: its SHA-256 differs. It was not kept.",
                Retry::no, Part::removed},
    TransferRow{write_failed, "WRITE_FAILED",
                "The file cannot be written. Look at this router's storage.", Retry::no,
                Part::removed},
    TransferRow{helper_failed, "HELPER_FAILED",
                "The transfer helper did not work as it should. See the log.", Retry::yes,
                Part::kept},
    TransferRow{cancelled, "CANCELLED", "The transfer was cancelled.", Retry::no, Part::removed},
    TransferRow{stopped, "STOPPED", "The daemon was stopped. The same order goes on where it was.",
                Retry::no, Part::kept},
};

}  // namespace

std::span<const TransferRow> transfer_rows() { return table; }

const TransferRow& row(TransferCode code) { return table[static_cast<std::size_t>(code)]; }

std::string to_text(const TransferFailure& failure) {
  const auto& known = row(failure.code);
  std::string text(known.name);
  text.append(": ").append(known.sentence);
  if (!failure.detail.empty()) text.append(" (").append(failure.detail).append(")");
  return text;
}

}  // namespace oobm::daemon
