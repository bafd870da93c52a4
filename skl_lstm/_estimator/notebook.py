"""How an estimator is shown in a notebook: one diagram, in both conventions."""

import importlib.metadata
from functools import cache
from types import SimpleNamespace
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr

from skl_lstm._forecasting.components import describe_components


@cache
def find_site() -> str:
    """Return the address of the documentation in the package's metadata, or ""."""
    try:
        urls = importlib.metadata.metadata("skl_lstm").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    addresses = dict(url.split(", ", 1) for url in urls)
    return addresses.get("Documentation", "").rstrip("/")


class NotebookMixin(BaseEstimator):
    """scikit-learn's diagram alone too, and in sktime's diagrams what it would show."""

    def _get_doc_link(self) -> str:
        """Return the page of the class, where there is a site; both libraries ask."""
        site, cls = find_site(), type(self)
        is_ours = cls.__module__.startswith("skl_lstm.")
        return (
            f"{site}/generated/skl_lstm.{cls.__name__}.html" if site and is_ours else ""
        )

    def _repr_html_inner(self) -> str:
        return estimator_html_repr(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = {"text/plain": self._describe()}
        if self.get_config()["display"] == "diagram":
            bundle["text/html"] = self._repr_html_inner()
        return bundle

    def _sk_visual_block_(self) -> Any:
        """Describe the box; scikit-learn adds parameters and fitted attributes."""
        return SimpleNamespace(
            kind="single",
            estimators=self,
            names=type(self).__name__,
            name_details=self._describe(),
            name_caption=self._describe_forecast(),
            doc_link_label=None,
            dash_wrapped=True,
        )

    def _describe(self) -> str:
        """Return the call that makes the estimator, and what a fit made of it."""
        made_of = self._describe_forecast()
        return f"{self!r}\n{made_of}" if made_of else repr(self)

    def _describe_forecast(self) -> str:
        if not self.is_fitted:
            return ""
        return f"fitted, forecast: {describe_components(self.components_)}"
