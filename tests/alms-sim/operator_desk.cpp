#include "tests/alms-sim/operator_desk.hpp"

#include <algorithm>
#include <span>

#include "tests/alms-sim/arguments.hpp"
#include "tests/alms-sim/forgery.hpp"
#include "tests/alms-sim/subscription.hpp"

namespace oobm::alms_sim {
namespace {

struct Call {
  Platform& platform;
  Reception& reception;
  const Arguments& arguments;
  Millis now;

  std::string serial() const { return arguments.text("serial"); }
};

using Handler = Result<Json> (*)(const Call&);

// The common end of an operator's act: the router hears of it, the operator sees the system.
Result<Json> done(const Call& call, const char* act, const Result<void>& outcome) {
  if (!outcome) return std::unexpected(outcome.error());
  const std::string serial = call.serial();
  call.platform.note(serial, "operator", act, call.now);
  call.reception.inform(serial, call.now);
  return as_json(call.platform.world().systems.at(serial));
}

Result<Json> account_add(const Call& call) {
  World& world = call.platform.world();
  Account account;
  account.id = call.arguments.text("id");
  account.name = call.arguments.text_or("name", account.id);
  account.account_class = call.arguments.text_or("class", "AVC");
  account.billing = call.arguments.text_or("billing", "prepaid");
  if (account.account_class != "AVC" && account.account_class != "Standard") {
    return fail("BAD_ARGUMENT", "An account is of class AVC or Standard.");
  }
  if (account.billing != "prepaid" && account.billing != "direct") {
    return fail("BAD_ARGUMENT", "Billing is prepaid or direct.");
  }
  for (const Offer& offer : world.offers) account.offers.push_back(offer.name);
  const auto [at, added] = world.accounts.emplace(account.id, account);
  if (!added) return fail("ACCOUNT_EXISTS", "There is an account \"" + account.id + "\" already.");
  return as_json(at->second);
}

Result<Json> account_list(const Call& call) {
  Json list = Json::array();
  for (const auto& [id, account] : call.platform.world().accounts) list.push_back(as_json(account));
  return list;
}

Result<Json> offer_list(const Call& call) {
  Json list = Json::array();
  for (const Offer& offer : call.platform.world().offers) list.push_back(as_json(offer));
  return list;
}

Result<Json> register_one(const Call& call) {
  const Arguments& given = call.arguments;
  const RegistrationForm form{
      call.serial(),         given.text("imei"),  given.text_or("iccid", ""),
      given.text("account"), given.text("offer"), given.text_or("sku", "")};
  const auto outcome = register_system(call.platform, form, call.now);
  if (outcome && given.flag("activate")) {
    const auto active =
        activate(call.platform, form.serial, given.term(), given.flag("test"), call.now);
    return done(call, "register, activate", active);
  }
  const bool refused = !outcome && call.platform.world().refusals.contains(form.serial);
  if (refused) {
    call.platform.note(form.serial, "operator", "register: " + outcome.error().code, call.now);
    call.reception.inform(form.serial, call.now);
  }
  return done(call, "register", outcome);
}

Result<Json> activate_one(const Call& call) {
  return done(call, "activate",
              activate(call.platform, call.serial(), call.arguments.term(),
                       call.arguments.flag("test"), call.now));
}

Result<Json> order_one(const Call& call) {
  return done(call, "purchase-order",
              purchase_order(call.platform, call.serial(), call.arguments.term(), call.now));
}

Result<Json> suspend_one(const Call& call) {
  return done(call, "suspend", suspend(call.platform, call.serial()));
}

Result<Json> resume_one(const Call& call) {
  return done(call, "resume", resume(call.platform, call.serial(), call.now));
}

Result<Json> retire_one(const Call& call) {
  return done(call, "retire", retire(call.platform, call.serial()));
}

Result<Json> change_offer_one(const Call& call) {
  return done(call, "change-offer",
              change_offer(call.platform, call.serial(), call.arguments.text("offer")));
}

Result<Json> deregister_one(const Call& call) {
  const std::string serial = call.serial();
  const auto statement = deregister(call.platform, serial, call.now);
  if (!statement) return std::unexpected(statement.error());
  call.platform.note(serial, "operator", "deregister", call.now);
  const std::string uid =
      call.platform.send_command(serial, "oobm.deregister", {{"statement", *statement}}, call.now);
  return Json{{"serial", serial}, {"uid", uid}};
}

// A router that no link reaches: a person brings its nonce and takes the signed answer back.
Result<Json> answer_by_hand(const Call& call) {
  const std::string serial = call.serial();
  const auto found = call.platform.world().systems.find(serial);
  if (found == call.platform.world().systems.end()) {
    return fail("UNKNOWN_SYSTEM", "Serial " + serial + " is not registered here.");
  }
  System& system = found->second;
  const auto fits = check_registration(call.platform.world(), call.platform.settings().instance,
                                       system, call.platform.facts(serial));
  if (!fits) return std::unexpected(fits.error());
  suspend_if_ended(call.platform, system, call.now);
  const std::string statement =
      call.platform.issue_entitlement(system, call.arguments.text("nonce"), call.now);
  call.platform.router(serial).known_registration = system.registration;
  call.platform.note(serial, "operator", "answer-by-hand", call.now);
  return Json{{"serial", serial}, {"statement", statement}};
}

Result<Json> send(const Call& call, const char* verb, Json body) {
  const std::string serial = call.serial();
  const std::string uid = call.platform.send_task(serial, verb, std::move(body), call.now,
                                                  call.arguments.text_or("uid", ""));
  return Json{{"serial", serial}, {"uid", uid}};
}

Result<Json> send_command(const Call& call) {
  return send(call, "command",
              {{"id", call.arguments.text("id")},
               {"params", call.arguments.json_or("params", Json::object())}});
}

Result<Json> send_read(const Call& call) {
  return send(call, "read", call.arguments.get<std::vector<std::string>>("ids"));
}

Result<Json> send_write(const Call& call) {
  Json settings = Json::array();
  const Json given = call.arguments.get<Json>("settings");
  for (const auto& [id, value] : given.items()) settings.push_back({{id, value}});
  return send(call, "write", settings);
}

Result<Json> send_install(const Call& call) {
  return send(call, "swinstall",
              {{"type", call.arguments.text("type")},
               {"revision", call.arguments.text("revision")},
               {"url", call.arguments.text("url")}});
}

Result<Json> send_raw(const Call& call) {
  const auto payload = base64url_decode(call.arguments.text("payload"));
  if (!payload) return fail("BAD_ARGUMENT", "The payload is not base64url.");
  const std::string topic = call.serial() + "/" + call.arguments.text("suffix");
  call.platform.send_raw({"", topic, *payload, call.arguments.flag("retain")});
  return Json{{"topic", topic}, {"bytes", payload->size()}};
}

Result<Json> sign_one(const Call& call) {
  return forge_statement(call.platform, call.arguments, call.now).transform([](std::string text) {
    return Json{{"statement", std::move(text)}};
  });
}

Result<Json> list_systems(const Call& call) {
  Json list = Json::array();
  for (const auto& [serial, system] : call.platform.world().systems) {
    list.push_back(as_json(system));
  }
  return list;
}

Result<Json> list_tasks(const Call& call) {
  const auto serial = call.arguments.maybe<std::string>("serial");
  Json list = Json::array();
  for (const Task& task : call.platform.world().tasks) {
    if (!serial || task.serial == *serial) list.push_back(as_json(task));
  }
  return list;
}

Result<Json> show_one(const Call& call) {
  const World& world = call.platform.world();
  const std::string serial = call.serial();
  Json shown = {{"serial", serial}};
  if (const auto at = world.systems.find(serial); at != world.systems.end()) {
    shown["system"] = as_json(at->second);
  }
  if (const auto at = world.refusals.find(serial); at != world.refusals.end()) {
    shown["refused_registration"] = as_json(at->second);
  }
  if (const auto at = world.routers.find(serial); at != world.routers.end()) {
    shown["router"] = as_json(at->second);
  }
  if (shown.size() == 1) {
    return fail("UNKNOWN_SYSTEM",
                "Serial " + serial + " is neither registered here nor was it ever heard of.");
  }
  shown["tasks"] = *list_tasks(call);
  return shown;
}

Result<Json> public_keys(const Call& call) { return call.platform.keys().public_part(); }

struct VerbRow {
  std::string_view name;
  Handler handler;
};

constexpr VerbRow verbs[] = {
    {"account-add", account_add},
    {"account-list", account_list},
    {"offer-list", offer_list},
    {"register", register_one},
    {"activate", activate_one},
    {"purchase-order", order_one},
    {"suspend", suspend_one},
    {"resume", resume_one},
    {"retire", retire_one},
    {"deregister", deregister_one},
    {"list", list_systems},
    {"change-offer", change_offer_one},
    {"show", show_one},
    {"tasks", list_tasks},
    {"command", send_command},
    {"read", send_read},
    {"write", send_write},
    {"swinstall", send_install},
    {"send-raw", send_raw},
    {"sign", sign_one},
    {"answer-by-hand", answer_by_hand},
    {"public-keys", public_keys},
};

}  // namespace

Result<Json> OperatorDesk::perform(const std::string& verb, const Json& arguments, Millis now) {
  const auto row = std::ranges::find(verbs, verb, &VerbRow::name);
  if (row == std::end(verbs)) return fail("UNKNOWN_VERB", "There is no verb \"" + verb + "\".");
  try {
    const Arguments given(arguments);
    return row->handler({platform_, reception_, given, now});
  } catch (const BadArgument& error) {
    return fail("BAD_ARGUMENT", error.what());
  }
}

bool OperatorDesk::tick(Millis now) {
  bool changed = false;
  const Millis late = now - platform_.settings().expiry_lag;
  for (auto& [serial, system] : platform_.world().systems) {
    const bool moved =
        suspend_if_ended(platform_, system, late) || renew_if_direct(platform_, system, now);
    if (!moved) continue;
    changed = true;
    reception_.inform(serial, now);
  }
  return changed;
}

}  // namespace oobm::alms_sim
