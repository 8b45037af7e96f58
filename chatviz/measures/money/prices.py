"""Prices: USD per million tokens, from a price list that comes as a package, or from the user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeAlias

import yaml

from chatviz.given_values import check_fits, holds_key, path_given, short_repr, shown
from chatviz.runs.run import StreamRun

__all__ = [
    "TOKEN_PRICES",
    "FoundPrice",
    "Price",
    "PriceList",
    "Prices",
    "check_prices",
    "find_price",
    "load_prices",
    "write_cost",
]

TOKEN_PRICES: Final = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
_AMOUNTS: Final = (*TOKEN_PRICES, "web_search")
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs, in USD per million tokens, and per thousand searches.

    Parameters
    ----------
    input, output : Decimal, int, float or str
        Of tokens of the prompt, and of the answer with its reasoning.
    cache_read, cache_write : the same, or None
        Of tokens of the prompt that came from a cache, or were written to one; by default they
        cost what others do.
    cache_write_1h : the same, or None
        Of those of them that a cache keeps for an hour; by default twice the input, as all who
        sell it document, where ``cache_write`` is known.
    web_search : the same, or None
        Of a thousand searches of the web that the provider runs itself; by default not known.
    source, date : str
        Where it was found, and for which day; for the table.

    Raises
    ------
    ValueError
        An amount is negative or no number.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    web_search: Decimal | None = None
    source: str = "given"
    date: str = ""

    def __post_init__(self) -> None:
        for name in _AMOUNTS:
            amount = getattr(self, name)
            if amount is not None:
                object.__setattr__(self, name, _amount(name, amount))


class FoundPrice(NamedTuple):
    """A price, or none; what there is to say of either; and the tier that the price is for."""

    price: Price | None
    note: str = ""
    tier: str = ""


class PriceList(Protocol):
    """Knows prices."""

    def find(self, run: StreamRun) -> FoundPrice:
        """Return the price of an answer."""


Prices: TypeAlias = Mapping[str, Price] | PriceList


def check_prices(prices: Prices | None) -> None:
    """Check what a table or a view was given as prices.

    Raises
    ------
    TypeError
        They are neither names with a ``Price`` each, nor a price list, nor None.
    """
    if isinstance(prices, Mapping):
        for price in prices.values():
            advice = 'prices={"provider/model": cv.Price(input=0.6, output=2.5)}'
            check_fits(isinstance(price, Price), "a cv.Price for each name", price, advice)
    elif prices is not None:
        is_list = callable(getattr(prices, "find", None)) and not isinstance(prices, str | bytes)
        advice = "cv.packaged_prices(), cv.load_prices(path), or a dict of names and cv.Price(…)"
        check_fits(is_list, "prices", prices, advice)


def find_price(run: StreamRun, prices: Prices) -> FoundPrice:
    """Return the price of an answer; models that are called free cost nothing."""
    if run.model.endswith(":free"):
        free = Price(input=Decimal(0), output=Decimal(0), source="the model's name: :free")
        return FoundPrice(free, tier="" if run.usage is None else run.usage.charges.tier)
    return _find_given(run, prices) if isinstance(prices, Mapping) else prices.find(run)


def _find_given(run: StreamRun, prices: Mapping[str, Price]) -> FoundPrice:
    known = {name.lower(): price for name, price in prices.items()}
    for who in (run.host, run.provider, ""):
        price = known.get("/".join(filter(None, (who, run.model))).lower())
        if price is not None:
            return FoundPrice(price)
    name = f"{run.provider or run.host}/{run.model}"
    return FoundPrice(None, f"no price was given for {name!r}")


def write_cost(price: Price, tokens: int, *, for_an_hour: int) -> Decimal:
    """Return what tokens cost that were written to a cache, so many of them for an hour.

    https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
    """
    usual = price.input if price.cache_write is None else price.cache_write
    dear = price.cache_write_1h
    if dear is None:
        dear = usual if price.cache_write is None else 2 * price.input
    return ((tokens - for_an_hour) * usual + for_an_hour * dear) / _MILLION


def load_prices(path: str | os.PathLike[str]) -> dict[str, Price]:
    """Read prices of your own from a file of YAML or JSON.

    It maps ``provider/model``, ``host/model`` or the model alone to the names of ``Price``::

        openrouter.ai/moonshotai/kimi-k2-0905: {input: 0.6, output: 2.5, cache_read: 0.15}

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    dict of str to Price

    Raises
    ------
    OSError
        There is no such file (``FileNotFoundError``), or it cannot be read.
    ValueError
        It is no such file; the message names the entry and says what was wanted.
    TypeError
        It is no path.
    """
    own = "a file that maps models to prices, or cv.packaged_prices()"
    place = path_given(path, "the path of a file of prices", own)
    if holds_key(place) or not Path(place).is_file():
        raise FileNotFoundError(f"there is no file of prices {shown(place)}: give {own}.")
    try:
        tree = yaml.safe_load(Path(place).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{place}: wanted a file of YAML or JSON, found none.") from error
    if not isinstance(tree, dict):
        raise ValueError(f"{place}: wanted names with prices, found {type(tree).__name__}.")
    return {
        str(name): _read_price(f"{place}, {short_repr(name)}", row) for name, row in tree.items()
    }


def _read_price(place: str, row: object) -> Price:
    known = {field.name for field in fields(Price)}
    if not isinstance(row, dict) or not {"input", "output"} <= row.keys() <= known:
        raise ValueError(
            f"{place}: wanted input and output ({', '.join(sorted(known - {'input', 'output'}))}), "
            f"found {', '.join(map(str, row)) if isinstance(row, dict) else type(row).__name__}."
        )
    try:
        return Price(**row)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _amount(name: str, value: object) -> Decimal:
    """Return an amount of money; a float counts as it is written."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        unit = "thousand searches" if name == "web_search" else "million tokens"
        raise ValueError(f"{name} must be USD per {unit}, 0 or more, found {shown(value)}.")
    return amount
