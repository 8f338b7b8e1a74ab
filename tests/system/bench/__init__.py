"""Helpers for tests and demonstrations with real parts: certificates, brokers, processes.

Python's standard library only; the programs they drive are openssl and mosquitto.
"""
