"""Opportunities, products, orders."""
