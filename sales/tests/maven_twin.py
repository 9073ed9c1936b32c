"""A small folder of the shape of the Maven files, made the same each time, with the same oddities as the real one."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

REGIONS = {"North": ("Ada Berg", "Ben Cole"), "South": ("Chen Li",)}
PRODUCTS = {"GTX Pro": ("GTX", 4821), "MG Special": ("MG", 55), "GTK 500": ("GTK", 26768)}
SECTORS = ("technolgy", "retail", "medical", "aviation")
STAGES = ("Won", "Won", "Won", "Lost", "Lost", "Engaging", "Prospecting")


def write_twin(folder: Path, *, deals: int = 240, seed: int = 7) -> Path:
    """The four files: 3 managers with 3 agents each, 12 accounts, `deals` opportunities; gives the folder."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    agents = [
        (f"{manager.split()[0]} Agent {n}", manager, region)
        for region, managers in REGIONS.items()
        for manager in managers
        for n in range(1, 4)
    ]
    accounts = [f"Account {chr(65 + n)}" for n in range(12)]
    write(folder / "sales_teams.csv", ["sales_agent", "manager", "regional_office"], agents)
    write(
        folder / "products.csv",
        ["product", "series", "sales_price"],
        [(name, series, price) for name, (series, price) in PRODUCTS.items()],
    )
    write(
        folder / "accounts.csv",
        ["account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"],
        [
            (
                name,
                SECTORS[n % 4],
                1980 + n,
                f"{n}.25",
                10 * n,
                "Kenya",
                accounts[0] if n == 5 else accounts[11] if n == 2 else "",
            )
            for n, name in enumerate(accounts)
        ],
    )
    write(
        folder / "sales_pipeline.csv",
        [
            "opportunity_id",
            "sales_agent",
            "product",
            "account",
            "deal_stage",
            "engage_date",
            "close_date",
            "close_value",
        ],
        [deal(n, chance, agents, accounts) for n in range(deals)],
    )
    return folder


def deal(number, chance, agents, accounts):
    stage = chance.choice(STAGES)
    engaged = date(2016, 10, 20) + timedelta(days=chance.randrange(400))
    closed = engaged + timedelta(days=chance.randrange(1, 140))
    product = chance.choice(list(PRODUCTS))
    is_closed = stage in ("Won", "Lost")
    return (
        f"T{number:05d}",
        chance.choice(agents)[0],
        "GTXPro" if product == "GTX Pro" and chance.random() < 0.5 else product,
        chance.choice(accounts) if is_closed or chance.random() < 0.3 else "",
        stage,
        "" if stage == "Prospecting" else engaged.isoformat(),
        closed.isoformat() if is_closed else "",
        "" if not is_closed else 0 if stage == "Lost" else PRODUCTS[product][1] + chance.randrange(-40, 40),
    )


def write(path, headings, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)


def read(folder: Path, name: str) -> list[dict]:
    """A file as dictionaries: the oracle of the tests, without any code of ours."""
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
