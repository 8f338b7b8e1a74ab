#include "tests/alms-sim/cli_commands.hpp"

#include <iterator>

namespace oobm::alms_sim {
namespace {

using enum ArgumentKind;

constexpr ArgumentRow serial_row{"serial", "serial", text, "serial number of the router", true};
constexpr ArgumentRow uid_row{"--uid", "uid", text, "uid of the task, instead of a fresh one"};

constexpr ArgumentRow account_rows[] = {
    {"id", "id", text, "id of the account", true},
    {"--name", "name", text, "its name"},
    {"--class", "class", text, "AVC (default) or Standard"},
    {"--billing", "billing", text, "prepaid (default) or direct"},
};

constexpr ArgumentRow register_rows[] = {
    serial_row,
    {"imei", "imei", text, "IMEI of the OOBM module: the second identifier", true},
    {"--account", "account", text, "account that registers it", true},
    {"--offer", "offer", text, "offer, such as \"AirLink Complete (XR80)\"", true},
    {"--iccid", "iccid", text, "SIM that must be in it"},
    {"--sku", "sku", text, "part number as shipped, when the router has not said it yet"},
    {"--activate", "activate", flag, "activate at once"},
    {"--test", "test", flag, "with --activate: TEST_READY instead of ACTIVE"},
    {"--months", "months", number, "with --activate: term in months (12)"},
    {"--term-seconds", "term_seconds", number, "with --activate: term in seconds, for benches"},
    {"--grace-seconds", "grace_seconds", number, "with --activate: grace after the term"},
    {"--data-limit-bytes", "data_limit_bytes", number, "with --activate: allowance of a month"},
};

constexpr ArgumentRow term_rows[] = {
    serial_row,
    {"--test", "test", flag, "activate only: TEST_READY instead of ACTIVE"},
    {"--months", "months", number, "term in months (12)"},
    {"--term-seconds", "term_seconds", number, "term in seconds, for benches"},
    {"--grace-seconds", "grace_seconds", number, "grace after the term (604800)"},
    {"--data-limit-bytes", "data_limit_bytes", number, "data allowance of a month"},
    {"--upfront", "upfront", flag, "purchase-order only: the term counts from activation"},
};

constexpr ArgumentRow by_hand_rows[] = {
    serial_row,
    {"nonce", "nonce", text, "the nonce of its request", true},
};

constexpr ArgumentRow serial_rows[] = {serial_row};

constexpr ArgumentRow change_offer_rows[] = {serial_row, {"offer", "offer", text, "offer", true}};

constexpr ArgumentRow command_rows[] = {
    serial_row,
    {"id", "id", text, "id of the command, such as oobm.reboot", true},
    {"params", "params", pairs, "NAME=VALUE ..."},
    uid_row,
};

constexpr ArgumentRow read_rows[] = {
    serial_row, {"ids", "ids", list, "data ids to read", true}, uid_row};

constexpr ArgumentRow write_rows[] = {
    serial_row, {"settings", "settings", pairs, "ID=VALUE ...", true}, uid_row};

constexpr ArgumentRow install_rows[] = {
    serial_row,
    {"type", "type", text, "type of the package", true},
    {"revision", "revision", text, "its revision", true},
    {"url", "url", text, "where it lies", true},
    uid_row,
};

constexpr ArgumentRow wait_rows[] = {
    serial_row,
    {"condition", "condition", text,
     "announced, answered:CODE, state:STATE, data:ID[=VALUE], ack:UID[=OK], sent:UID", true},
    {"--timeout", "timeout_s", number, "seconds (30)"},
    {"--fresh", "fresh", flag, "only what arrives from now on counts"},
};

constexpr ArgumentRow raw_rows[] = {
    serial_row,
    {"suffix", "suffix", text, "rest of the topic, such as tasks/json", true},
    {"file", "payload", file, "file with the payload", true},
    {"--retain", "retain", flag, "as a retained message"},
};

constexpr ArgumentRow sign_rows[] = {
    serial_row,
    {"--typ", "typ", text, "oobm-entitlement (default), oobm-deregistration, oobm-trust, other"},
    {"--alg", "alg", text, "alg of the header; with none the signature is empty"},
    {"--key", "key", text, "signing, root-1, root-2, or other: a key that nobody knows"},
    {"--kid", "kid", text, "kid of the header"},
    {"--nonce", "nonce", text, "nonce of an announcement"},
    {"--set", "set", pairs, "CLAIM=VALUE, repeated"},
    {"--unset", "unset", list, "claim to leave out, repeated"},
    {"--pad", "pad", number, "octets of a claim that only makes it longer"},
    {"--break-signature", "break_signature", flag, "damage the signature"},
};

constexpr CommandRow command_table[] = {
    {"account-add", "Create an account", account_rows},
    {"account-list", "List the accounts", {}},
    {"offer-list", "List the offers", {}},
    {"register", "Register a router by serial number and IMEI", register_rows},
    {"purchase-order", "Buy or renew service: activates, extends, brings back", term_rows},
    {"activate", "Activate a system that waits in INVENTORY", term_rows},
    {"suspend", "Suspend a system", serial_rows},
    {"resume", "Resume a system that an operator suspended", serial_rows},
    {"retire", "Terminate a system for good", serial_rows},
    {"deregister", "Delete a system from its account", serial_rows},
    {"change-offer", "Put a system on another offer", change_offer_rows},
    {"answer-by-hand", "Sign the answer to a request that a person has brought", by_hand_rows},
    {"command", "Send a command", command_rows, true},
    {"read", "Ask for the values of data ids", read_rows, true},
    {"write", "Set settings", write_rows, true},
    {"swinstall", "Install a package", install_rows, true},
    {"list", "List the systems", {}},
    {"tasks", "List the tasks sent, with their acks", {}},
    {"show", "Show all that is known of one router", serial_rows},
    {"wait", "Wait until a condition holds (exit status 3 when it does not in time)", wait_rows},
    {"public-keys", "Print the root keys and the signed key set", {}},
    {"send-raw", "For tests: publish any bytes under the router's name", raw_rows},
    {"sign", "For tests: print a statement with anything replaced", sign_rows},
};

}  // namespace

std::span<const CommandRow> commands() { return command_table; }

}  // namespace oobm::alms_sim
