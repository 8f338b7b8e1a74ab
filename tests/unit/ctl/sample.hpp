// Statuses as the daemon writes them (docs/cli.md), to be changed by each test.
#pragma once

#include <nlohmann/json.hpp>

namespace oobm::ctl {

// A North American XR80 in service over its OOBM link.
inline nlohmann::json active_status() {
  return nlohmann::json::parse(R"json({
    "schema": 1, "at_ms": 7200000, "in_service": true, "entitled": true, "blocked": false,
    "verdict": {"code": "IN_SERVICE", "sentence": "The router is in service."},
    "lifecycle": {"state": "ACTIVE", "test": false, "since": "2026-03-01T09:00:00Z"},
    "router": {"serial": "SN12345678", "sku": "XR80-NA-SAMPLE", "model": "XR80", "region": "NA",
               "imei": "490154203237518", "firmware": "6.1", "board": {"serial": "SN12345678"}},
    "alms": {"instance": "na", "name": "North America", "portal": "https://www.na.airvantage.net"},
    "entitlement": {"registration": "r1", "sequence": 4, "issued_at": "2026-03-01T09:00:00Z",
      "state": "ACTIVE", "account": {"id": "a1", "name": "Acme", "class": "AVC"},
      "offer": {"name": "AirLink Complete (XR80)", "devices": ["XR80"], "services": ["DM"]},
      "billing": "PREPAID", "grace_s": 604800, "valid_until": "2027-03-01T00:00:00Z",
      "grace_until": "2027-03-08T00:00:00Z", "days_left": 99,
      "support_until": "2027-03-01T00:00:00Z", "warranty_until": "2029-03-01T00:00:00Z"},
    "time": {"utc": "2026-11-22T10:00:00Z", "level": "agreed",
             "because": "the network's time agrees with the system clock"},
    "link": {"phase": "online", "uplink": "oobm", "last_contact_age_ms": 61000},
    "radio": {"present": true, "responding": true, "sim": "ready", "registration": "home",
      "resets": 0, "imei": "490154203237518", "iccid": "8944501234567890123",
      "technology": "LTE-M", "operator": "T-Mobile", "firmware": "HL7812.5", "rsrp_dbm": -101.5,
      "rsrq_db": -15.0, "rssi_dbm": -80, "cell_id": 123456, "tracking_area": 4660,
      "port": {"state": "ok", "device": "/dev/ttyUSB2"}, "manufacturer": "Sierra Wireless",
      "model": "HL7812", "sim_state": "ready", "imsi": "00101xxxxxxxxxx", "pin_attempts": 3,
      "registration_age_ms": 3600000, "band": 12, "sinr_db": 14,
      "context": {"cid": 1, "apn": "oobm.example", "addresses": ["10.64.0.2"],
                  "dns": ["10.64.0.1"], "mtu": 1358}},
    "wan": {"up": true, "interface": "eth0", "address": "192.0.2.7"},
    "usage": {"bytes_sent": 1200, "bytes_received": 4800},
    "outbox_items": 0, "store": {"generation": 214, "commits_this_run": 3}, "reboots_left": 4,
    "entitlement_request_open": false,
    "counters": {"ignored_events": 0, "retained_tasks": 0, "unreadable_tasks": 0,
                 "refused_statements": 0}})json");
}

// The same router withheld from service for this reason.
inline nlohmann::json withheld_status(const char* state, const char* code, const char* sentence,
                                      const char* next_step) {
  auto status = active_status();
  status["in_service"] = false;
  status["entitled"] = false;
  status["lifecycle"]["state"] = state;
  status["verdict"] = {{"code", code}, {"sentence", sentence}, {"next_step", next_step}};
  return status;
}

}  // namespace oobm::ctl
