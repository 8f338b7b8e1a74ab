<?xml version="1.0" encoding="ISO-8859-1"?>
<app:application xmlns:app="http://www.sierrawireless.com/airvantage/application/1.0"
    type="oobm-agent" name="AirLink OOBM agent" revision="0.1.0">
  <capabilities>
    <communication>
      <protocol comm-id="SERIAL" type="MQTT">
        <parameter name="mqtt-security" value="x509"/>
      </protocol>
    </communication>
    <dm>
      <action impl="MQTT_SW_INSTALL"/>
    </dm>
    <data>
      <encoding type="MQTT">
        <asset default-label="Out-of-band management" id="oobm">
          <variable path="online" type="boolean" default-label="Session open"/>
          <variable path="serial" type="string" default-label="Serial number"/>
          <variable path="imei" type="string" default-label="IMEI of the OOBM module"/>
          <variable path="iccid" type="string" default-label="ICCID of the OOBM SIM"/>
          <variable path="model" type="string" default-label="Router model"/>
          <variable path="sku" type="string" default-label="Part number"/>
          <variable path="region" type="string" default-label="Region of the part number"/>
          <variable path="firmware" type="string" default-label="Router firmware"/>
          <variable path="agent_version" type="string" default-label="Agent version"/>
          <variable path="announce_nonce" type="string" default-label="Nonce of the announcement"/>
          <variable path="entitlement_seq" type="int" default-label="Sequence of the entitlement held"/>
          <variable path="lifecycle_state" type="string" default-label="Lifecycle state"/>
          <variable path="lifecycle_reason" type="string" default-label="Reason of the state"/>
          <variable path="lifecycle_since" type="date" default-label="State entered"/>
          <variable path="valid_until" type="date" default-label="End of the paid term"/>
          <variable path="uptime_s" type="int" default-label="Seconds since boot"/>
          <variable path="activation_result" type="string" default-label="Outcome of the activation"/>
          <variable path="activation_fault" type="string" default-label="Layer that failed"/>
          <variable path="activation_detail" type="string" default-label="The particular case"/>
          <variable path="activation_interface" type="string" default-label="Interface that carried the session"/>
          <variable path="activation_address" type="string" default-label="Address of that interface"/>
          <variable path="activation_imei" type="string" default-label="IMEI in the activation"/>
          <variable path="activation_iccid" type="string" default-label="ICCID in the activation"/>
          <variable path="activation_operator" type="string" default-label="Operator in the activation"/>
          <variable path="activation_technology" type="string" default-label="Technology in the activation"/>
          <variable path="activation_rsrp_dbm" type="double" default-label="RSRP in the activation, dBm"/>
          <variable path="activation_seconds" type="int" default-label="Seconds the activation took"/>
          <variable path="exit_cause" type="string" default-label="How the agent ended abnormally"/>
          <variable path="exit_in_a_row" type="int" default-label="Abnormal ends in a row"/>
          <variable path="exit_ran_s" type="int" default-label="Seconds that the agent had run"/>
          <variable path="radio_present" type="boolean" default-label="OOBM module found"/>
          <variable path="radio_responding" type="boolean" default-label="OOBM module answers"/>
          <variable path="radio_sim" type="string" default-label="State of the OOBM SIM"/>
          <variable path="radio_registration" type="string" default-label="Network registration"/>
          <variable path="radio_reject_cause" type="int" default-label="EMM cause of a refusal"/>
          <variable path="radio_imei" type="string" default-label="IMEI the module states"/>
          <variable path="radio_iccid" type="string" default-label="ICCID the module states"/>
          <variable path="radio_firmware" type="string" default-label="Firmware of the module"/>
          <variable path="radio_rsrq_db" type="double" default-label="RSRQ, dB"/>
          <variable path="radio_cell_id" type="int" default-label="Cell identity"/>
          <variable path="radio_tracking_area" type="int" default-label="Tracking area code"/>
          <variable path="radio_resets" type="int" default-label="Resets of the module"/>
          <variable path="wan_up" type="boolean" default-label="Main WAN is up"/>
          <variable path="wan_interface" type="string" default-label="Interface of the main WAN"/>
          <variable path="wan_address" type="string" default-label="Address of the main WAN"/>
          <variable path="usage_bytes_sent" type="double" default-label="Bytes sent over OOBM this month"/>
          <variable path="usage_bytes_received" type="double" default-label="Bytes received over OOBM this month"/>
          <variable path="usage_allowance_bytes" type="double" default-label="Data allowance, bytes"/>
          <setting path="heartbeat_period_s" type="int" default-label="Heartbeat period, seconds (300 to 604800)"/>
          <setting path="telemetry_period_s" type="int" default-label="Telemetry period, seconds (60 to 604800)"/>
          <command path="register_result" default-label="Answer to an announcement">
            <parameter id="result" type="string" default-label="result"/>
            <parameter id="code" type="string" default-label="code"/>
            <parameter id="text" type="string" default-label="text"/>
            <parameter id="nonce" type="string" default-label="nonce"/>
            <parameter id="entitlement" type="string" default-label="entitlement"/>
          </command>
          <command path="entitle" default-label="A new entitlement">
            <parameter id="entitlement" type="string" default-label="entitlement"/>
          </command>
          <command path="deregister" default-label="Removal from the account">
            <parameter id="statement" type="string" default-label="statement"/>
          </command>
          <command path="trust_update" default-label="A new set of keys">
            <parameter id="statement" type="string" default-label="statement"/>
          </command>
          <command path="sync" default-label="Announce now"/>
          <command path="reboot" default-label="Reboot the router"/>
          <command path="reset_radio" default-label="Reset the OOBM module"/>
          <command path="diagnose" default-label="Diagnose and report"/>
          <command path="send_support_bundle" default-label="Send a support bundle">
            <parameter id="url" type="string" default-label="url"/>
          </command>
        </asset>
      </encoding>
    </data>
  </capabilities>
  <application-manager use="MQTT_SW"/>
</app:application>
