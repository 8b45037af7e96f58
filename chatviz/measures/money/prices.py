"""Prices: USD per million tokens, from a price list that comes as a package, or from the user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

import yaml

from chatviz.given_values import check_fits, holds_key, path_given, short_repr, shown
from chatviz.runs.run import StreamRun

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

__all__ = ["FoundPrice", "Price", "PriceList", "Prices", "check_prices", "find_price",
           "load_prices", "packaged_prices"]  # fmt: skip

_EXTRA: Final = "pip install 'chatviz-inspector[prices]'"
_TOKENS: Final = ("input", "output", "cache_read", "cache_write")
_AMOUNTS: Final = (*_TOKENS, "web_search")
_LATEST: Final = 253_402_300_799  # seconds: a stamp beyond year 9999 is no date


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
    web_search: Decimal | None = None
    source: str = "given"
    date: str = ""

    def __post_init__(self) -> None:
        for name in _AMOUNTS:
            amount = getattr(self, name)
            if amount is not None:
                object.__setattr__(self, name, _amount(name, amount))


class FoundPrice(NamedTuple):
    """A price, or none; and what there is to say of either."""

    price: Price | None
    note: str = ""


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
        return FoundPrice(free)
    return _find_given(run, prices) if isinstance(prices, Mapping) else prices.find(run)


def _find_given(run: StreamRun, prices: Mapping[str, Price]) -> FoundPrice:
    known = {name.lower(): price for name, price in prices.items()}
    for who in (run.host, run.provider, ""):
        price = known.get("/".join(filter(None, (who, run.model))).lower())
        if price is not None:
            return FoundPrice(price)
    name = f"{run.provider or run.host}/{run.model}"
    return FoundPrice(None, f"no price was given for {name!r}")


def packaged_prices() -> PriceList:
    """Return the price list of genai-prices: published prices of many hosts, without a network.

    The host's own price is taken before that of whoever made the model; where the host lists no
    price for it, the maker's is taken, and ``price_note`` says so. A price that depends on the day
    is that of the answer's own time stamp, else today's.

    Raises
    ------
    ModuleNotFoundError
        genai-prices is not installed; the message says how to install it.
    """
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"packaged_prices() wants genai-prices, which is not installed: {_EXTRA}."
        ) from error
    return _PackagedPrices(get_snapshot(), f"genai-prices {version('genai-prices')}")


class _PackagedPrices:
    def __init__(self, snapshot: DataSnapshot, source: str) -> None:
        self._snapshot = snapshot
        self._source = source
        self._find = cache(self._look_up)

    def find(self, run: StreamRun) -> FoundPrice:
        models = tuple(dict.fromkeys(filter(None, (run.model, run.chat_request.model))))
        usage = run.usage
        tokens = 0 if usage is None else usage.input_tokens or 0
        found = self._find(run.head.url, models, _day_of(run) or _today(), tokens)
        if found.price is None or _day_of(run):
            return found
        notes = filter(None, (found.note, "the answer has no time stamp: today's price"))
        return FoundPrice(found.price, "; ".join(notes))

    def __repr__(self) -> str:
        return f"<Prices: {self._source}>"

    def _look_up(self, url: str, models: tuple[str, ...], day: str, tokens: int) -> FoundPrice:
        host = url.split("?")[0]
        for model in models:
            if found := self._match(model, url=host):
                return self._price(found, day, tokens)
        if self._knows_host(host):
            for model in models:
                maker, _, name = model.partition("/")
                if name and (found := self._match(name, provider=maker)):
                    note = f"the host lists no price: that of {maker} is taken"
                    return self._price(found, day, tokens, note)
        named = " or ".join(map(repr, models)) or "a model that is not named"
        where = "at its host" if self._knows_host(host) else "at a host that is not listed"
        return FoundPrice(None, f"{self._source} has no price for {named} {where}")

    def _knows_host(self, url: str) -> bool:
        try:
            return bool(self._snapshot.find_provider("", None, url))
        except LookupError:
            return False

    def _match(self, model: str, url: str = "", provider: str = "") -> Any:
        """Return the provider and the model of the list; None where it has none."""
        try:
            return self._snapshot.find_provider_model(model, None, provider or None, url or None)
        except LookupError:
            return None

    def _price(self, found: Any, day: str, tokens: int, note: str = "") -> FoundPrice:
        provider, model = found
        when = datetime.fromisoformat(day).replace(tzinfo=UTC)
        listed = model.get_prices(when)
        amounts = {name: _at(getattr(listed, f"{name}_mtok"), tokens) for name in _TOKENS}
        source = f"{self._source}: {provider.id}/{model.id}"
        asked, answered = amounts["input"], amounts["output"]
        if asked is None or answered is None:
            return FoundPrice(None, f"{source} has no price for each token")
        price = Price(
            input=asked,
            output=answered,
            cache_read=amounts["cache_read"],
            cache_write=amounts["cache_write"],
            web_search=_at(getattr(listed, "web_searches_kcount", None), tokens),
            source=source,
            date=day,
        )
        return FoundPrice(price, note)


def _at(price: Any, tokens: int) -> Decimal | None:
    """Return a price for so many input tokens: above a tier's start all cost that tier's price."""
    tiers = getattr(price, "tiers", ())
    reached = [tier.price for tier in tiers if tokens > tier.start]
    amount = reached[-1] if reached else getattr(price, "base", price)
    return None if amount is None else Decimal(amount)


def _day_of(run: StreamRun) -> str:
    """Return the day of an answer by its own stamp; ``""`` where it has none."""
    created = run.answer.identity.created
    if isinstance(created, int | float) and 0 < created < _LATEST:
        return datetime.fromtimestamp(created, UTC).date().isoformat()
    return ""


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


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
