"""The colours of levels, lifecycles, outcomes and states of plans on lists and pages."""

LEVELS = {"A": "violet", "B": "blue", "C": "gray", "D": "gray"}
LIFECYCLES = {
    "lead": "gray",
    "prospect": "blue",
    "active": "green",
    "at_risk": "amber",
    "dormant": "gray",
    "churned": "red",
    "won_back": "green",
}
OUTCOMES = {
    "connected": "blue",
    "no_answer": "gray",
    "interested": "green",
    "not_interested": "red",
    "later": "amber",
}
PLAN_STATES = {"planned": "blue", "done": "green", "cancelled": "gray", "missed": "red"}
