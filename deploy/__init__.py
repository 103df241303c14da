"""Deployment: how the product is installed, started, stopped and tried on one machine."""
