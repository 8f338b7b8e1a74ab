# nlohmann/json. Headers only. Throws: callers bound the input first and keep exceptions inside their adapter.
include_guard(GLOBAL)
oobm_header_library(oobm::json nlohmann/json.hpp nlohmann-json3-dev)
