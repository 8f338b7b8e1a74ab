#include "agent/ctl/record_view.hpp"

namespace oobm::ctl {
namespace {

std::string row(std::string label, const std::string& value) {
  constexpr std::size_t label_width = 16;
  label.resize(label_width, ' ');
  return value.empty() ? std::string() : "  " + label + value + "\n";
}

}  // namespace

std::string render_request(const View& request) {
  std::string text = "Give this to whoever operates the router in ALMS, instance " +
                     request.text("instance") + ":\n";
  text += row("serial number", request.text("serial"));
  text += row("IMEI", request.text("imei"));
  text += row("ICCID", request.text("iccid"));
  text += row("SKU", request.text("sku"));
  text += row("sequence held", std::to_string(request.integer("entitlement_seq").value_or(0)));
  text += row("nonce", request.text("nonce"));
  text +=
      "The nonce is good for one answer, and until then it stays the same, over restarts too.\n"
      "Next: bring the signed text that answers it, and `oobmctl entitlement import FILE`.\n";
  return text;
}

}  // namespace oobm::ctl
