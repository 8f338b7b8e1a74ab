// Identities of the router and its SIM, as types that can only hold valid values, so that a serial
// number cannot be passed where an IMEI is meant. Parsing trims ASCII white space at both ends and
// is total: any text gives a value or a reason in words.
#pragma once

#include <compare>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace oobm::core {

namespace detail {
// A checked string; Tag makes each identity a type of its own.
template <class Tag>
class Checked {
 public:
  // Errors: a sentence that says what is wrong with the text.
  static std::expected<Checked, std::string> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const { return text_; }
  friend auto operator<=>(const Checked&, const Checked&) = default;

 private:
  explicit Checked(std::string text) : text_(std::move(text)) {}
  std::string text_;
};
}  // namespace detail

// Router serial number: 6 to 32 characters, upper-case letters, digits and '-'. It is also the MQTT
// client id, the user name and the first level of every topic, hence no '/', '+' or '#'.
using Serial = detail::Checked<struct SerialTag>;

// IMEI: 15 decimal digits, the last one the Luhn check digit (3GPP TS 23.003 section 6.2.1).
// Sixteen digits are an IMEISV and are refused here; see imei_from_imeisv.
using Imei = detail::Checked<struct ImeiTag>;

// ICCID: 18 to 20 digits beginning with 89 (ITU-T E.118). Hexadecimal digits A-F are met on real
// cards from the seventh character on; a trailing filler F is removed.
using Iccid = detail::Checked<struct IccidTag>;

// The vendor's part number of the router: 4 to 32 upper-case letters, digits, '-', '_' or '.'.
using SkuCode = detail::Checked<struct SkuTag>;

// The Luhn check digit ('0'..'9') for a string of decimal digits (ISO/IEC 7812-1 annex B).
char luhn_check_digit(std::string_view digits);

// The IMEI inside an IMEISV (16 digits: TAC and serial number, then two digits of software version;
// 3GPP TS 23.003 section 6.2.2): the version is dropped and the check digit computed.
std::expected<Imei, std::string> imei_from_imeisv(std::string_view imeisv);

}  // namespace oobm::core
