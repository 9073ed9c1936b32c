"""Campaigns, whom they reached and what they brought."""
