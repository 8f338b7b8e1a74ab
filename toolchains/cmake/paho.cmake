# Paho MQTT C++ over Paho C.
#
# oobm::paho_mqttpp      static, the variant without TLS, in every preset: its connect() is wrapped at link time, which
#                        only a static link allows, and TLS is the gate's matter.
# oobm::paho_mqttpp_ssl  shared, with OpenSSL: for bench programs alone, which speak to the broker as any client would.
include_guard(GLOBAL)

oobm_static_archive(oobm::paho_mqtt3a libpaho-mqtt3a.a libpaho-mqtt-dev)
oobm_headers(oobm::paho_mqtt3a MQTTAsync.h libpaho-mqtt-dev)
target_link_libraries(oobm::paho_mqtt3a INTERFACE Threads::Threads)

oobm_static_archive(oobm::paho_mqttpp libpaho-mqttpp3.a libpaho-mqttpp-dev)
oobm_headers(oobm::paho_mqttpp mqtt/async_client.h libpaho-mqttpp-dev)
target_link_libraries(oobm::paho_mqttpp INTERFACE oobm::paho_mqtt3a)

if(OOBM_SIMULATORS)
  find_library(OOBM_PAHO_MQTTPP_SHARED NAMES libpaho-mqttpp3.so REQUIRED)
  find_library(OOBM_PAHO_MQTT3AS_SHARED NAMES libpaho-mqtt3as.so REQUIRED)
  mark_as_advanced(OOBM_PAHO_MQTTPP_SHARED OOBM_PAHO_MQTT3AS_SHARED)
  find_package(OpenSSL REQUIRED)
  add_library(oobm::paho_mqttpp_ssl INTERFACE IMPORTED GLOBAL)
  oobm_headers(oobm::paho_mqttpp_ssl mqtt/async_client.h libpaho-mqttpp-dev)
  target_link_libraries(oobm::paho_mqttpp_ssl INTERFACE
    "${OOBM_PAHO_MQTTPP_SHARED}" "${OOBM_PAHO_MQTT3AS_SHARED}" OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
endif()
