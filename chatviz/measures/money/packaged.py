"""packaged_prices: the price list that comes as a package, as prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from chatviz.measures.money.prices import TOKEN_PRICES, FoundPrice, Price, PriceList
from chatviz.runs.run import StreamRun

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

__all__ = ["packaged_prices"]

_EXTRA: Final = "pip install 'chatviz-inspector[prices]'"
_LATEST: Final = 253_402_300_799  # seconds: a stamp beyond year 9999 is no date


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
        tier = "" if usage is None else usage.charges.tier
        found = self._find(run.head.url, models, _day_of(run) or _today(), tokens, tier)
        if found.price is None or _day_of(run):
            return found
        notes = filter(None, (found.note, "the answer has no time stamp: today's price"))
        return found._replace(note="; ".join(notes))

    def __repr__(self) -> str:
        return f"<Prices: {self._source}>"

    def _look_up(
        self, url: str, models: tuple[str, ...], day: str, tokens: int, tier: str
    ) -> FoundPrice:
        host = url.split("?")[0]
        for model in models:
            if found := self._match(model, url=host):
                return self._price(found, day, tokens, tier)
        if self._knows_host(host):
            for model in models:
                maker, _, name = model.partition("/")
                if name and (found := self._match(name, provider=maker)):
                    note = f"the host lists no price: that of {maker} is taken"
                    return self._price(found, day, tokens, tier, note)
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

    def _price(self, found: Any, day: str, tokens: int, tier: str, note: str = "") -> FoundPrice:
        provider, model = found
        when = datetime.fromisoformat(day).replace(tzinfo=UTC)
        asked_for = _terms_of(model, tier, when)
        listed = model.get_prices(when, asked_for) if asked_for else model.get_prices(when)
        amounts = {
            name: _at(getattr(listed, f"{name}_mtok", None), tokens) for name in TOKEN_PRICES
        }
        source = f"{self._source}: {provider.id}/{model.id}"
        asked, answered = amounts["input"], amounts["output"]
        if asked is None or answered is None:
            return FoundPrice(None, f"{source} has no price for each token")
        price = Price(
            input=asked,
            output=answered,
            cache_read=amounts["cache_read"],
            cache_write=amounts["cache_write"],
            cache_write_1h=amounts["cache_write_1h"],
            web_search=_at(getattr(listed, "web_searches_kcount", None), tokens),
            source=source,
            date=day,
        )
        return FoundPrice(price, note, tier if asked_for else "")


def _terms_of(model: Any, tier: str, when: datetime) -> dict[str, str]:
    """Return the terms by which the list names a tier; none where it has no price for that."""
    for variant in getattr(model, "price_variants", None) or ():
        is_valid = variant.constraint is None or variant.constraint.active(when)
        if is_valid and list(variant.when.values()) == [tier]:
            return dict(variant.when)
    return {}


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
